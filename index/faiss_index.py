"""FAISS behind the port: exact while the corpus is small, partitioned when it is large."""

from dataclasses import dataclass
from pathlib import Path
from typing import TypeGuard

import faiss
import numpy as np

from index.arrays import Floats, Mask, Rows, mapped

_INDEX, _VECTORS = "vectors.faiss", "vectors.npy"
_TRAINING_VECTORS_A_PARTITION = 40
_PROBED = 64  # partitions read for a query
_GROWTH = 1.25  # of the corpus, until which it keeps its partitions
_ADDED_AT_ONCE = 20_000


@dataclass(frozen=True, slots=True)
class Earlier:
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
        cls, vectors: np.ndarray, exact_up_to: int, earlier: Earlier | None = None
    ) -> "FaissIndex":
        """Index unit vectors, shape (papers, dimension), in single or half precision.

        Partitions are those of an earlier index where it has such that fit the corpus still.
        Raises ValueError for a vector that is not finite or not of length one.
        """
        papers, dimension = vectors.shape
        new = np.arange(papers)
        if papers <= exact_up_to:
            index: faiss.Index = faiss.IndexFlatIP(dimension)
        elif earlier and (held := _partitioned(earlier.folder, papers)):
            _move(held, earlier.rows)
            index, new = held, np.flatnonzero(earlier.rows < 0)
        else:
            index = _trained(vectors)
        for start in range(0, len(new), _ADDED_AT_ONCE):
            rows = new[start : start + _ADDED_AT_ONCE]
            portion = np.asarray(vectors[rows], np.float32)
            if not np.allclose(np.linalg.norm(portion, axis=1), 1, atol=1e-2):
                raise ValueError("vectors must be finite and of length one")
            if isinstance(index, faiss.IndexFlat):
                index.add(portion)
            else:
                index.add_with_ids(portion, rows)
        return cls(index, vectors.astype(np.float16, copy=False))

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
        exact = mapped(folder / _VECTORS)
        if exact.shape != (index.ntotal, index.d) or exact.dtype != np.float16:
            raise ValueError(f"{_INDEX} and {_VECTORS} do not belong together")
        return cls(index, exact)

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def kind(self) -> str:
        """The FAISS class that searches."""
        return "exact" if isinstance(self._index, faiss.IndexFlat) else "partitioned"

    def search(self, query: Floats, limit: int, allowed: Mask | None = None) -> tuple[Rows, Floats]:
        """Rows and cosines of the nearest among the allowed, best first, shape (found,).

        `found` is `limit` at most; `allowed` has a place for each row, all are where it is None.
        """
        parameters = self._parameters(allowed)
        limit = min(limit, len(self))
        cosines, rows = self._index.search(query[None].astype(np.float32), limit, params=parameters)
        found = rows[0] >= 0  # FAISS pads with -1
        return rows[0][found], cosines[0][found]

    def _parameters(self, allowed: Mask | None) -> faiss.SearchParameters:
        """Per search: `nprobe` is a field of the index, and threads would race on it."""
        selector = None if allowed is None else _selector(allowed)
        if self.kind == "partitioned":
            return faiss.SearchParametersIVF(nprobe=_PROBED, sel=selector)  # type: ignore[call-arg]
        return faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]

    def search_many(self, queries: Floats, limit: int) -> Rows:
        """Rows of the nearest to each query, best first, shape (queries, limit at most).

        -1 stands where there is none.
        """
        _, rows = self._index.search(queries, min(limit, len(self)), params=self._parameters(None))
        found: Rows = rows
        return found

    def vectors(self, rows: Rows) -> Floats:
        """The vectors of these rows in single precision, shape (rows, dimension)."""
        return np.asarray(self._exact[rows], np.float32)


def can_grow(folder: Path, papers: int) -> bool:
    """Whether an index saved there has partitions that fit a corpus of so many papers still."""
    return _fits(faiss.read_index(str(folder / _INDEX), faiss.IO_FLAG_MMAP_IFC), papers)


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
    index = faiss.read_index(str(folder / _INDEX))
    return index if _fits(index, papers) else None


def _fits(index: faiss.Index, papers: int) -> TypeGuard[faiss.IndexIVF]:
    """Whether an index has partitions that are fine enough for so many papers."""
    if not isinstance(index, faiss.IndexIVF):
        return False
    return _partitions(int(papers / _GROWTH)) <= index.nlist


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
