"""A paper's vector with a part of its nearest papers', so that one abstract's wording counts less.

Database-side feature augmentation, as image retrieval has it (Turcot and Lowe, 2009; Arandjelović
and Zisserman, 2012): what ten papers agree on is what they are about. Measured in
docs/measured.md.
"""

import numpy as np

from index.arrays import Floats, Rows
from index.embedding import unit
from index.faiss_index import Earlier, FaissIndex
from index.lexical import LexicalIndex, WeightedTerms
from index.vectors import VectorIndex

WORDS_WEIGHT = np.float32(0.5)
"""Of the cosine of words beside that of vectors (docs/measured.md)."""

_NEIGHBOURS = 10
_CANDIDATES = 32  # by vector; of them the nearest by vector and words
_SHARE = np.float32(0.5)
_AT_ONCE = 2_000


def augmented(
    vectors: np.ndarray, words: LexicalIndex, exact_up_to: int, earlier: Earlier | None
) -> np.ndarray:
    """The vectors of a corpus with their neighbours' part, half precision, unit rows.

    Where an earlier index is given, what it holds stays as it is, and only new papers look for
    neighbours: a night's papers hardly move the others.
    """
    found = np.array(vectors, np.float16)
    new = np.arange(len(vectors))
    if earlier is not None:
        kept = earlier.rows >= 0
        found[kept] = FaissIndex.open(earlier.folder).vectors(earlier.rows[kept])
        new = np.flatnonzero(~kept)
    if not len(new):
        return found
    index = FaissIndex.build(found.copy(), exact_up_to, earlier)
    for start in range(0, len(new), _AT_ONCE):
        rows = new[start : start + _AT_ONCE]
        near = index.search_many(index.vectors(rows), _CANDIDATES + 1)
        near[near == rows[:, None]] = -1
        in_words = words.cosines_among(rows, np.maximum(near, 0))
        found[rows] = _with_nearest(index, index.vectors(rows), near, in_words)
    return found


def augmented_text(
    index: VectorIndex, words: LexicalIndex, vector: Floats, terms: WeightedTerms
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
