"""A text as weighted words of a fixed vocabulary: what the tagger reads beside the vector."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from index.arrays import Floats
from index.search.term_counts import TermCounts
from index.search.tfidf import words

if TYPE_CHECKING:  # what serves pages needs none of it at its start
    from scipy.sparse import csr_matrix

_MIN_PAPERS = 10
_MAX_SHARE = 0.3


def learn_vocabulary(texts: Iterable[str]) -> tuple[tuple[str, ...], Floats]:
    """The words in ten texts or more and in 30 % at most, in order, with their idf; maybe none."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(analyzer=words, min_df=_MIN_PAPERS, max_df=_MAX_SHARE)
    try:
        vectorizer.fit(texts)
    except ValueError:  # of the texts at hand, no word is in so many and not in more
        return (), np.empty(0, np.float32)
    return tuple(map(str, vectorizer.get_feature_names_out())), vectorizer.idf_.astype("float32")


def word_rows(vocabulary: Sequence[str], idf: Floats, texts: Sequence[str]) -> "csr_matrix":
    """TF-IDF rows of length one, shape (texts, words); weight (1 + log tf) · idf."""
    from scipy.sparse import csr_matrix
    from sklearn.feature_extraction.text import TfidfVectorizer

    if not texts or not vocabulary:  # which the vectorizer refuses
        return csr_matrix((len(texts), len(vocabulary)), dtype="float32")
    vectorizer = TfidfVectorizer(
        analyzer=words, vocabulary=list(vocabulary), sublinear_tf=True, dtype="float32"
    )
    vectorizer.idf_ = idf
    return vectorizer.transform(texts).tocsr()


def counted_rows(vocabulary: Sequence[str], idf: Floats, counts: TermCounts) -> "csr_matrix":
    """`word_rows` of texts whose words are counted already."""
    from scipy.sparse import csr_matrix
    from sklearn.preprocessing import normalize

    if not vocabulary:  # which normalising refuses
        return csr_matrix((len(counts), 0), dtype="float32")
    place = {word: number for number, word in enumerate(vocabulary)}
    columns = np.fromiter((place.get(word, -1) for word in counts.vocabulary), np.int64)
    terms = columns[counts.terms]
    known = terms >= 0
    held = np.concatenate([np.zeros(1, np.int64), np.cumsum(known)])
    weights = (1 + np.log(counts.counts[known], dtype=np.float32)) * idf[terms[known]]
    shape = (len(counts), len(vocabulary))
    return normalize(csr_matrix((weights, terms[known], held[counts.starts]), shape=shape))
