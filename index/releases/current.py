"""The current release, opened again when another becomes current."""

import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from index.errors import DamagedRelease, IndexUnavailable, NotReady
from index.releases.folder import current_name, list_releases, releases_folder
from index.releases.release import Release, open_release


class CurrentRelease:
    """The release to answer from, shared by all threads of a process.

        current = CurrentRelease(settings.data)
        release = current.get()

    It is opened by the first `get`, and again when another release becomes current. If that one is
    damaged, the release before it is used, and `problem` gives the reason.
    """

    def __init__(self, data: Path) -> None:
        self._data = data
        self._changed = threading.Condition()  # guards the attributes below
        self._opening = False
        self._signature: tuple[int, int] | None = None
        self._release: Release | None = None
        self.problem: str | None = None

    def get(self) -> Release:
        """Return the release to answer from; raises NotReady or DamagedRelease if none opens.

        One thread opens a new release while the others continue with the previous one. They wait
        only if there is no previous one.
        """
        signature = _pointer_signature(self._data)
        with self._changed:
            while self._opening and self._release is None:
                self._changed.wait()
            if self._release is not None and (self._opening or signature == self._signature):
                return self._release
            self._opening = True
            previous = self._release
        try:
            release = self._open(previous)
            with self._changed:
                if release is not previous:
                    self._release = release
                self._signature = signature
        finally:
            with self._changed:
                self._opening = False
                self._changed.notify_all()
        return release

    def close(self) -> None:
        """Drop the release; the next `get` opens one that can be used."""
        with self._changed:
            self._release = None

    def _open(self, previous: Release | None) -> Release:
        """Open the best release; return `previous` if it is that one or if all are damaged."""
        problems: list[DamagedRelease] = []
        opened = None
        for name in _by_preference(self._data):
            if previous is not None and previous.manifest.name == name:
                break
            try:
                opened = _open_and_check(self._data, name)
                break
            except DamagedRelease as error:
                problems.append(error)
        self.problem = "; ".join(map(str, problems)) or None
        if release := opened or previous:
            return release
        if problems:
            kind = type(problems[0])
            raise kind(f"{self.problem}: run `seealso update` to build another")
        raise NotReady("no release of the index yet: run `seealso update`")


def _open_and_check(data: Path, name: str) -> Release:
    """Open a release. If its vectors are on a server that does not answer, it is not damaged."""
    release = open_release(data, name)
    with suppress(IndexUnavailable):  # reported by `status` and by requests that need the server
        release.check_vectors()
    return release


def _by_preference(data: Path) -> Iterator[str]:
    """The current release, then the others from the newest to the oldest."""
    current = current_name(data)
    if current:
        yield current
    yield from (name for name in list_releases(data) if name != current)


def _pointer_signature(data: Path) -> tuple[int, int] | None:
    """Return what changes when another release becomes current."""
    try:
        found = (releases_folder(data) / "CURRENT").stat()
    except FileNotFoundError:
        return None
    return found.st_mtime_ns, found.st_ino
