"""The density of a corpus around each paper, which corrects for hubs.

In spaces of many dimensions some papers are near to very many others (hubs). They would be in too
many lists. Their similarities are therefore reduced by their density: the mean cosine of a paper
with the ten nearest of 2,000 papers that are drawn from the corpus at random. The idea is that of
cross-domain similarity local scaling (Conneau and others, 2018, arXiv 1710.04087), which takes the
ten nearest papers of the whole corpus; a sample costs less and does better (docs/measured.md).
"""

from dataclasses import dataclass
from pathlib import Path

import faiss
import numpy as np

from index.arrays import Floats, Rows, mapped, release_pages
from index.search.codes import decode

_SAMPLE = 2_000  # papers
_NEAREST_SHARE = 0.005  # of the sample
_MIN_PAPERS = 200  # fewer say nothing about density
_MAX_GROWTH = 1.25  # of the corpus, until a new sample is drawn
_BATCH = 4_000  # papers; a larger one takes more time and memory
_SAME = 0.9995  # half precision changes the cosine of a vector with itself by less than this
_DENSITIES, _SAMPLE_FILE, _DRAWN = "density.npy", "density-sample.npy", "density-drawn-from.npy"


@dataclass(frozen=True, slots=True)
class Density:
    """The density around each paper, shape (papers,), and the sample that it was computed with.

        density = Density.compute(codes)
        density.values[row]

    All arrays are in half precision. `sample` contains unit vectors. `drawn_from` is the number of
    papers that the corpus had when the sample was drawn. The density is NaN in a corpus of less
    than 200 papers.
    """

    values: np.ndarray
    sample: np.ndarray
    drawn_from: int

    @classmethod
    def compute(cls, codes: np.ndarray) -> "Density":
        """Draw a sample and compute the density around all papers from the codes of vectors."""
        drawn = np.random.default_rng(0).permutation(len(codes))[:_SAMPLE]
        sample = decode(codes, np.sort(drawn)).astype(np.float16)
        return cls(_densities(codes, sample), sample, len(codes))

    def extend(self, codes: np.ndarray, new: Rows, previous_rows: Rows) -> "Density":
        """Return the density of the next corpus, computed with the same sample.

        `codes` are those of the `new` rows. Row i of the next corpus is row `previous_rows[i]`
        of this one; -1 marks new rows.
        """
        values = self.values[np.maximum(previous_rows, 0)]
        values[new] = _densities(codes, self.sample)
        return Density(values, self.sample, self.drawn_from)

    def fits(self, papers: int) -> bool:
        """Return whether the sample can represent a corpus of this size."""
        return len(self.sample) == _SAMPLE and papers <= _MAX_GROWTH * self.drawn_from

    def save(self, folder: Path) -> None:
        """Write the densities and the sample into a folder."""
        np.save(folder / _DENSITIES, self.values, allow_pickle=False)
        np.save(folder / _SAMPLE_FILE, self.sample, allow_pickle=False)
        np.save(folder / _DRAWN, np.array([self.drawn_from]), allow_pickle=False)

    @classmethod
    def open(cls, folder: Path) -> "Density":
        """Open what `save` wrote as memory maps; raises OSError or ValueError if it is damaged."""
        values, sample = mapped(folder / _DENSITIES), mapped(folder / _SAMPLE_FILE, 2)
        for name, array in ((_DENSITIES, values), (_SAMPLE_FILE, sample)):
            if array.dtype != np.float16:
                raise ValueError(f"the type of {name} is {array.dtype}, not float16")
        return cls(values, sample, int(np.array(mapped(folder / _DRAWN))[0]))


def _densities(codes: np.ndarray, sample: np.ndarray) -> np.ndarray:
    """Return the mean cosine of each vector with the nearest of the sample, without itself."""
    densities = np.full(len(codes), np.nan, np.float16)
    if len(sample) < _MIN_PAPERS:
        return densities
    count = max(1, round(_NEAREST_SHARE * len(sample)))
    papers = np.ascontiguousarray(sample, np.float32)
    for start in range(0, len(codes), _BATCH):
        batch = slice(start, start + _BATCH)
        densities[batch] = _nearest_cosines(decode(codes, batch), papers, count).mean(axis=1)
        release_pages(codes)
    return densities


def _nearest_cosines(vectors: Floats, sample: Floats, count: int) -> Floats:
    """Return the largest cosines of each vector with the sample without equal vectors.

    The shape is (vectors, count). -1 stands for missing ones.
    """
    depth = 2 * count  # few papers have equal texts
    while True:
        cosines, _ = faiss.knn(
            vectors, sample, min(depth, len(sample)), metric=faiss.METRIC_INNER_PRODUCT
        )
        equal = np.count_nonzero(cosines > _SAME, axis=1)
        if depth >= len(sample) or equal.max(initial=0) <= depth - count:
            break
        depth *= 2
    cosines[cosines > _SAME] = -1
    cosines.partition(cosines.shape[1] - count, axis=1)
    nearest: Floats = cosines[:, -count:]
    return nearest
