"""How near two papers are, on one fixed scale: by their vectors, their words and their time."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from index.arrays import Floats, Mask, Rows
from index.search.faiss_index import FaissIndex
from index.search.neighbour_averaging import (
    WORDS_WEIGHT,
    average_text_with_neighbours,
    average_with_neighbours,
)
from index.search.row_filter import RowFilter
from index.search.survey_bias import SurveyBias, is_survey_title
from index.search.term_counts import TermCounts
from index.search.tfidf import TfidfIndex, WeightedTerms, words
from index.search.vector_index import GrowingIndex, VectorIndex

# Papers of one time belong together a little more, which fades within two years: measured on list
# groups (docs/measured.md).
_TIME_WEIGHT = np.float32(0.05)
_A_YEAR = np.float32(365.25)
_SCALE = 1 + WORDS_WEIGHT + _TIME_WEIGHT
_DEPTH = 128  # candidates from each side at least, measured in docs/measured.md
_DEPTH_AMONG_ALLOWED = 1024
_FEW = 5_000  # rows of which looking at every one costs less than searching
_RANDOM_PAIRS = 100_000
_PAIRS_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class Seed:
    """What is asked about: a unit vector, weighted terms, and a day (an ordinal, 0 if unknown)."""

    vector: Floats
    terms: WeightedTerms
    day: int = 0


@dataclass(frozen=True, slots=True)
class Near:
    """A row of the corpus and its similarity to the seed, 0 to 1."""

    row: int
    similarity: float


class Nearness:
    """A corpus by its vectors and its words; row i is the same paper in both."""

    def __init__(
        self, vectors: VectorIndex, words: TfidfIndex, survey_bias: SurveyBias, days: np.ndarray
    ) -> None:
        if not len(vectors) == len(words) == len(days):
            raise ValueError(f"{len(vectors)} vectors, {len(words)} texts and {len(days)} days")
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
        """Index papers by unit vector, shape (papers, dimension), by (title, abstract), and day."""
        counts = TermCounts.from_texts(words(f"{title} {abstract}") for title, abstract in papers)
        surveys = np.array([is_survey_title(title) for title, _ in papers])
        index, new = FaissIndex.build(vectors, exact_up_to)
        return cls.from_counts(index, new, counts, surveys, days)

    @classmethod
    def from_counts(
        cls, index: GrowingIndex, new: Rows, counts: TermCounts, surveys: Mask, days: np.ndarray
    ) -> "Nearness":
        """`build` where words are counted, surveys known, and all but the new rows' vectors ready.

        Those are given their neighbours' part.
        """
        lexical = TfidfIndex.build(counts)
        average_with_neighbours(index, lexical, new)
        return cls(index, lexical, SurveyBias.fit(index.vectors, surveys), days)

    def save(self, folder: Path) -> None:
        """Write all sides but the days into a folder."""
        self.vectors.save(folder)
        self.words.save(folder)
        self._survey_bias.save(folder)

    @classmethod
    def open(cls, folder: Path, vectors: VectorIndex, days: np.ndarray) -> "Nearness":
        """Open by memory map what `save` wrote; raises OSError or ValueError."""
        return cls(vectors, TfidfIndex.open(folder), SurveyBias.open(folder), days)

    def __len__(self) -> int:
        return len(self.words)

    def seed(self, row: int, vector: Floats | None = None) -> Seed:
        """A paper of the corpus as a seed; its vector is looked up where it is not at hand."""
        if vector is None:
            vector = self.vectors.vectors(np.array([row]))[0]
        return Seed(vector, self.words.row(row), int(self._days[row]))

    def text_seed(self, vector: Floats, text: str) -> Seed:
        """A text with its unit vector as a seed; it has no day."""
        terms = self.words.weight_terms(text)
        return Seed(average_text_with_neighbours(self.vectors, self.words, vector, terms), terms)

    def similarities(self, seed: Seed, rows: Rows, vectors: Floats | None = None) -> Floats:
        """Similarity of the seed to these rows, 0 to 1.

        (cosine + words' cosine / 2 + closeness in time / 20) / 1.55, the cosine without the part
        that two papers owe to both being surveys. The rows' vectors are looked up where they are
        not at hand: who asks about the same rows again has them, for they may lie far away.
        """
        if vectors is None:
            vectors = self.vectors.vectors(rows)
        shared_genre = self._survey_bias.survey_component(
            vectors
        ) * self._survey_bias.survey_component(seed.vector)
        # Not by BLAS: a paper's similarity must not depend on which others are looked at.
        cosines = np.einsum("ij,j->i", vectors, seed.vector)
        return _similarity(
            cosines - shared_genre,
            self.words.cosines(seed.terms, rows),
            _closeness(self._days[rows], np.array(seed.day)),
        )

    def nearest(
        self, seed: Seed, limit: int, excluded: Rows, allowed: RowFilter | None = None
    ) -> list[Near]:
        """The most similar rows of the corpus, or of the allowed ones; best first, none excluded.

        Candidates come from both sides, the vectors and the words, and more of them where only
        some rows are allowed, of which the words' few leading papers tell little, or where too
        few are left. Of a few allowed rows, every one is looked at.
        """
        depth, mask = max(_DEPTH, 4 * limit), allowed.mask if allowed else None
        if allowed is not None:
            rows = allowed.rows
            if len(rows) <= _FEW:
                return self._best(seed, np.setdiff1d(rows, excluded), limit)
            depth = max(_DEPTH_AMONG_ALLOWED, depth)
        while True:
            by_vector, _ = self.vectors.search(seed.vector, depth, allowed)
            candidates = np.union1d(by_vector, self.words.search(seed.terms, depth, mask))
            best = self._best(seed, candidates[~np.isin(candidates, excluded)], limit)
            if len(best) == limit or depth >= len(self):
                return best
            depth *= 4

    def _best(self, seed: Seed, rows: Rows, limit: int) -> list[Near]:
        similarities = self.similarities(seed, rows)
        order = np.lexsort((rows, -similarities))[:limit]
        return [Near(int(rows[i]), float(similarities[i])) for i in order]

    def random_similarities(self, pairs: int = _RANDOM_PAIRS) -> Floats:
        """Similarities of random pairs of different papers, rising; the same ones every time."""
        if len(self) < 2:
            return np.zeros(1, np.float32)
        random = np.random.default_rng(0)
        left = random.integers(0, len(self), pairs)
        right = (left + random.integers(1, len(self), pairs)) % len(self)
        # Each vector is asked for once: they may lie on another machine.
        rows, places = np.unique(np.concatenate([left, right]), return_inverse=True)
        vectors = self.vectors.vectors(rows).astype(np.float16)
        left, right = np.split(places, 2)
        parts = (slice(start, start + _PAIRS_AT_ONCE) for start in range(0, pairs, _PAIRS_AT_ONCE))
        found = [self._pair_similarities(rows, vectors, left[p], right[p]) for p in parts]
        return np.sort(np.concatenate(found))

    def _pair_similarities(
        self, rows: Rows, vectors: np.ndarray, left: Rows, right: Rows
    ) -> Floats:
        """Of pairs, each a place on the left and one on the right among rows and their vectors."""
        ours, theirs = (vectors[side].astype(np.float32) for side in (left, right))
        cosines = np.einsum("ij,ij->i", ours, theirs)
        shared_genre = self._survey_bias.survey_component(
            ours
        ) * self._survey_bias.survey_component(theirs)
        left, right = rows[left], rows[right]
        return _similarity(
            cosines - shared_genre,
            self.words.cosines_among(left, right[:, None])[:, 0],
            _closeness(self._days[left], self._days[right]),
        )


def percentile(similarity: float, random_similarities: Floats) -> float:
    """The share of random pairs that are less similar, in percent with two decimals."""
    below = np.searchsorted(random_similarities, np.float32(similarity))
    return round(100 * float(below) / len(random_similarities), 2)


def _similarity(
    cosines: Floats, word_cosines: Floats | np.float32, closeness: Floats | np.float32
) -> Floats:
    combined = (cosines + WORDS_WEIGHT * word_cosines + _TIME_WEIGHT * closeness) / _SCALE
    similarity: Floats = np.clip(combined, 0, 1).astype(np.float32)
    return similarity


def _closeness(days: np.ndarray, others: np.ndarray) -> Floats:
    """How near days are to others: 1 for the same one, less and less beyond; 0 for an unknown."""
    apart = np.abs(days.astype(np.float32) - others.astype(np.float32)) / _A_YEAR
    known = (days > 0) & (others > 0)
    closeness: Floats = np.exp(-np.square(apart) / 2) * known.astype(np.float32)
    return closeness
