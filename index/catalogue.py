"""The catalogue: one SQLite file that is the only truth; everything else can be made from it."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path

from sqlite_utils import Database

from index.entry import PAPER_COLUMNS, Entry, entry_of, row_of
from index.errors import (
    Busy,
    Damaged,
    ForeignCatalogue,
    NoRoom,
    NotReady,
    SeeAlsoError,
    UnknownPaper,
)
from index.paper import Paper, Version, merged
from index.runs import RunLog
from index.schema import migrations
from index.stored_tags import TagStore
from index.stored_vectors import VectorStore
from index.summary import summarise

_BATCH = 500
_BLANKED = str.maketrans('"\0', "  ")  # what would end a phrase, or the whole query
_UPSERT = f"""
    INSERT INTO papers ({", ".join(PAPER_COLUMNS)})
    VALUES ({", ".join("?" * len(PAPER_COLUMNS))})
    ON CONFLICT (id) DO UPDATE SET {", ".join(f"{c} = excluded.{c}" for c in PAPER_COLUMNS[1:])}
"""  # noqa: S608 - column names from the list above


@dataclass(slots=True)
class StoreCounts:
    """What became of the records of one run."""

    new: int = 0
    replaced: int = 0
    changed: int = 0
    unchanged: int = 0


class Catalogue:
    """Papers, vectors, tags and runs. Open it with `open_catalogue` or `read_catalogue`."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self.vectors = VectorStore(db)
        self.tags = TagStore(db)
        self.runs = RunLog(db)

    def close(self) -> None:
        """Close the connection."""
        self._db.close()

    def store(self, papers: Iterable[Paper]) -> StoreCounts:
        """Upsert papers by id, in batches of one transaction each; safe to repeat.

        Summaries are made here, for new and changed texts only.
        """
        counts = StoreCounts()
        arriving = iter(papers)
        while batch := list(islice(arriving, _BATCH)):
            with self._db.atomic():
                self._store_batch(batch, counts)
        return counts

    def _store_batch(self, batch: Sequence[Paper], counts: StoreCounts) -> None:
        held = {e.paper.id: e for e in self._by_ids([p.id for p in batch])}
        changed: dict[str, tuple[Paper, str]] = {}
        for incoming in batch:
            before = changed.get(incoming.id)
            entry = held.get(incoming.id)
            known = before[0] if before else entry.paper if entry else None
            after = merged(known, incoming) if known else incoming
            if known is None:
                counts.new += 1
            elif after == known:
                counts.unchanged += 1
                continue
            elif after.text_hash != known.text_hash or after.version != known.version:
                counts.replaced += 1
            else:
                counts.changed += 1
            same_text = entry is not None and after.text_hash == entry.paper.text_hash
            summary = entry.summary if entry and same_text else summarise(after.abstract)
            changed[after.id] = (after, summary)
        self._db.conn.executemany(_UPSERT, [row_of(p, s) for p, s in changed.values()])
        self._db.conn.executemany(
            "INSERT INTO versions SELECT number, ?, ? FROM papers WHERE id = ? "
            "ON CONFLICT DO UPDATE SET created = excluded.created",
            [
                (v.number, v.created.isoformat(), paper.id)
                for paper, _ in changed.values()
                for v in paper.versions
            ],
        )

    def _by_ids(self, ids: Sequence[str]) -> list[Entry]:
        return self._entries("id IN (SELECT value FROM json_each(?))", [json.dumps(ids)])

    def entry(self, paper_id: str) -> Entry:
        """The paper of a canonical id; raises UnknownPaper where it has not been harvested."""
        found = self._by_ids([paper_id])
        if not found:
            raise UnknownPaper(paper_id)
        return found[0]

    def entries(self, numbers: Sequence[int]) -> dict[int, Entry]:
        """The papers under these catalogue numbers."""
        rows = self._entries(
            "number IN (SELECT value FROM json_each(?))", [json.dumps([int(n) for n in numbers])]
        )
        return {entry.number: entry for entry in rows}

    def withdrawn_among(self, numbers: Sequence[int]) -> list[int]:
        """Those of these catalogue numbers whose papers are withdrawn."""
        rows = self._db.execute(
            "SELECT number FROM papers "
            "WHERE withdrawn AND number IN (SELECT value FROM json_each(?))",
            [json.dumps([int(n) for n in numbers])],
        )
        return [number for (number,) in rows.fetchall()]

    def numbers_of(self, ids: Iterable[str]) -> dict[str, int]:
        """Catalogue numbers of those of these ids that are held."""
        rows = self._db.execute(
            "SELECT id, number FROM papers WHERE id IN (SELECT value FROM json_each(?))",
            [json.dumps(list(ids))],
        )
        return dict(rows.fetchall())

    def texts(self) -> Iterator[tuple[int, str, str, bytes, bool]]:
        """Number, title, abstract, text hash and withdrawn of every paper, by rising number."""
        yield from (
            (number, title, abstract, digest, bool(withdrawn))
            for number, title, abstract, digest, withdrawn in self._db.execute(
                "SELECT number, title, abstract, text_hash, withdrawn FROM papers ORDER BY number"
            )
        )

    def numbers_with_phrases(self, phrases: Sequence[str]) -> list[int]:
        """Numbers of the papers whose title or abstract hold every phrase, word for word."""
        query = " AND ".join('"' + phrase.translate(_BLANKED) + '"' for phrase in phrases)
        rows = self._db.execute("SELECT rowid FROM papers_fts WHERE papers_fts MATCH ?", [query])
        return [number for (number,) in rows.fetchall()]

    def count(self) -> int:
        """How many papers are held."""
        return int(self._db.execute("SELECT count(*) FROM papers").fetchone()[0])

    def newest_day(self) -> date | None:
        """The latest day on which a held paper was submitted or updated."""
        newest = self._db.execute("SELECT max(updated) FROM papers").fetchone()[0]
        return date.fromisoformat(newest) if newest else None

    def _entries(self, where: str, parameters: Sequence[str]) -> list[Entry]:
        cursor = self._db.execute(
            f"SELECT number, {', '.join(PAPER_COLUMNS)} FROM papers WHERE {where}",  # noqa: S608
            parameters,
        )
        rows = cursor.fetchall()
        history: dict[int, list[Version]] = {number: [] for number, *_ in rows}
        for number, version, created in self._db.execute(
            "SELECT paper, version, created FROM versions "
            "WHERE paper IN (SELECT value FROM json_each(?)) ORDER BY paper, version",
            [json.dumps(list(history))],
        ):
            history[number].append(Version(version, date.fromisoformat(created)))
        return [entry_of(row, history[row[0]]) for row in rows]


