"""The similarity of papers on a fixed scale, from their vectors, words and submission days."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from index.arrays import Floats, Mask, Rows
from index.arxiv.survey_titles import is_survey_title
from index.search.faiss_index import FaissIndex
from index.search.neighbour_averaging import (
    WORDS_WEIGHT,
    average_text_with_neighbours,
    average_with_neighbours,
)
from index.search.row_filter import RowFilter
from index.search.survey_bias import SurveyBias
from index.search.term_counts import TermCounts
from index.search.tfidf import TfidfIndex, WeightedTerms, words
from index.search.vector_index import GrowingIndex, VectorIndex

# Papers submitted at about the same time are slightly more related; the effect fades within two
# years. Measured on groups of reading lists (docs/measured.md).
_TIME_WEIGHT = np.float32(0.05)
_DAYS_PER_YEAR = np.float32(365.25)
_SCALE = 1 + WORDS_WEIGHT + _TIME_WEIGHT
_MIN_CANDIDATES = 128  # from each of the two searches; measured in docs/measured.md
_MIN_FILTERED_CANDIDATES = 1024
_MAX_RANKED = 5_000  # allowed rows; ranking all of them costs less than a search
_RANDOM_PAIRS = 100_000
_BATCH = 10_000  # pairs


@dataclass(frozen=True, slots=True)
class Seed:
    """A paper or text to search with: unit vector, weighted terms, day (ordinal, 0 if unknown)."""

    vector: Floats
    terms: WeightedTerms
    day: int = 0


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A row of the corpus and its similarity to the seed, 0 to 1."""

    row: int
    similarity: float


