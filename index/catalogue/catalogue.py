"""The catalogue: one SQLite file, the only source of truth, from which the rest is rebuilt."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from sqlite_utils import Database

from index.arrays import Rows
from index.arxiv.authors import name_alternatives, names_that_match
from index.arxiv.date_precision import format_date, parse_date
from index.arxiv.paper import Change, EarlierText, Paper, Version, classify_change, merge_records
from index.arxiv.summaries.summary import summarise
from index.catalogue.corrections import CorrectionLog
from index.catalogue.derived.outlines import OutlineStore
from index.catalogue.full_text import FullText
from index.catalogue.harvest_scope import HarvestScope
from index.catalogue.harvests import HarvestLog
from index.catalogue.known_works import KnownWorks
from index.catalogue.names.name_index import NameIndex
from index.catalogue.protection.connections import read_only_database, writable_database
from index.catalogue.rejections import RejectionStore
from index.catalogue.rows import (
    PAPER_COLUMNS,
    UPSERT_PAPER,
    UPSERT_VERSION,
    Entry,
    attributes_of,
    entry_from_row,
    row_from_paper,
)
from index.catalogue.runs import RunLog
from index.catalogue.tagging_log import TaggingLog
from index.catalogue.tags import TagStore
from index.catalogue.vectors import VectorStore
from index.errors import ADD_PAPERS, NotReady, UnknownPaper


class Catalogue:
    """Papers, and through its attributes vectors, tags, corrections, runs and harvests.

    Open it with `open_catalogue` for writing or `read_catalogue` for reading:

        with open_catalogue(Path("data")) as catalogue:
            catalogue.store([Paper("2401.00001", "A title", abstract="An abstract.")])
            entry = catalogue.entry("2401.00001")
            tags = catalogue.tags.of([entry.number])[entry.number]

    Every paper has a catalogue number that never changes; most methods take these numbers.
    """

    def __init__(self, db: Database) -> None:
        self._db, self.connection = db, db.conn
        self.full_text = FullText(db)
        self.names = NameIndex(db)
        self.known_works = KnownWorks(db, self.full_text)
        self.outlines = OutlineStore(db)
        self.vectors = VectorStore(db)
        self.tags = TagStore(db)
        self.corrections = CorrectionLog(db)
        self.taggings = TaggingLog(db)
        self.runs = RunLog(db)
        self.harvests = HarvestLog(db)
        self.scope = HarvestScope(db)
        self.rejections = RejectionStore(db)

    def close(self) -> None:
        """Close the database connection."""
        self._db.close()

    @contextmanager
    def atomic(self) -> Iterator[None]:
        """Group the block into one transaction: reads see one state, writes are stored together."""
        with self._db.atomic():
            yield

    @contextmanager
    def bulk(self) -> Iterator[None]:
        """Store many papers in less time, with more memory, within the block."""
        for pragma in ("cache_size = -65536", "wal_autocheckpoint = 16384"):
            self._db.execute(f"PRAGMA {pragma}")
        with self.full_text.without_merging():
            yield

    def store(self, papers: Sequence[Paper]) -> Counter[Change]:
        """Upsert papers by id in one transaction; return how many records made which change.

        Repeating a call changes nothing. New and changed texts get a new summary.
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
            summary = (
                entry.summary if entry and same_text else summarise(after.abstract, after.title)
            )
            changed[after.id] = (after, summary)
        new_texts = [
            paper.id
            for paper, _ in changed.values()
            if paper.id not in held or not _same_full_text(paper, held[paper.id].paper)
        ]
        self._store_earlier_texts([held[paper_id] for paper_id in changed if paper_id in held])
        known_texts = [paper_id for paper_id in new_texts if paper_id in held]
        self.full_text.remove(known_texts)
        self.outlines.discard(known_texts)
        self._db.conn.executemany(UPSERT_PAPER, [row_from_paper(p, s) for p, s in changed.values()])
        self.full_text.add(new_texts)
        self._db.conn.executemany(
            UPSERT_VERSION,
            [
                (v.number, format_date(v.created, v.precision), v.size, v.flags, paper.id)
                for paper, _ in changed.values()
                for v in paper.versions
            ],
        )
        return counts

    def _store_earlier_texts(self, entries: Sequence[Entry]) -> None:
        """Store the present texts of entries that are about to change, if the version is known."""
        self._db.conn.executemany(
            "INSERT OR IGNORE INTO earlier_texts (paper, version, title, abstract) "
            "VALUES (?, ?, ?, ?)",
            [
                (entry.number, entry.paper.version, entry.paper.title, entry.paper.abstract)
                for entry in entries
                if entry.paper.version is not None
            ],
        )

    def earlier_texts(self, number: int) -> list[EarlierText]:
        """Return title and abstract of the earlier versions that were harvested."""
        rows = self._db.execute(
            "SELECT e.version, e.title, e.abstract FROM earlier_texts e JOIN papers p "
            "ON p.number = e.paper AND p.version > e.version WHERE e.paper = ? ORDER BY 1",
            [number],
        )
        return [EarlierText(*row) for row in rows.fetchall()]

    def withdraw(self, ids: Sequence[str]) -> int:
        """Mark papers deleted by their source as withdrawn; return how many were not before."""
        with self._db.atomic():
            return self._db.execute(
                "UPDATE papers SET withdrawn = 1, withdrawal = 'deleted' "
                "WHERE NOT withdrawn AND id IN (SELECT value FROM json_each(?))",
                [json.dumps(ids)],
            ).rowcount

    def _by_ids(self, ids: Sequence[str]) -> list[Entry]:
        return self._entries("id IN (SELECT value FROM json_each(?))", [json.dumps(ids)])

    def entry(self, paper_id: str) -> Entry:
        """Return a paper by canonical id; raises UnknownPaper if it has not been harvested."""
        entries = self._by_ids([paper_id])
        if not entries:
            raise UnknownPaper(paper_id)
        return entries[0]

    def entries(self, numbers: Sequence[int]) -> dict[int, Entry]:
        """Return papers by catalogue number; unknown numbers are left out."""
        rows = self._entries(
            "number IN (SELECT value FROM json_each(?))", [json.dumps([int(n) for n in numbers])]
        )
        return {entry.number: entry for entry in rows}

    def ids_not_withdrawn(self, numbers: Sequence[int]) -> dict[int, str]:
        """Return the ids of those papers that are in the catalogue and not withdrawn, by number."""
        rows = self._db.execute(
            "SELECT number, id FROM papers "
            "WHERE NOT withdrawn AND number IN (SELECT value FROM json_each(?))",
            [json.dumps([int(n) for n in numbers])],
        )
        return dict(rows.fetchall())

    def numbers_of(self, ids: Iterable[str]) -> dict[str, int]:
        """Return catalogue numbers by id; unknown ids are left out."""
        known = "SELECT id, number FROM papers WHERE id IN (SELECT value FROM json_each(?))"
        return dict(self._db.execute(known, [json.dumps(list(ids))]).fetchall())

    def numbers_by_authors(self, names: Sequence[str]) -> list[int]:
        """Return the numbers of papers with an author that matches one of these names."""
        return sorted({number for name in names for number in self.authors_matching(name)})

    def authors_matching(self, name: str) -> dict[int, list[str]]:
        """Return the authors that match a name, by the numbers of their papers."""
        candidates = self.full_text.with_author_words(name_alternatives(name))
        rows = self._db.execute(
            "SELECT number, authors FROM papers WHERE number IN (SELECT value FROM json_each(?))",
            [json.dumps(candidates)],
        )
        found = ((number, names_that_match(name, json.loads(authors))) for number, authors in rows)
        return {number: matching for number, matching in found if matching}

    def attributes(self, numbers: Rows) -> Iterator[tuple[str | None, str, str | None, str | None]]:
        """Yield what `Attributes.from_papers` takes, by sorted number; a month is its first day."""
        return attributes_of(self._db, numbers)

    def sample_texts(self, papers: int) -> list[tuple[str, str]]:
        """Return title and abstract of all papers, or of an even sample of a larger catalogue.

        A sample has at least `papers` and less than twice as many.
        """
        numbers = [n for (n,) in self._db.execute("SELECT number FROM papers ORDER BY number")]
        chosen = numbers[:: max(1, len(numbers) // papers)]
        return self._db.execute(
            "SELECT title, abstract FROM papers "
            "WHERE number IN (SELECT value FROM json_each(?)) ORDER BY number",
            [json.dumps(chosen)],
        ).fetchall()

    def ids_of_month(self, month: str) -> list[tuple[str, list[str]]]:
        """Return the ids assigned in a month ("2310"), each with the paper's categories."""
        rows = self._db.execute(
            "SELECT id, categories FROM papers WHERE id >= ? AND id < ?", [f"{month}.", f"{month}/"]
        )
        return [(paper_id, categories.split()) for paper_id, categories in rows.fetchall()]

    def newest_id(self) -> str:
        """Return the newest id of the form 2401.08092; raises NotReady if there is none."""
        row = self._db.execute("SELECT max(id) FROM papers WHERE id < 'A'").fetchone()
        if row[0] is None:
            raise NotReady(
                "the catalogue has no paper with an identifier like 2401.08092 (since 2007): "
                f"{ADD_PAPERS}"
            )
        return str(row[0])

    def count(self) -> int:
        """Return the number of papers."""
        return int(self._db.execute("SELECT count(*) FROM papers").fetchone()[0])

    def count_after(self, number: int) -> int:
        """Return how many papers have a greater catalogue number: those that were stored later."""
        query = "SELECT count(*) FROM papers WHERE number > ?"
        return int(self._db.execute(query, [number]).fetchone()[0])

    def newest_day(self) -> date | None:
        """Return the latest day, known as such, on which any paper was submitted or updated."""
        exact = "SELECT max(updated) FROM papers WHERE length(updated) = 10"
        [newest] = self._db.execute(exact).fetchone()
        return date.fromisoformat(newest) if newest else None

    def _entries(self, where: str, parameters: Sequence[str]) -> list[Entry]:
        cursor = self._db.execute(
            f"SELECT number, {', '.join(PAPER_COLUMNS)} FROM papers WHERE {where}",  # noqa: S608
            parameters,
        )
        rows = cursor.fetchall()
        history: dict[int, list[Version]] = {number: [] for number, *_ in rows}
        for number, version, created, size, flags in self._db.execute(
            "SELECT paper, version, created, size, flags FROM versions "
            "WHERE paper IN (SELECT value FROM json_each(?)) ORDER BY paper, version",
            [json.dumps(list(history))],
        ):
            history[number].append(Version(version, *parse_date(created), size, flags))
        return [entry_from_row(row, history[row[0]]) for row in rows]


def _same_full_text(one: Paper, other: Paper) -> bool:
    return (one.title, one.abstract, one.authors) == (other.title, other.abstract, other.authors)


@contextmanager
def open_catalogue(data: Path, wait: float = 30) -> Iterator[Catalogue]:
    """Open the catalogue for writing; create it if it is missing, migrate an older schema.

    Raises ForeignCatalogue for a schema that this program does not know, Busy if another process
    still writes after `wait` seconds, NoSpaceLeft for a full disk, NotWritable if this user may not
    write, Damaged for a file that SQLite cannot use.
    """
    with writable_database(data, wait) as db:
        catalogue = Catalogue(db)
        catalogue.full_text.update()
        yield catalogue


@contextmanager
def read_catalogue(data: Path) -> Iterator[Catalogue]:
    """Open the catalogue read-only; raises the errors of `open_catalogue`.

    Raises NotReady if there is no catalogue, or if its schema needs a migration.
    """
    with read_only_database(data) as db:
        yield Catalogue(db)
