"""A paper's vector with a part of its nearest papers', so that one abstract's wording counts less.

Database-side feature augmentation, as image retrieval has it (Turcot and Lowe, 2009; Arandjelović
and Zisserman, 2012): what ten papers agree on is what they are about. Measured in
docs/measured.md.
"""

import os
from concurrent.futures import ThreadPoolExecutor

import faiss
import numpy as np

from index.arrays import Floats, Rows, unit
from index.search.tfidf import TfidfIndex, WeightedTerms
from index.search.vector_index import GrowingIndex, VectorIndex

WORDS_WEIGHT = np.float32(0.5)
"""Of the cosine of words beside that of vectors (docs/measured.md)."""

_NEIGHBOURS = 10
_CANDIDATES = 32  # by vector; of them the nearest by vector and words
_SHARE = np.float32(0.5)
_AT_ONCE = 2_000


def augment(index: GrowingIndex, words: TfidfIndex, rows: Rows) -> None:
    """Give the vectors of these rows their neighbours' part, each from what the index holds now.

    In a night these are the new papers', which hardly move the others.
    """
    if not len(rows):
        return
    found = np.empty((len(rows), index.vectors(rows[:1]).shape[1]), np.float16)

    def fill(start: int) -> None:
        some = rows[start : start + _AT_ONCE]
        near = index.search_many(index.vectors(some), _CANDIDATES + 1)
        near[near == some[:, None]] = -1
        in_words = words.cosines_among(some, np.maximum(near, 0))
        found[start : start + _AT_ONCE] = _with_nearest(index, index.vectors(some), near, in_words)

    # FAISS would start threads of its own in each of these.
    with ThreadPoolExecutor(os.cpu_count(), "augment", faiss.omp_set_num_threads, (1,)) as pool:
        list(pool.map(fill, range(0, len(rows), _AT_ONCE)))
    index.replace(rows, found)


def augmented_text(
    index: VectorIndex, words: TfidfIndex, vector: Floats, terms: WeightedTerms
) -> Floats:
    """A text's vector with its neighbours' part, as a paper of the corpus would have it."""
    near = index.search_many(vector[None], _CANDIDATES)
    in_words = words.cosines(terms, np.maximum(near[0], 0))[None]
    found: Floats = _with_nearest(index, vector[None], near, in_words)[0]
    return found


def _with_nearest(index: VectorIndex, vectors: Floats, near: Rows, in_words: Floats) -> Floats:
    """Each vector with a part of its nearest among these rows, shape (vectors, candidates).

    A row of -1 is none.
    """
    theirs = index.vectors(near.ravel()).reshape(*near.shape, -1)
    similarities = np.einsum("ij,ikj->ik", vectors, theirs) + WORDS_WEIGHT * in_words
    similarities[near < 0] = -np.inf
    fewest = min(_NEIGHBOURS, near.shape[1])
    chosen = np.argsort(-similarities, axis=1, kind="stable")[:, :fewest]
    taken = np.take_along_axis(theirs, chosen[:, :, None], axis=1)
    taken[np.take_along_axis(near, chosen, axis=1) < 0] = 0
    return unit(vectors + _SHARE * unit(taken.sum(axis=1)))
