"""The catalogue: one SQLite file that is the only truth; everything else can be made from it."""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from sqlite_utils import Database

from index.arrays import Rows
from index.arxiv.authors import any_matches_name, name_alternatives, name_words
from index.arxiv.paper import Change, EarlierText, Paper, Version, classify_change, merge_records
from index.arxiv.summary import summarise
from index.catalogue.corrections import CorrectionLog
from index.catalogue.full_text import FullText
from index.catalogue.harvests import HarvestLog
from index.catalogue.integrity import connect_read_only, translate_error
from index.catalogue.known_works import KnownWorks
from index.catalogue.rejections import RejectionStore
from index.catalogue.rows import (
    PAPER_COLUMNS,
    Entry,
    authors_column,
    entry_from_row,
    row_from_paper,
)
from index.catalogue.runs import RunLog
from index.catalogue.schema import migrations, refuse_foreign
from index.catalogue.tagging_log import TaggingLog
from index.catalogue.tags import TagStore
from index.catalogue.vectors import VectorStore
from index.errors import Damaged, NotReady, UnknownPaper

_UPSERT = f"""
    INSERT INTO papers ({", ".join(PAPER_COLUMNS)})
    VALUES ({", ".join("?" * len(PAPER_COLUMNS))})
    ON CONFLICT (id) DO UPDATE SET {", ".join(f"{c} = excluded.{c}" for c in PAPER_COLUMNS[1:])}
"""  # noqa: S608 - column names from the list above


