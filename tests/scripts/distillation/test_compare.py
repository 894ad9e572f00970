"""The comparison of two encoders."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from index.catalogue.catalogue import Catalogue
from index.evaluation.groups import evaluate_groups
from index.lists.finder import RelatedFinder
from index.releases.release import Release
from index.settings import PACKAGED_MODEL
from scripts.distillation.compare import list_figures, nearest_rows, paired
from tests.support.catalogue_files import all_entries


def test_gains_are_those_of_the_other_one() -> None:
    rows = ["a", "a", "b", "b"]
    ours = {"recall": (np.array([0.1, 0.2, 0.3, 0.4], np.float32), rows)}
    theirs = {"recall": (np.array([0.2, 0.3, 0.4, 0.5], np.float32), rows)}
    assert list(paired(ours, theirs)) == [
        "| recall | 0.250 | 0.350 | +0.100 [+0.100, +0.100] | 4 |"
    ]


def test_figures_of_different_rows_are_not_compared() -> None:
    ours = {"recall": (np.ones(1, np.float32), ["a"])}
    with pytest.raises(ValueError, match="different rows"):
        list(paired(ours, {"recall": (np.ones(1, np.float32), ["b"])}))


def test_a_paper_is_not_in_its_own_list() -> None:
    assert nearest_rows(np.array([0.2, 1.0, 0.9], np.float32), itself=1) == [2, 0]


def test_recall_of_headings_is_that_of_the_evaluation(
    built_data: Path, catalogue: Catalogue, release: Release, tmp_path: Path
) -> None:
    papers = [entry.paper.id for entry in all_entries(catalogue)[:40]]
    groups = [
        {"group": f"List {start % 20} > {start}", "papers": papers[start : start + 8]}
        for start in range(0, 40, 8)
    ]
    path = tmp_path / "groups.json"
    path.write_text(json.dumps(groups))
    found = evaluate_groups(RelatedFinder(catalogue, release), path, at=20).recall
    values, lists = list_figures(built_data, path)["headings, all signals"]
    assert found
    assert round(float(values.mean()), 4) == found.mean
    assert (len(values), len(set(lists))) == (found.headings, found.lists)


def test_judged_papers_of_each_kind_are_measured(models: Path, tmp_path: Path) -> None:
    texts = [
        ("Newts in ponds", "We observe newts in ponds."),
        ("Black holes", "We compute the entropy of black holes."),
        ("Frogs in ponds", "We observe frogs in garden ponds."),
        ("Jets of quasars", "We observe the jets of quasars."),
    ]
    (tmp_path / "papers.jsonl").write_text(
        "\n".join(
            json.dumps({"id": str(row), "title": title, "abstract": abstract})
            for row, (title, abstract) in enumerate(texts)
        )
    )
    queries = [
        {"query": "1", "kind": "question", "title": "", "text": "newts", "relevant": ["0"]},
        {
            "query": "2",
            "kind": "document",
            "title": texts[3][0],
            "text": texts[3][1],
            "relevant": ["3"],
        },
    ]
    (tmp_path / "queries.jsonl").write_text("\n".join(map(json.dumps, queries)))
    command = ["judged", PACKAGED_MODEL, PACKAGED_MODEL, "--cisi", tmp_path]
    done = subprocess.run(
        [sys.executable, "-m", "scripts.distillation.compare", *map(str, command)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "SEEALSO_DATA": str(models.parent)},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        f"| CISI, {kind}, {signals}, MAP | 1.000 | 1.000 | +0.000 [+0.000, +0.000] | 1 |"
        for kind in ("questions", "documents")
        for signals in ("vectors alone", "all signals")
    ]
