"""The part of nearness that is form, not subject: two surveys resemble each other as surveys.

With it a survey's list is all surveys. The direction in which surveys differ from other papers on
the same topic is read off the corpus; what two papers share along it does not count. Papers that
are no surveys are untouched. Measured in docs/measured.md.
"""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.arrays import Floats, Rows, mapped

_SURVEY = re.compile(r"\b(?:surveys?|reviews?|overview|tutorial)\b", re.IGNORECASE)
_MIN_SURVEYS = 20
_MAX_READ = 50_000  # surveys, and as many others: a mean needs no more
_TOPICS = 64
_PAPERS_A_TOPIC = 40
_FILE = "genre.npy"


def says_survey(title: str) -> bool:
    """Whether a title calls its paper a survey."""
    return bool(_SURVEY.search(title))


class SurveyBias:
    """How strongly a vector speaks as a survey does: its component along `direction` over `usual`.

    `usual` is the mean component of papers that are no surveys.
    """

    def __init__(self, direction: Floats, usual: float) -> None:
        self._direction = direction
        self._usual = usual

    @classmethod
    def fit(cls, vectors_of: Callable[[Rows], Floats], surveys: NDArray[np.bool_]) -> "SurveyBias":
        """Find the direction from the unit vectors of rows, and from which rows are surveys.

        None where the corpus has too few.
        """
        if surveys.sum() < _MIN_SURVEYS or surveys.all():
            return cls(np.zeros(vectors_of(np.arange(1)).shape[1], np.float32), 0.0)
        read = np.union1d(_some(np.flatnonzero(surveys)), _some(np.flatnonzero(~surveys)))
        vectors, surveys = vectors_of(read), surveys[read]
        topics = _topics(vectors)
        direction = np.zeros(vectors.shape[1], np.float32)
        for topic in np.unique(topics[surveys]):
            these, others = surveys & (topics == topic), ~surveys & (topics == topic)
            if others.any():
                difference = vectors[these].mean(axis=0) - vectors[others].mean(axis=0)
                direction += these.sum() * difference
        length = np.linalg.norm(direction)
        if not length:  # surveys have topics of their own: nothing to compare them with
            return cls(direction, 0.0)
        direction /= length
        return cls(direction, float((vectors[~surveys] @ direction).mean()))

    def strength(self, vectors: Floats) -> Floats:
        """0 for papers that speak as most do, more for surveys; shape (papers,)."""
        found: Floats = np.maximum(
            np.einsum("...j,j->...", vectors, self._direction) - self._usual, 0
        ).astype(np.float32)
        return found

    def save(self, folder: Path) -> None:
        """Write direction and usual component into a folder."""
        whole = np.append(self._direction, np.float32(self._usual))
        np.save(folder / _FILE, whole, allow_pickle=False)

    @classmethod
    def open(cls, folder: Path) -> "SurveyBias":
        """Read what `save` wrote; raises OSError or ValueError where it is damaged."""
        whole = np.array(mapped(folder / _FILE))
        if len(whole) < 2:
            raise ValueError(f"{_FILE} holds no direction")
        return cls(whole[:-1], float(whole[-1]))


def _some(rows: Rows) -> Rows:
    """At most so many of these rows; mostly the same ones when others are added at the end."""
    lots = np.random.default_rng(0).random(len(rows))
    return rows[np.argsort(lots)[:_MAX_READ]]


def _topics(vectors: Floats) -> Rows:
    """A rough topic for each paper, by k-means, so that surveys are compared with their like."""
    import faiss

    topics = max(1, min(_TOPICS, len(vectors) // _PAPERS_A_TOPIC))
    clusters = faiss.Kmeans(vectors.shape[1], topics, seed=0)
    clusters.train(vectors)
    _, nearest = clusters.index.search(vectors, 1)
    found: Rows = nearest[:, 0]
    return found
