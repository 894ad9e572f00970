"""TF-IDF word rows over a fixed vocabulary; with the vector they are the tagger's input."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from index.arrays import Floats
from index.search.term_counts import TermCounts
from index.search.tfidf import words

if TYPE_CHECKING:  # scipy and scikit-learn are imported late, so that the server starts quickly
    from scipy.sparse import csr_matrix

_MIN_PAPERS = 10
_MAX_SHARE = 0.3


def learn_vocabulary(texts: Iterable[str]) -> tuple[tuple[str, ...], Floats]:
    """Return the vocabulary of the texts in alphabetical order, and its IDF weights.

    It contains the words that occur in at least 10 texts and in at most 30 % of them, possibly
    none.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(analyzer=words, min_df=_MIN_PAPERS, max_df=_MAX_SHARE)
    try:
        vectorizer.fit(texts)
    except ValueError:  # no word is within these limits
        return (), np.empty(0, np.float32)
    return tuple(map(str, vectorizer.get_feature_names_out())), vectorizer.idf_.astype("float32")


def word_rows(vocabulary: Sequence[str], idf: Floats, texts: Sequence[str]) -> "csr_matrix":
    """Return TF-IDF rows of unit length, shape (texts, words); weights are (1 + log tf) · idf."""
    return word_rows_from_counts(vocabulary, idf, TermCounts.from_texts(map(words, texts)))


def word_rows_from_counts(
    vocabulary: Sequence[str], idf: Floats, counts: TermCounts
) -> "csr_matrix":
    """Return what `word_rows` does, for texts whose words have been counted."""
    from scipy.sparse import csr_matrix
    from sklearn.preprocessing import normalize

    if not vocabulary or not len(counts):  # normalize raises ValueError for an empty matrix
        return csr_matrix((len(counts), len(vocabulary)), dtype="float32")
    column_of = {word: column for column, word in enumerate(vocabulary)}
    columns = np.fromiter((column_of.get(word, -1) for word in counts.vocabulary), np.int64)
    terms = columns[counts.terms[:]]
    known = terms >= 0
    known_before = np.concatenate([np.zeros(1, np.int64), np.cumsum(known)])
    weights = (1 + np.log(counts.counts[:][known], dtype=np.float32)) * idf[terms[known]]
    shape = (len(counts), len(vocabulary))
    row_starts = known_before[counts.starts]
    return normalize(csr_matrix((weights, terms[known], row_starts), shape=shape))
