"""What training batches consist of."""

import json
from pathlib import Path

import numpy as np

from scripts.distillation.batches import Batches, fold_of, read_headings


def _teacher() -> np.ndarray:
    """Twenty papers in two directions, ten of each."""
    random = np.random.default_rng(3)
    vectors = np.eye(2, 8)[np.arange(20) % 2] + random.normal(0, 0.1, (20, 8))
    unit: np.ndarray = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit.astype(np.float32)


def test_a_batch_depends_on_its_number_and_the_seed_alone() -> None:
    headings = {"list": [np.array([1, 2]), np.array([3, 4])]}
    batches, again = [Batches(_teacher(), headings, 16, seed=1) for _ in range(2)]
    for number in (7, 0, 7):
        np.testing.assert_array_equal(batches[number].rows, again[number].rows)
    assert not np.array_equal(batches[7].rows, batches[8].rows)


def test_one_batch_in_five_has_headings_of_one_list() -> None:
    headings = {
        "first": [np.array([0, 1, 2]), np.array([3, 4])],
        "second": [np.array([10, 11]), np.array([12, 13])],
    }
    batches = Batches(_teacher(), headings, 16, seed=1)
    for number in range(20):
        batch = batches[number]
        assert len(set(batch.rows.tolist())) == len(batch.rows) <= 16
        if number % 5:
            assert set(batch.headings.tolist()) == {-1}
            continue
        assert (batch.rows < 5).all() or (batch.rows >= 10).all()
        assert len(set(batch.headings.tolist())) == 2
        for heading in set(batch.headings.tolist()):
            assert np.count_nonzero(batch.headings == heading) > 1


def test_a_paper_under_two_headings_is_in_a_batch_once() -> None:
    batches = Batches(_teacher(), {"list": [np.array([1, 2]), np.array([1, 2])]}, 16, seed=1)
    assert sorted(batches[0].rows.tolist()) == [1, 2]


def test_broad_headings_lone_papers_and_the_held_out_fold_are_left_out(tmp_path: Path) -> None:
    lines = [
        {"repo": "a/list", "broad": False, "ids": ["2401.00001", "2401.00002v2"]},
        {"repo": "a/list", "broad": False, "ids": ["2401.00003", "2401.00004"]},
        {"repo": "a/list", "broad": True, "ids": ["2401.00001", "2401.00003"]},
        {"repo": "a/list", "broad": False, "ids": ["2401.00001", "2401.09999"]},
        {"repo": "b/list", "broad": False, "ids": ["2401.00001", "2401.00002"]},
    ]
    path = tmp_path / "groups.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)))
    rows = {f"2401.0000{number}": number for number in range(1, 5)}
    read = read_headings(path, rows, held_out=None)
    assert {name: [members.tolist() for members in found] for name, found in read.items()} == {
        "a/list": [[1, 2], [3, 4]]
    }
    assert read_headings(path, rows, held_out=fold_of("a/list")) == {}
