"""Whether a catalogue file is whole: its schema, its pages, its references, its full text."""

import sqlite3
from pathlib import Path

from sqlite_utils import Database

from index.catalogue.schema import migrations, refuse_foreign
from index.errors import Busy, Damaged, ForeignCatalogue, NoRoom, SeeAlsoError

_MAX_FAULTS = 5


def connect_read_only(path: Path) -> sqlite3.Connection:
    """A connection through which nothing can be written, and that begins no transaction itself.

    Threads may use it in turn, as those of a server do.
    """
    address = f"{path.absolute().as_uri()}?mode=ro"
    return sqlite3.connect(
        address, uri=True, timeout=30, isolation_level=None, check_same_thread=False
    )


def pending_migrations(connection: sqlite3.Connection, what: str) -> list[str]:
    """The schema steps that a catalogue still lacks.

    Raises ForeignCatalogue for a newer seealso's file or another program's, Damaged for an empty.
    """
    db = Database(connection)
    try:
        refuse_foreign(db)
    except ForeignCatalogue as error:
        raise ForeignCatalogue(f"{what}: {error}") from error
    if not migrations.applied(db):
        raise Damaged(f"{what} is empty")
    return [migration.name for migration in migrations.pending(db)]


def find_faults(connection: sqlite3.Connection) -> list[str]:
    """What is wrong with pages and references, the first few of it; empty where nothing is."""
    try:
        pages = connection.execute(f"PRAGMA quick_check({_MAX_FAULTS})").fetchall()
        if pages != [("ok",)]:
            return [str(row[0]) for row in pages]
        lost = connection.execute("PRAGMA foreign_key_check").fetchmany(_MAX_FAULTS)
    except sqlite3.DatabaseError as error:
        return [str(error)]
    return [f"row {row} of {table} refers to no row of {to}" for table, row, to, _ in lost]


def find_full_text_fault(connection: sqlite3.Connection) -> str | None:
    """What is wrong with the full text, held against the papers; None where nothing is.

    Changes nothing, but to SQLite it is writing, so that it needs a writing connection.
    """
    try:
        connection.execute(
            "INSERT INTO papers_fts (papers_fts, rank) VALUES ('integrity-check', 1)"
        )
        connection.rollback()
    except sqlite3.DatabaseError as error:
        return str(error)
    return None


def translate_error(error: sqlite3.Error, what: str, written: str) -> SeeAlsoError:
    """An error of SQLite over the file `what`, while `written` was written, as one of ours."""
    message = str(error)
    if "locked" in message or "busy" in message:
        return Busy(f"{what} is being written to: try again later")
    if "full" in message or "disk I/O" in message:
        return NoRoom(f"no room to write {written} ({message}); nothing stored before is lost")
    return Damaged(f"{what} cannot be used: {message}")
