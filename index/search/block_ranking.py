"""Lists of many papers at once, for dumps: a block of papers is searched in a few calls."""

from itertools import pairwise, starmap
from typing import TYPE_CHECKING

import numpy as np

from index.arrays import Floats, Mask, Rows, unit
from index.search.faiss_index import FaissIndex
from index.search.nearness import (
    EXPANDED_BY,
    EXPANSION_CANDIDATES,
    EXPANSION_WORDS_WEIGHT,
    MIN_CANDIDATES,
    Nearness,
    Neighbour,
    closeness,
)
from index.search.ranking_weights import Signals
from index.search.tfidf import MAX_QUERY_TERMS, TF_WEIGHTS

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

MAX_LIMIT = MIN_CANDIDATES // 4
"""Longer lists need more candidates than a block has."""
_BATCH = 20_000
_ROUNDING = np.float32(1e-6)  # by which two computations of one cosine can differ


class BlockRanking:
    """Computes the lists of blocks of papers of a corpus.

        ranking = BlockRanking(nearness, vectors)
        lists = ranking.nearest(rows, limit=10, excluded=withdrawn)

    The lists are those of `Nearness.nearest` with all ties: each step computes with the same
    numbers in the same precision, because a percentile can depend on the last digit.
    A block of 128 papers needs about 50 MB, and the ranking eight bytes for each paper.
    """

    def __init__(self, nearness: Nearness, vectors: FaissIndex) -> None:
        from scipy.sparse import csr_matrix

        self._nearness, self._vectors = nearness, vectors
        arrays = nearness.words.arrays
        self._idf, self._lengths = arrays["idf"], arrays["lengths"]
        self._counts = nearness.words.counts
        champions = (arrays["posting_weights"], arrays["postings"], arrays["posting_starts"])
        shape = (len(self._counts.vocabulary), len(self._counts))
        self._champions = csr_matrix(champions, shape)
        self._code_lengths = np.empty(len(nearness), np.float32)
        for start in range(0, len(nearness), _BATCH):
            batch = np.arange(start, min(start + _BATCH, len(nearness)))
            codes = vectors.codes(batch)
            self._code_lengths[batch] = np.sqrt(np.einsum("ij,ij->i", codes, codes))

    def nearest(self, seeds: Rows, limit: int, excluded: Rows) -> list[list[Neighbour]]:
        """Return the lists of these papers, each without the paper itself and `excluded`.

        `limit` is at most `MAX_LIMIT`.
        """
        vectors, terms = self._vectors.vectors(seeds), self._terms(seeds)
        by_vector, unclear = self._search_vectors(seeds, vectors)
        candidates = list(map(np.union1d, by_vector, self._search_words(terms)))
        bounds = np.append(0, np.cumsum(list(map(len, candidates))))
        spans = list(starmap(slice, pairwise(bounds.tolist())))
        rows = np.concatenate(candidates)
        words = self._word_cosines(terms, rows, spans)
        cosines, expanded = np.empty_like(words), np.empty_like(words)
        for vector, near, span in zip(vectors, by_vector, spans, strict=True):
            compared = self._vectors.codes(rows[span])
            compared /= self._code_lengths[rows[span], None]
            cosines[span] = np.einsum("ij,j->i", compared, vector)
            nearest = np.searchsorted(rows[span], near[1 : EXPANSION_CANDIDATES + 1])
            similarities = cosines[span][nearest] + EXPANSION_WORDS_WEIGHT * words[span][nearest]
            best = nearest[np.lexsort((rows[span][nearest], -similarities))[:EXPANDED_BY]]
            expansion = unit(compared[best].sum(axis=0))
            expanded[span] = np.einsum("ij,j->i", compared, expansion)
        seed_of = np.repeat(seeds, np.diff(bounds))
        days = self._nearness.days
        signals = Signals(
            vector=cosines,
            expansion=expanded,
            words=words,
            time=closeness(days[rows], days[seed_of]),
            density=self._nearness.densities(rows),
        )
        similarities = self._nearness.weights.similarity(signals)
        similarities[np.isin(rows, excluded) | (rows == seed_of)] = -1
        lists = [_best(rows[span], similarities[span], limit) for span in spans]
        for place, neighbours in enumerate(lists):
            if unclear[place] or len(neighbours) < limit:
                row = int(seeds[place])
                seed, others = self._nearness.seed(row), np.append(excluded, row)
                lists[place] = self._nearness.nearest(seed, limit, others, with_ties=True)
        return lists

    def _search_vectors(self, seeds: Rows, vectors: Floats) -> tuple[list[Rows], Mask]:
        """Return the rows nearest to each seed by vector, the seed first, then nearest first.

        Also returns a mask of seeds without a clear result: with too few rows, or with rows that
        may be as near as the last of these.
        """
        count = MIN_CANDIDATES + 1
        nearest, unclear = [], np.zeros(len(seeds), bool)
        found = self._vectors.search_many(vectors, count + 1)
        for place, (seed, rows) in enumerate(zip(seeds.tolist(), found, strict=True)):
            rows = rows[rows >= 0]
            cosines = np.einsum("ij,j->i", self._vectors.codes(rows), vectors[place])
            cosines /= self._code_lengths[rows]
            order = np.lexsort((rows, -cosines, rows != seed))[: count + 1]
            last = cosines[order[-2:]]
            unclear[place] = (
                len(order) <= count or rows[order[0]] != seed or last[0] - last[1] < _ROUNDING
            )
            nearest.append(rows[order[:count]])
        return nearest, unclear

    def _terms(self, rows: Rows) -> "csr_matrix":
        """Return the weighted terms of these papers, shape (rows, terms)."""
        terms = self._counts.matrix(rows)
        weights = TF_WEIGHTS[terms.data] * self._idf[terms.indices]
        weights /= np.repeat(self._lengths[rows], np.diff(terms.indptr))
        terms.data = weights
        return terms

    def _search_words(self, terms: "csr_matrix") -> list[Rows]:
        """Return the rows that `TfidfIndex.search` finds for each seed."""
        from scipy.sparse import csr_matrix

        sizes = np.diff(terms.indptr)
        seed_of = np.repeat(np.arange(len(sizes)), sizes)
        places = np.arange(len(seed_of)) - np.repeat(terms.indptr[:-1], sizes)
        heaviest = np.lexsort((-terms.data, seed_of))[places < MAX_QUERY_TERMS]
        starts = np.append(0, np.cumsum(np.minimum(sizes, MAX_QUERY_TERMS)))
        query = csr_matrix((terms.data[heaviest], terms.indices[heaviest], starts), terms.shape)
        scores = query @ self._champions
        found = []
        for span in starmap(slice, pairwise(scores.indptr.tolist())):
            rows, of_seed = scores.indices[span], scores.data[span]
            if (cut := len(rows) - MIN_CANDIDATES) > 0:
                rows = rows[of_seed >= np.partition(of_seed, cut)[cut]]
            found.append(rows.astype(np.int64))
        return found

    def _word_cosines(self, terms: "csr_matrix", rows: Rows, spans: list[slice]) -> Floats:
        """Return the cosines of the words of each seed with those of its rows, shape (rows,)."""
        counts = self._counts.matrix(rows)
        starts = counts.indptr
        products = np.empty(counts.nnz, np.float32)
        table = np.zeros(terms.shape[1], np.float32)
        for place, span in enumerate(spans):
            of_seed = slice(terms.indptr[place], terms.indptr[place + 1])
            own = terms.indices[of_seed]
            table[own] = terms.data[of_seed] * self._idf[own]
            part = slice(starts[span.start], starts[span.stop])
            np.take(table, counts.indices[part], out=products[part], mode="clip")
            table[own] = 0
        products *= TF_WEIGHTS[counts.data]
        cosines = np.zeros(len(rows), np.float32)
        with_words = np.diff(starts) > 0  # `reduceat` does not add up nothing
        if with_words.any():
            cosines[with_words] = np.add.reduceat(
                products, starts[:-1][with_words], dtype=np.float64
            )
        cosines /= self._lengths[rows]
        return cosines


def _best(rows: Rows, similarities: Floats, limit: int) -> list[Neighbour]:
    """Return the best rows, and all that are as similar as the last; -1 marks excluded ones."""
    cut = max(0, len(rows) - limit)
    least = max(0, np.partition(similarities, cut)[cut]) if len(rows) else 0
    kept = np.flatnonzero(similarities >= least)
    kept = kept[np.lexsort((rows[kept], -similarities[kept]))]
    found, values = rows[kept].tolist(), similarities[kept].tolist()
    return [Neighbour(row, value) for row, value in zip(found, values, strict=True)]
