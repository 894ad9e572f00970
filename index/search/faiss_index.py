"""Vector index with FAISS: exact for a small corpus, partitioned (IVF) for a large one."""

from dataclasses import dataclass
from math import ceil
from pathlib import Path

import faiss
import numpy as np

from index.arrays import Floats, Mask, Rows, mapped, release_pages
from index.search.codes import decode, encode
from index.search.row_filter import RowFilter

_INDEX, _VECTORS = "vectors.faiss", "vectors.npy"
_EXACT = b"IxFI"  # the first bytes of an IndexFlatIP in a file
_TRAINING_VECTORS_PER_PARTITION = 40
# Iterations of k-means; twice as many do not find more (docs/measured.md).
_PARTITION_ITERATIONS, _CODE_ITERATIONS = 6, 10
_PROBES = 128  # partitions that a search reads
_FILTERED_PROBES = 128  # with a filter; divided by the share of rows that it allows
_MIN_RANKED = 128  # of the rows that FAISS finds, ranked by their codes;
_RANKED = 2  # or this many times the limit, if that is more
_MAX_GROWTH = 1.25  # of the corpus, until new partitions are trained
_BATCH = 4_000


@dataclass(frozen=True, slots=True)
class PreviousIndex:
    """A saved index to extend. Row i of the new index is its row `rows[i]`; -1 marks new rows."""

    folder: Path
    rows: Rows


class FaissIndex:
    """A FAISS index that finds candidates, and the codes of all vectors, for scores.

        index = FaissIndex.build(vectors, exact_up_to=50_000)
        rows, cosines = index.search(query, limit=10)
        index.save(folder)
        opened = FaissIndex.open(folder)

    A corpus of at most `exact_up_to` vectors is searched exhaustively. A larger one is divided into
    partitions (an inverted file, IVF). A search probes only the partitions nearest to the query, so
    it can miss some rows. There, FAISS compares two bits of each number (product quantisation with
    fast scan). The best rows are ranked by the cosines of their codes.
    """

    def __init__(self, index: faiss.Index, codes: np.ndarray) -> None:
        self._index = index
        self._codes = codes

    @classmethod
    def build(
        cls, vectors: np.ndarray, exact_up_to: int, previous: PreviousIndex | None = None
    ) -> "FaissIndex":
        """Index unit vectors, shape (papers, dimension), or their codes.

        If the partitions of the previous index are still fine enough, its rows stay in their
        partitions. Codes are not copied, because memory may not suffice.

        Raises ValueError if a vector is not finite or not of length one.
        """
        codes = vectors if vectors.dtype == np.int8 else encode(vectors)
        new = np.arange(len(codes))
        if len(codes) <= exact_up_to:
            index: faiss.Index = faiss.IndexFlatIP(codes.shape[1])
        elif previous and (partitioned := _read_partitioned(previous.folder, len(codes))):
            new = np.flatnonzero(previous.rows < 0)
            _renumber(partitioned, previous.rows)
            index = partitioned
        else:
            index = _train(codes)
        built = cls(index, codes)
        built._add(new)
        return built

    def _add(self, rows: Rows) -> None:
        for start in range(0, len(rows), _BATCH):
            batch = rows[start : start + _BATCH]
            if isinstance(self._index, faiss.IndexFlat):
                self._index.add(self.vectors(batch))
            else:
                self._index.add_with_ids(self.vectors(batch), batch)
            release_pages(self._codes)

    def save(self, folder: Path) -> None:
        """Write the index and the codes into a folder; codes that are there stay."""
        faiss.write_index(self._index, str(folder / _INDEX))
        if not (folder / _VECTORS).exists():
            np.save(folder / _VECTORS, self._codes, allow_pickle=False)

    @classmethod
    def open(cls, folder: Path) -> "FaissIndex":
        """Open what `save` wrote as memory maps; raises OSError or ValueError if it is damaged."""
        try:
            index = _read(folder / _INDEX)
        except RuntimeError as error:
            raise ValueError(f"{_INDEX}: {error}") from error
        codes = mapped(folder / _VECTORS, 2)
        shape = index.ntotal, index.d
        if codes.shape != shape or codes.dtype != np.int8:
            raise ValueError(
                f"{_VECTORS} has shape {codes.shape} and type {codes.dtype}, "
                f"but {_INDEX} requires shape {shape} and type int8"
            )
        return cls(index, codes)

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
        query, limit = query.astype(np.float32), min(limit, len(self))
        if self.kind == "exact":
            found, [rows] = self._index.search(query[None], limit, params=parameters)
            cosines = found[0][rows >= 0]  # FAISS fills up the result with -1
            return rows[rows >= 0], cosines
        ranked = self._ranked(limit)
        _, [rows] = self._index.search(query[None], ranked, params=parameters)
        rows = rows[rows >= 0]
        codes = self.codes(rows)
        # Not with BLAS: the cosine of a row must not depend, by rounding, on the other rows.
        cosines = np.einsum("ij,j->i", codes, query)
        cosines /= np.sqrt(np.einsum("ij,ij->i", codes, codes))
        best = np.lexsort((rows, -cosines))[:limit]
        return rows[best], cosines[best]

    def _ranked(self, limit: int) -> int:
        return min(max(_MIN_RANKED, _RANKED * limit), len(self))

    def search_many(self, queries: Floats, limit: int) -> Rows:
        """Return the rows that `search` ranks for each query, in any order, shape (queries, rows).

        -1 stands for missing rows. One call for many queries takes a fraction of the time.
        """
        rows: Rows
        parameters = self._parameters(None, _PROBES)
        _, rows = self._index.search(queries, self._ranked(limit), params=parameters)
        return rows

    def codes(self, rows: Rows) -> Floats:
        """Return the codes of these rows in single precision, shape (rows, dimension)."""
        codes: Floats = self._codes.take(rows, axis=0).astype(np.float32)
        return codes

    def _parameters(self, allowed: Mask | None, probes: int) -> faiss.SearchParameters:
        # Threads share the index, so its own `nprobe` must not be changed for a search.
        selector = None if allowed is None else _selector(allowed)
        if isinstance(self._index, faiss.IndexIVF):
            # FAISS 1.15 returns wrong rows if it is to read more partitions than there are.
            probes = min(probes, self._index.nlist)
            return faiss.SearchParametersIVF(nprobe=probes, sel=selector)  # type: ignore[call-arg]
        return faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]

    def check(self, *, complete: bool) -> None:
        """Do nothing: all vectors are in the release folder, whose files are verified."""

    def release_memory(self) -> None:
        """Release the memory of the codes that were read, if they are mapped."""
        release_pages(self._codes)

    def vectors(self, rows: Rows) -> Floats:
        """Return the vectors of these rows in single precision, shape (rows, dimension)."""
        return decode(self._codes, rows)


