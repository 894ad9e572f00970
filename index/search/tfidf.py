"""Words to weights, the other half of nearness: TF-IDF rows, and postings over them."""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import compress, pairwise, starmap
from pathlib import Path

import numpy as np

from index.arrays import Floats, Mask, Rows, mapped
from index.arxiv.tex.text import without_commands
from index.search.term_counts import MAX_COUNTED, TermCounts

_WORD = re.compile(r"\w{2,}")
# English function words, which say nothing of a paper's subject.
_STOP_WORDS = frozenset(Path(__file__).with_name("stop_words.txt").read_text().split())
_TEXTS_AT_ONCE = 20_000
_ROUNDING = 1e-5
_CELLS = 1 << 20  # of a table of weights
_CHAMPIONS = 1_000  # papers that speak most for a term: where to look for candidates
_ASKED = 16  # terms of a query, those that weigh most, by which candidates are looked for
_OF_FREQUENCY = 1 + np.log(np.maximum(1, np.arange(MAX_COUNTED + 1)), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class WeightedTerms:
    """A text as terms (numbers in a vocabulary, rising) and their weights, of length one."""

    terms: Rows
    weights: Floats


@dataclass(frozen=True, slots=True)
class SharedTerms:
    """Words of two texts, those that add most to their cosine first.

    `strengths` is what each adds, `rare` holds those that are rare elsewhere.
    """

    strengths: dict[str, float]
    rare: list[str]


class TfidfIndex:
    """TF-IDF over a corpus: weight (1 + log tf) · idf, rows of length one, as scikit-learn has it.

    A row is weighed from its counts when it is asked for, by `idf` and the `lengths` of all rows.
    The papers in which term t weighs most are `postings[posting_starts[t]:posting_starts[t+1]]`,
    rising, and `posting_weights` lies beside them: champion lists (Manning, Raghavan and Schütze,
    2008, section 7.1.3). All are flat arrays, so that a release opens them by memory map.
    """

    _ARRAYS = ("idf", "lengths", "posting_starts", "postings", "posting_weights")

    def __init__(self, counts: TermCounts, arrays: dict[str, np.ndarray]) -> None:
        self.counts = counts
        self._arrays = arrays
        self._idf, self._lengths, self._posting_starts = (arrays[n] for n in self._ARRAYS[:3])
        self._postings, self._posting_weights = (arrays[n] for n in self._ARRAYS[3:])
        self._unused: list[Floats] = []  # a zero for each paper, kept between searches

    def __len__(self) -> int:
        return len(self.counts)

    @property
    def vocabulary(self) -> list[str]:
        """The words that weigh, sorted; a term is a place in it."""
        return self.counts.vocabulary

    @classmethod
    def build(cls, counts: TermCounts) -> "TfidfIndex":
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
    def open(cls, folder: Path) -> "TfidfIndex":
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
        frequencies = [min(counts[term], MAX_COUNTED) for term in terms.tolist()]
        weights = _weights(np.array(frequencies, np.uint8), self._idf[terms])
        length = np.linalg.norm(weights)
        return WeightedTerms(terms, weights / (length or 1))

    def _number(self, word: str) -> int | None:
        place = bisect_left(self.vocabulary, word)
        known = place < len(self.vocabulary) and self.vocabulary[place] == word
        return place if known else None

    def cosines(self, query: WeightedTerms, rows: Rows) -> Floats:
        """Cosine of the query with these papers, shape (rows,)."""
        asked = np.zeros(len(self.vocabulary), np.float32)
        asked[query.terms] = query.weights * self._idf[query.terms]
        return self._products(asked, rows)

    def cosines_among(self, papers: Rows, others: Rows) -> Floats:
        """Cosine of each paper with each of its row of others, shape (papers, others).

        Of as many papers at once as a table of their weights fits the processor's cache.
        """
        found = np.empty(others.shape, np.float32)
        width = max(1, len(self.vocabulary))
        at_once = max(1, _CELLS // width)
        asked = np.zeros(at_once * width, np.float32)
        for start in range(0, len(papers), at_once):
            some = papers[start : start + at_once]
            theirs = others[start : start + at_once]
            first_cells = width * np.arange(len(some))
            places, sizes = self._places(some)
            terms = self.counts.terms[places]
            cells = terms + np.repeat(first_cells, sizes)
            asked[cells] = _weights(self.counts.counts[places], np.square(self._idf[terms]))
            of_pairs = self._products(asked, theirs.ravel(), first_cells.repeat(theirs.shape[1]))
            asked[cells] = 0
            found[start : start + at_once] = of_pairs.reshape(theirs.shape)
            found[start : start + at_once] /= self._lengths[some, None]
        return found

    def _products(self, asked: Floats, rows: Rows, first_cells: Rows | None = None) -> Floats:
        """Of each paper with its table of weights, one for each term, times idf; shape (rows,).

        A paper's table begins in its first cell of `asked`, in the first of all if not given.
        """
        places, sizes = self._places(rows)
        cells = self.counts.terms[places]
        if first_cells is not None:
            cells = cells + np.repeat(first_cells, sizes)
        weights = asked[cells]
        shared = np.flatnonzero(weights)
        paper = np.searchsorted(np.cumsum(sizes), shared, side="right")
        products = weights[shared] * _OF_FREQUENCY[self.counts.counts[places[shared]]]
        sums = np.bincount(paper, products, minlength=len(rows))
        found: Floats = sums.astype(np.float32) / self._lengths[rows]
        return found

    def _places(self, rows: Rows) -> tuple[Rows, Rows]:
        """Where the terms of these papers lie, one paper's after the other's; how many of each."""
        starts, stops = self.counts.starts[rows], self.counts.starts[rows + 1]
        sizes = stops - starts
        ends = np.cumsum(sizes)
        places = np.arange(sizes.sum()) + np.repeat(stops - ends, sizes)
        return places, sizes

    def search(self, query: WeightedTerms, limit: int, allowed: Mask | None = None) -> Rows:
        """The nearest papers as far as the champion lists of its strongest terms tell.

        Best first, shape (found,).
        """
        strongest = np.argsort(-query.weights, kind="stable")[:_ASKED]
        likeness = self._unused.pop() if self._unused else np.zeros(len(self), np.float32)
        met = [np.empty(0, np.int64)]
        for term, weight in zip(query.terms[strongest], query.weights[strongest], strict=True):
            span = slice(self._posting_starts[term], self._posting_starts[term + 1])
            papers = self._postings[span].astype(np.int64)
            before = likeness[papers]
            met.append(papers[before == 0])
            likeness[papers] = before + weight * self._posting_weights[span]
        rows = np.concatenate(met)
        found = likeness[rows]
        likeness[rows] = 0
        self._unused.append(likeness)
        if allowed is not None:
            rows, found = rows[allowed[rows]], found[allowed[rows]]
        if len(rows) > limit:
            best = np.argpartition(-found, limit - 1)[:limit]
            rows, found = rows[best], found[best]
        nearest: Rows = rows[np.lexsort((rows, -found))]
        return nearest

    def shared_terms(self, query: WeightedTerms, papers: Rows) -> list[SharedTerms]:
        """For each paper the terms that the query shares with it."""
        asked = np.zeros(len(self.vocabulary), np.float32)
        asked[query.terms] = query.weights
        places, sizes = self._places(papers)
        shared = np.flatnonzero(asked[self.counts.terms[places]])
        terms = self.counts.terms[places[shared]]
        paper = np.repeat(np.arange(len(papers)), sizes)[shared]
        weights = _weights(self.counts.counts[places[shared]], self._idf[terms])
        strengths = asked[terms] * weights / self._lengths[papers[paper]]
        order = np.lexsort((terms, -strengths, paper))
        terms, strengths = terms[order], strengths[order]
        # What more than one paper of ten holds is not rare.
        rare = self._idf[terms] >= _idf(max(2.0, len(self) / 10), len(self)) - _ROUNDING
        named = [self.vocabulary[term] for term in terms.tolist()]
        bounds = np.searchsorted(paper, np.arange(len(papers) + 1)).tolist()
        return [
            SharedTerms(
                dict(zip(named[span], strengths[span].tolist(), strict=True)),
                list(compress(named[span], rare[span].tolist())),
            )
            for span in starmap(slice, pairwise(bounds))
        ]


def words(text: str) -> list[str]:
    """The words of a text that may weigh: lower case, two characters or more, no stop words.

    A command of TeX, such as \\frac, is no word.
    """
    plain = without_commands(text.lower())
    return [word for word in _WORD.findall(plain) if word not in _STOP_WORDS]


def _idf(held_by: Rows | float, papers: int) -> Floats:
    """How much a term weighs that so many papers hold, of all papers."""
    found: Floats = (np.log((1 + papers) / (1 + np.asarray(held_by))) + 1).astype(np.float32)
    return found


def _champions(counts: TermCounts, weights: Floats) -> dict[str, np.ndarray]:
    """Of each term the papers in which it weighs most, by rising row."""
    columns = counts.matrix(weights).tocsc()
    starts, papers, weights = columns.indptr, columns.indices, columns.data
    kept = np.ones(len(papers), bool)
    for term in np.flatnonzero(np.diff(starts) > _CHAMPIONS).tolist():
        span = slice(starts[term], starts[term + 1])
        kept[span][np.argpartition(-weights[span], _CHAMPIONS - 1)[_CHAMPIONS:]] = False
    sizes = np.minimum(np.diff(starts), _CHAMPIONS)
    return {
        "posting_starts": np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)]),
        "postings": papers[kept],
        "posting_weights": weights[kept],
    }


def _weights(counts: np.ndarray, idf: Floats) -> Floats:
    """Weights of terms that stand so often in a text, before it is scaled to length one."""
    found: Floats = _OF_FREQUENCY[counts] * idf
    return found


def _portions(counts: TermCounts) -> Iterator[tuple[slice, slice]]:
    """Some texts after the other, and where their terms lie."""
    for start in range(0, len(counts), _TEXTS_AT_ONCE):
        stop = min(start + _TEXTS_AT_ONCE, len(counts))
        yield slice(start, stop), slice(int(counts.starts[start]), int(counts.starts[stop]))
