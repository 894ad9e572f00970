"""Immutable releases of the index: built beside, checked whole, switched to in one step.

data/releases/20260101T020304Z-1a2b3c4d/    vectors, words, numbers, manifest.json
data/releases/CURRENT                       the name of the one in use
"""

import hashlib
import json
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np

from index.arrays import Floats, Rows, mapped
from index.attributes import Attributes
from index.catalogue import Catalogue
from index.corpus import gather
from index.errors import DamagedRelease, NoRoom, NotReady
from index.faiss_index import Earlier
from index.files import write_file, write_folder
from index.model_identity import ModelIdentity
from index.nearness import Nearness
from index.stored_vectors import EmbeddedPapers

# Changes also with what a text alone decides (`words`, `says_survey`): releases hand it on.
_FORMAT = 5
_MANIFEST = "manifest.json"
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


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a release holds. `state` names the catalogue contents it was made from.

    `files` maps each file's name to its size in bytes and its SHA-256.
    """

    name: str
    created: str
    papers: int
    kind: str
    identity: ModelIdentity
    state: str
    files: dict[str, tuple[int, str]]
    format: int = _FORMAT


class Release:
    """One opened release. Rows are positions in it; numbers are those of the catalogue."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self.manifest = manifest
        self.attributes = Attributes.open(folder)
        self.nearness = Nearness.open(folder, self.attributes.days)
        self._numbers: Rows = mapped(folder / "numbers.npy")
        withdrawn = np.load(folder / "withdrawn.npy", allow_pickle=False)
        self.withdrawn: Rows = withdrawn
        self.random_similarities: Floats = np.load(folder / "random.npy", allow_pickle=False)
        if {len(self._numbers), len(self.nearness)} != {manifest.papers}:
            raise ValueError("the files hold another number of papers than the manifest says")

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


def build_release(
    catalogue: Catalogue, identity: ModelIdentity, data: Path, exact_up_to: int, keep: int
) -> Manifest:
    """Make a release of every paper that has a vector, check it, and switch to it.

    Raises NotReady where no paper has a vector; leaves the current release where anything fails.
    """
    before = intact_release(data, identity)
    corpus = gather(catalogue, data, identity, before)
    if not len(corpus):
        raise NotReady("no paper has a vector yet: run `seealso update`")
    nearness = Nearness.from_counts(
        corpus.vectors,
        corpus.counts,
        corpus.surveys,
        corpus.attributes.days,
        exact_up_to,
        Earlier(before, corpus.earlier) if before else None,
    )
    state = _state(corpus.papers, corpus.attributes, identity)
    created, name = _new_name(data, state)
    with _written(name), write_folder(_releases(data) / name) as folder:
        corpus.save(folder)
        nearness.save(folder)
        np.save(folder / "random.npy", nearness.random_similarities(), allow_pickle=False)
        manifest = Manifest(
            name=name,
            created=f"{created:%Y-%m-%dT%H:%M:%SZ}",
            papers=len(corpus),
            kind=nearness.vectors.kind,
            identity=identity,
            state=state,
            files={file.name: _size_and_checksum(file) for file in sorted(folder.iterdir())},
        )
        (folder / _MANIFEST).write_text(json.dumps(asdict(manifest), indent=1))
    check_release(data, name)
    write_file(_releases(data) / "CURRENT", name.encode())
    _prune(data, keep)
    return manifest


def intact_release(data: Path, identity: ModelIdentity) -> Path | None:
    """The release in use, if all of it is as it was written and it is of this identity.

    Every byte is read: what is taken over from it is not made again from the catalogue.
    """
    try:
        name = current_name(data)
        usable = name is not None and check_release(data, name).identity == identity
    except DamagedRelease:
        return None
    return _releases(data) / name if name is not None and usable else None


def _new_name(data: Path, state: str) -> tuple[datetime, str]:
    """When and under which name; a second build within one second counts as of the next."""
    created = datetime.now(UTC)
    while (_releases(data) / (name := f"{created:%Y%m%dT%H%M%SZ}-{state[:8]}")).exists():
        created += timedelta(seconds=1)
    return created, name


@contextmanager
def _written(name: str) -> Iterator[None]:
    """Errors of writing, told; faiss has RuntimeError for a full disk."""
    try:
        yield
    except (OSError, RuntimeError) as error:
        raise NoRoom(f"release {name} cannot be written ({error}); the one in use stays") from error


def catalogue_state(catalogue: Catalogue, identity: ModelIdentity) -> str:
    """A checksum of all that a release is made from: papers, texts, attributes, model."""
    papers = catalogue.vectors.papers(identity)
    return _state(papers, Attributes.of(catalogue.attributes(papers.numbers)), identity)


