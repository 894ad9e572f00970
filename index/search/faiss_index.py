"""FAISS behind the port: exact while the corpus is small, partitioned when it is large."""

from dataclasses import dataclass
from math import ceil
from pathlib import Path

import faiss
import numpy as np

from index.arrays import Floats, Mask, Rows, mapped
from index.search.row_filter import RowFilter

_INDEX, _VECTORS = "vectors.faiss", "vectors.npy"
_TRAINING_VECTORS_A_PARTITION = 40
_PROBED = 32  # partitions read for a query
_PROBED_AMONG = 128  # times what share of all is allowed
_PROBED_OF_MANY = 8
_GROWTH = 1.25  # of the corpus, until which it keeps its partitions
_ADDED_AT_ONCE = 20_000


@dataclass(frozen=True, slots=True)
class PreviousIndex:
    """An index saved earlier: row i now is row `rows[i]` there, or new where that is -1."""

    folder: Path
    rows: Rows


class FaissIndex:
    """A FAISS index for candidates beside the vectors themselves, in half precision, for scores."""

    def __init__(self, index: faiss.Index, exact: np.ndarray) -> None:
        self._index = index
        self._exact = exact

    @classmethod
    def build(
        cls, vectors: np.ndarray, exact_up_to: int, earlier: PreviousIndex | None = None
    ) -> "tuple[FaissIndex, Rows]":
        """Index unit vectors, shape (papers, dimension), in single or half precision.

        Where an earlier index has partitions that are fine enough still, what it holds keeps its
        place and the vector that it has there. Returns also the rows for which that is not so.
        Vectors in half precision are taken over, not copied: there may be no room for two.
        Raises ValueError for a vector that is not finite or not of length one.
        """
        exact = np.asarray(vectors, np.float16)
        new = np.arange(len(exact))
        if len(exact) <= exact_up_to:
            index: faiss.Index = faiss.IndexFlatIP(exact.shape[1])
        elif earlier and (held := _partitioned(earlier.folder, len(exact))):
            kept, new = (np.flatnonzero(way) for way in (earlier.rows >= 0, earlier.rows < 0))
            exact[kept] = mapped(earlier.folder / _VECTORS, 2)[earlier.rows[kept]]
            _move(held, earlier.rows)
            index = held
        else:
            index = _trained(exact)
        built = cls(index, exact)
        built._add(new)
        return built, new

    def _add(self, rows: Rows) -> None:
        for start in range(0, len(rows), _ADDED_AT_ONCE):
            some = rows[start : start + _ADDED_AT_ONCE]
            vectors = self.vectors(some)
            if not np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-2):
                raise ValueError("vectors must be finite and of length one")
            if isinstance(self._index, faiss.IndexFlat):
                self._index.add(vectors)
            else:
                self._index.add_with_ids(vectors, some)

    def replace(self, rows: Rows, vectors: np.ndarray) -> None:
        """Put other unit vectors, in half precision, under these rows; partitions stay."""
        self._exact[rows] = vectors
        if isinstance(self._index, faiss.IndexFlat) or len(rows) == len(self):
            self._index.reset()
            rows = np.arange(len(self._exact))
        else:
            self._index.remove_ids(faiss.IDSelectorBatch(rows))
        self._add(rows)

    def save(self, folder: Path) -> None:
        """Write the index and the vectors into a folder."""
        faiss.write_index(self._index, str(folder / _INDEX))
        np.save(folder / _VECTORS, self._exact, allow_pickle=False)

    @classmethod
    def open(cls, folder: Path) -> "FaissIndex":
        """Open by memory map what `save` wrote.

        Raises OSError or ValueError where it is damaged.
        """
        try:
            index = faiss.read_index(str(folder / _INDEX), faiss.IO_FLAG_MMAP_IFC)
        except RuntimeError as error:
            raise ValueError(f"{_INDEX}: {error}") from error
        exact = mapped(folder / _VECTORS, 2)
        if exact.shape != (index.ntotal, index.d) or exact.dtype != np.float16:
            raise ValueError(f"{_INDEX} and {_VECTORS} do not belong together")
        return cls(index, exact)

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def exact(self) -> np.ndarray:
        """All vectors, shape (papers, dimension), in half precision; to be read only."""
        return self._exact

    @property
    def kind(self) -> str:
        """The FAISS class that searches."""
        return "exact" if isinstance(self._index, faiss.IndexFlat) else "partitioned"

    def search(
        self, query: Floats, limit: int, allowed: RowFilter | None = None
    ) -> tuple[Rows, Floats]:
        """Rows and cosines of the nearest among the allowed, best first, shape (found,).

        `found` is `limit` at most; all rows are allowed where `allowed` is None. A filter
        is often for papers far from the query: then more are read than of all.
        """
        probed, mask = _PROBED, None if allowed is None else allowed.mask
        if mask is not None:
            probed = ceil(_PROBED_AMONG * len(self) / max(1, int(np.count_nonzero(mask))))
        parameters = self._parameters(mask, probed)
        limit = min(limit, len(self))
        cosines, rows = self._index.search(query[None].astype(np.float32), limit, params=parameters)
        found = rows[0] >= 0  # FAISS pads with -1
        return rows[0][found], cosines[0][found]

    def _parameters(self, allowed: Mask | None, probed: int) -> faiss.SearchParameters:
        """Per search: `nprobe` is a field of the index, and threads would race on it."""
        selector = None if allowed is None else _selector(allowed)
        if self.kind == "partitioned":
            return faiss.SearchParametersIVF(nprobe=probed, sel=selector)  # type: ignore[call-arg]
        return faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]

    def search_many(self, queries: Floats, limit: int) -> Rows:
        """Rows of the nearest to each query, best first, shape (queries, limit at most).

        -1 stands where there is none. Looks in fewer partitions than `search`: for what a few
        misses do not harm.
        """
        return self.nearest_to_many(queries, limit)[0]

    def nearest_to_many(self, queries: Floats, limit: int) -> tuple[Rows, Floats]:
        """`search_many` with the cosines, shape (queries, limit at most) both."""
        parameters = self._parameters(None, _PROBED_OF_MANY)
        cosines, rows = self._index.search(queries, min(limit, len(self)), params=parameters)
        return rows, cosines

    def check(self, *, complete: bool) -> None:
        """Nothing lies outside the release's folder, whose bytes are checked."""

    def vectors(self, rows: Rows) -> Floats:
        """The vectors of these rows in single precision, shape (rows, dimension)."""
        return np.asarray(self._exact[rows], np.float32)


