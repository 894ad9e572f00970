"""Vector index with FAISS: exact for a small corpus, partitioned (IVF) for a large one."""

from dataclasses import dataclass
from math import ceil
from pathlib import Path

import faiss
import numpy as np

from index.arrays import Floats, Mask, Rows, mapped
from index.search.row_filter import RowFilter

_INDEX, _VECTORS = "vectors.faiss", "vectors.npy"
_TRAINING_VECTORS_PER_PARTITION = 40
_PROBES = 32  # partitions that a search reads
_FILTERED_PROBES = 128  # with a filter; divided by the share of rows that it allows
_MAX_GROWTH = 1.25  # of the corpus, until new partitions are trained
_BATCH = 20_000


@dataclass(frozen=True, slots=True)
class PreviousIndex:
    """A saved index to extend. Row i of the new index is its row `rows[i]`; -1 marks new rows."""

    folder: Path
    rows: Rows


class FaissIndex:
    """A FAISS index that finds candidates, and all vectors in half precision, for scores.

        index = FaissIndex.build(vectors, exact_up_to=50_000)
        rows, cosines = index.search(query, limit=10)
        index.save(folder)
        opened = FaissIndex.open(folder)

    A corpus of at most `exact_up_to` vectors is searched exhaustively. A larger one is divided into
    partitions (an inverted file, IVF). A search probes only the partitions nearest to the query, so
    it can miss some rows.
    """

    def __init__(self, index: faiss.Index, vectors: np.ndarray) -> None:
        self._index = index
        self._vectors = vectors

    @classmethod
    def build(
        cls, vectors: np.ndarray, exact_up_to: int, previous: PreviousIndex | None = None
    ) -> "FaissIndex":
        """Index unit vectors, shape (papers, dimension), in single or half precision.

        If the partitions of the previous index are still fine enough, its rows stay in their
        partitions. Vectors in half precision are not copied, because memory may not suffice.

        Raises ValueError if a vector is not finite or not of length one.
        """
        vectors = np.asarray(vectors, np.float16)
        new = np.arange(len(vectors))
        if len(vectors) <= exact_up_to:
            index: faiss.Index = faiss.IndexFlatIP(vectors.shape[1])
        elif previous and (partitioned := _read_partitioned(previous.folder, len(vectors))):
            new = np.flatnonzero(previous.rows < 0)
            _renumber(partitioned, previous.rows)
            index = partitioned
        else:
            index = _train(vectors)
        built = cls(index, vectors)
        built._add(new)
        return built

    def _add(self, rows: Rows) -> None:
        for start in range(0, len(rows), _BATCH):
            batch = rows[start : start + _BATCH]
            vectors = self.vectors(batch)
            if not np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-2):
                raise ValueError("vectors must be finite and of length one")
            if isinstance(self._index, faiss.IndexFlat):
                self._index.add(vectors)
            else:
                self._index.add_with_ids(vectors, batch)

    def save(self, folder: Path) -> None:
        """Write the index and the vectors into a folder; vectors that are there stay."""
        faiss.write_index(self._index, str(folder / _INDEX))
        if not (folder / _VECTORS).exists():
            np.save(folder / _VECTORS, self._vectors, allow_pickle=False)

    @classmethod
    def open(cls, folder: Path) -> "FaissIndex":
        """Open what `save` wrote as memory maps; raises OSError or ValueError if it is damaged."""
        try:
            index = faiss.read_index(str(folder / _INDEX), faiss.IO_FLAG_MMAP_IFC)
        except RuntimeError as error:
            raise ValueError(f"{_INDEX}: {error}") from error
        vectors = mapped(folder / _VECTORS, 2)
        shape = index.ntotal, index.d
        if vectors.shape != shape or vectors.dtype != np.float16:
            raise ValueError(
                f"{_VECTORS} has shape {vectors.shape} and type {vectors.dtype}, "
                f"but {_INDEX} requires shape {shape} and type float16"
            )
        return cls(index, vectors)

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def kind(self) -> str:
        """The search method, "exact" or "partitioned"."""
        return "exact" if isinstance(self._index, faiss.IndexFlat) else "partitioned"

    def search(
        self, query: Floats, limit: int, allowed: RowFilter | None = None
    ) -> tuple[Rows, Floats]:
        """Return rows and cosines of the nearest allowed papers, best first, shape (found,).

        `found` is at most `limit`. If `allowed` is None, all rows are allowed. With a filter more
        partitions are probed, because the allowed papers are often far from the query.
        """
        probes, mask = _PROBES, None if allowed is None else allowed.mask
        if mask is not None:
            probes = ceil(_FILTERED_PROBES * len(self) / max(1, int(np.count_nonzero(mask))))
        parameters = self._parameters(mask, probes)
        limit = min(limit, len(self))
        cosines, rows = self._index.search(query[None].astype(np.float32), limit, params=parameters)
        valid = rows[0] >= 0  # FAISS fills up the result with -1
        return rows[0][valid], cosines[0][valid]

    def _parameters(self, allowed: Mask | None, probes: int) -> faiss.SearchParameters:
        # Threads share the index, so its own `nprobe` must not be changed for a search.
        selector = None if allowed is None else _selector(allowed)
        if self.kind == "partitioned":
            return faiss.SearchParametersIVF(nprobe=probes, sel=selector)  # type: ignore[call-arg]
        return faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]

    def check(self, *, complete: bool) -> None:
        """Do nothing: all vectors are in the release folder, whose files are verified."""

    def vectors(self, rows: Rows) -> Floats:
        """Return the vectors of these rows in single precision, shape (rows, dimension)."""
        return np.asarray(self._vectors[rows], np.float32)