@contextmanager
def open_catalogue(data: Path) -> Iterator[Catalogue]:
    """Open the catalogue for writing; make it where there is none, migrate an older one.

    Raises ForeignCatalogue for a file with a schema that this program does not know, Busy while
    another process writes, Damaged for a file that SQLite calls malformed or a full disk.
    """
    data.mkdir(parents=True, exist_ok=True)
    with _translated(data), _connected(sqlite3.connect(data / "catalogue.db", timeout=30)) as db:
        _refuse_foreign(db)
        db.enable_wal()
        db.execute("PRAGMA synchronous = NORMAL")
        db.execute("PRAGMA foreign_keys = ON")
        migrations.apply(db)
        yield Catalogue(db)


@contextmanager
def read_catalogue(data: Path) -> Iterator[Catalogue]:
    """Open the catalogue so that nothing can be written; errors as `open_catalogue`.

    Raises NotReady where there is none yet, or where it waits for a migration.
    """
    path = data / "catalogue.db"
    if not path.is_file():
        raise NotReady(f"no catalogue in {data}: bring papers in with `seealso ingest`")
    address = f"{path.absolute().as_uri()}?mode=ro"
    connection = sqlite3.connect(address, uri=True, timeout=30, check_same_thread=False)
    with _translated(data), _connected(connection) as db:
        _refuse_foreign(db)
        if migrations.pending(db):
            raise NotReady(f"the catalogue in {data} is of an older schema: run `seealso update`")
        yield Catalogue(db)


@contextmanager
def _connected(connection: sqlite3.Connection) -> Iterator[Database]:
    db = Database(connection)
    try:
        yield db
    finally:
        db.close()


def _refuse_foreign(db: Database) -> None:
    known = {migration.name for migration in migrations.pending(db)}
    applied = {migration.name for migration in migrations.applied(db)}
    every = {migration.name for migration in migrations._migrations}
    if unknown := applied - every:
        raise ForeignCatalogue(
            f"the catalogue has schema steps unknown here ({', '.join(sorted(unknown))}): "
            "it was written by a newer seealso"
        )
    if known == every and db.table_names():
        raise ForeignCatalogue("the file catalogue.db was not written by seealso")


@contextmanager
def _translated(data: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        raise _explained(data, str(error)) from error
    except sqlite3.DatabaseError as error:
        raise Damaged(f"the catalogue in {data} cannot be read: {error}") from error


def _explained(data: Path, message: str) -> SeeAlsoError:
    if "locked" in message or "busy" in message:
        return Busy(f"the catalogue in {data} is being written to: try again later")
    if "full" in message or "disk I/O" in message:
        return NoRoom(f"no room to write in {data} ({message}); nothing stored before is lost")
    return Damaged(f"the catalogue in {data} cannot be used: {message}")
