"""Champion lists of a corpus: the papers in which each term has its largest weights."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from index.arrays import Floats, Rows

MAX_POSTINGS = 1_000
"""Length of a champion list."""
_MAX_PENDING = 2_000_000  # postings that are collected before the lists are cut,
_PENDING_SHARE = 0.5  # or this share of the lists, if that is more


class Postings(NamedTuple):
    """Terms, papers that contain them, and their weights there, at the same positions."""

    terms: np.ndarray
    papers: np.ndarray
    weights: Floats


def champion_lists(batches: Iterator[Postings], terms: int) -> dict[str, np.ndarray]:
    """Return the champion lists of all terms, with papers in ascending order.

    Batches must be in ascending order of papers. Memory use depends on the length of the lists,
    not on the number of postings: as soon as a list is full, only larger weights than its smallest
    one are collected. Of papers with equal weights the first ones are chosen.
    """
    pending = [Postings(np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0, np.float32))]
    thresholds = np.zeros(terms, np.float32)
    for batch in batches:
        larger = batch.weights > thresholds[batch.terms]
        pending.append(Postings(*(field[larger] for field in batch)))
        collected = sum(len(one.terms) for one in pending[1:])
        if collected > max(_MAX_PENDING, _PENDING_SHARE * len(pending[0].terms)):
            pending = [_cut(pending, thresholds)]
    lists = _cut(pending, thresholds)
    return {
        "posting_starts": _starts(lists.terms, terms),
        "postings": lists.papers,
        "posting_weights": lists.weights,
    }


def _cut(pending: list[Postings], thresholds: Floats) -> Postings:
    """Return the champion lists of the pending postings, sorted by term; raise the thresholds.

    The list of pending postings is emptied.
    """
    from scipy.sparse import coo_matrix

    terms, papers, weights = map(np.concatenate, zip(*pending, strict=True))
    pending.clear()  # each step frees what the next one does not need: there can be many postings
    shape = len(thresholds), int(papers.max(initial=-1)) + 1
    table = coo_matrix((weights, (terms, papers)), shape).tocsr()
    del terms, papers
    starts, weights = table.indptr, table.data
    kept = np.ones(len(weights), bool)
    for term in np.flatnonzero(np.diff(starts) >= MAX_POSTINGS).tolist():
        span = slice(starts[term], starts[term + 1])
        kept[span], thresholds[term] = _largest(weights[span])
    terms = np.repeat(np.arange(len(thresholds), dtype=np.int32), np.diff(starts))
    return Postings(terms[kept], table.indices[kept], weights[kept])


def _largest(weights: Floats) -> tuple[np.ndarray, np.float32]:
    """Return which weights are the largest of a list, and the smallest of these."""
    last = len(weights) - MAX_POSTINGS
    threshold = np.partition(weights, last)[last]
    kept = weights > threshold
    equal = np.flatnonzero(weights == threshold)
    kept[equal[: MAX_POSTINGS - np.count_nonzero(kept)]] = True
    return kept, threshold


def _starts(terms: np.ndarray, count: int) -> Rows:
    return np.append(0, np.cumsum(np.bincount(terms, minlength=count)))
