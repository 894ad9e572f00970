"""A checksum in every row of the catalogue, so that damage to any stored value is found.

Each table has the column `checksum`: the CRC-32 of the other columns, which finds every change of
up to 32 adjacent bits. Triggers of the writing connection set it, so the statements that write rows
need not know it. It covers whatever columns a table has. A new row has four bytes for it already,
so SQLite sets them in place.

A damaged row stays marked as damaged if one of its columns is updated or the schema is migrated:
its other values may still be wrong. A row that replaces it is sound.
"""

import sqlite3
import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlite_utils import Database

from index.arxiv.paper import utf8_text_hash
from index.catalogue.schema import migrations

_UNSET = "x'00000000'"  # of a row that another program has written
_DAMAGED = "x''"  # matches no row
_TEXT_HASH_DIFFERS = "text_hash IS NOT paper_text_hash(CAST(title AS BLOB), CAST(abstract AS BLOB))"


@dataclass(frozen=True, slots=True)
class DamagedRow:
    """A row that does not match its checksum. `key` is its primary key, with texts as bytes.

    `name` describes the row; the key in it may be what is damaged.
    """

    table: str
    key: tuple[int | float | bytes | None, ...]
    name: str


@dataclass(frozen=True, slots=True)
class _Table:
    """A table of the catalogue: its columns, with their types, and those of its primary key."""

    name: str
    columns: dict[str, str]
    key: tuple[str, ...]
    has_checksum: bool

    def value(self, column: str, row: str = "") -> str:
        """Return the SQL expression of a column; `row` is empty, "OLD." or "NEW."."""
        name = f'{row}"{column}"'
        # A damaged text may be no valid UTF-8, so it could not be read as a text.
        return (
            name if self.columns[column] in {"INTEGER", "REAL", "BLOB"} else f"CAST({name} AS BLOB)"
        )

    def checksum(self, row: str = "") -> str:
        """Return the SQL expression of the checksum of a row."""
        return f"row_checksum({', '.join(self.value(column, row) for column in self.columns)})"


def migrate(db: Database) -> None:
    """Apply pending migrations and set the checksums of all rows, all in one transaction.

    Rows that were damaged before stay marked as damaged. Afterwards the connection keeps the
    checksums of the rows that it writes.
    """
    _define_functions(db.conn)
    if migrations.pending(db):
        db.conn.execute("BEGIN IMMEDIATE")
        try:
            damaged = list(find_damaged_rows(db.conn))
            migrations.apply(db)
            _set_checksums(db.conn, damaged)
            db.conn.execute("COMMIT")
        except BaseException:
            db.rollback()
            raise
    for table in _tables(db.conn):
        _create_triggers(db.conn, table)


def find_damaged_rows(connection: sqlite3.Connection) -> Iterator[DamagedRow]:
    """Yield the rows that do not match their checksums; reads every row of every table.

    The text of a paper must also match its text hash, which older catalogues have too. If no
    migration is pending, the definitions of tables and indexes are compared with theirs.
    """
    _define_functions(connection)
    for table in _tables(connection):
        faults = [f"checksum IS NOT {table.checksum()}"] if table.has_checksum else []
        faults += [_TEXT_HASH_DIFFERS] if table.name == "papers" else []
        if not faults:
            continue
        shown = ["id"] if table.name == "papers" else table.key
        rows = connection.execute(
            f"SELECT {', '.join(map(table.value, (*table.key, *shown)))} "  # noqa: S608 - our schema
            f'FROM "{table.name}" WHERE {" OR ".join(faults)}'
        )
        for row in rows:
            key, values = row[: len(table.key)], row[len(table.key) :]
            names = [_text(value, table.columns[n]) for n, value in zip(shown, values, strict=True)]
            yield DamagedRow(table.name, key, " ".join([table.name, *names]))
    if not migrations.pending(Database(connection)):
        stored = connection.execute("SELECT value FROM schema_checksum").fetchall()
        if stored != [(_schema_checksum(connection),)]:
            yield DamagedRow("schema_checksum", (1,), "sqlite_schema")