def _selector(allowed: Mask) -> faiss.IDSelector:
    bits = np.packbits(allowed, bitorder="little")
    return faiss.IDSelectorBitmap(bits)  # type: ignore[call-arg,arg-type]


def _partitions(papers: int) -> int:
    # FAISS recommends 4 to 16 times the square root (wiki, "Guidelines to choose an index").
    return max(1, min(int(4 * papers**0.5), papers // _TRAINING_VECTORS_PER_PARTITION))


def _train(vectors: np.ndarray) -> faiss.Index:
    """Return an empty index with partitions for these vectors, trained on a sample of them."""
    papers, dimension = vectors.shape
    partitions = _partitions(papers)
    index = faiss.index_factory(dimension, f"IVF{partitions},SQ8", faiss.METRIC_INNER_PRODUCT)
    sample = np.random.default_rng(0).permutation(papers)
    sample = sample[: partitions * _TRAINING_VECTORS_PER_PARTITION]
    index.train(np.asarray(vectors[sample], np.float32))
    return index


def _read_partitioned(folder: Path, papers: int) -> faiss.IndexIVF | None:
    """Read a saved index; None if it has no partitions, or too few for this number of papers."""
    path = str(folder / _INDEX)
    header = faiss.read_index(path, faiss.IO_FLAG_MMAP_IFC)  # maps the vectors, reads the rest
    if not isinstance(header, faiss.IndexIVF):
        return None
    if _partitions(int(papers / _MAX_GROWTH)) > header.nlist:
        return None
    index = faiss.read_index(path)
    assert isinstance(index, faiss.IndexIVF)
    return index


def _renumber(index: faiss.IndexIVF, rows: Rows) -> None:
    """Change the numbers of rows, so that row `rows[i]` becomes row i, and remove other rows.

    Positions of new rows contain -1.
    """
    new_rows = np.full(index.ntotal, -1)
    kept = np.flatnonzero(rows >= 0)
    new_rows[rows[kept]] = kept
    index.remove_ids(faiss.IDSelectorBatch(np.flatnonzero(new_rows < 0)))
    lists = index.invlists
    assert lists is not None
    for partition in range(index.nlist):
        if size := lists.list_size(partition):
            # FAISS has no method for this, so the array of the index is changed in place.
            ids = faiss.rev_swig_ptr(lists.get_ids(partition), size)
            ids[:] = new_rows[ids]
