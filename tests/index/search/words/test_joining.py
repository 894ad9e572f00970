"""Counts joined from folders equal the counts of the same texts."""

from pathlib import Path

import numpy as np
import pytest

import index.search.words.joining
from index.search.term_counts import TermCounts
from index.search.words.joining import Origins, Run, join_counts
from tests.support.term_counts import assert_same_counts

PARTS = [
    [["newt", "pond"], ["eft"], [], ["axolotl", "newt", "newt"]],
    [["tadpole"], ["pond", "eft", "zebra"]],
    [["newt", "frog"]],
]


@pytest.fixture
def folders(tmp_path: Path) -> list[Path]:
    found = [tmp_path / str(number) for number in range(len(PARTS))]
    for folder, texts in zip(found, PARTS, strict=True):
        folder.mkdir()
        TermCounts.from_texts(texts).save(folder)
    return found


@pytest.mark.parametrize("block", [1, 2, 50_000])
@pytest.mark.parametrize(
    "rows",
    [
        [(0, 0), (0, 1), (0, 2), (0, 3), (1, 0), (1, 1), (2, 0)],  # all, in order
        [(0, 1), (0, 2), (2, 0), (1, 1)],  # some words occur in no text any more
        [(0, 2)],
        [],
    ],
)
def test_joined_counts_equal_those_of_the_texts(
    tmp_path: Path,
    folders: list[Path],
    monkeypatch: pytest.MonkeyPatch,
    rows: list[tuple[int, int]],
    block: int,
) -> None:
    monkeypatch.setattr(index.search.words.joining, "_BLOCK", block)
    origins = Origins(*np.array(rows, np.int64).reshape(-1, 2).T)
    expected = TermCounts.from_texts(PARTS[part][row] for part, row in rows)
    saved = tmp_path / "saved"
    saved.mkdir()
    expected.save(saved)
    assert_same_counts(join_counts(folders, origins, tmp_path), expected)
    for file in saved.iterdir():
        assert (tmp_path / file.name).read_bytes() == file.read_bytes(), file.name


def test_nothing_is_joined_to_nothing(tmp_path: Path) -> None:
    nothing = np.empty(0, np.int64)
    joined = join_counts([], Origins(nothing, nothing), tmp_path)
    assert_same_counts(joined, TermCounts.from_texts([]))


def test_runs_end_where_a_row_is_left_out_or_the_part_changes() -> None:
    origins = Origins(np.array([0, 0, 0, 1, 1, 0]), np.array([0, 1, 3, 4, 5, 6]))
    [(start, runs)] = origins.runs()
    assert start == 0
    assert runs == [Run(0, 0, 2), Run(0, 3, 4), Run(1, 4, 6), Run(0, 6, 7)]
