"""What taggers read of a paper, as numbers: its vector, its words, its topics."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from classifier.word_features import learn_vocabulary, word_rows
from index.arrays import Floats

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

# Chosen by cross-validation on the survey's examples; each is flat over a factor of two around.
_WORDS, _TOPICS = 1.25, 2.0  # weights of words and topics beside a vector of length one
_DIRECTIONS = 150


class Features:
    """Vector, words and topics side by side; words and topics are learnt from a corpus.

    Topics are the leading directions of the corpus's words (latent semantic analysis), which lend
    a word the weight of the words it goes with.
    """

    def __init__(self, corpus: Sequence[str]) -> None:
        from sklearn.decomposition import TruncatedSVD

        self.vocabulary, self.idf = learn_vocabulary(corpus)
        self._topics: Floats = np.zeros((len(self.vocabulary), 0), np.float32)
        if len(self.vocabulary) > 1:
            directions = min(_DIRECTIONS, len(self.vocabulary) - 1)
            svd = TruncatedSVD(directions, n_iter=7, random_state=0).fit(self._words(corpus))
            self._topics = svd.components_.T.astype(np.float32)

    def of(self, vectors: Floats, texts: Sequence[str]) -> Floats:
        """Shape (papers, dimension + words + topics)."""
        rows = self._words(texts)
        return np.hstack([vectors, _WORDS * rows.toarray(), _TOPICS * (rows @ self._topics)])

    def folded(self, weights: Floats, dimension: int) -> tuple[Floats, Floats]:
        """Weights over features, shape (features, k), as weights over vectors and over words."""
        words = dimension + len(self.vocabulary)
        over_words = _WORDS * weights[dimension:words] + _TOPICS * self._topics @ weights[words:]
        return weights[:dimension].astype(np.float32), over_words.astype(np.float32)

    def _words(self, texts: Sequence[str]) -> "csr_matrix":
        return word_rows(self.vocabulary, self.idf, texts)


def in_own_span(rows: Floats) -> tuple[Floats, Floats]:
    """Rows in coordinates of their span, and these as features, shape (coordinates, features).

    The weights of a fit with a quadratic penalty lie in the span of its rows (the representer
    theorem), so a fit on the coordinates is the same, and is cheaper where rows are few.
    """
    if len(rows) >= rows.shape[1]:
        return rows, np.eye(rows.shape[1], dtype=np.float32)
    directions, coordinates = np.linalg.qr(rows.T)
    return coordinates.T, directions.T
