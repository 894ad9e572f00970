"""Releases are immutable: written to a new folder, checked, then made current in one step.

data/releases/20260101T020304Z-1a2b3c4d/    vectors, term weights, numbers, manifest.json
data/releases/CURRENT                       the name of the current release

Vectors may be stored in Milvus instead; index/releases/milvus/index.py explains how they stay
immutable there.
"""

import errno
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import lru_cache, partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

from index.arrays import Floats, Rows, mapped, union
from index.embedding.identity import ModelIdentity
from index.errors import DamagedRelease, IndexUnavailable
from index.releases.engines import open_vectors
from index.releases.folder import current_name, releases_folder, size_and_checksum
from index.releases.manifest import Manifest
from index.search.attributes import Attributes
from index.search.nearness import Nearness, Neighbour
from index.search.spelling import Spelling

_MAX_KEPT = 10_000  # lists of nearest papers
# Reading fails with these if memory or file handles are short; the files may be undamaged.
_SHORTAGES = {errno.ENOMEM, errno.EMFILE, errno.ENFILE}


class Release:
    """An open release. A row is a position in it, a number is a paper's number in the catalogue.

    release = open_release(data, name)
    row = release.row(number)
    seed = release.nearness.seed(row)
    for neighbour in release.nearness.nearest(seed, limit=10, excluded=np.array([row])):
        print(release.number(neighbour.row), neighbour.similarity)
    """

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self.folder = folder
        self.manifest = manifest
        self.attributes = Attributes.open(folder)
        vectors = open_vectors(folder, manifest)
        self.nearness = Nearness.open(folder, vectors, self.attributes.approximate_days)
        self._numbers: Rows = mapped(folder / "numbers.npy")
        self._text_hashes = mapped(folder / "text_hashes.npy")
        self.withdrawn: Rows = np.array(mapped(folder / "withdrawn.npy"))
        self.random_similarities: Floats = np.array(mapped(folder / "random.npy"))
        self._coherence: Floats = mapped(folder / "coherence.npy")
        counts = {len(self._numbers), len(self._text_hashes), len(self.nearness)}
        if counts != {manifest.papers}:
            raise ValueError("the number of papers in the files differs from the manifest")
        if len(self._coherence) != len(self.nearness.words.vocabulary):
            raise ValueError("the number of terms in coherence.npy differs from the vocabulary")
        self._spelling: Spelling | None = None
        self._nearest: dict[tuple[int, int], list[Neighbour]] = {}

    def check_vectors(self, *, complete: bool = False) -> None:
        """Check that vectors outside the folder can be read; if `complete`, that none is missing.

        Raises IndexUnavailable and DamagedRelease.
        """
        try:
            self.nearness.vectors.check(complete=complete)
        except (DamagedRelease, IndexUnavailable) as error:
            raise type(error)(f"release {self.manifest.name}: {error}") from error

    def coherence(self, terms: Rows) -> list[float]:
        """Return how similar papers with each of these terms are, see `term_coherence`."""
        coherence: list[float] = self._coherence[terms].tolist()
        return coherence

    @property
    def spelling(self) -> Spelling:
        """The frequent words of the corpus, to correct misspelt ones; collected on first use."""
        if self._spelling is None:
            self._spelling = Spelling.of(self.nearness.words)
        return self._spelling

    def row(self, number: int) -> int | None:
        """Return the row of a paper, or None if it is not in the release."""
        row = int(np.searchsorted(self._numbers, number))
        held = row < len(self._numbers) and self._numbers[row] == number
        return row if held else None

    def rows(self, numbers: list[int]) -> Rows:
        """Return the rows of those papers that are in the release, ascending."""
        found = np.searchsorted(self._numbers, np.array(sorted(numbers), np.int64))
        found = found[found < len(self._numbers)]
        return found[np.isin(self._numbers[found], numbers)]

    def missing(self, numbers: list[int]) -> list[int]:
        """Return those of these papers that are not in the release, ascending."""
        found: list[int] = np.setdiff1d(np.array(numbers, np.int64), self._numbers).tolist()
        return found

    @property
    def last_number(self) -> int:
        """The largest catalogue number in the release."""
        return int(self._numbers[-1])

    def number(self, row: int) -> int:
        """Return the catalogue number of a row."""
        return int(self._numbers[row])

    def numbers(self, rows: Sequence[int]) -> list[int]:
        """Return the catalogue numbers of rows."""
        numbers: list[int] = self._numbers[np.array(rows, np.int64)].tolist()
        return numbers

    def text_hash(self, row: int) -> bytes:
        """Return the hash of the text that a row was made from, as `Paper.text_hash`."""
        return bytes(self._text_hashes[row]).ljust(16, b"\0")  # numpy drops zero bytes at the end

    def nearest_to(self, row: int, limit: int) -> list[Neighbour]:
        """Return what `Nearness.nearest` does for a paper, with ties, without withdrawn papers.

        Papers withdrawn after the release was built are included. Results are kept, up to 10,000 of
        them (10 MB): they cannot change while the release is open.
        """
        nearest = self._nearest.get((row, limit))
        if nearest is None:
            left_out = union(self.withdrawn, np.array([row]))
            seed = self.nearness.seed(row)
            nearest = self.nearness.nearest(seed, limit, left_out, with_ties=True)
            if len(self._nearest) >= _MAX_KEPT:
                self._nearest.clear()
            if len(nearest) <= 2 * limit:  # more are equal texts, which are rare
                self._nearest[row, limit] = nearest
        return nearest


