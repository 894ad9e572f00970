"""Words to weights, the other half of nearness: TF-IDF rows, and postings over them."""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from index.arrays import Floats, Mask, Rows, mapped
from index.term_counts import TermCounts


_WORD = re.compile(r"\w{2,}")
_TEX_COMMAND = re.compile(r"\\[a-z]+")
# English function words, which say nothing of a paper's subject.
_STOP_WORDS = frozenset(Path(__file__).with_name("stop_words.txt").read_text().split())
_TEXTS_AT_ONCE = 20_000
_ROUNDING = 1e-5
_CELLS = 1 << 20  # of a dense table of weights, so that it stays in the processor's cache
_CHAMPIONS = 2_000  # papers that speak most for a term: where to look for candidates


@dataclass(frozen=True, slots=True)
class WeightedTerms:
    """A text as terms (numbers in a vocabulary, rising) and their weights, of length one."""

    terms: Rows
    weights: Floats


@dataclass(frozen=True, slots=True)
class SharedTerm:
    """A word of two texts, what it adds to their cosine, and whether it is rare elsewhere."""

    word: str
    strength: float
    rare: bool


class LexicalIndex:
    """TF-IDF over a corpus: weight (1 + log tf) · idf, rows of length one, as scikit-learn has it.

    A row is weighed from its counts when it is asked for, by `idf` and the `lengths` of all rows.
    The papers in which term t weighs most are `postings[posting_starts[t]:posting_starts[t+1]]`,
    rising, and `posting_weights` lies beside them: champion lists (Manning, Raghavan and Schütze,
    2008, section 7.1.3). `floors[t]` is its largest weight in any other paper. All are flat
    arrays, so that a release opens them by memory map.
    """

    _ARRAYS = ("idf", "lengths", "posting_starts", "postings", "posting_weights", "floors")

    def __init__(self, counts: TermCounts, arrays: dict[str, np.ndarray]) -> None:
        self.counts = counts
        self._arrays = arrays
        self._idf, self._lengths, self._posting_starts = (arrays[n] for n in self._ARRAYS[:3])
        self._postings, self._posting_weights, self._floors = (arrays[n] for n in self._ARRAYS[3:])

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
        idf = _idf(held_by, len(counts))
        lengths = np.empty(len(counts), np.float32)
        weights = np.empty(len(terms), np.float32)
        for texts, span in _portions(counts):
            found = _weights(counts.counts[span], idf[terms[span]])
            squares = np.append(0, np.cumsum(np.square(found, dtype=np.float64)))
            bounds = starts[texts.start : texts.stop + 1] - starts[texts.start]
            lengths[texts] = np.sqrt(np.diff(squares[bounds]))
            weights[span] = found / np.repeat(lengths[texts], np.diff(bounds))
        lengths[lengths == 0] = 1  # no word: like nothing, whatever it is divided by
        arrays = {"idf": idf, "lengths": lengths, **_champions(counts, weights)}
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
        arrays = {name: mapped(folder / f"words-{name}.npy") for name in cls._ARRAYS}
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

    def cosines(self, query: WeightedTerms, rows: Rows) -> Floats:
        """Cosine of the query with these papers, shape (rows,)."""
        asked = np.zeros((1, len(self.vocabulary)), np.float32)
        asked[0, query.terms] = query.weights
        found: Floats = self._products(asked, rows[None])[0]
        return found

    def cosines_among(self, papers: Rows, others: Rows) -> Floats:
        """Cosine of each paper with each of its row of others, shape (papers, others)."""
        found = np.empty(others.shape, np.float32)
        at_once = max(1, _CELLS // max(1, len(self.vocabulary)))
        for start in range(0, len(papers), at_once):
            span = slice(start, start + at_once)
            places, paper = self._places(papers[span])
            asked = np.zeros((len(others[span]), len(self.vocabulary)), np.float32)
            terms = self.counts.terms[places]
            asked[paper, terms] = _weights(self.counts.counts[places], self._idf[terms])
            found[span] = self._products(asked, others[span])
            found[span] /= self._lengths[papers[span], None]
        return found

    def _products(self, asked: Floats, papers: Rows) -> Floats:
        """Of each row of weights, shape (rows, vocabulary), with each of its row of papers."""
        places, pair = self._places(papers.ravel())
        terms = self.counts.terms[places]
        asked_of = asked[pair // papers.shape[1], terms]
        shared = np.flatnonzero(asked_of)
        terms, places = terms[shared], places[shared]
        weights = asked_of[shared] * _weights(self.counts.counts[places], self._idf[terms])
        sums = np.bincount(pair[shared], weights, minlength=papers.size)
        found: Floats = sums.astype(np.float32).reshape(papers.shape) / self._lengths[papers]
        return found

    def _places(self, papers: Rows) -> tuple[Rows, Rows]:
        """Where the terms of these papers lie, one paper's after the other's, and whose each is."""
        starts = self.counts.starts[papers]
        sizes = self.counts.starts[papers + 1] - starts
        places = np.arange(sizes.sum()) + np.repeat(starts - np.cumsum(sizes) + sizes, sizes)
        return places, np.repeat(np.arange(len(papers)), sizes)

    def search(
        self, query: WeightedTerms, limit: int, allowed: Mask | None = None
    ) -> tuple[Rows, Floats]:
        """The nearest papers as far as the champion lists tell, best first, shape (found,).

        And for each count of them, from none to all, the cosine that no other paper exceeds.
        """
        likeness = np.zeros(len(self), np.float32)
        met = [np.empty(0, np.int64)]
        unlisted = 0.0
        for term, weight in zip(query.terms.tolist(), query.weights.tolist(), strict=True):
            span = slice(self._posting_starts[term], self._posting_starts[term + 1])
            papers = self._postings[span]
            before = likeness[papers]
            met.append(papers[before == 0])
            likeness[papers] = before + weight * self._posting_weights[span]
            unlisted += weight * float(self._floors[term])
        rows = np.concatenate(met)
        if allowed is not None:
            rows = rows[allowed[rows]]
        found, rest = likeness[rows], 0.0
        if len(rows) > limit:
            best = np.argpartition(-found, limit - 1)[:limit]
            rows, found = rows[best], found[best]
            rest = found.min()
        order = np.lexsort((rows, -found))
        return rows[order], np.append(found[order], np.float32(rest)) + np.float32(unlisted)

    def shared_terms(self, query: WeightedTerms, paper: int) -> list[SharedTerm]:
        """The terms that the query and a paper share, those that speak most for the pair first."""
        row = self.row(paper)
        terms, mine, theirs = np.intersect1d(query.terms, row.terms, return_indices=True)
        strength = query.weights[mine] * row.weights[theirs]
        # What more than one paper of ten holds is not rare.
        rare = self._idf[terms] >= _idf(max(2.0, len(self) / 10), len(self)) - _ROUNDING
        return [
            SharedTerm(self.vocabulary[terms[i]], float(strength[i]), bool(rare[i]))
            for i in np.lexsort((terms, -strength))
        ]


def words(text: str) -> list[str]:
    """The words of a text that may weigh: lower case, two characters or more, no stop words.

    A command of TeX, such as \\frac, is no word.
    """
    plain = text.lower()
    if "\\" in plain:
        plain = _TEX_COMMAND.sub(" ", plain)
    return [word for word in _WORD.findall(plain) if word not in _STOP_WORDS]


def _idf(held_by: Rows | float, papers: int) -> Floats:
    """How much a term weighs that so many papers hold, of all papers."""
    found: Floats = (np.log((1 + papers) / (1 + np.asarray(held_by))) + 1).astype(np.float32)
    return found


def _champions(counts: TermCounts, weights: Floats) -> dict[str, np.ndarray]:
    """Of each term the papers in which it weighs most, by rising row, and what was left out."""
    columns = counts.matrix(weights).tocsc()
    starts, papers, weights = columns.indptr, columns.indices, columns.data
    kept = np.ones(len(papers), bool)
    floors = np.zeros(len(starts) - 1, np.float32)
    for term in np.flatnonzero(np.diff(starts) > _CHAMPIONS).tolist():
        span = slice(starts[term], starts[term + 1])
        others = np.argpartition(-weights[span], _CHAMPIONS - 1)[_CHAMPIONS:]
        floors[term] = weights[span][others].max()
        kept[span][others] = False
    sizes = np.minimum(np.diff(starts), _CHAMPIONS)
    return {
        "posting_starts": np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)]),
        "postings": papers[kept],
        "posting_weights": weights[kept],
        "floors": floors,
    }


def _weights(counts: np.ndarray, idf: Floats) -> Floats:
    """Weights of terms that stand so often in a text, before it is scaled to length one."""
    found: Floats = (1 + np.log(counts, dtype=np.float32)) * idf
    return found


def _portions(counts: TermCounts) -> Iterator[tuple[slice, slice]]:
    """Some texts after the other, and where their terms lie."""
    for start in range(0, len(counts), _TEXTS_AT_ONCE):
        stop = min(start + _TEXTS_AT_ONCE, len(counts))
        yield slice(start, stop), slice(int(counts.starts[start]), int(counts.starts[stop]))