class Catalogue:
    """Papers, vectors, tags and runs. Open it with `open_catalogue` or `read_catalogue`."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self.full_text = FullText(db)
        self.known_works = KnownWorks(db, self.full_text)
        self.vectors = VectorStore(db)
        self.tags = TagStore(db)
        self.corrections = CorrectionLog(db)
        self.taggings = TaggingLog(db)
        self.runs = RunLog(db)
        self.harvests = HarvestLog(db)
        self.rejections = RejectionStore(db)

    def close(self) -> None:
        """Close the connection."""
        self._db.close()

    @contextmanager
    def atomic(self) -> Iterator[None]:
        """All that is written within the block is stored together, or nothing of it."""
        with self._db.atomic():
            yield

    @contextmanager
    def bulk(self) -> Iterator[None]:
        """Within the block, storing many papers costs less time, and more memory."""
        for pragma in ("cache_size = -65536", "wal_autocheckpoint = 16384"):
            self._db.execute(f"PRAGMA {pragma}")
        with self.full_text.without_merging():
            yield

    def store(self, papers: Sequence[Paper]) -> Counter[Change]:
        """Upsert papers by id in one transaction; safe to repeat. Counts what each record changed.

        Summaries are made here, for new and changed texts only.
        """
        with self._db.atomic():
            return self._store(papers)

    def _store(self, papers: Sequence[Paper]) -> Counter[Change]:
        counts: Counter[Change] = Counter()
        held = {e.paper.id: e for e in self._by_ids([p.id for p in papers])}
        changed: dict[str, tuple[Paper, str]] = {}
        for incoming in papers:
            before = changed.get(incoming.id)
            entry = held.get(incoming.id)
            known = before[0] if before else entry.paper if entry else None
            after = merge_records(known, incoming) if known else incoming
            counts[classify_change(known, after)] += 1
            if after == known:
                continue
            same_text = entry is not None and after.text_hash == entry.paper.text_hash
            summary = entry.summary if entry and same_text else summarise(after.abstract)
            changed[after.id] = (after, summary)
        new_texts = [
            paper.id
            for paper, _ in changed.values()
            if paper.id not in held
            or _full_text_fields(paper) != _full_text_fields(held[paper.id].paper)
        ]
        self._keep_texts([held[paper_id] for paper_id in changed if paper_id in held])
        self.full_text.remove(
            (entry.number, entry.paper.title, entry.paper.abstract, authors_column(entry.paper))
            for paper_id in new_texts
            if (entry := held.get(paper_id))
        )
        self._db.conn.executemany(_UPSERT, [row_from_paper(p, s) for p, s in changed.values()])
        self.full_text.add(new_texts)
        self._db.conn.executemany(
            "INSERT INTO versions SELECT number, ?, ? FROM papers WHERE id = ? "
            "ON CONFLICT DO UPDATE SET created = excluded.created",
            [
                (v.number, v.created.isoformat(), paper.id)
                for paper, _ in changed.values()
                for v in paper.versions
            ],
        )
        return counts

    def _keep_texts(self, entries: Sequence[Entry]) -> None:
        """Keep the texts of known versions that are about to be replaced."""
        self._db.conn.executemany(
            "INSERT OR IGNORE INTO earlier_texts VALUES (?, ?, ?, ?)",
            [
                (entry.number, entry.paper.version, entry.paper.title, entry.paper.abstract)
                for entry in entries
                if entry.paper.version is not None
            ],
        )

    def earlier_texts(self, number: int) -> list[EarlierText]:
        """The texts of earlier versions of a paper, as far as they were held once."""
        rows = self._db.execute(
            "SELECT e.version, e.title, e.abstract FROM earlier_texts e JOIN papers p "
            "ON p.number = e.paper AND p.version > e.version WHERE e.paper = ? ORDER BY 1",
            [number],
        )
        return [EarlierText(*row) for row in rows.fetchall()]

    def withdraw(self, ids: Sequence[str]) -> int:
        """Mark papers as withdrawn that their source has deleted; returns how many were not yet."""
        with self._db.atomic():
            return self._db.execute(
                "UPDATE papers SET withdrawn = 1 "
                "WHERE NOT withdrawn AND id IN (SELECT value FROM json_each(?))",
                [json.dumps(ids)],
            ).rowcount

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

    def ids_not_withdrawn(self, numbers: Sequence[int]) -> dict[int, str]:
        """Ids, by number, of those papers under these numbers that are not withdrawn."""
        rows = self._db.execute(
            "SELECT number, id FROM papers "
            "WHERE NOT withdrawn AND number IN (SELECT value FROM json_each(?))",
            [json.dumps([int(n) for n in numbers])],
        )
        return dict(rows.fetchall())

    def numbers_of(self, ids: Iterable[str]) -> dict[str, int]:
        """Catalogue numbers of those of these ids that are held."""
        rows = self._db.execute(
            "SELECT id, number FROM papers WHERE id IN (SELECT value FROM json_each(?))",
            [json.dumps(list(ids))],
        )
        return dict(rows.fetchall())

    def numbers_by_authors(self, names: Sequence[str]) -> list[int]:
        """Catalogue numbers of the papers by any author who may bear one of these names."""
        found: set[int] = set()
        for name in filter(name_words, names):
            candidates = self.full_text.with_author_words(name_alternatives(name))
            rows = self._db.execute(
                "SELECT number, authors FROM papers "
                "WHERE number IN (SELECT value FROM json_each(?))",
                [json.dumps(candidates)],
            )
            found.update(n for n, authors in rows if any_matches_name(name, json.loads(authors)))
        return sorted(found)

    def attributes(self, numbers: Rows) -> Iterator[tuple[str | None, str, str | None]]:
        """Day of submission, categories and licence of these papers, whose numbers rise."""
        wanted = iter(numbers.tolist())
        number = next(wanted, None)
        for held, *columns in self._db.execute(
            "SELECT number, submitted, categories, license FROM papers "
            "INDEXED BY papers_attributes ORDER BY number"
        ):
            if held == number:
                yield tuple(columns)
                number = next(wanted, None)

    def ids_of_month(self, month: str) -> list[tuple[str, list[str]]]:
        """Ids, with their categories, that were given in a month ("2310")."""
        rows = self._db.execute(
            "SELECT id, categories FROM papers WHERE id >= ? AND id < ?", [f"{month}.", f"{month}/"]
        )
        return [(paper_id, categories.split()) for paper_id, categories in rows.fetchall()]

    def newest_id(self) -> str:
        """The id that was given last; raises NotReady for an empty catalogue."""
        row = self._db.execute("SELECT max(id) FROM papers WHERE id < 'A'").fetchone()
        if row[0] is None:
            raise NotReady("the catalogue holds no paper with an identifier of the present scheme")
        return str(row[0])

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
        return [entry_from_row(row, history[row[0]]) for row in rows]


def _full_text_fields(paper: Paper) -> tuple[str, str, tuple[str, ...]]:
    """What the full text holds of a paper."""
    return paper.title, paper.abstract, paper.authors


@contextmanager
def open_catalogue(data: Path) -> Iterator[Catalogue]:
    """Open the catalogue for writing; make it where there is none, migrate an older one.

    Raises ForeignCatalogue for a file with a schema that this program does not know, Busy while
    another process writes, Damaged for a file that SQLite calls malformed or a full disk.
    """
    data.mkdir(parents=True, exist_ok=True)
    with (
        _translating_errors(data),
        _closing(sqlite3.connect(data / "catalogue.db", timeout=30)) as db,
    ):
        refuse_foreign(db)
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
    with _translating_errors(data), _closing(connect_read_only(path)) as db:
        refuse_foreign(db)
        if migrations.pending(db):
            raise NotReady(f"the catalogue in {data} is of an older schema: run `seealso update`")
        yield Catalogue(db)


@contextmanager
def _closing(connection: sqlite3.Connection) -> Iterator[Database]:
    db = Database(connection)
    try:
        yield db
    finally:
        db.close()


@contextmanager
def _translating_errors(data: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        raise translate_error(error, f"the catalogue in {data}", f"in {data}") from error
    except sqlite3.DatabaseError as error:
        raise Damaged(f"the catalogue in {data} cannot be read: {error}") from error
