"""TF-IDF index: the term weights of each paper, and postings that find candidates."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import compress, pairwise, starmap
from pathlib import Path

import numpy as np

from index.arrays import Floats, Mask, Rows, mapped
from index.arxiv.tex.folding import text_words
from index.search.packed_terms import MAX_COUNTED
from index.search.term_counts import TermCounts
from index.search.words.champion_lists import Postings, champion_lists
from index.search.words.overlap import OverlapFinder

STOP_WORDS = frozenset(Path(__file__).with_name("stop_words.txt").read_text().split())
"""English function words, which do not describe the subject of a paper."""
_BATCH = 5_000  # texts
_IDF_TOLERANCE = 1e-5
MAX_QUERY_TERMS = 16  # whose champion lists a search reads
_NO_ROWS, _NO_WEIGHTS = np.empty(0, np.int32), np.empty(0, np.float32)
TF_WEIGHTS = 1 + np.log(np.maximum(1, np.arange(MAX_COUNTED + 1)), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class WeightedTerms:
    """The terms of a text (ascending numbers in a vocabulary), and their weights, of norm 1."""

    terms: Rows
    weights: Floats


@dataclass(frozen=True, slots=True)
class SharedTerms:
    """The terms that two texts share, in descending order of their contribution to the cosine.

    `contributions` maps each term to what it adds to the cosine of the texts. `rare` lists the
    terms that few papers of the corpus contain, `rare_terms` their numbers in the vocabulary.
    `places` has the places of all shared terms among the sorted terms of the query and of the
    paper, None if they are unknown.
    """

    contributions: dict[str, float]
    rare: list[str]
    rare_terms: Rows = field(default_factory=lambda: np.empty(0, np.int64), compare=False)
    places: tuple[Rows, Rows] | None = field(default=None, compare=False)


class TfidfIndex:
    """A TF-IDF index of a corpus; row i is text i of the counts.

        index = TfidfIndex.build(TermCounts.from_texts(map(words, texts)))
        query = index.weight_terms("pruning of neural networks")
        rows = index.search(query, limit=10)
        cosines = index.cosines(query, rows)

    The weight of a term in a text is (1 + log tf) · idf, divided by the norm of all weights of the
    text, as scikit-learn computes it. Weights are computed on demand from the counts, `idf`, and
    the norms of all rows (`lengths`).

    Each term has a champion list (Manning, Raghavan and Schütze, 2008, section 7.1.3): the papers
    in which its weight is largest. The list of term t is
    `postings[posting_starts[t]:posting_starts[t+1]]`, in ascending order, and `posting_weights`
    contains the weights at the same positions. All arrays are flat, so that a release can open
    them as memory maps.
    """

    _ARRAYS = ("idf", "lengths", "posting_starts", "postings", "posting_weights")

    def __init__(self, counts: TermCounts, arrays: dict[str, np.ndarray]) -> None:
        self.counts = counts
        self.arrays = arrays
        self._idf, self._lengths, self._posting_starts = (arrays[n] for n in self._ARRAYS[:3])
        self._postings, self._posting_weights = (arrays[n] for n in self._ARRAYS[3:])
        self._overlaps = OverlapFinder(counts)
        # Arrays with a zero for each paper, which searches reuse.
        self._spare_scores: list[Floats] = []

    def __len__(self) -> int:
        return len(self.counts)

    @property
    def vocabulary(self) -> list[str]:
        """The words of the corpus, sorted; a term is a position in this list."""
        return self.counts.vocabulary

    def frequencies(self) -> Floats:
        """Return the number of papers that contain each term, rounded, shape (terms,)."""
        ratios: Floats = np.exp(self._idf - 1, dtype=np.float64)
        return np.rint((1 + len(self)) / ratios - 1)

    def share_of_texts(self, word: str) -> float:
        """Return the share of papers that contain a word, 0 to 1; 0 if it is unknown."""
        term = self.counts.term(word)
        return 0.0 if term is None else float(np.exp(1 - self._idf[term]))

    @classmethod
    def build(cls, counts: TermCounts) -> "TfidfIndex":
        """Compute the weights and the champion lists of a corpus."""
        starts, terms = counts.starts, counts.terms
        frequencies = np.zeros(len(counts.vocabulary), np.int64)
        for _, span in _batches(counts, 4 * _BATCH):
            frequencies += np.bincount(terms[span], minlength=len(frequencies))
            counts.release_pages()
        idf = _idf(frequencies, len(counts))
        lengths = np.empty(len(counts), np.float32)

        def postings() -> Iterator[Postings]:
            """Yield the postings of all papers; fill `lengths` on the way."""
            for texts, span in _batches(counts):
                weights = _weights(counts.counts[span], idf[terms[span]])
                squares = np.append(0, np.cumsum(np.square(weights, dtype=np.float64)))
                bounds = starts[texts.start : texts.stop + 1] - starts[texts.start]
                lengths[texts] = np.sqrt(np.diff(squares[bounds]))
                papers = np.arange(texts.start, texts.stop, dtype=np.int32)
                sizes = np.diff(bounds)
                weights /= np.repeat(lengths[texts], sizes)
                yield Postings(terms[span], np.repeat(papers, sizes), weights)
                counts.release_pages()

        lists = champion_lists(postings(), len(idf))
        lengths[lengths == 0] = 1  # texts without words: all cosines are 0 with any divisor
        return cls(counts, {"idf": idf, "lengths": lengths, **lists})

    def save(self, folder: Path) -> "TfidfIndex":
        """Write the counts and the arrays into a folder; return the index that reads them there."""
        self.counts.save(folder)
        files = {name: folder / f"words-{name}.npy" for name in self._ARRAYS}
        for name, file in files.items():
            np.save(file, self.arrays[name], allow_pickle=False)
        return TfidfIndex(self.counts, {name: mapped(file) for name, file in files.items()})

    @classmethod
    def open(cls, folder: Path) -> "TfidfIndex":
        """Memory-map the files that `save` wrote; raises OSError or ValueError if it is damaged."""
        counts = TermCounts.open(folder)
        arrays = {name: mapped(folder / f"words-{name}.npy") for name in cls._ARRAYS}
        weights, words = len(arrays["idf"]), len(counts.vocabulary)
        if weights != words:
            raise ValueError(f"there are {weights} idf weights for {words} words")
        return cls(counts, arrays)

    def row(self, paper: int) -> WeightedTerms:
        """Return the weighted terms of a paper of the corpus."""
        span = slice(self.counts.starts[paper], self.counts.starts[paper + 1])
        terms = self.counts.terms[span].astype(np.int64)
        weights = _weights(self.counts.counts[span], self._idf[terms])
        return WeightedTerms(terms, weights / self._lengths[paper])

    def weight_terms(self, text: str) -> WeightedTerms:
        """Return the weighted terms of a new text; words outside the vocabulary are ignored."""
        counts = Counter(n for word in words(text) if (n := self.counts.term(word)) is not None)
        terms = np.array(sorted(counts), np.int64)
        frequencies = [min(counts[term], MAX_COUNTED) for term in terms.tolist()]
        weights = _weights(np.array(frequencies, np.uint8), self._idf[terms])
        length = np.linalg.norm(weights)
        return WeightedTerms(terms, weights / (length or 1))

    def cosines(self, query: WeightedTerms, rows: Rows) -> Floats:
        """Return the cosines of the query with these papers, shape (rows,)."""
        overlap = self._overlaps.find(query.terms, rows)
        weights = query.weights * self._idf.take(query.terms)
        frequencies = TF_WEIGHTS.take(self.counts.counts.take(overlap.positions))
        products = weights.take(overlap.places) * frequencies
        sums = np.bincount(overlap.papers, products, minlength=len(rows))
        cosines: Floats = sums.astype(np.float32) / self._lengths.take(rows)
        return cosines

    def search(self, query: WeightedTerms, limit: int, allowed: Mask | None = None) -> Rows:
        """Return the papers most similar to the query, best first, shape (found,).

        `found` is at most `limit`, and more if others are as similar as the last. The result is
        approximate: only the 16 query terms with the largest weights count, and only papers in
        their champion lists.
        """
        heaviest = np.argsort(-query.weights, kind="stable")[:MAX_QUERY_TERMS]
        terms = query.terms.take(heaviest)
        starts = self._posting_starts.take(terms).tolist()
        spans = list(map(slice, starts, self._posting_starts.take(terms + 1).tolist()))
        rows = np.concatenate([_NO_ROWS, *map(self._postings.__getitem__, spans)]).astype(np.int64)
        weights = np.concatenate([_NO_WEIGHTS, *map(self._posting_weights.__getitem__, spans)])
        weights *= query.weights.take(heaviest).repeat([span.stop - span.start for span in spans])
        try:
            all_scores = self._spare_scores.pop()
        except IndexError:  # other threads use all of them, or this is the first search
            all_scores = np.zeros(len(self), np.float32)
        np.add.at(all_scores, rows, weights)
        scores = all_scores.take(rows)
        all_scores[rows] = 0
        self._spare_scores.append(all_scores)
        if allowed is not None:
            kept = allowed.take(rows)
            rows, scores = rows[kept], scores[kept]
        rows, scores = _distinct_best(rows, scores, limit)
        nearest: Rows = rows[np.lexsort((rows, -scores))]
        return nearest

    def shared_terms(self, query: WeightedTerms, papers: Rows) -> list[SharedTerms]:
        """Return the terms that each of these papers shares with the query."""
        paper, positions, places = self._overlaps.find(query.terms, papers)
        terms, rows = query.terms.take(places), papers.take(paper)
        weights = _weights(self.counts.counts.take(positions), self._idf.take(terms))
        contributions = query.weights.take(places) * weights / self._lengths.take(rows)
        order = np.lexsort((terms, -contributions, paper))
        terms, contributions = terms.take(order), contributions.take(order)
        places, in_paper = places.take(order), (positions - self.counts.starts.take(rows))[order]
        # A term is rare if at most a tenth of the papers contain it, or at most two papers.
        min_idf = _idf(max(2.0, len(self) / 10), len(self)) - _IDF_TOLERANCE
        rare = self._idf.take(terms) >= min_idf
        names = list(map(self.vocabulary.__getitem__, terms.tolist()))
        bounds = paper.searchsorted(np.arange(len(papers) + 1)).tolist()
        return [
            SharedTerms(
                dict(zip(names[span], contributions[span].tolist(), strict=True)),
                list(compress(names[span], rare[span].tolist())),
                terms[span][rare[span]],
                (places[span], in_paper[span]),
            )
            for span in starmap(slice, pairwise(bounds))
        ]


def _distinct_best(rows: Rows, scores: Floats, limit: int) -> tuple[Rows, Floats]:
    """Return the best `limit` of these rows, each once, and all that are as good as the last.

    Equal rows have equal scores. The rows that come most often are few, so that a multiple of the
    limit usually has enough distinct ones.
    """
    many = 4 * limit
    if len(rows) > many:
        best = scores >= np.partition(scores, len(scores) - many)[len(scores) - many]
        candidates, found = rows[best], scores[best]
        if len(set(candidates.tolist())) >= limit:
            rows, scores = candidates, found
    order = rows.argsort(kind="stable")
    rows, scores = rows.take(order), scores.take(order)
    first = np.ones(len(rows), bool)
    np.not_equal(rows[1:], rows[:-1], out=first[1:])
    rows, scores = rows[first], scores[first]
    if len(rows) > limit:
        best = scores >= np.partition(scores, len(scores) - limit)[len(scores) - limit]
        rows, scores = rows[best], scores[best]
    return rows, scores


def words(text: str) -> list[str]:
    """Return the folded words of a text with two or more characters, without stop words.

    TeX commands such as \\frac are not words; see `text_words`.
    """
    return [word for word in text_words(text) if len(word) > 1 and word not in STOP_WORDS]


def _idf(frequencies: Rows | float, papers: int) -> Floats:
    """Return the idf of terms from their document frequencies and the number of papers."""
    ratios = (1 + papers) / (1 + np.asarray(frequencies))
    idf: Floats = (np.log(ratios) + 1).astype(np.float32)
    return idf


def _weights(counts: np.ndarray, idf: Floats) -> Floats:
    """Return the weights of terms with these counts, before the division by the norm."""
    weights: Floats = TF_WEIGHTS[counts] * idf
    return weights


def _batches(counts: TermCounts, size: int = _BATCH) -> Iterator[tuple[slice, slice]]:
    """Yield batches of texts, each as the slice of its texts and the slice of its terms."""
    for start in range(0, len(counts), size):
        stop = min(start + size, len(counts))
        yield slice(start, stop), slice(int(counts.starts[start]), int(counts.starts[stop]))
