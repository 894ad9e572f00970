"""The papers of a release with everything that is computed from their texts.

Reading texts is the expensive part of a release. For a paper whose text has not changed, the
results are copied from the previous release.
"""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from index.arrays import Rows, mapped
from index.catalogue.catalogue import Catalogue, read_catalogue
from index.catalogue.vectors import BoundVectors, EmbeddedPapers
from index.embedding.identity import ModelIdentity
from index.errors import NoSpaceLeft
from index.releases.contents import ReleaseContents
from index.search.density import Density
from index.search.term_counts import TermCounts
from index.search.tfidf import words

_PAPERS_PER_QUERY = 5_000
_PAPERS_PER_PROCESS = 50_000


@dataclass(frozen=True, slots=True)
class Corpus:
    """The contents of a release with unit vectors (half precision) and term counts.

    Row i was row `previous_rows[i]` of the previous release; -1 marks a new paper or text.
    `vectors` has one row per paper if `has_all_vectors`, else one row per new paper.
    """

    contents: ReleaseContents
    vectors: np.ndarray
    counts: TermCounts
    previous_rows: Rows
    has_all_vectors: bool

    def __len__(self) -> int:
        return len(self.contents)

    @property
    def new(self) -> Rows:
        """The rows that are new."""
        return np.flatnonzero(self.previous_rows < 0)

    def density(self, predecessor: Path | None) -> Density:
        """Return the density of the corpus, extending that of the predecessor if it fits."""
        if predecessor is not None:
            previous = Density.open(predecessor)
            if previous.fits(len(self)):
                new = self.vectors[self.new] if self.has_all_vectors else self.vectors
                return previous.extend(new, self.new, self.previous_rows)
        return Density.compute(self._all_vectors())

    def _all_vectors(self) -> np.ndarray:
        if self.has_all_vectors:
            return self.vectors
        vectors = np.empty((len(self), self.vectors.shape[1]), np.float16)
        vectors[self.new] = self.vectors
        kept = np.flatnonzero(self.previous_rows >= 0)
        _read_vectors(self.contents.vectors, self.contents.papers.numbers, kept, vectors)
        return vectors

    def save(self, folder: Path) -> None:
        """Write the arrays that `Nearness.save` does not write."""
        papers = self.contents.papers
        arrays = {
            "numbers": papers.numbers,
            "text_hashes": papers.text_hashes,
            "withdrawn": np.flatnonzero(papers.withdrawn),
        }
        self.contents.attributes.save(folder)
        for name, array in arrays.items():
            np.save(folder / f"{name}.npy", array, allow_pickle=False)


@dataclass(frozen=True, slots=True)
class ReleasePlan:
    """A release to build: its name, its corpus and the release that it extends, if any.

    Search is exact up to `exact_up_to` papers and approximate above.
    """

    name: str
    corpus: Corpus
    exact_up_to: int
    predecessor: Path | None


def gather(
    contents: ReleaseContents, data: Path, predecessor: Path | None, *, all_vectors: bool = True
) -> Corpus:
    """Collect vectors and term counts of all papers.

    Rows of unchanged texts are copied from the release in `predecessor`. If not `all_vectors`,
    their vectors are left out. Many new texts are read by one process per processor; each opens
    the catalogue in `data`. Raises NoSpaceLeft if one of these processes is killed.
    """
    papers, vectors_of = contents.papers, contents.vectors
    size, dimension = len(contents), vectors_of.identity.dimension
    previous = np.full(size, -1) if predecessor is None else _rows_in(predecessor, papers)
    new, kept = np.flatnonzero(previous < 0), np.flatnonzero(previous >= 0)
    vectors = np.empty((size if all_vectors else len(new), dimension), np.float16)
    parts = []
    for start, part in _read_parts(data, vectors_of.identity, papers.numbers[new]):
        some = slice(start, start + len(part.vectors))
        vectors[new[some] if all_vectors else some] = part.vectors
        parts.append(part.counts)
    if predecessor is None:
        counts = TermCounts.concatenate(parts)
    else:
        if all_vectors and (predecessor / "vectors.npy").exists():
            vectors[kept] = mapped(predecessor / "vectors.npy", 2)[previous[kept]]
        elif all_vectors:
            _read_vectors(vectors_of, papers.numbers, kept, vectors)
        previous_counts = TermCounts.open(predecessor)
        rows = previous.copy()
        rows[new] = len(previous_counts) + np.arange(len(new))
        counts = TermCounts.concatenate([previous_counts, *parts]).select(rows)
    return Corpus(contents, vectors, counts, previous, all_vectors)


def _read_vectors(stored: BoundVectors, numbers: Rows, rows: Rows, into: np.ndarray) -> None:
    """Read vectors from the catalogue, as releases with vectors in Milvus have no file to copy."""
    for start in range(0, len(rows), _PAPERS_PER_QUERY):
        some = rows[start : start + _PAPERS_PER_QUERY]
        _, into[some] = stored.matrix(numbers[some])


@dataclass(frozen=True, slots=True)
class _Part:
    """Vectors and term counts of some papers."""

    vectors: np.ndarray
    counts: TermCounts


def _read_parts(data: Path, identity: ModelIdentity, numbers: Rows) -> Iterator[tuple[int, _Part]]:
    """Yield the position of the first paper of each part, and the part, in order."""
    starts = range(0, len(numbers), _PAPERS_PER_PROCESS)
    parts = [numbers[start : start + _PAPERS_PER_PROCESS] for start in starts]
    read = partial(_read_part, data, identity)
    if len(parts) < 2:
        yield from zip(starts, map(read, parts), strict=True)
        return
    # One process per part, so that none outlives this one for long if this one is killed. Spawned,
    # because a process with a database connection and threads cannot be forked safely.
    try:
        with ProcessPoolExecutor(mp_context=get_context("spawn"), max_tasks_per_child=1) as pool:
            yield from zip(starts, pool.map(read, parts), strict=True)
    except BrokenProcessPool as error:
        raise NoSpaceLeft(
            f"a process that read texts was killed, possibly for lack of memory ({error})"
        ) from error


def _read_part(data: Path, identity: ModelIdentity, numbers: Rows) -> _Part:
    vectors = np.empty((len(numbers), identity.dimension), np.float16)

    def read(catalogue: Catalogue) -> Iterator[list[str]]:
        """Yield the words of each text; fill `vectors` on the way."""
        stored = catalogue.vectors.of(identity)
        for start in range(0, len(numbers), _PAPERS_PER_QUERY):
            some = slice(start, start + _PAPERS_PER_QUERY)
            _, texts, vectors[some] = stored.with_texts(numbers[some])
            for title, abstract in texts:
                yield words(f"{title} {abstract}")

    with read_catalogue(data) as catalogue:
        return _Part(vectors, TermCounts.from_texts(read(catalogue)))


def _rows_in(folder: Path, papers: EmbeddedPapers) -> Rows:
    """Return the row of each paper in a release, -1 if its text there is missing or different."""
    found = np.full(len(papers.numbers), -1)
    numbers, hashes = mapped(folder / "numbers.npy"), mapped(folder / "text_hashes.npy")
    _, there, here = np.intersect1d(
        numbers, papers.numbers, assume_unique=True, return_indices=True
    )
    same = hashes[there] == papers.text_hashes[here]
    found[here[same]] = there[same]
    return found
