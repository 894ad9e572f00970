"""Words to weights, the other half of nearness: TF-IDF rows, and postings over them."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from index.arrays import Floats, Rows

_WORD = re.compile(r"\b\w\w+\b")
# English function words, which say nothing of a paper's subject.
_STOP_WORDS = frozenset(Path(__file__).with_name("stop_words.txt").read_text().split())


@dataclass(frozen=True, slots=True)
class WeightedTerms:
    """A text as terms (numbers in a vocabulary, rising) and their weights, of length one."""

    terms: Rows
    weights: Floats


class LexicalIndex:
    """TF-IDF over a corpus: weight (1 + log tf) · idf, rows of length one, as scikit-learn has it.

    `rows` of paper i lie in `indices[starts[i]:starts[i+1]]` and `weights`; the postings hold the
    same by term. All are flat arrays, so that a release opens them by memory map.
    """

    _ARRAYS = (
        "idf",
        "starts",
        "indices",
        "weights",
        "posting_starts",
        "postings",
        "posting_weights",
    )

    def __init__(self, vocabulary: Sequence[str], arrays: dict[str, np.ndarray]) -> None:
        self.vocabulary = vocabulary
        self._arrays = arrays
        self._idf, self._starts, self._indices, self._weights, *posted = (
            arrays[name] for name in self._ARRAYS
        )
        self._posting_starts, self._postings, self._posting_weights = posted
        self._posting_starts, self._postings, self._posting_weights = (
            arrays[n] for n in self._ARRAYS[4:]
        )

    def __len__(self) -> int:
        return len(self._starts) - 1

    @classmethod
    def build(cls, texts: Iterable[str]) -> "LexicalIndex":
        """Weigh the words of a corpus, one text a paper in the order of the rows."""
        from sklearn.feature_extraction.text import TfidfVectorizer

        vectorizer = TfidfVectorizer(analyzer=words, sublinear_tf=True, dtype=np.float32)
        rows = vectorizer.fit_transform(texts).tocsr()
        rows.sort_indices()
        columns = rows.tocsc()
        columns.sort_indices()
        arrays = {
            "idf": vectorizer.idf_.astype(np.float32),
            "starts": rows.indptr.astype(np.int64),
            "indices": rows.indices.astype(np.int32),
            "weights": rows.data.astype(np.float32),
            "posting_starts": columns.indptr.astype(np.int64),
            "postings": columns.indices.astype(np.int32),
            "posting_weights": columns.data.astype(np.float32),
        }
        return cls([str(term) for term in vectorizer.get_feature_names_out()], arrays)

    def save(self, folder: Path) -> None:
        """Write the arrays and the vocabulary into a folder."""
        for name, array in self._arrays.items():
            np.save(folder / f"words-{name}.npy", array, allow_pickle=False)
        vocabulary = json.dumps(self.vocabulary, ensure_ascii=False)
        (folder / "words-vocabulary.json").write_text(vocabulary, encoding="utf-8")

    @classmethod
    def open(cls, folder: Path) -> "LexicalIndex":
        """Open by memory map what `save` wrote; raises OSError or ValueError for damage."""
        arrays = {
            name: np.load(folder / f"words-{name}.npy", mmap_mode="r", allow_pickle=False)
            for name in cls._ARRAYS
        }
        vocabulary = json.loads((folder / "words-vocabulary.json").read_text(encoding="utf-8"))
        if len(vocabulary) != len(arrays["idf"]):
            raise ValueError("the vocabulary and its weights differ in length")
        return cls(vocabulary, arrays)

    @cached_property
    def _number_of(self) -> dict[str, int]:
        return {term: number for number, term in enumerate(self.vocabulary)}

    def row(self, paper: int) -> WeightedTerms:
        """The weighted terms of a paper of the corpus."""
        span = slice(self._starts[paper], self._starts[paper + 1])
        return WeightedTerms(self._indices[span].astype(np.int64), np.asarray(self._weights[span]))

    def weigh(self, text: str) -> WeightedTerms:
        """A new text by this corpus's statistics; words that it does not know do not count."""
        counts = Counter(n for word in words(text) if (n := self._number_of.get(word)) is not None)
        terms = np.array(sorted(counts), np.int64)
        weights = np.array([1 + np.log(counts[t]) for t in terms.tolist()], np.float32)
        weights *= self._idf[terms]
        length = np.linalg.norm(weights)
        return WeightedTerms(terms, weights / (length or 1))

    def similarities(self, query: WeightedTerms) -> Floats:
        """Cosine of the query with every paper, shape (papers,)."""
        found = np.zeros(len(self), np.float32)
        for term, weight in zip(query.terms.tolist(), query.weights.tolist(), strict=True):
            span = slice(self._posting_starts[term], self._posting_starts[term + 1])
            found[self._postings[span]] += weight * self._posting_weights[span]
        return found

    def pair_similarities(self, left: Rows, right: Rows) -> Floats:
        """Cosine of paper left[i] with paper right[i], shape (pairs,)."""
        from scipy.sparse import csr_matrix

        rows = csr_matrix(
            (self._weights, self._indices, self._starts), shape=(len(self), len(self.vocabulary))
        )
        return np.asarray(rows[left].multiply(rows[right]).sum(axis=1), np.float32).ravel()

    def shared_terms(self, query: WeightedTerms, paper: int, limit: int) -> list[str]:
        """The terms that the query and a paper share, those that speak most for the pair first.

        Only terms that are rare elsewhere: in at most one paper of ten.
        """
        row = self.row(paper)
        terms, mine, theirs = np.intersect1d(query.terms, row.terms, return_indices=True)
        held_by = self._posting_starts[terms + 1] - self._posting_starts[terms]
        common = max(2.0, len(self) / 10)
        strength = query.weights[mine] * row.weights[theirs] * (held_by <= common)
        best = np.lexsort((terms, -strength))[:limit]
        return [self.vocabulary[terms[i]] for i in best if strength[i] > 0]


def words(text: str) -> list[str]:
    """The words of a text that may weigh: lower case, two characters or more, no stop words."""
    return [word for word in _WORD.findall(text.lower()) if word not in _STOP_WORDS]
