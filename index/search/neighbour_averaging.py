"""Neighbour averaging: add the direction of its nearest papers to the vector of a paper.

The wording of a single abstract then counts less, because ten similar papers share a topic rather
than wording. In image retrieval the method is known as database-side feature augmentation (Turcot
and Lowe, 2009; Arandjelović and Zisserman, 2012). Measured in docs/measured.md.
"""

import os
from concurrent.futures import ThreadPoolExecutor

import faiss
import numpy as np

from index.arrays import Floats, Rows, unit
from index.search.tfidf import TfidfIndex, WeightedTerms
from index.search.vector_index import GrowingIndex, VectorIndex

WORDS_WEIGHT = np.float32(0.5)
"""The weight of the cosine of words, relative to the cosine of vectors (docs/measured.md)."""

_NEIGHBOURS = 10
_CANDIDATES = 32  # nearest by vector; the neighbours are the nearest of them by vector and words
_NEIGHBOURS_WEIGHT = np.float32(0.5)
_BATCH = 2_000


def average_with_neighbours(index: GrowingIndex, words: TfidfIndex, rows: Rows) -> None:
    """Average the vectors of these rows with those of their neighbours, as they are in the index.

    In a nightly run these are the rows of new papers. Other rows keep their vectors, because a few
    new neighbours hardly change them.
    """
    if not len(rows):
        return
    averages = np.empty((len(rows), index.vectors(rows[:1]).shape[1]), np.float16)

    def fill(start: int) -> None:
        batch = rows[start : start + _BATCH]
        vectors = index.vectors(batch)
        candidates = index.search_many(vectors, _CANDIDATES + 1)
        candidates[candidates == batch[:, None]] = -1
        word_cosines = words.cosines_among(batch, np.maximum(candidates, 0))
        averages[start : start + _BATCH] = _average(index, vectors, candidates, word_cosines)

    # By default FAISS would start further threads in each of these threads.
    with ThreadPoolExecutor(os.cpu_count(), "average", faiss.omp_set_num_threads, (1,)) as pool:
        list(pool.map(fill, range(0, len(rows), _BATCH)))
    index.replace(rows, averages)


def average_text_with_neighbours(
    index: VectorIndex, words: TfidfIndex, vector: Floats, terms: WeightedTerms
) -> Floats:
    """Return the vector of a text averaged with its neighbours, as for a paper of the corpus."""
    candidates = index.search_many(vector[None], _CANDIDATES)
    word_cosines = words.cosines(terms, np.maximum(candidates[0], 0))[None]
    average: Floats = _average(index, vector[None], candidates, word_cosines)[0]
    return average


def _average(index: VectorIndex, vectors: Floats, candidates: Rows, word_cosines: Floats) -> Floats:
    """Return each vector averaged with the nearest of its candidates, shape (vectors, dimension).

    `candidates` contains rows, and -1 in unused positions. Its shape and that of `word_cosines` is
    (vectors, candidates).
    """
    candidate_vectors = index.vectors(candidates.ravel()).reshape(*candidates.shape, -1)
    cosines = np.einsum("ij,ikj->ik", vectors, candidate_vectors)
    similarities = cosines + WORDS_WEIGHT * word_cosines
    similarities[candidates < 0] = -np.inf
    count = min(_NEIGHBOURS, candidates.shape[1])
    nearest = np.argsort(-similarities, axis=1, kind="stable")[:, :count]
    neighbours = np.take_along_axis(candidate_vectors, nearest[:, :, None], axis=1)
    neighbours[np.take_along_axis(candidates, nearest, axis=1) < 0] = 0
    return unit(vectors + _NEIGHBOURS_WEIGHT * unit(neighbours.sum(axis=1)))
