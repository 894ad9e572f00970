"""Figures of taggers label by label, their pictures, and the command that prints them."""

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
from classifier.evaluation.pictures import confusion_picture, reliability_picture
from classifier.taxonomies.taxonomy import load_taxonomy
from index.catalogue.catalogue import read_catalogue
from tests.conftest import Seealso

LEAVES = ["frogs", "newts", "toads"]
TRUTH = [["frogs"], ["frogs", "newts"], ["newts"], [], []]
GIVEN = [["frogs"], ["newts"], [], ["newts"], ["amphibians"]]


def test_each_label_has_its_precision_and_recall() -> None:
    assert label_figures(LEAVES, TRUTH, GIVEN) == [
        LabelFigures("frogs", 2, 1, 1, 1.0, 0.5),
        LabelFigures("newts", 2, 2, 1, 0.5, 0.5),
        LabelFigures("toads", 0, 0, 0, None, None),
    ]


def test_confusion_counts_every_paper_once() -> None:
    found = confusion(LEAVES, TRUTH, GIVEN)
    assert found.labels == [*LEAVES, "none"]
    assert found.counts == [[1, 0, 0, 0], [0, 1, 0, 1], [0, 0, 0, 0], [0, 1, 0, 1]]


def test_reliability_and_its_error() -> None:
    confidence = np.array([0.9, 0.92, 0.91, 0.89, 0.1], np.float32)
    right = np.array([True, True, True, False, False])
    bins = reliability(confidence, right)
    assert [one.papers for one in bins] == [1, 4]
    assert bins[1].confidence == pytest.approx(0.905, abs=1e-4)
    assert bins[1].right == 0.75
    assert calibration_error(bins) == pytest.approx((4 * 0.155 + 0.1) / 5, abs=1e-3)
    assert calibration_error([]) == 0.0


def test_pictures_show_the_counts_and_obey_no_title() -> None:
    titles = {"frogs": "Frogs </title><script>alert(1)</script>", "newts": "Newts & more"}
    drawn = confusion_picture(confusion(LEAVES, TRUTH, GIVEN), titles)
    svg = ElementTree.fromstring(drawn)
    assert "<script" not in drawn
    said = [element.text for element in svg.iter("{http://www.w3.org/2000/svg}title")]
    assert "1 of Newts & more given none" in said
    dots = ElementTree.fromstring(reliability_picture([Bin(4, 0.5, 0.25), Bin(1, 0.9, 1.0)]))
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
    asked = ("evaluate", "tags", str(judged), "--pictures", str(drawn))
    found = json.loads(seealso(built_data, *asked, "--json").output)
    assert found["all"] == found["sure"]
    counts = np.array(found["confusion"]["counts"])
    assert counts.sum() == len(rows)
    assert found["confusion"]["labels"][-1] == "none"
    by_label = {row["label"]: row for row in found["labels"]}
    compression = by_label["model-compression"]
    place = found["confusion"]["labels"].index("model-compression")
    assert compression["right"] == counts[place, place]
    assert sum(one["papers"] for one in found["reliability"]) == found["sure"]["rows_in_scope"]
    ours, nearest = found["models"]
    assert ours["sure"] == found["sure"]
    assert nearest["name"] == "nearest definition"
    assert nearest["sure"]["macro_f1"] < ours["sure"]["macro_f1"]
    for name in ("confusion", "reliability"):
        ElementTree.parse(drawn / f"{name}.svg")
    shown = seealso(built_data, *asked).stdout
    assert f"{'model-compression':<32} {compression['papers']:>4} papers" in shown
    assert "nearest definition" in shown
