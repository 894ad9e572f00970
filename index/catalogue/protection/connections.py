"""Connections to a catalogue file, for reading and for writing; SQLite's errors translated."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from sqlite_utils import Database

from index.catalogue.row_checksums import migrate
from index.catalogue.schema import migrations, refuse_foreign
from index.errors import (
    ADD_PAPERS,
    Busy,
    Damaged,
    NoSpaceLeft,
    NotReady,
    NotWritable,
    SeeAlsoError,
)
from index.files import make_file, make_folder, raising_not_writable
from index.work_limit import current_limit

_MAX_WAL = 128 * 2**20  # bytes; a load of many papers needs this much even without readers
_WAIT_FOR_READERS = 1000  # milliseconds; most requests end sooner
_STEPS_BETWEEN_CHECKS = 10_000  # of SQLite's virtual machine: less than a millisecond
# What SQLite reports if it may not write a file or create one next to it.
_NOT_WRITABLE = ("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")


class WritableDatabase(Database):
    """A database in WAL mode whose -wal file stays small although others read without a pause.

    SQLite reuses the file only in a moment when no reader needs it. Under constant requests there
    is none, so a commit that leaves a large file waits for the requests that began before it.
    """

    def __init__(self, path: Path, wait: float) -> None:
        super().__init__(sqlite3.connect(path, timeout=wait))
        self._wal = path.with_name(f"{path.name}-wal")
        self._limit = _MAX_WAL
        self._busy_timeout = round(1000 * wait)

    @contextmanager
    def atomic(self) -> Iterator[Database]:
        """Group all writes of the block into one transaction; nested blocks use savepoints."""
        with super().atomic():
            yield self
        if not self.conn.in_transaction and self._wal_size > self._limit:
            self._empty_wal()

    @property
    def _wal_size(self) -> int:
        return self._wal.stat().st_size if self._wal.exists() else 0

    def _empty_wal(self) -> None:
        """Copy the -wal file into the database and truncate it.

        If a reader takes too long, the next attempt is made at twice the size: a dump may read for
        minutes. An error is no error of the transaction, which is complete.
        """
        self._limit = 2 * self._wal_size
        self.conn.execute(f"PRAGMA busy_timeout = {_WAIT_FOR_READERS}")
        with suppress(sqlite3.Error):
            [is_busy, *_] = self.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            if not is_busy:
                self._limit = _MAX_WAL
        self.conn.execute(f"PRAGMA busy_timeout = {self._busy_timeout}")


@contextmanager
def writable_database(data: Path, wait: float) -> Iterator[Database]:
    """Open the catalogue of a data folder for writing: see `open_catalogue`."""
    path = data / "catalogue.db"
    with raising_not_writable(data):
        make_folder(data)
        make_file(path)  # SQLite gives its side files the same permissions
    with translating_errors(data), closing(WritableDatabase(path, wait)) as db:
        refuse_foreign(db)
        db.enable_wal()
        db.execute("PRAGMA synchronous = NORMAL")
        db.execute("PRAGMA foreign_keys = ON")
        migrate(db)
        yield db


@contextmanager
def read_only_database(data: Path) -> Iterator[Database]:
    """Open the catalogue of a data folder for reading: see `read_catalogue`."""
    path = data / "catalogue.db"
    if not path.is_file():
        raise NotReady(f"no catalogue in {data}: {ADD_PAPERS}")
    with translating_errors(data), closing(Database(connect_read_only(path))) as db:
        refuse_foreign(db, reading=True)
        if migrations.pending(db):
            raise NotReady(f"the catalogue in {data} has an older schema: run `seealso update`")
        yield db


def connect_read_only(path: Path) -> sqlite3.Connection:
    """Open a read-only connection that starts no transaction of its own.

    Threads may share it if they take turns, as those of a server do. A statement is interrupted at
    the limit of the request's work.

    In WAL mode SQLite creates side files even to read. If they are missing, because no process has
    the file open, and this user may not create them, the file is opened as immutable.
    """
    options = "immutable=1" if _is_closed_for_good(path) else "mode=ro"
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?{options}",
        uri=True,
        timeout=30,
        isolation_level=None,
        check_same_thread=False,
    )
    limit_work(connection)
    return connection


def limit_work(connection: sqlite3.Connection) -> None:
    """Interrupt the statements of a connection at the limit that applies here, if there is one."""
    limit = current_limit()
    is_over = None if limit is None else lambda: limit.is_over
    connection.set_progress_handler(is_over, _STEPS_BETWEEN_CHECKS)


def state_of(connection: sqlite3.Connection) -> tuple[int, int]:
    """Return numbers that change if this or another connection has changed the database."""
    [version] = connection.execute("PRAGMA data_version").fetchone()
    return version, connection.total_changes


def _is_closed_for_good(path: Path) -> bool:
    """Return whether a file has no changes outside it, and this user cannot make any."""
    if os.access(path.parent, os.W_OK):
        return False
    wal = path.with_name(f"{path.name}-wal")
    return not wal.exists() or wal.stat().st_size == 0


def translate_error(error: sqlite3.Error, what: str, written: str) -> SeeAlsoError:
    """Return seealso's error for an error of SQLite; raises TooMuchWork if it was interrupted.

    `what` names the database, `written` the file or folder that was being written.
    """
    message = str(error)
    if message == "interrupted" and (limit := current_limit()):
        limit.check()
    if "locked" in message or "busy" in message:
        return Busy(f"another process is writing to {what}: try again later")
    if getattr(error, "sqlite_errorname", "").startswith(_NOT_WRITABLE):
        return NotWritable(
            f"{what} cannot be opened or written by this user ({message}): run the command as its "
            "owner, or make its folder writable; nothing was changed"
        )
    if "full" in message or "disk I/O" in message:
        return NoSpaceLeft(
            f"no space left to write {written} ({message}); nothing stored before is lost"
        )
    return Damaged(f"{what} cannot be used: {message}")


@contextmanager
def translating_errors(data: Path) -> Iterator[None]:
    """Translate SQLite's errors within the block; `data` is the catalogue's data folder."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise translate_error(error, f"the catalogue in {data}", f"in {data}") from error
    except sqlite3.DatabaseError as error:
        raise Damaged(
            f"the catalogue in {data} cannot be read: {error}; run `seealso doctor`"
        ) from error
