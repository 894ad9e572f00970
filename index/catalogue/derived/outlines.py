"""Outlines of papers in the catalogue; `index.lists.outlines` computes and reads their bytes.

They can be computed from the papers again. A paper loses its outline if its text changes, and has
none until the next update.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlite_utils import Database

from index.arxiv.date_precision import DatePrecision, parse_date


@dataclass(frozen=True, slots=True)
class OutlinedPaper:
    """What lists show of a paper and compare, without its history; see `Paper`, `Entry`.

    `outline` is empty if none of the requested form is stored.
    """

    number: int
    id: str
    title: str
    abstract: str
    authors: list[str]
    categories: list[str]
    submitted: date | None
    submitted_precision: DatePrecision | None
    summary: str
    text_hash: bytes
    outline: bytes


class OutlineStore:
    """The outlines of papers by catalogue number, all in one form.

    catalogue.outlines.begin_form(outline_form())
    catalogue.outlines.add([(7, encode_outline(outline, abstract))])
    catalogue.outlines.listed([7], outline_form())[7].outline
    """

    def __init__(self, db: Database) -> None:
        self._db = db

    def listed(self, numbers: Sequence[int], form: str) -> dict[int, OutlinedPaper]:
        """Return these papers with their outlines of this form, by number, with one query."""
        rows = self._db.execute(
            "SELECT number, id, title, abstract, authors, categories, submitted, summary, "
            "text_hash, content FROM papers LEFT JOIN outlines "
            "ON paper = number AND EXISTS (SELECT 1 FROM outline_form WHERE form = ?) "
            "WHERE number IN (SELECT value FROM json_each(?))",
            [form, json.dumps(numbers)],
        )
        papers = {}
        for (
            number,
            paper,
            title,
            abstract,
            authors,
            categories,
            day,
            summary,
            text,
            outline,
        ) in rows:
            submitted, precision = parse_date(day) if day else (None, None)
            papers[number] = OutlinedPaper(
                number,
                paper,
                title,
                abstract,
                json.loads(authors),
                categories.split(),
                submitted,
                precision,
                summary,
                text,
                outline or b"",
            )
        return papers

    def begin_form(self, form: str) -> None:
        """Delete all outlines if they have another form than this."""
        if self._db.execute("SELECT form FROM outline_form").fetchall() == [(form,)]:
            return
        with self._db.atomic():
            self._db.execute("DELETE FROM outlines")
            self._db.execute("DELETE FROM outline_form")
            self._db.execute("INSERT INTO outline_form (form) VALUES (?)", [form])

    def pending(self) -> list[int]:
        """Return the numbers of the papers without an outline, ascending."""
        rows = self._db.execute(
            "SELECT number FROM papers INDEXED BY papers_attributes "
            "WHERE NOT EXISTS (SELECT 1 FROM outlines WHERE paper = number) ORDER BY number"
        )
        return [number for (number,) in rows]

    def texts(self, numbers: Sequence[int]) -> list[tuple[int, str, str]]:
        """Return number, title and abstract of these papers."""
        return self._db.execute(
            "SELECT number, title, abstract FROM papers "
            "WHERE number IN (SELECT value FROM json_each(?))",
            [json.dumps(numbers)],
        ).fetchall()

    def add(self, outlines: Iterable[tuple[int, bytes]]) -> None:
        """Store outlines by number, in one transaction."""
        with self._db.atomic():
            self._db.conn.executemany(
                "INSERT OR REPLACE INTO outlines (paper, content) VALUES (?, ?)", outlines
            )

    def discard(self, ids: Sequence[str]) -> None:
        """Delete the outlines of these papers, because their texts change."""
        self._db.execute(
            "DELETE FROM outlines WHERE paper IN "
            "(SELECT number FROM papers WHERE id IN (SELECT value FROM json_each(?)))",
            [json.dumps(ids)],
        )
