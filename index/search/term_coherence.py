"""How much sharing a term says about two papers: the coherence of the papers that contain it."""

from typing import TYPE_CHECKING

import numpy as np

from index.arrays import Floats, Rows
from index.search.term_counts import TermCounts
from index.search.tfidf import TF_WEIGHTS, TfidfIndex
from index.search.vector_index import VectorIndex

if TYPE_CHECKING:
    from scipy.sparse import csc_matrix

_MAX_PAPERS = 50_000  # a sample bounds time, memory and reading, whatever the size of the corpus
_MIN_PAPERS = 5  # of the sample with the term; fewer give no estimate
_MAX_PAPERS_OF_TERM = 500  # of the sample with the term; more take time and change little
_BATCH = 5_000  # terms or papers
_MIN_TOPICAL, _MIN_TELLING = 0.05, 0.15


def is_topical(coherence: float) -> bool:
    """Return whether papers with a term of this coherence are about similar subjects.

    Others are generic terms ("approach"), or have several meanings in the corpus ("ring").
    """
    return coherence >= _MIN_TOPICAL


def is_telling(coherence: float) -> bool:
    """Return whether sharing a term of this coherence says something even if no other is shared."""
    return coherence >= _MIN_TELLING


def term_coherence(words: TfidfIndex, vectors: VectorIndex) -> Floats:
    """Return the coherence of each term, at most 1, shape (terms,).

    It compares the mean cosine c of two papers that contain the term with the mean cosine e of
    such a paper and any paper: (c - e) / (1 - e). It is 0 if sharing the term says nothing. Papers
    are weighted by 1 + log(count of the term). The coherence is 1 for terms of fewer than five
    papers in a random sample of 50,000 papers; of more than 500, the first 500 are compared.
    """
    coherence = np.ones(len(words.vocabulary), np.float32)
    count = min(len(words), _MAX_PAPERS)
    if count < _MIN_PAPERS:
        return coherence
    rows = np.random.default_rng(0).choice(len(words), count, replace=False)
    weights = _weights(words.counts, rows)
    sample = vectors.vectors(rows)
    vectors.release_memory()
    to_any = sample @ sample.mean(axis=0)
    terms = np.flatnonzero(np.diff(weights.indptr) >= _MIN_PAPERS)
    for start in range(0, len(terms), _BATCH):
        batch = terms[start : start + _BATCH]
        of_batch = weights[:, batch]
        sums = np.asarray(of_batch.sum(axis=0)).ravel()
        squares = np.asarray(of_batch.multiply(of_batch).sum(axis=0)).ravel()
        lengths = np.square(of_batch.T @ sample).sum(axis=1)
        expected = (of_batch.T @ to_any) / sums
        cosines = (lengths - squares) / (np.square(sums) - squares)
        coherence[batch] = (cosines - expected) / np.maximum(1 - expected, np.float32(1e-3))
    return coherence


def _weights(counts: TermCounts, rows: Rows) -> "csc_matrix":
    """Return 1 + log(count) of the terms in the first papers that have them, shape (rows, terms).

    The counts are read in batches, so that only the result takes memory.
    """
    from scipy.sparse import csc_matrix, csr_matrix

    ends = np.append(0, np.cumsum(counts.starts[rows + 1] - counts.starts[rows]))
    terms, weights = np.empty(ends[-1], np.int32), np.empty(ends[-1], np.float32)
    for first in range(0, len(rows), _BATCH):
        some = rows[first : first + _BATCH]
        own = slice(ends[first], ends[first + len(some)])
        positions, _ = counts.positions(some)
        terms[own] = counts.terms[positions]
        weights[own] = TF_WEIGHTS[counts.counts[positions]]
    counts.release_pages()
    shape = (len(rows), len(counts.vocabulary))
    table = csr_matrix((weights, terms, ends), shape=shape).tocsc()
    del terms, weights
    sizes = np.minimum(np.diff(table.indptr), _MAX_PAPERS_OF_TERM)
    ends = np.append(0, np.cumsum(sizes, dtype=np.int32))
    positions = np.arange(ends[-1]) + np.repeat(table.indptr[:-1] - ends[:-1], sizes)
    return csc_matrix((table.data[positions], table.indices[positions], ends), shape=shape)