class Nearness:
    """The vectors, words and days of a corpus, and the similarity computed from them.

        nearness = Nearness.build(vectors, papers, days, exact_up_to=50_000)
        seed = nearness.seed(row)
        for neighbour in nearness.nearest(seed, limit=10, excluded=np.array([row])):
            print(neighbour.row, neighbour.similarity)

    Row i is the same paper in `vectors`, in `words` and in the days.
    """

    def __init__(
        self, vectors: VectorIndex, words: TfidfIndex, survey_bias: SurveyBias, days: np.ndarray
    ) -> None:
        if not len(vectors) == len(words) == len(days):
            sizes = f"{len(vectors)} vectors, {len(words)} texts and {len(days)} days"
            raise ValueError(f"vectors, texts and days differ in number: {sizes}")
        self.vectors = vectors
        self.words = words
        self._survey_bias = survey_bias
        self._days = days

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
        surveys = np.array([is_survey_title(title) for title, _ in papers])
        index, new = FaissIndex.build(vectors, exact_up_to)
        return cls.from_counts(index, new, counts, surveys, days)

    @classmethod
    def from_counts(
        cls, index: GrowingIndex, new: Rows, counts: TermCounts, surveys: Mask, days: np.ndarray
    ) -> "Nearness":
        """Index papers from a vector index, word counts, a mask of the surveys, and days.

        The vectors of the new rows are averaged with their neighbours. Those of other rows must
        be averages already.
        """
        lexical = TfidfIndex.build(counts)
        average_with_neighbours(index, lexical, new)
        return cls(index, lexical, SurveyBias.fit(index.vectors, surveys), days)

    def save(self, folder: Path) -> None:
        """Write everything but the days into a folder."""
        self.vectors.save(folder)
        self.words.save(folder)
        self._survey_bias.save(folder)

    @classmethod
    def open(cls, folder: Path, vectors: VectorIndex, days: np.ndarray) -> "Nearness":
        """Open what `save` wrote as memory maps; raises OSError or ValueError if it is damaged."""
        return cls(vectors, TfidfIndex.open(folder), SurveyBias.open(folder), days)

    def __len__(self) -> int:
        return len(self.words)

    def seed(self, row: int, vector: Floats | None = None) -> Seed:
        """Return a paper of the corpus as a seed; its vector is read if it is not given."""
        if vector is None:
            vector = self.vectors.vectors(np.array([row]))[0]
        return Seed(vector, self.words.row(row), int(self._days[row]))

    def text_seed(self, vector: Floats, text: str) -> Seed:
        """Return a text, given with its unit vector, as a seed without a day."""
        terms = self.words.weight_terms(text)
        return Seed(average_text_with_neighbours(self.vectors, self.words, vector, terms), terms)

    def similarities(self, seed: Seed, rows: Rows, vectors: Floats | None = None) -> Floats:
        """Return the similarities of the seed to these rows, 0 to 1, shape (rows,).

        The formula is (cosine of vectors - survey bias + 0.5 · cosine of words
        + 0.05 · closeness in time) / 1.55. The survey bias is the product of both survey
        components, see `survey_bias`.

        The vectors of the rows are read if they are not given. Pass them if you compare the same
        rows several times, because reading is slow if they are on another machine.
        """
        if vectors is None:
            vectors = self.vectors.vectors(rows)
        bias = self._survey_bias.survey_component(seed.vector)
        biases = self._survey_bias.survey_component(vectors) * bias
        # Not with BLAS: the similarity of a row must not depend, by rounding, on the other rows.
        cosines = np.einsum("ij,j->i", vectors, seed.vector)
        return _combine(
            cosines - biases,
            self.words.cosines(seed.terms, rows),
            _closeness(self._days[rows], np.array(seed.day)),
        )

    def nearest(
        self, seed: Seed, limit: int, excluded: Rows, allowed: RowFilter | None = None
    ) -> list[Neighbour]:
        """Return the most similar allowed rows without the excluded ones, best first.

        Candidates come from two searches, one by vector and one by words. With a filter there are
        more candidates, because few papers in the champion lists of words may be allowed. If too
        few candidates remain, both searches are repeated with four times as many. If at most 5,000
        rows are allowed, all of them are ranked without a search.
        """
        depth, mask = max(_MIN_CANDIDATES, 4 * limit), allowed.mask if allowed else None
        if allowed is not None:
            rows = allowed.rows
            if len(rows) <= _MAX_RANKED:
                return self._rank(seed, np.setdiff1d(rows, excluded), limit)
            depth = max(_MIN_FILTERED_CANDIDATES, depth)
        while True:
            by_vector, _ = self.vectors.search(seed.vector, depth, allowed)
            candidates = np.union1d(by_vector, self.words.search(seed.terms, depth, mask))
            best = self._rank(seed, candidates[~np.isin(candidates, excluded)], limit)
            if len(best) == limit or depth >= len(self):
                return best
            depth *= 4

    def _rank(self, seed: Seed, rows: Rows, limit: int) -> list[Neighbour]:
        similarities = self.similarities(seed, rows)
        order = np.lexsort((rows, -similarities))[:limit]
        return [Neighbour(int(rows[i]), float(similarities[i])) for i in order]

    def random_similarities(self, pairs: int = _RANDOM_PAIRS) -> Floats:
        """Return the similarities of random pairs of different papers, ascending.

        The pairs are the same at each call.
        """
        if len(self) < 2:
            return np.zeros(1, np.float32)
        random = np.random.default_rng(0)
        left = random.integers(0, len(self), pairs)
        right = (left + random.integers(1, len(self), pairs)) % len(self)
        # Each vector is read only once, because vectors may be on another machine.
        rows, positions = np.unique(np.concatenate([left, right]), return_inverse=True)
        vectors = self.vectors.vectors(rows).astype(np.float16)
        left, right = np.split(positions, 2)
        batches = (slice(start, start + _BATCH) for start in range(0, pairs, _BATCH))
        similarities = [self._pair_similarities(rows, vectors, left[b], right[b]) for b in batches]
        return np.sort(np.concatenate(similarities))

    def _pair_similarities(
        self, rows: Rows, vectors: np.ndarray, left: Rows, right: Rows
    ) -> Floats:
        """Return the similarities of pairs; `left` and `right` are positions in the rows."""
        left_vectors, right_vectors = (vectors[side].astype(np.float32) for side in (left, right))
        cosines = np.einsum("ij,ij->i", left_vectors, right_vectors)
        biases = self._survey_bias.survey_component(left_vectors)
        biases = biases * self._survey_bias.survey_component(right_vectors)
        left, right = rows[left], rows[right]
        return _combine(
            cosines - biases,
            self.words.cosines_among(left, right[:, None])[:, 0],
            _closeness(self._days[left], self._days[right]),
        )


def percentile(similarity: float, random_similarities: Floats) -> float:
    """Return the share of random pairs that are less similar, in per cent with two decimals."""
    below = np.searchsorted(random_similarities, np.float32(similarity))
    return round(100 * float(below) / len(random_similarities), 2)


def _combine(
    cosines: Floats, word_cosines: Floats | np.float32, closeness: Floats | np.float32
) -> Floats:
    combined = (cosines + WORDS_WEIGHT * word_cosines + _TIME_WEIGHT * closeness) / _SCALE
    similarity: Floats = np.clip(combined, 0, 1).astype(np.float32)
    return similarity


def _closeness(days: np.ndarray, others: np.ndarray) -> Floats:
    """Return the closeness of days: a Gaussian with a standard deviation of one year.

    It is 1 for equal days and 0 if a day is unknown.
    """
    years = np.abs(days.astype(np.float32) - others.astype(np.float32)) / _DAYS_PER_YEAR
    known = (days > 0) & (others > 0)
    closeness: Floats = np.exp(-np.square(years) / 2) * known.astype(np.float32)
    return closeness
