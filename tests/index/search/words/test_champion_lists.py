"""Champion lists have the largest weights, in whatever batches the postings arrive."""

from collections.abc import Iterator

import numpy as np
import pytest

import index.search.words.champion_lists
from index.search.words.champion_lists import Postings, champion_lists

TERMS, PAPERS, LONGEST = 7, 400, 25


@pytest.fixture(autouse=True)
def short_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index.search.words.champion_lists, "MAX_POSTINGS", LONGEST)


def _postings() -> Postings:
    """Return random postings, many with equal weights; term 5 is rare, and term 6 is unused."""
    random = np.random.default_rng(1)
    table = (random.integers(0, 8, (PAPERS, TERMS)) / 4).astype(np.float32)
    table[3:, 5] = 0
    table[:, 6] = 0
    papers, terms = np.nonzero(table)
    return Postings(terms.astype(np.int32), papers.astype(np.int32), table[papers, terms])


def _batches(postings: Postings, size: int) -> Iterator[Postings]:
    for start in range(0, len(postings.terms), size):
        yield Postings(*(field[start : start + size] for field in postings))


@pytest.mark.parametrize(("size", "pending"), [(10_000, 10_000), (50, 60), (1, 1)])
def test_each_list_has_the_first_of_the_largest_weights(
    monkeypatch: pytest.MonkeyPatch, size: int, pending: int
) -> None:
    monkeypatch.setattr(index.search.words.champion_lists, "_MAX_PENDING", pending)
    postings = _postings()
    lists = champion_lists(_batches(postings, size), TERMS)
    starts = lists["posting_starts"]
    assert len(starts) == TERMS + 1
    for term in range(TERMS):
        here = np.flatnonzero(postings.terms == term)
        best = np.sort(here[np.argsort(-postings.weights[here], kind="stable")[:LONGEST]])
        span = slice(starts[term], starts[term + 1])
        np.testing.assert_array_equal(lists["postings"][span], postings.papers[best])
        np.testing.assert_array_equal(lists["posting_weights"][span], postings.weights[best])


def test_no_postings_give_empty_lists() -> None:
    lists = champion_lists(iter(()), 3)
    assert lists["posting_starts"].tolist() == [0, 0, 0, 0]
    assert len(lists["postings"]) == len(lists["posting_weights"]) == 0
