"""The similarity of papers on a fixed scale, from their vectors, words and submission days."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from index.arrays import Floats, Rows, is_among, union, unit
from index.search.codes import encode
from index.search.density import Density
from index.search.faiss_index import FaissIndex
from index.search.ranking_weights import RankingWeights, Signals
from index.search.row_filter import RowFilter
from index.search.term_counts import TermCounts
from index.search.tfidf import TfidfIndex, WeightedTerms, words
from index.search.vector_index import VectorIndex
from index.work_limit import check_work

_DAYS_PER_YEAR = np.float32(365.25)
MIN_CANDIDATES = 128
"""From each of the two searches of a list; measured in docs/measured.md."""
_MIN_FILTERED_CANDIDATES = 1024
_MAX_RANKED = 5_000  # allowed rows; ranking all of them costs less than a search
EXPANDED_BY = 10  # papers nearest to a seed by vector and words, among the
EXPANSION_CANDIDATES = 32  # nearest by vector
EXPANSION_WORDS_WEIGHT = np.float32(0.5)
_RANDOM_SEEDS, _PAIRS_PER_SEED = 250, 200
_NONE = np.empty(0, np.int64)


@dataclass(frozen=True, slots=True)
class Candidates:
    """Rows near a seed, ascending, and what their similarities to it consist of."""

    rows: Rows
    signals: Signals


@dataclass(frozen=True, slots=True)
class Seed:
    """A paper or text to search with: unit vector, weighted terms, day (ordinal, 0 if unknown).

    `expansion` is the mean direction of the ten papers nearest to it (query expansion). A plain
    seed has its own vector as expansion. `near` has the candidates of a list, which are compared
    with the seed to find these ten papers. A copy with other fields has none.
    """

    vector: Floats
    terms: WeightedTerms
    expansion: Floats
    day: int = 0
    near: Candidates | None = field(default=None, init=False, repr=False, compare=False)


_NO_TERMS = WeightedTerms(_NONE, np.empty(0, np.float32))
NO_SEED = Seed(np.empty(0, np.float32), _NO_TERMS, np.empty(0, np.float32))
"""A seed without words or a vector, for lists whose papers are compared with nothing."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A row of the corpus and its similarity to the seed, 0 to 1."""

    row: int
    similarity: float


