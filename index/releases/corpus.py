"""The papers of a release with everything that is computed from their texts.

Reading texts is the expensive part of a release. For a paper whose text has not changed, the
results are copied from the previous release. Everything is written to files in parts and opened as
memory maps, so that memory does not limit the number of papers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from index.arrays import Rows, mapped, release_pages, writing_array
from index.catalogue.vectors import EmbeddedPapers
from index.files import make_folder
from index.releases.contents import ReleaseContents
from index.releases.folder import releases_folder
from index.releases.reading import VECTORS_FILE, part_size, read_parts
from index.search.codes import encode
from index.search.density import Density
from index.search.term_counts import TermCounts
from index.search.words.joining import Origins, join_counts

_PAPERS_PER_QUERY = 5_000


@dataclass(frozen=True, slots=True)
class Corpus:
    """The contents of a release with the codes of vectors and term counts.

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
        vectors = np.empty((len(self), self.vectors.shape[1]), np.int8)
        vectors[self.new] = self.vectors
        kept = np.flatnonzero(self.previous_rows >= 0)
        for start in range(0, len(kept), _PAPERS_PER_QUERY):
            rows = kept[start : start + _PAPERS_PER_QUERY]
            vectors[rows] = _codes(self.contents, rows)
        return vectors

    def save(self, folder: Path) -> None:
        """Write what `gather` did not write: attributes, numbers, text hashes, withdrawn rows."""
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
    contents: ReleaseContents,
    data: Path,
    predecessor: Path | None,
    folder: Path | None = None,
    *,
    all_vectors: bool = True,
) -> Corpus:
    """Collect vectors and term counts of all papers, as memory maps of files in `folder`.

    Rows of unchanged texts are copied from the release in `predecessor`. If not `all_vectors`,
    their vectors are left out, and no file has vectors. If `folder` is None, the files disappear
    with the corpus. Many new texts are read by one process per processor; each opens the catalogue
    in `data`. Raises NoSpaceLeft if one of these processes is killed.
    """
    papers, identity = contents.papers, contents.vectors.identity
    size = len(contents)
    previous = np.full(size, -1) if predecessor is None else _rows_in(predecessor, papers)
    new = np.flatnonzero(previous < 0)
    make_folder(releases_folder(data))
    with TemporaryDirectory(
        prefix=".texts.", suffix=".part", dir=releases_folder(data)
    ) as temporary:
        parts = read_parts(data, identity, papers.numbers[new], Path(temporary))
        folders = [*([predecessor] if predecessor else []), *parts]
        origins = _origins(previous, new, first_part=len(folders) - len(parts))
        target = folder or Path(temporary)
        counts = join_counts(folders, origins, target)
        if not all_vectors:
            origins, target = origins.of(new), Path(temporary)
        vectors = _join_vectors(contents, folders, origins, target / VECTORS_FILE)
    return Corpus(contents, vectors, counts, previous, all_vectors)


def _origins(previous: Rows, new: Rows, first_part: int) -> Origins:
    """Return where rows are: in part 0 if they are not new, else in the parts of new papers."""
    parts, rows = np.zeros(len(previous), np.int64), previous.copy()
    part, row = np.divmod(np.arange(len(new)), max(1, part_size(len(new))))
    parts[new], rows[new] = first_part + part, row
    return Origins(parts, rows)


def _join_vectors(
    contents: ReleaseContents, folders: Sequence[Path], origins: Origins, target: Path
) -> np.ndarray:
    """Write the vectors of these rows into a file, and map it into memory."""
    files = [folder / VECTORS_FILE for folder in folders]
    vectors = [mapped(file, 2) if file.exists() else None for file in files]

    shape = (len(origins), contents.vectors.identity.dimension)
    with writing_array(target, np.int8, shape) as write:
        for row, runs in origins.runs():
            for part, first, stop in runs:
                of_part = vectors[part]
                if of_part is None:  # a release with its vectors in Milvus
                    write(_codes(contents, np.arange(row, row + stop - first)))
                else:
                    write(of_part[first:stop])
                row += stop - first
            for of_part in vectors:
                if of_part is not None:
                    release_pages(of_part)
    return mapped(target, 2)


def _codes(contents: ReleaseContents, rows: Rows) -> np.ndarray:
    """Read the vectors of some rows from the catalogue, and return their codes."""
    _, vectors = contents.vectors.matrix(contents.papers.numbers[rows].tolist())
    return encode(vectors)


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
