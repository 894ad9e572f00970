"""Figures of taggers for each label, the diagrams of them, and the command that prints them."""

import json
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from classifier.evaluation.figures import (
    Bin,
    LabelFigures,
    calibration_error,
    confusion,
    label_figures,
    reliability,
)
from classifier.evaluation.pictures import draw_confusion_matrix, draw_reliability_diagram
from classifier.taxonomies.taxonomy import load_taxonomy
from index.catalogue.catalogue import read_catalogue
from tests.conftest import Seealso

LEAVES = ["frogs", "newts", "toads"]
GOLD = [["frogs"], ["frogs", "newts"], ["newts"], [], []]
ASSIGNED = [["frogs"], ["newts"], [], ["newts"], ["amphibians"]]


def test_each_label_has_its_precision_and_recall() -> None:
    assert label_figures(LEAVES, GOLD, ASSIGNED) == [
        LabelFigures("frogs", 2, 1, 1, 1.0, 0.5),
        LabelFigures("newts", 2, 2, 1, 0.5, 0.5),
        LabelFigures("toads", 0, 0, 0, None, None),
    ]


def test_confusion_counts_every_paper_once() -> None:
    matrix = confusion(LEAVES, GOLD, ASSIGNED)
    assert matrix.labels == [*LEAVES, "none"]
    assert matrix.counts == [[1, 0, 0, 0], [0, 1, 0, 1], [0, 0, 0, 0], [0, 1, 0, 1]]


def test_reliability_bins_and_calibration_error() -> None:
    confidence = np.array([0.9, 0.92, 0.91, 0.89, 0.1], np.float32)
    right = np.array([True, True, True, False, False])
    bins = reliability(confidence, right)
    assert [b.papers for b in bins] == [1, 4]
    assert bins[1].confidence == pytest.approx(0.905, abs=1e-4)
    assert bins[1].right == 0.75
    assert calibration_error(bins) == pytest.approx((4 * 0.155 + 0.1) / 5, abs=1e-3)
    assert calibration_error([]) == 0.0


def test_diagrams_show_the_counts_and_escape_titles() -> None:
    titles = {"frogs": "Frogs </title><script>alert(1)</script>", "newts": "Newts & more"}
    drawn = draw_confusion_matrix(confusion(LEAVES, GOLD, ASSIGNED), titles)
    svg = ElementTree.fromstring(drawn)
    assert "<script" not in drawn
    tooltips = [element.text for element in svg.iter("{http://www.w3.org/2000/svg}title")]
    assert "correct: Newts & more; assigned: none; papers: 1" in tooltips
    dots = ElementTree.fromstring(draw_reliability_diagram([Bin(4, 0.5, 0.25), Bin(1, 0.9, 1.0)]))
    [first, last] = dots.iter("{http://www.w3.org/2000/svg}circle")
    assert float(first.attrib["r"]) > float(last.attrib["r"])
    assert float(first.attrib["cy"]) > float(last.attrib["cy"])


def test_evaluate_tags_prints_labels_models_and_draws(
    built_data: Path, seealso: Seealso, tmp_path: Path
) -> None:
    taxonomy = load_taxonomy()
    with read_catalogue(built_data) as catalogue:
        held = catalogue.numbers_of(taxonomy.examples)
        papers = [entry.paper for entry in catalogue.entries(list(held.values())[::3]).values()]
    judged = tmp_path / "judged.jsonl"
    rows = [
        {
            "title": paper.title,
            "abstract": paper.abstract,
            "leaves": [taxonomy.label(label).title for label in taxonomy.examples[paper.id]],
            "sure": True,
        }
        for paper in papers
    ]
    judged.write_text("\n".join(map(json.dumps, rows)))
    drawn = tmp_path / "drawn"
    command = ("evaluate", "tags", str(judged), "--pictures", str(drawn))
    found = json.loads(seealso(built_data, *command, "--json").output)
    assert found["all"] == found["sure"]
    counts = np.array(found["confusion"]["counts"])
    assert counts.sum() == len(rows)
    assert found["confusion"]["labels"][-1] == "none"
    by_label = {row["label"]: row for row in found["labels"]}
    compression = by_label["model-compression"]
    place = found["confusion"]["labels"].index("model-compression")
    assert compression["right"] == counts[place, place]
    assert sum(b["papers"] for b in found["reliability"]) == found["sure"]["rows_in_scope"]
    current, nearest = found["models"]
    assert current["sure"] == found["sure"]
    assert nearest["name"] == "nearest definition"
    assert nearest["sure"]["macro_f1"] < current["sure"]["macro_f1"]
    for name in ("confusion", "reliability"):
        ElementTree.parse(drawn / f"{name}.svg")
    shown = seealso(built_data, *command).stdout
    assert f"{'model-compression':<32} {compression['papers']:>4} papers" in shown
    assert "nearest definition" in shown
