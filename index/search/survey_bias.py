"""Survey bias: the part of the similarity of two papers that comes only from both being surveys.

Without a correction, the list of a survey contains only surveys. The direction in which surveys
differ from other papers on the same topic is estimated from the corpus, and what two papers share
along it is subtracted from their cosine. Papers that are not surveys are unaffected. Measured in
docs/measured.md.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.arrays import Floats, Rows, mapped

_MIN_SURVEYS = 20
_MAX_SAMPLE = 50_000  # of surveys, and of other papers; larger samples hardly change the means
_MAX_TOPICS = 64
_PAPERS_PER_TOPIC = 40
_FILE = "genre.npy"


class SurveyBias:
    """Measures how survey-like vectors are: their component along `direction` above `baseline`.

    `baseline` is the mean component of papers that are not surveys.
    """

    def __init__(self, direction: Floats, baseline: float) -> None:
        self._direction = direction
        self._baseline = baseline

    @classmethod
    def fit(
        cls, read_vectors: Callable[[Rows], Floats], surveys: NDArray[np.bool_]
    ) -> "SurveyBias":
        """Estimate the direction that separates surveys from other papers, given a mask of surveys.

        The direction is zero if there are fewer than 20 surveys or no other papers.
        """
        if surveys.sum() < _MIN_SURVEYS or surveys.all():
            return cls(np.zeros(read_vectors(np.arange(1)).shape[1], np.float32), 0.0)
        rows = np.union1d(_sample(np.flatnonzero(surveys)), _sample(np.flatnonzero(~surveys)))
        vectors, surveys = read_vectors(rows), surveys[rows]
        topics = _topics(vectors)
        direction = np.zeros(vectors.shape[1], np.float32)
        for topic in np.unique(topics[surveys]):
            inside, others = surveys & (topics == topic), ~surveys & (topics == topic)
            if others.any():
                difference = vectors[inside].mean(axis=0) - vectors[others].mean(axis=0)
                direction += inside.sum() * difference
        length = np.linalg.norm(direction)
        if not length:  # no topic has both surveys and other papers
            return cls(direction, 0.0)
        direction /= length
        return cls(direction, float((vectors[~surveys] @ direction).mean()))

    def survey_component(self, vectors: Floats) -> Floats:
        """Return how survey-like each vector is, shape (papers,); 0 for typical papers."""
        components = np.einsum("...j,j->...", vectors, self._direction)
        excess: Floats = np.maximum(components - self._baseline, 0).astype(np.float32)
        return excess

    def save(self, folder: Path) -> None:
        """Write the direction and the baseline into a folder."""
        array = np.append(self._direction, np.float32(self._baseline))
        np.save(folder / _FILE, array, allow_pickle=False)

    @classmethod
    def open(cls, folder: Path) -> "SurveyBias":
        """Read what `save` wrote; raises OSError or ValueError if it is damaged."""
        array = np.array(mapped(folder / _FILE))
        if len(array) < 2:
            raise ValueError(f"{_FILE} does not contain the survey direction and its baseline")
        return cls(array[:-1], float(array[-1]))


def _sample(rows: Rows) -> Rows:
    """Sample up to 50,000 of these rows, mostly the same ones after rows are appended."""
    keys = np.random.default_rng(0).random(len(rows))
    return rows[np.argsort(keys)[:_MAX_SAMPLE]]


def _topics(vectors: Floats) -> Rows:
    """Return a rough topic for each vector, by k-means."""
    import faiss

    count = max(1, min(_MAX_TOPICS, len(vectors) // _PAPERS_PER_TOPIC))
    clusters = faiss.Kmeans(vectors.shape[1], count, seed=0)
    clusters.train(vectors)
    _, nearest = clusters.index.search(vectors, 1)
    topics: Rows = nearest[:, 0]
    return topics
