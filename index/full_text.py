"""The catalogue's full text, by FTS5: which papers hold a phrase."""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from sqlite_utils import Database

_BLANKED = str.maketrans('"\0', "  ")  # what would end a phrase, or the whole query


class FullText:
    """Titles and abstracts by their words; `add` and `remove` keep them as the papers are."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def add(self, ids: Sequence[str]) -> None:
        """Take in the texts that the papers hold now."""
        self._db.execute(
            "INSERT INTO papers_fts (rowid, title, abstract) SELECT number, title, abstract "
            "FROM papers WHERE id IN (SELECT value FROM json_each(?)) ORDER BY number",
            [json.dumps(ids)],
        )

    def remove(self, texts: Iterable[tuple[int, str, str]]) -> None:
        """Take out texts, each as the number, title and abstract that were taken in."""
        self._db.conn.executemany(
            "INSERT INTO papers_fts (papers_fts, rowid, title, abstract) "
            "VALUES ('delete', ?, ?, ?)",
            texts,
        )

    def with_phrases(self, phrases: Sequence[str]) -> list[int]:
        """Numbers of the papers whose title or abstract hold every phrase, word for word."""
        query = " AND ".join('"' + phrase.translate(_BLANKED) + '"' for phrase in phrases)
        rows = self._db.execute("SELECT rowid FROM papers_fts WHERE papers_fts MATCH ?", [query])
        return [number for (number,) in rows.fetchall()]

    @contextmanager
    def unmerged(self) -> Iterator[None]:
        """Within the block, taking in many texts costs less, and more memory.

        FTS5 merges its segments while it is filled (sqlite.org/fts5.html, "automerge"); a large
        load needs that only once.
        """
        self._tune(automerge=0, hashsize=64 * 2**20)
        try:
            yield
        finally:
            self._tune(automerge=4, hashsize=2**20)

    def _tune(self, **options: int) -> None:
        with self._db.atomic():
            self._db.conn.executemany(
                "INSERT INTO papers_fts (papers_fts, rank) VALUES (?, ?)", options.items()
            )