def _selector(allowed: Mask) -> faiss.IDSelector:
    bits = np.packbits(allowed, bitorder="little")
    return faiss.IDSelectorBitmap(bits)  # type: ignore[call-arg,arg-type]


def _partitions(papers: int) -> int:
    # FAISS's own advice (wiki, "Guidelines to choose an index"): 4 to 16 times the root.
    return max(1, min(int(4 * papers**0.5), papers // _TRAINING_VECTORS_A_PARTITION))


def _trained(vectors: np.ndarray) -> faiss.Index:
    """An empty partitioned index for these vectors."""
    papers, dimension = vectors.shape
    partitions = _partitions(papers)
    index = faiss.index_factory(dimension, f"IVF{partitions},SQ8", faiss.METRIC_INNER_PRODUCT)
    chosen = np.random.default_rng(0).permutation(papers)
    chosen = chosen[: partitions * _TRAINING_VECTORS_A_PARTITION]
    index.train(np.asarray(vectors[chosen], np.float32))
    return index


def _partitioned(folder: Path, papers: int) -> faiss.IndexIVF | None:
    """The index of an earlier corpus, if partitioned and still fine enough for so many papers."""
    path = str(folder / _INDEX)
    index = faiss.read_index(path, faiss.IO_FLAG_MMAP_IFC)  # its header alone
    if not isinstance(index, faiss.IndexIVF) or _partitions(int(papers / _GROWTH)) > index.nlist:
        return None
    held = faiss.read_index(path)
    assert isinstance(held, faiss.IndexIVF)
    return held


def _move(index: faiss.IndexIVF, rows: Rows) -> None:
    """Bring vectors to their new rows (row i was `rows[i]`, -1 a new one), and drop the others."""
    moved = np.full(index.ntotal, -1)
    stay = np.flatnonzero(rows >= 0)
    moved[rows[stay]] = stay
    index.remove_ids(faiss.IDSelectorBatch(np.flatnonzero(moved < 0)))
    lists = index.invlists
    assert lists is not None
    for partition in range(index.nlist):
        if size := lists.list_size(partition):
            # FAISS has no call that renumbers; this is the index's own array.
            ids = faiss.rev_swig_ptr(lists.get_ids(partition), size)
            ids[:] = moved[ids]