def _selector(allowed: Mask) -> faiss.IDSelector:
    bits = np.packbits(allowed, bitorder="little")
    return faiss.IDSelectorBitmap(bits)  # type: ignore[call-arg,arg-type]


def _partitions(papers: int) -> int:
    # Half of the least that FAISS recommends (wiki, "Guidelines to choose an index"): to read a
    # partition costs little with fast scan, and fewer partitions are trained on fewer vectors.
    return max(1, min(int(2 * papers**0.5), papers // _TRAINING_VECTORS_PER_PARTITION))


def _train(codes: np.ndarray) -> faiss.Index:
    """Return an empty index with partitions for these vectors, trained on a sample of them."""
    papers, dimension = codes.shape
    partitions = _partitions(papers)
    kind = f"IVF{partitions},PQ{dimension // 2}x4fsr"
    index = faiss.index_factory(dimension, kind, faiss.METRIC_INNER_PRODUCT)
    assert isinstance(index, faiss.IndexIVFPQFastScan)
    index.cp.niter, index.pq.cp.niter = _PARTITION_ITERATIONS, _CODE_ITERATIONS
    sample = np.random.default_rng(0).permutation(papers)
    index.train(decode(codes, sample[: partitions * _TRAINING_VECTORS_PER_PARTITION]))
    release_pages(codes)
    return index


def _read(path: Path) -> faiss.Index:
    """Read a saved index; the vectors of an exact one are mapped into memory.

    FAISS 1.15 copies the lists of a partitioned index for fast scan even if the file is mapped, so
    their memory would count twice.
    """
    with path.open("rb") as file:
        is_exact = file.read(len(_EXACT)) == _EXACT
    return faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC if is_exact else 0)


def _read_partitioned(folder: Path, papers: int) -> faiss.IndexIVF | None:
    """Read a saved index; None if it has no partitions, or too few for this number of papers."""
    index = _read(folder / _INDEX)
    if not isinstance(index, faiss.IndexIVF):
        return None
    if _partitions(int(papers / _MAX_GROWTH)) > index.nlist:
        return None
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
