"""The current release, reopened when another becomes current."""

import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from index.errors import DamagedRelease, IndexUnavailable, NotReady
from index.releases.folder import current_name, list_releases, releases_folder
from index.releases.release import Release, open_release


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
        with self._lock:
            if self._release is None or seen != self._seen:
                self._reopen()
                self._seen = seen
            assert self._release is not None
            return self._release

    def close(self) -> None:
        """Let go of it; whoever needs one next looks anew which is good."""
        with self._lock:
            self._release = None

    def _reopen(self) -> None:
        problems: list[DamagedRelease] = []
        for name in _by_preference(self._data):
            if self._release is not None and self._release.manifest.name == name:
                break
            try:
                self._release = _open_and_look(self._data, name)
                break
            except DamagedRelease as error:
                problems.append(error)
        self.problem = "; ".join(map(str, problems)) or None
        if self._release is None:
            if problems:
                kind = type(problems[0])
                raise kind(f"{self.problem}: run `seealso update` to build another")
            raise NotReady("no release of the index yet: run `seealso update`")


def _open_and_look(data: Path, name: str) -> Release:
    """Open a release; one whose vectors are with a server that is silent is not damaged."""
    release = open_release(data, name)
    with suppress(IndexUnavailable):  # said by whoever asks it, and by the status
        release.check_vectors()
    return release


def _by_preference(data: Path) -> Iterator[str]:
    current = current_name(data)
    if current:
        yield current
    yield from (name for name in list_releases(data) if name != current)


def _pointer_signature(data: Path) -> tuple[int, int] | None:
    try:
        found = (releases_folder(data) / "CURRENT").stat()
    except FileNotFoundError:
        return None
    return found.st_mtime_ns, found.st_ino
