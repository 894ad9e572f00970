"""A text as weighted words of a fixed vocabulary: what the tagger reads beside the vector."""

from collections.abc import Iterable, Sequence

from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer

from index.arrays import Floats
from index.lexical import words

_FEWEST_PAPERS = 10
_LARGEST_SHARE = 0.3


def learn_vocabulary(texts: Iterable[str]) -> tuple[tuple[str, ...], Floats]:
    """The words in ten texts or more and in 30 % at most, in order, with their idf."""
    vectorizer = TfidfVectorizer(analyzer=words, min_df=_FEWEST_PAPERS, max_df=_LARGEST_SHARE)
    vectorizer.fit(texts)
    return tuple(map(str, vectorizer.get_feature_names_out())), vectorizer.idf_.astype("float32")


def word_rows(vocabulary: Sequence[str], idf: Floats, texts: Sequence[str]) -> csr_matrix:
    """TF-IDF rows of length one, shape (texts, words); weight (1 + log tf) · idf."""
    vectorizer = TfidfVectorizer(
        analyzer=words, vocabulary=list(vocabulary), sublinear_tf=True, dtype="float32"
    )
    vectorizer.idf_ = idf
    return vectorizer.transform(texts).tocsr()
