"""Immutable releases of the index: built beside, checked whole, switched to in one step.

data/releases/20260101T020304Z-1a2b3c4d/    vectors, words, numbers, manifest.json
data/releases/CURRENT                       the name of the one in use

Vectors may lie in Milvus instead (`index/releases/milvus/index.py` says how they are immutable
there).
"""

from pathlib import Path
from tokenize import TokenError

import numpy as np

from index.arrays import Floats, Rows, mapped
from index.embedding.identity import ModelIdentity
from index.errors import DamagedRelease, IndexUnavailable
from index.releases.engines import open_vectors
from index.releases.folder import current_name, releases_folder, size_and_checksum
from index.releases.manifest import Manifest
from index.search.attributes import Attributes
from index.search.nearness import Nearness

# TokenError: numpy parses an array's header as Python.
_NOT_READABLE = (
    OSError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    RuntimeError,
    MemoryError,
    TokenError,
)


class Release:
    """One opened release. Rows are positions in it; numbers are those of the catalogue."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self.manifest = manifest
        self.attributes = Attributes.open(folder)
        vectors = open_vectors(folder, manifest)
        self.nearness = Nearness.open(folder, vectors, self.attributes.days)
        self._numbers: Rows = mapped(folder / "numbers.npy")
        withdrawn = np.load(folder / "withdrawn.npy", allow_pickle=False)
        self.withdrawn: Rows = withdrawn
        self.random_similarities: Floats = np.load(folder / "random.npy", allow_pickle=False)
        if {len(self._numbers), len(self.nearness)} != {manifest.papers}:
            raise ValueError("the files hold another number of papers than the manifest says")

    def check_vectors(self, *, whole: bool = False) -> None:
        """Look that its vectors can be asked, or also that all are there, if they lie elsewhere.

        Raises IndexUnavailable; DamagedRelease.
        """
        try:
            self.nearness.vectors.check(whole=whole)
        except (DamagedRelease, IndexUnavailable) as error:
            raise type(error)(f"release {self.manifest.name}: {error}") from error

    def row(self, number: int) -> int | None:
        """The row of a paper of the catalogue, None where the release does not hold it."""
        row = int(np.searchsorted(self._numbers, number))
        held = row < len(self._numbers) and self._numbers[row] == number
        return row if held else None

    def rows(self, numbers: list[int]) -> Rows:
        """The rows of those of these papers that the release holds, rising."""
        found = np.searchsorted(self._numbers, np.array(sorted(numbers), np.int64))
        found = found[found < len(self._numbers)]
        return found[np.isin(self._numbers[found], numbers)]

    def number(self, row: int) -> int:
        """The catalogue number of a row."""
        return int(self._numbers[row])


def intact_release(data: Path, identity: ModelIdentity) -> Path | None:
    """The release in use, if its folder is as it was written and it is of this identity.

    Every byte is read: what is taken over from it is not made again from the catalogue.
    """
    try:
        name = current_name(data)
        usable = name is not None and _check_files(data, name).manifest.identity == identity
    except DamagedRelease:
        return None
    return releases_folder(data) / name if name is not None and usable else None


def open_release(data: Path, name: str) -> Release:
    """Open one release; raises DamagedRelease where manifest, sizes or headers do not hold."""
    folder = releases_folder(data) / name
    try:
        manifest = Manifest.read(folder)
        for file, (size, _) in manifest.files.items():
            if (folder / file).stat().st_size != size:
                raise ValueError(f"{file} has {(folder / file).stat().st_size} bytes, not {size}")
        return Release(folder, manifest)
    except _NOT_READABLE as error:
        raise DamagedRelease(f"release {name}: {error}") from error


def check_release(data: Path, name: str) -> Manifest:
    """Open a release and read every byte of it against its checksums; raises DamagedRelease.

    Of one whose vectors lie in Milvus each is looked for there; raises IndexUnavailable too.
    """
    release = _check_files(data, name)
    release.check_vectors(whole=True)
    return release.manifest


def _check_files(data: Path, name: str) -> Release:
    release = open_release(data, name)
    for file, expected in release.manifest.files.items():
        try:
            found = size_and_checksum(releases_folder(data) / name / file)
        except OSError as error:
            raise DamagedRelease(f"release {name}: {error}") from error
        if found != expected:
            raise DamagedRelease(f"release {name}: the checksum of {file} does not hold")
    return release