def _schema_checksum(connection: sqlite3.Connection) -> bytes:
    """Return the checksum of the definitions of all tables, indexes and views of ours."""
    definitions = connection.execute(
        "SELECT CAST(type || ' ' || name || ' ' || tbl_name || ' ' || coalesce(sql, '') AS BLOB) "
        "FROM sqlite_master WHERE name NOT LIKE 'sqlite\\_stat%' ESCAPE '\\' ORDER BY name"
    )
    return _row_checksum(*(definition for (definition,) in definitions))


def _tables(connection: sqlite3.Connection) -> list[_Table]:
    """Return the tables with rows of ours: not those of SQLite and of the full-text index."""
    names = connection.execute(
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' "
        "AND name NOT GLOB '*sqlite_*' ORDER BY name"
    )
    return [_table(connection, name) for (name,) in names.fetchall()]


def _table(connection: sqlite3.Connection, name: str) -> _Table:
    rows = connection.execute(
        "SELECT name, upper(type), pk FROM pragma_table_info(?) ORDER BY cid", [name]
    ).fetchall()
    columns = {column: kind for column, kind, _ in rows}
    key = sorted((place, column) for column, _, place in rows if place)
    has_checksum = columns.pop("checksum", None) is not None
    return _Table(name, columns, tuple(column for _, column in key), has_checksum)


def _set_checksums(connection: sqlite3.Connection, damaged: Iterable[DamagedRow]) -> None:
    """Set the checksums of the schema and of all rows, and mark damaged ones."""
    tables = {table.name: table for table in _tables(connection)}
    for table in tables.values():
        if not table.has_checksum:
            connection.execute(
                f'ALTER TABLE "{table.name}" ADD COLUMN checksum BLOB NOT NULL DEFAULT {_UNSET}'
            )
    connection.execute(
        "INSERT OR REPLACE INTO schema_checksum (number, value) VALUES (1, ?)",
        [_schema_checksum(connection)],
    )
    for table in tables.values():
        connection.execute(
            f'UPDATE "{table.name}" SET checksum = {table.checksum()} '  # noqa: S608 - our schema
            f"WHERE checksum IS NOT {table.checksum()}"
        )
    for row in damaged:
        if table_now := tables.get(row.table):
            found = " AND ".join(f"{table_now.value(column)} IS ?" for column in table_now.key)
            connection.execute(
                f'UPDATE "{row.table}" SET checksum = {_DAMAGED} WHERE {found}',  # noqa: S608
                row.key,
            )


def _create_triggers(connection: sqlite3.Connection, table: _Table) -> None:
    """Create the triggers of this connection that set the checksums of written rows.

    They are temporary, so that another program, which lacks the function, can still open the file.
    """
    columns = ", ".join(f'"{column}"' for column in table.columns)
    same_row = " AND ".join(f'"{column}" = NEW."{column}"' for column in table.key)
    sound = f"OLD.checksum IS {table.checksum('OLD.')}"
    for event, checksum in (
        ("INSERT", table.checksum()),
        (f"UPDATE OF {columns}", f"CASE WHEN {sound} THEN {table.checksum()} ELSE {_DAMAGED} END"),
    ):
        connection.execute(
            f'CREATE TEMP TRIGGER "{table.name}_{event[:6].lower()}" '  # noqa: S608 - our schema
            f'AFTER {event} ON main."{table.name}" BEGIN UPDATE "{table.name}" '
            f"SET checksum = {checksum} WHERE {same_row}; END"
        )


def _define_functions(connection: sqlite3.Connection) -> None:
    connection.create_function("row_checksum", -1, _row_checksum, deterministic=True)
    connection.create_function("paper_text_hash", 2, utf8_text_hash, deterministic=True)


def _row_checksum(*values: int | float | bytes | None) -> bytes:
    """Return the big-endian CRC-32 of values, each preceded by its type and length."""
    parts: list[bytes] = []
    for value in values:
        if value is None:
            parts.append(b"n")
        elif isinstance(value, bytes):
            parts += (b"b", len(value).to_bytes(4), value)
        elif isinstance(value, float):
            parts += (b"f", struct.pack(">d", value))
        else:
            parts += (b"i", value.to_bytes(8, signed=True))
    return zlib.crc32(b"".join(parts)).to_bytes(4)


def _text(value: float | bytes | None, kind: str) -> str:
    if not isinstance(value, bytes):
        return str(value)
    return value.hex() if kind == "BLOB" else value.decode(errors="backslashreplace")
