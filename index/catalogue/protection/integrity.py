"""Check a catalogue file: schema, pages, rows, full text."""

import sqlite3

from sqlite_utils import Database

from index.catalogue.full_text import TABLES, has_present_form, register_functions
from index.catalogue.row_checksums import find_damaged_rows
from index.catalogue.schema import migrations, refuse_foreign
from index.errors import Damaged, ForeignCatalogue

_MAX_FAULTS = 5


def pending_migrations(connection: sqlite3.Connection, what: str) -> list[str]:
    """Return the names of the migrations that a catalogue still needs.

    `what` names the file in errors. Raises ForeignCatalogue if a newer seealso or another program
    wrote the file, Damaged if it is empty.
    """
    db = Database(connection)
    try:
        refuse_foreign(db)
    except ForeignCatalogue as error:
        raise ForeignCatalogue(f"{what}: {error}") from error
    if not migrations.applied(db):
        raise Damaged(f"{what} is not a catalogue: it has none of the tables of seealso")
    return [migration.name for migration in migrations.pending(db)]


def find_faults(connection: sqlite3.Connection) -> list[str]:
    """Return the first few faults of pages, indexes and foreign keys; empty if there are none."""
    try:
        pages = connection.execute(f"PRAGMA integrity_check({_MAX_FAULTS})").fetchall()
        if pages != [("ok",)]:
            return [str(row[0]) for row in pages]
        lost = connection.execute("PRAGMA foreign_key_check").fetchmany(_MAX_FAULTS)
    except sqlite3.DatabaseError as error:
        return [str(error)]
    return [f"row {row} of {table} refers to no row of {to}" for table, row, to, _ in lost]


def find_row_fault(connection: sqlite3.Connection) -> str | None:
    """Compare all rows with their checksums; return how many differ and which, or None."""
    names = [row.name for row in find_damaged_rows(connection)]
    if not names:
        return None
    rest = len(names) - _MAX_FAULTS
    shown = ", ".join(names[:_MAX_FAULTS]) + (f" and {rest} more" if rest > 0 else "")
    rows = (
        "1 row does not match its checksum"
        if len(names) == 1
        else (f"{len(names)} rows do not match their checksums")
    )
    return f"{rows}: {shown}"


def find_full_text_fault(connection: sqlite3.Connection) -> str | None:
    """Compare the full text with the papers; return what is wrong, or None.

    If it was indexed by other rules, only its structure is checked: it is built again when the
    catalogue is next opened for writing. Changes nothing, but SQLite treats it as writing, so it
    needs a writable connection.
    """
    register_functions(connection)
    try:
        compare = int(has_present_form(connection))
        tables = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table'"
        ).fetchall()
        for table in TABLES:
            if (table,) not in tables:  # the catalogue has an older schema
                continue
            connection.execute(
                f"INSERT INTO {table} ({table}, rank) VALUES ('integrity-check', ?)",  # noqa: S608
                [compare],
            )
        connection.rollback()
    except sqlite3.DatabaseError as error:
        return str(error)
    return None
