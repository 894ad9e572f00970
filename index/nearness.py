"""How near two papers are: the cosine of their vectors and of their words, on one fixed scale."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.arrays import Floats, Rows
from index.faiss_index import Earlier, FaissIndex
from index.genre import SurveyGenre, says_survey
from index.lexical import LexicalIndex, WeightedTerms, words
from index.term_counts import TermCounts
from index.vectors import VectorIndex

# Words count half as much as the vector: measured on CSFCube (docs/measured.md).
_WORDS_WEIGHT = np.float32(0.5)
_SCALE = 1 + _WORDS_WEIGHT
_FIRST_DEPTH = 256
_RANDOM_PAIRS = 100_000


@dataclass(frozen=True, slots=True)
class Seed:
    """What is asked about: a unit vector and weighted terms."""

    vector: Floats
    terms: WeightedTerms


@dataclass(frozen=True, slots=True)
class Near:
    """A row of the corpus and its similarity to the seed, 0 to 1."""

    row: int
    similarity: float


class Nearness:
    """A corpus by its vectors and its words; row i is the same paper in both."""

    def __init__(self, vectors: VectorIndex, words: LexicalIndex, genre: SurveyGenre) -> None:
        if len(vectors) != len(words):
            raise ValueError(f"{len(vectors)} vectors, but words of {len(words)} papers")
        self.vectors = vectors
        self.words = words
        self._genre = genre

    @classmethod
    def build(
        cls, vectors: Floats, papers: Sequence[tuple[str, str]], exact_up_to: int
    ) -> "Nearness":
        """Index papers by unit vector, shape (papers, dimension), and by (title, abstract)."""
        counts = TermCounts.of(words(f"{title} {abstract}") for title, abstract in papers)
        surveys = np.array([says_survey(title) for title, _ in papers])
        return cls.from_counts(vectors, counts, surveys, exact_up_to)

    @classmethod
    def from_counts(
        cls,
        vectors: np.ndarray,
        counts: TermCounts,
        surveys: NDArray[np.bool_],
        exact_up_to: int,
        earlier: Earlier | None = None,
    ) -> "Nearness":
        """`build` where words are counted already, and surveys and an earlier index are known."""
        return cls(
            FaissIndex.build(vectors, exact_up_to, earlier),
            LexicalIndex.build(counts),
            SurveyGenre.read_off(vectors, surveys),
        )

    def save(self, folder: Path) -> None:
        """Write all sides into a folder."""
        self.vectors.save(folder)
        self.words.save(folder)
        self._genre.save(folder)

    @classmethod
    def open(cls, folder: Path) -> "Nearness":
        """Open by memory map what `save` wrote; raises OSError, RuntimeError or ValueError."""
        return cls(FaissIndex.open(folder), LexicalIndex.open(folder), SurveyGenre.open(folder))

    def __len__(self) -> int:
        return len(self.words)

    def seed(self, row: int) -> Seed:
        """A paper of the corpus as a seed."""
        return Seed(self.vectors.vectors(np.array([row]))[0], self.words.row(row))

    def similarities(self, seed: Seed, rows: Rows, word_cosines: Floats | None = None) -> Floats:
        """Similarity of the seed to these rows, 0 to 1: (cosine + words' cosine / 2) / 1.5.

        The cosine without the part that two papers owe to both being surveys.
        """
        if word_cosines is None:
            word_cosines = self.words.similarities(seed.terms)
        vectors = self.vectors.vectors(rows)
        shared_genre = self._genre.strength(vectors) * self._genre.strength(seed.vector)
        return _similarity(vectors @ seed.vector - shared_genre, word_cosines[rows])

    def nearest(
        self, seed: Seed, limit: int, excluded: Rows, allowed: Rows | None = None
    ) -> list[Near]:
        """The most similar rows of the corpus, or of the allowed ones; best first, none excluded.

        Candidates come from both sides, and more of them until no paper that is left could
        reach the list (the threshold algorithm: Fagin, Lotem and Naor, 2003, section 4). So the
        list does not depend on how many were looked at, as far as the vector side is exact.
        """
        word_cosines = self.words.similarities(seed.terms)
        if allowed is not None:
            return self._best(seed, np.setdiff1d(allowed, excluded), word_cosines, limit)
        depth = max(_FIRST_DEPTH, 4 * limit)
        while True:
            by_vector, cosines = self.vectors.search(seed.vector, depth)
            by_words = _largest(word_cosines, depth)
            candidates = np.setdiff1d(np.union1d(by_vector, by_words), excluded)
            best = self._best(seed, candidates, word_cosines, limit)
            if depth >= len(self) or len(by_vector) < depth:
                return best
            unseen = _similarity(cosines[-1:], word_cosines[by_words].min(keepdims=True))[0]
            if len(best) == limit and best[-1].similarity >= unseen:
                return best
            depth *= 4

    def _best(self, seed: Seed, rows: Rows, word_cosines: Floats, limit: int) -> list[Near]:
        similarities = self.similarities(seed, rows, word_cosines)
        order = np.lexsort((rows, -similarities))[:limit]
        return [Near(int(rows[i]), float(similarities[i])) for i in order]

    def random_similarities(self, pairs: int = _RANDOM_PAIRS) -> Floats:
        """Similarities of random pairs of different papers, rising; the same ones every time."""
        if len(self) < 2:
            return np.zeros(1, np.float32)
        random = np.random.default_rng(0)
        left = random.integers(0, len(self), pairs)
        right = (left + random.integers(1, len(self), pairs)) % len(self)
        found = [
            self._pair_similarities(left[start : start + 10_000], right[start : start + 10_000])
            for start in range(0, pairs, 10_000)
        ]
        return np.sort(np.concatenate(found))

    def _pair_similarities(self, left: Rows, right: Rows) -> Floats:
        ours, theirs = self.vectors.vectors(left), self.vectors.vectors(right)
        cosines = np.einsum("ij,ij->i", ours, theirs)
        shared_genre = self._genre.strength(ours) * self._genre.strength(theirs)
        return _similarity(cosines - shared_genre, self.words.pair_similarities(left, right))


def percentile(similarity: float, random_similarities: Floats) -> float:
    """The share of random pairs that are less similar, in percent with two decimals."""
    below = np.searchsorted(random_similarities, np.float32(similarity))
    return round(100 * float(below) / len(random_similarities), 2)


def _similarity(cosines: Floats, word_cosines: Floats) -> Floats:
    combined = (cosines + _WORDS_WEIGHT * word_cosines) / _SCALE
    return np.clip(combined, 0, 1).astype(np.float32)


def _largest(values: Floats, count: int) -> Rows:
    if count >= len(values):
        return np.arange(len(values))
    return np.argpartition(-values, count)[:count].astype(np.int64)
