"""Catalogues kept open between requests: to open one costs as much as a fifth of a list."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from index.catalogue.catalogue import Catalogue, read_catalogue
from index.catalogue.protection.connections import limit_work

_MAX_IDLE = 8  # each keeps up to two megabytes of pages


@dataclass(frozen=True, slots=True)
class _Opened:
    """An open catalogue, how to close it, and which file and schema it was opened with."""

    catalogue: Catalogue
    closing: ExitStack
    file: tuple[int, int]
    schema: int

    def is_current(self, file: tuple[int, int] | None) -> bool:
        """Return whether the file has not been replaced and its schema has not changed."""
        try:
            return file == self.file and _schema_version(self.catalogue) == self.schema
        except sqlite3.Error:
            return False  # to open it again reports the error


class OpenCatalogues:
    """The catalogues of one data folder that requests read, each used by one request at a time.

        with catalogues.read() as catalogue:
            catalogue.entry("2401.08092")

    A request reads one state of the file, that of its first statement, whatever is written in the
    meantime. A catalogue is closed, and opened again by the next request, if reading failed, or if
    the file was replaced or migrated.
    """

    def __init__(self, data: Path) -> None:
        self._data = data
        self._idle: list[_Opened] = []
        # Where this user may not write, SQLite may take the file for one that never changes.
        self._keeps = os.access(data, os.W_OK)

    @property
    def has_idle(self) -> bool:
        """Whether `read` can probably avoid opening a file."""
        return bool(self._idle)

    @contextmanager
    def read(self) -> Iterator[Catalogue]:
        """Lend a catalogue; raises as `read_catalogue` does."""
        with ExitStack() as stack:
            opened = self._take() or self._open()
            stack.push(opened.closing)
            limit_work(opened.catalogue.connection)
            with opened.catalogue.atomic():
                yield opened.catalogue
            if self._keeps and len(self._idle) < _MAX_IDLE:
                stack.pop_all()
                self._idle.append(opened)

    def close(self) -> None:
        """Close the catalogues that are not in use."""
        while self._idle:
            self._idle.pop().closing.close()

    def _take(self) -> _Opened | None:
        file = _identity(self._data)
        while True:
            try:
                opened = self._idle.pop()
            except IndexError:
                return None
            if opened.is_current(file):
                return opened
            opened.closing.close()

    def _open(self) -> _Opened:
        file = _identity(self._data) or (0, 0)  # before opening: a file that replaces it is newer
        with ExitStack() as stack:
            catalogue = stack.enter_context(read_catalogue(self._data))
            return _Opened(catalogue, stack.pop_all(), file, _schema_version(catalogue))


def _schema_version(catalogue: Catalogue) -> int:
    """Return a number that changes with the schema of the file; raises sqlite3.Error."""
    return int(catalogue.connection.execute("PRAGMA schema_version").fetchone()[0])


def _identity(data: Path) -> tuple[int, int] | None:
    """Return device and inode of the catalogue's file; None if it is missing."""
    try:
        found = os.stat(data / "catalogue.db")
    except OSError:
        return None
    return found.st_dev, found.st_ino
