"""Words to weights, the other half of nearness: TF-IDF rows, and postings over them."""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from index.arrays import Floats, Rows
from index.term_counts import TermCounts

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

_WORD = re.compile(r"\b\w\w+\b")
# English function words, which say nothing of a paper's subject.
_STOP_WORDS = frozenset(Path(__file__).with_name("stop_words.txt").read_text().split())
_TEXTS_AT_ONCE = 20_000


@dataclass(frozen=True, slots=True)
class WeightedTerms:
    """A text as terms (numbers in a vocabulary, rising) and their weights, of length one."""

    terms: Rows
    weights: Floats


class LexicalIndex:
    """TF-IDF over a corpus: weight (1 + log tf) · idf, rows of length one, as scikit-learn has it.

    A row is weighed from its counts when it is asked for, by `idf` and the `lengths` of all rows.
    The papers that hold term t are `postings[posting_starts[t]:posting_starts[t+1]]`, rising, and
    `posting_weights` lies beside them. All are flat arrays, so that a release opens them by memory
    map.
    """

    _ARRAYS = ("idf", "lengths", "posting_starts", "postings", "posting_weights")

    def __init__(self, counts: TermCounts, arrays: dict[str, np.ndarray]) -> None:
        self.counts = counts
        self._arrays = arrays
        self._idf, self._lengths, self._posting_starts, self._postings, self._posting_weights = (
            arrays[name] for name in self._ARRAYS
        )

    def __len__(self) -> int:
        return len(self.counts)

    @property
    def vocabulary(self) -> list[str]:
        """The words that weigh, sorted; a term is a place in it."""
        return self.counts.vocabulary

    @classmethod
    def build(cls, counts: TermCounts) -> "LexicalIndex":
        """Weigh the words of a corpus; row i is text i of the counts."""
        starts, terms = counts.starts, counts.terms
        held_by = np.zeros(len(counts.vocabulary), np.int64)
        for _, span in _portions(counts):
            held_by += np.bincount(terms[span], minlength=len(held_by))
        idf = (np.log((1 + len(counts)) / (1 + held_by)) + 1).astype(np.float32)
        lengths = np.empty(len(counts), np.float32)
        weights = np.empty(len(terms), np.float32)
        for texts, span in _portions(counts):
            found = _weights(counts.counts[span], idf[terms[span]])
            squares = np.append(0, np.cumsum(np.square(found, dtype=np.float64)))
            bounds = starts[texts.start : texts.stop + 1] - starts[texts.start]
            lengths[texts] = np.sqrt(np.diff(squares[bounds]))
            weights[span] = found / np.repeat(lengths[texts], np.diff(bounds))
        lengths[lengths == 0] = 1  # no word: like nothing, whatever it is divided by
        columns = counts.matrix(weights).tocsc()
        arrays = {
            "idf": idf,
            "lengths": lengths,
            "posting_starts": columns.indptr.astype(np.int64),
            "postings": columns.indices,
            "posting_weights": columns.data,
        }
        return cls(counts, arrays)

    def save(self, folder: Path) -> None:
        """Write the counts and the arrays into a folder."""
        self.counts.save(folder)
        for name, array in self._arrays.items():
            np.save(folder / f"words-{name}.npy", array, allow_pickle=False)

    @classmethod
    def open(cls, folder: Path) -> "LexicalIndex":
        """Open by memory map what `save` wrote; raises OSError or ValueError for damage."""
        counts = TermCounts.open(folder)
        arrays = {
            name: np.load(folder / f"words-{name}.npy", mmap_mode="r", allow_pickle=False)
            for name in cls._ARRAYS
        }
        if len(counts.vocabulary) != len(arrays["idf"]):
            raise ValueError("the vocabulary and its weights differ in length")
        return cls(counts, arrays)

    def row(self, paper: int) -> WeightedTerms:
        """The weighted terms of a paper of the corpus."""
        span = slice(self.counts.starts[paper], self.counts.starts[paper + 1])
        terms = self.counts.terms[span].astype(np.int64)
        weights = _weights(self.counts.counts[span], self._idf[terms])
        return WeightedTerms(terms, weights / self._lengths[paper])

    def weigh(self, text: str) -> WeightedTerms:
        """A new text by this corpus's statistics; words that it does not know do not count."""
        counts = Counter(n for word in words(text) if (n := self._number(word)) is not None)
        terms = np.array(sorted(counts), np.int64)
        weights = _weights(np.array([counts[term] for term in terms.tolist()]), self._idf[terms])
        length = np.linalg.norm(weights)
        return WeightedTerms(terms, weights / (length or 1))

    def _number(self, word: str) -> int | None:
        place = bisect_left(self.vocabulary, word)
        known = place < len(self.vocabulary) and self.vocabulary[place] == word
        return place if known else None

    def similarities(self, query: WeightedTerms) -> Floats:
        """Cosine of the query with every paper, shape (papers,)."""
        found = np.zeros(len(self), np.float32)
        for term, weight in zip(query.terms.tolist(), query.weights.tolist(), strict=True):
            span = slice(self._posting_starts[term], self._posting_starts[term + 1])
            found[self._postings[span]] += weight * self._posting_weights[span]
        return found

    def pair_similarities(self, left: Rows, right: Rows) -> Floats:
        """Cosine of paper left[i] with paper right[i], shape (pairs,)."""
        products = self._unscaled(left).multiply(self._unscaled(right)).sum(axis=1)
        found: Floats = np.asarray(products, np.float32).ravel()
        found /= self._lengths[left] * self._lengths[right]
        return found

    def _unscaled(self, papers: Rows) -> "csr_matrix":
        rows = self.counts.matrix()[papers]
        rows.data = _weights(rows.data, self._idf[rows.indices])
        return rows

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


def _weights(counts: np.ndarray, idf: Floats) -> Floats:
    """Weights of terms that stand so often in a text, before it is scaled to length one."""
    found: Floats = (1 + np.log(counts, dtype=np.float32)) * idf
    return found


def _portions(counts: TermCounts) -> Iterator[tuple[slice, slice]]:
    """Some texts after the other, and where their terms lie."""
    for start in range(0, len(counts), _TEXTS_AT_ONCE):
        stop = min(start + _TEXTS_AT_ONCE, len(counts))
        yield slice(start, stop), slice(int(counts.starts[start]), int(counts.starts[stop]))