def current_manifest(data: Path) -> Manifest | None:
    """Return the manifest of the current release; None if there is none or it is damaged."""
    name = current_name(data)
    if name is None:
        return None
    try:
        return _read_manifest(releases_folder(data) / name)
    except DamagedRelease:
        return None


def intact_release(data: Path, identity: ModelIdentity) -> Path | None:
    """Return the folder of the current release if it is undamaged and of this model.

    Every byte is verified, because the next release copies data from it. Files that this process
    has verified before are not read again unless their size or a timestamp changed.
    """
    name = current_name(data)
    if name is None:
        return None
    folder = releases_folder(data) / name
    try:
        manifest = _read_manifest(folder)
        if manifest.identity != identity:
            return None
        _verify_once(folder, _file_states(folder, manifest))
        _open(folder, manifest)
    except DamagedRelease:
        return None
    return folder


def open_release(data: Path, name: str) -> Release:
    """Open a release; raises DamagedRelease if its manifest, a file size or a header is wrong."""
    return open_folder(releases_folder(data) / name)


def open_folder(folder: Path) -> Release:
    """Open the release in a folder; raises as `open_release`."""
    return _open(folder, _read_manifest(folder))


def _read_manifest(folder: Path) -> Manifest:
    """Read the manifest, and check that all files are there and have the right size."""
    with _report_damage(folder):
        manifest = Manifest.read(folder)
        for name, (expected, _) in manifest.files.items():
            if (size := (folder / name).stat().st_size) != expected:
                raise ValueError(f"{name} has {size} bytes, not {expected}")
    return manifest


def _open(folder: Path, manifest: Manifest) -> Release:
    with _report_damage(folder):
        return Release(folder, manifest)


@contextmanager
def _report_damage(folder: Path) -> Iterator[None]:
    """Raise DamagedRelease if files are missing, unreadable or malformed.

    A shortage of memory or file handles is no damage: MemoryError and such an OSError pass.
    """
    try:
        yield
    except (OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno in _SHORTAGES:
            raise
        raise DamagedRelease(f"release {folder.name}: {error}") from error


def check_release(data: Path, name: str) -> Manifest:
    """Open a release and verify every file against its checksum; raises DamagedRelease.

    If its vectors are in Milvus, checks that none is missing; then also raises IndexUnavailable.
    """
    folder = releases_folder(data) / name
    manifest = _read_manifest(folder)
    _verify(folder, _file_states(folder, manifest))
    _open(folder, manifest).check_vectors(complete=True)
    return manifest


class _FileState(NamedTuple):
    """A file of a release: size and checksum by the manifest, and when it was last written."""

    name: str
    expected: tuple[int, str]
    modified_ns: int
    changed_ns: int
    inode: int


def _file_states(folder: Path, manifest: Manifest) -> tuple[_FileState, ...]:
    with _report_damage(folder):
        found = {name: (folder / name).stat() for name in manifest.files}
    return tuple(
        _FileState(name, expected, at.st_mtime_ns, at.st_ctime_ns, at.st_ino)
        for (name, expected), at in zip(manifest.files.items(), found.values(), strict=True)
    )


def _verify(folder: Path, files: tuple[_FileState, ...]) -> None:
    with ThreadPoolExecutor(os.cpu_count(), "checksum") as pool:
        list(pool.map(partial(_verify_file, folder), files))


def _verify_file(folder: Path, file: _FileState) -> None:
    with _report_damage(folder):
        found = size_and_checksum(folder / file.name)
    if found != file.expected:
        raise DamagedRelease(f"release {folder.name}: the checksum of {file.name} is wrong")


_verify_once = lru_cache(maxsize=1)(_verify)
"""`_verify`, but files that were found intact before are not read again."""