class Nearness:
    """The vectors, words, days and density of a corpus, and the similarity computed from them.

        nearness = Nearness.build(vectors, papers, days, exact_up_to=50_000)
        seed = nearness.seed(row)
        for neighbour in nearness.nearest(seed, limit=10, excluded=np.array([row])):
            print(neighbour.row, neighbour.similarity)

    Row i is the same paper in `vectors`, in `words`, in the days and in the density.
    """

    def __init__(
        self, vectors: VectorIndex, words: TfidfIndex, density: Density, days: np.ndarray
    ) -> None:
        if not len(vectors) == len(words) == len(density.values) == len(days):
            sizes = f"{len(vectors)} vectors, {len(words)} texts and {len(days)} days"
            raise ValueError(
                f"vectors, texts, days and densities differ in number: {sizes}, "
                f"{len(density.values)} densities"
            )
        self.vectors = vectors
        self.words = words
        self.weights = RankingWeights.read()
        self._density = density
        self.days = days

    @classmethod
    def build(
        cls,
        vectors: Floats,
        papers: Sequence[tuple[str, str]],
        days: np.ndarray,
        exact_up_to: int,
    ) -> "Nearness":
        """Index papers: unit vectors of shape (papers, dimension), (title, abstract), and days."""
        counts = TermCounts.from_texts(words(f"{title} {abstract}") for title, abstract in papers)
        codes = encode(vectors)
        index = FaissIndex.build(codes, exact_up_to)
        return cls(index, TfidfIndex.build(counts), Density.compute(codes), days)

    @classmethod
    def open(cls, folder: Path, vectors: VectorIndex, days: np.ndarray) -> "Nearness":
        """Open saved words and densities; raises OSError or ValueError if they are damaged."""
        return cls(vectors, TfidfIndex.open(folder), Density.open(folder), days)

    def __len__(self) -> int:
        return len(self.words)

    def seed(self, row: int) -> Seed:
        """Return a paper of the corpus as a seed."""
        plain = self.plain_seed(row, self.vectors.vectors(np.array([row]))[0])
        return self._expand(plain, row)

    def plain_seed(self, row: int, vector: Floats) -> Seed:
        """Return a paper of the corpus, given with its vector, as a seed without expansion."""
        return Seed(vector, self.words.row(row), vector, int(self.days[row]))

    def text_seed(self, vector: Floats, text: str, day: int = 0) -> Seed:
        """Return a text, given with its unit vector, as a seed; its day is unknown unless given."""
        return self._expand(Seed(vector, self.words.weight_terms(text), vector, day))

    def _expand(self, seed: Seed, itself: int = -1) -> Seed:
        """Return the seed with its expansion and its candidates."""
        nearby = self._nearest_by_vector(seed.vector, MIN_CANDIDATES + 1)
        rows = union(nearby, self.words.search(seed.terms, MIN_CANDIDATES))
        vectors = self.vectors.vectors(rows)
        signals = self.signals(seed, rows, vectors)
        nearest = rows.searchsorted(nearby[nearby != itself][:EXPANSION_CANDIDATES])
        expansion = seed.expansion
        if len(nearest):
            similarities = signals.vector.take(nearest)
            similarities += EXPANSION_WORDS_WEIGHT * signals.words.take(nearest)
            best = np.lexsort((rows.take(nearest), -similarities))[:EXPANDED_BY]
            expansion = unit(vectors.take(nearest.take(best), axis=0).sum(axis=0))
            signals = signals._replace(expansion=np.einsum("ij,j->i", vectors, expansion))
        expanded = replace(seed, expansion=expansion)
        object.__setattr__(expanded, "near", Candidates(rows, signals))
        return expanded

    def similarities(self, seed: Seed, rows: Rows, vectors: Floats | None = None) -> Floats:
        """Return the similarities of the seed to these rows, 0 to 1, shape (rows,).

        The formula is that of `RankingWeights.similarity`.

        The vectors of the rows are read if they are not given. Pass them if you compare the same
        rows several times, because reading is slow if they are on another machine.
        """
        return self.weights.similarity(self.signals(seed, rows, vectors))

    def signals(self, seed: Seed, rows: Rows, vectors: Floats | None = None) -> Signals:
        """Return the signals that the similarities of the seed to these rows consist of."""
        if vectors is None:
            vectors = self.vectors.vectors(rows)
        # Not with BLAS: the similarity of a row must not depend, by rounding, on the other rows.
        cosines = np.einsum("ij,j->i", vectors, seed.vector)
        plain = seed.expansion is seed.vector
        return Signals(
            vector=cosines,
            expansion=cosines if plain else np.einsum("ij,j->i", vectors, seed.expansion),
            words=self.words.cosines(seed.terms, rows),
            time=closeness(self.days.take(rows), seed.day),
            density=self.densities(rows),
        )

    def densities(self, rows: Rows) -> Floats:
        """Return the density around these papers, or the usual one if the corpus is too small."""
        densities: Floats = self._density.values.take(rows).astype(np.float32)
        densities[np.isnan(densities)] = self.weights.usual_density
        return densities

    def nearest(
        self,
        seed: Seed,
        limit: int,
        excluded: Rows,
        allowed: RowFilter | None = None,
        *,
        with_ties: bool = False,
    ) -> list[Neighbour]:
        """Return the most similar allowed rows without the excluded ones, best first.

        There are at most `limit`, and, if `with_ties`, all others that are as similar as the last
        of them; ties are in the order of rows.

        Candidates come from two searches, one by vector and one by words. With a filter there are
        more candidates, because few papers in the champion lists of words may be allowed. If too
        few candidates remain, both searches are repeated with four times as many. If at most 5,000
        rows are allowed, all of them are ranked without a search.
        """
        depth = max(MIN_CANDIDATES, 4 * limit)
        if allowed is not None:
            rows = allowed.rows
            if len(rows) <= _MAX_RANKED:
                rows = np.setdiff1d(rows, excluded)
                return _best(rows, self.similarities(seed, rows), limit, with_ties)
            depth = max(_MIN_FILTERED_CANDIDATES, depth)
        excluded = np.sort(excluded)
        while True:
            check_work()
            if seed.near is not None and allowed is None and depth == MIN_CANDIDATES:
                rows, similarities = seed.near.rows, self.weights.similarity(seed.near.signals)
            else:
                rows = self.candidates(seed, depth, allowed)
                similarities = self.similarities(seed, rows)
            kept = ~is_among(rows, excluded)
            best = _best(rows[kept], similarities[kept], limit, with_ties)
            if len(best) >= limit or depth >= len(self):
                return best
            depth *= 4

    def candidates(self, seed: Seed, depth: int, allowed: RowFilter | None = None) -> Rows:
        """Return the `depth` nearest allowed rows by vector, and as many by words, ascending.

        Rows that are exactly as near as the last one are included, so that more depth only adds
        rows. The seed itself does not count if it is a paper.
        """
        if seed.near is not None and allowed is None and depth == MIN_CANDIDATES:
            return seed.near.rows
        by_vector = self._nearest_by_vector(seed.vector, depth, allowed)
        mask = allowed.mask if allowed is not None else None
        return union(by_vector, self.words.search(seed.terms, depth, mask))

    def _nearest_by_vector(
        self, vector: Floats, depth: int, allowed: RowFilter | None = None
    ) -> Rows:
        """Return the `depth` nearest allowed rows, and all that are exactly as near as the last.

        Which of several equal vectors FAISS 1.15 finds, and in which order, depends on their
        number. Here ties are in the order of rows.
        """
        requested = depth + 1
        rows, cosines = self.vectors.search(vector, requested, allowed)
        while len(rows) == requested and cosines[-1] == cosines[depth - 1]:
            requested *= 4
            rows, cosines = self.vectors.search(vector, requested, allowed)
        if len(rows) > depth:
            near = cosines >= cosines[depth - 1]
            rows, cosines = rows[near], cosines[near]
        nearest: Rows = rows[np.lexsort((rows, -cosines))]
        return nearest

    def random_similarities(self) -> Floats:
        """Return the similarities of 50,000 random pairs (250 seeds, 200 others each), ascending.

        The pairs are the same at each call.
        """
        if len(self) < 2:
            return np.zeros(1, np.float32)
        random = np.random.default_rng(0)
        seeds = random.permutation(len(self))[:_RANDOM_SEEDS]
        steps = random.integers(1, len(self), (len(seeds), _PAIRS_PER_SEED))
        others = (seeds[:, None] + steps) % len(self)
        similarities = [
            self.similarities(self.seed(row), rows)
            for row, rows in zip(seeds.tolist(), others, strict=True)
        ]
        return np.sort(np.concatenate(similarities))


