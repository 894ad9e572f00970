"""The weights of the signals that a similarity is the sum of, as learned from reading lists."""

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from index.arrays import Floats
from index.files import read_json

WEIGHTS_FILE = Path(__file__).with_name("ranking.json")
"""The shipped weights. `python -m scripts.ranking.fit_weights` makes this file."""


class Signals(NamedTuple):
    """What is known about pairs of a seed and a paper, each of shape (pairs,).

    `vector` is the cosine of their vectors, `expansion` the cosine of the paper's vector with the
    mean vector of the seed's ten nearest papers, `words` the cosine of their term weights, `time`
    the closeness of their days, and `density` the density of the corpus around the paper.
    """

    vector: Floats
    expansion: Floats
    words: Floats
    time: Floats
    density: Floats


@dataclass(frozen=True, slots=True)
class RankingWeights:
    """A weight for each signal; the weight of the density is negative.

    `usual_density` is the density of a typical paper. A paper in a denser part of the corpus is
    near to many papers, so it gets a lower similarity, and a paper in a sparser part a higher one.
    """

    vector: float
    expansion: float
    words: float
    time: float
    density: float
    usual_density: float

    @classmethod
    def read(cls, path: Path = WEIGHTS_FILE) -> "RankingWeights":
        """Read a file of weights."""
        content = read_json(path)
        return cls(**content["weights"], usual_density=content["usual_density"])

    def similarity(self, signals: Signals) -> Floats:
        """Return the similarities of the pairs, 0 to 1, shape (pairs,).

        It is the weighted sum of the signals, with the density less the usual one, divided by the
        sum of the positive weights, and limited to 0 to 1.
        """
        total = (
            self.vector * signals.vector
            + self.expansion * signals.expansion
            + self.words * signals.words
            + self.time * signals.time
            + self.density * (signals.density - np.float32(self.usual_density))
        )
        total = total / (self.vector + self.expansion + self.words + self.time)
        similarity: Floats = np.clip(total, 0, 1).astype(np.float32)
        return similarity
