"""Features of a paper for training: its vector, its words, its topics."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from classifier.word_features import learn_vocabulary, word_rows
from index.arrays import Floats

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

# Weights of words and topics relative to a vector of length one. Chosen by cross-validation on the
# survey's examples; the result hardly changes if either is doubled or halved.
_WORDS, _TOPICS = 1.25, 2.0
_DIRECTIONS = 150


class Features:
    """Vectors, TF-IDF words and topics as one matrix; words and topics are learnt from a corpus.

    Topics are the leading directions of the corpus's words (latent semantic analysis). They let a
    word share the weight of the words that it occurs with.
    """

    def __init__(self, corpus: Sequence[str]) -> None:
        from sklearn.decomposition import TruncatedSVD

        self.vocabulary, self.idf = learn_vocabulary(corpus)
        self._topics: Floats = np.zeros((len(self.vocabulary), 0), np.float32)
        if len(self.vocabulary) > 1:
            directions = min(_DIRECTIONS, len(self.vocabulary) - 1)
            svd = TruncatedSVD(directions, n_iter=7, random_state=0).fit(self._words(corpus))
            self._topics = svd.components_.T.astype(np.float32)

    def transform(self, vectors: Floats, texts: Sequence[str]) -> Floats:
        """Return the features of papers, shape (papers, dimension + words + topics)."""
        rows = self._words(texts)
        return np.hstack([vectors, _WORDS * rows.toarray(), _TOPICS * (rows @ self._topics)])

    def split_weights(self, weights: Floats, dimension: int) -> tuple[Floats, Floats]:
        """Split weights over features, shape (features, k), into those of vectors and of words.

        Topics are linear in words, so their weights are added to those of the words.
        """
        words = dimension + len(self.vocabulary)
        over_words = _WORDS * weights[dimension:words] + _TOPICS * self._topics @ weights[words:]
        return weights[:dimension].astype(np.float32), over_words.astype(np.float32)

    def _words(self, texts: Sequence[str]) -> "csr_matrix":
        return word_rows(self.vocabulary, self.idf, texts)


def project_on_span(rows: Floats) -> tuple[Floats, Floats]:
    """Return rows as coordinates of their span, and its basis, shape (coordinates, features).

    With a quadratic penalty, the weights of a fit lie in the span of its rows (representer
    theorem). A fit on the coordinates therefore gives the same result and costs less if there are
    fewer rows than features.
    """
    if len(rows) >= rows.shape[1]:
        return rows, np.eye(rows.shape[1], dtype=np.float32)
    directions, coordinates = np.linalg.qr(rows.T)
    return coordinates.T, directions.T
