"""Outlines of papers in the catalogue; `index.lists.outlines` computes and reads their bytes.

They can be computed from the papers again. A paper loses its outline if its text changes, and has
none until the next update.
"""

import json
from collections.abc import Iterable, Sequence

from sqlite_utils import Database


class OutlineStore:
    """The outlines of papers by catalogue number, all in one form.

    catalogue.outlines.begin_form(outline_form())
    catalogue.outlines.add([(7, encode_outline(outline, abstract))])
    contents = catalogue.outlines.of([7])
    """

    def __init__(self, db: Database) -> None:
        self._db = db

    def of(self, numbers: Sequence[int], form: str) -> dict[int, bytes]:
        """Return the outlines of these papers; those without one of this form are left out."""
        rows = self._db.execute(
            "SELECT paper, content FROM outlines JOIN outline_form ON form = ? "
            "WHERE paper IN (SELECT value FROM json_each(?))",
            [form, json.dumps(numbers)],
        )
        return dict(rows.fetchall())

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