def _best(rows: Rows, similarities: Floats, limit: int, with_ties: bool) -> list[Neighbour]:
    """Return the most similar rows, best first; if `with_ties`, all that equal the last one too."""
    order = np.lexsort((rows, -similarities))
    if with_ties and len(order) > limit:
        last = similarities[order[limit - 1]]
        limit = int(np.count_nonzero(similarities >= last))
    best = order[:limit]
    pairs = zip(rows[best].tolist(), similarities[best].tolist(), strict=True)
    return [Neighbour(row, similarity) for row, similarity in pairs]


def percentile(similarity: float, random_similarities: Floats) -> float:
    """Return the share of random pairs that are less similar, in per cent with two decimals."""
    return percentiles([similarity], random_similarities)[0]


def percentiles(similarities: Sequence[float], random_similarities: Floats) -> list[float]:
    """Return the percentile of each similarity."""
    below = random_similarities.searchsorted(np.array(similarities, np.float32)).tolist()
    return [round(100 * count / len(random_similarities), 2) for count in below]


def closeness(days: np.ndarray, others: np.ndarray | int) -> Floats:
    """Return the closeness of days: a Gaussian with a standard deviation of one year.

    It is 1 for equal days and 0 if a day is unknown.
    """
    others = np.asarray(others)
    years = np.abs(days.astype(np.float32) - others.astype(np.float32)) / _DAYS_PER_YEAR
    known = (days > 0) & (others > 0)
    closeness: Floats = np.exp(-np.square(years) / 2) * known.astype(np.float32)
    return closeness
