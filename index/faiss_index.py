"""FAISS behind the port: exact while the corpus is small, partitioned when it is large."""

from pathlib import Path

import faiss
import numpy as np

from index.arrays import Floats, Rows

_INDEX, _VECTORS = "vectors.faiss", "vectors.npy"
_TRAINING_VECTORS_A_PARTITION = 40
_PROBED = 64  # partitions read for a query


class FaissIndex:
    """A FAISS index for candidates beside the vectors themselves, in half precision, for scores."""

    def __init__(self, index: faiss.Index, exact: np.ndarray) -> None:
        self._index = index
        self._exact = exact

    @classmethod
    def build(cls, vectors: Floats, exact_up_to: int) -> "FaissIndex":
        """Index unit vectors, shape (papers, dimension); raises ValueError for any that is not."""
        lengths = np.linalg.norm(vectors, axis=1)
        if not np.allclose(lengths, 1, atol=1e-2):
            raise ValueError("vectors must be finite and of length one")
        papers, dimension = vectors.shape
        if papers <= exact_up_to:
            index: faiss.Index = faiss.IndexFlatIP(dimension)
        else:
            # FAISS's own advice (wiki, "Guidelines to choose an index"): 4 to 16 times the root.
            most = max(1, papers // _TRAINING_VECTORS_A_PARTITION)
            partitions = min(int(4 * papers**0.5), most)
            index = faiss.index_factory(
                dimension, f"IVF{partitions},SQ8", faiss.METRIC_INNER_PRODUCT
            )
            chosen = np.random.default_rng(0).permutation(papers)
            index.train(vectors[chosen[: partitions * _TRAINING_VECTORS_A_PARTITION]])
        index.add(vectors)
        return cls(index, vectors.astype(np.float16))

    def save(self, folder: Path) -> None:
        """Write the index and the vectors into a folder."""
        faiss.write_index(self._index, str(folder / _INDEX))
        np.save(folder / _VECTORS, self._exact, allow_pickle=False)

    @classmethod
    def open(cls, folder: Path) -> "FaissIndex":
        """Open by memory map what `save` wrote.

        Raises OSError, RuntimeError or ValueError where it is damaged.
        """
        index = faiss.read_index(str(folder / _INDEX), faiss.IO_FLAG_MMAP_IFC)
        exact = np.load(folder / _VECTORS, mmap_mode="r", allow_pickle=False)
        if exact.shape != (index.ntotal, index.d) or exact.dtype != np.float16:
            raise ValueError(f"{_INDEX} and {_VECTORS} do not belong together")
        return cls(index, exact)

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def kind(self) -> str:
        """The FAISS class that searches."""
        return "exact" if isinstance(self._index, faiss.IndexFlat) else "partitioned"

    def search(self, query: Floats, limit: int) -> tuple[Rows, Floats]:
        """Rows and cosines of the nearest, best first, shape (found,); found is `limit` at most."""
        parameters = None
        if self.kind == "partitioned":
            # Per search: `nprobe` is a field of the index, and threads would race on it.
            parameters = faiss.SearchParametersIVF(nprobe=_PROBED)  # type: ignore[call-arg]
        limit = min(limit, len(self))
        cosines, rows = self._index.search(query[None].astype(np.float32), limit, params=parameters)
        found = rows[0] >= 0  # FAISS pads with -1
        return rows[0][found], cosines[0][found]

    def vectors(self, rows: Rows) -> Floats:
        """The vectors of these rows in single precision, shape (rows, dimension)."""
        return np.asarray(self._exact[rows], np.float32)