def _state(papers: EmbeddedPapers, attributes: Attributes, identity: ModelIdentity) -> str:
    digest = hashlib.sha256(identity.key.encode())
    for array in (papers.numbers, papers.text_hashes, papers.withdrawn, *attributes.arrays):
        digest.update(array.tobytes())
    digest.update(json.dumps(attributes.names).encode())
    return digest.hexdigest()


def list_releases(data: Path) -> list[str]:
    """The names of the releases on disk, the newest first."""
    folder = _releases(data)
    found = [entry.name for entry in folder.iterdir() if entry.is_dir()] if folder.is_dir() else []
    return sorted((name for name in found if not name.startswith(".")), reverse=True)


def current_name(data: Path) -> str | None:
    """The name of the release in use."""
    pointer = _releases(data) / "CURRENT"
    return pointer.read_text().strip() if pointer.is_file() else None


def open_release(data: Path, name: str) -> Release:
    """Open one release; raises DamagedRelease where manifest, sizes or headers do not hold."""
    folder = _releases(data) / name
    try:
        manifest = _read_manifest(folder)
        for file, (size, _) in manifest.files.items():
            if (folder / file).stat().st_size != size:
                raise ValueError(f"{file} has {(folder / file).stat().st_size} bytes, not {size}")
        return Release(folder, manifest)
    except _NOT_READABLE as error:
        raise DamagedRelease(f"release {name}: {error}") from error


def check_release(data: Path, name: str) -> Manifest:
    """Open a release and read every byte of it against its checksums; raises DamagedRelease."""
    manifest = open_release(data, name).manifest
    for file, expected in manifest.files.items():
        try:
            found = _size_and_checksum(_releases(data) / name / file)
        except OSError as error:
            raise DamagedRelease(f"release {name}: {error}") from error
        if found != expected:
            raise DamagedRelease(f"release {name}: the checksum of {file} does not hold")
    return manifest


class CurrentRelease:
    """The release in use, opened on first need and again whenever another becomes current.

    A damaged one is refused: the one before keeps serving, and `problem` says so.
    """

    def __init__(self, data: Path) -> None:
        self._data = data
        self._lock = threading.Lock()
        self._seen: tuple[int, int] | None = None
        self._release: Release | None = None
        self.problem: str | None = None

    def get(self) -> Release:
        """The release to answer from; raises NotReady or DamagedRelease where there is none."""
        seen = _pointer_signature(self._data)
        if self._release is None or seen != self._seen:
            with self._lock:
                if self._release is None or seen != self._seen:
                    self._reopen()
                    self._seen = seen
        assert self._release is not None
        return self._release

    def _reopen(self) -> None:
        problems: list[str] = []
        for name in _by_preference(self._data):
            if self._release is not None and self._release.manifest.name == name:
                break
            try:
                self._release = open_release(self._data, name)
                break
            except DamagedRelease as error:
                problems.append(str(error))
        self.problem = "; ".join(problems) or None
        if self._release is None:
            if problems:
                raise DamagedRelease(f"{self.problem}: run `seealso update` to build another")
            raise NotReady("no release of the index yet: run `seealso update`")


def _by_preference(data: Path) -> Iterator[str]:
    current = current_name(data)
    if current:
        yield current
    yield from (name for name in list_releases(data) if name != current)


def _pointer_signature(data: Path) -> tuple[int, int] | None:
    try:
        found = (_releases(data) / "CURRENT").stat()
    except FileNotFoundError:
        return None
    return found.st_mtime_ns, found.st_ino


def _releases(data: Path) -> Path:
    return data / "releases"


def _read_manifest(folder: Path) -> Manifest:
    held: dict[str, Any] = json.loads((folder / _MANIFEST).read_text())
    if held.get("format") != _FORMAT:
        raise ValueError(f"format {held.get('format')!r} is not the format {_FORMAT} known here")
    held["identity"] = ModelIdentity(**held["identity"])
    held["files"] = {file: (size, checksum) for file, (size, checksum) in held["files"].items()}
    return Manifest(**held)


def _size_and_checksum(file: Path) -> tuple[int, str]:
    with file.open("rb") as content:
        return file.stat().st_size, hashlib.file_digest(content, "sha256").hexdigest()


def _prune(data: Path, keep: int) -> None:
    current = current_name(data)
    for name in list_releases(data)[keep:]:
        if name != current:
            shutil.rmtree(_releases(data) / name)
