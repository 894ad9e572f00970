"""The catalogue's full text, by FTS5: which papers hold a phrase, and whose they may be."""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from sqlite_utils import Database

_BLANKS = str.maketrans('"\0', "  ")  # what would end a phrase, or the whole query


class FullText:
    """Titles, abstracts and authors by their words; `add` and `remove` keep them as papers are."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def add(self, ids: Sequence[str]) -> None:
        """Take in the texts that the papers hold now."""
        self._db.execute(
            "INSERT INTO papers_fts (rowid, title, abstract, authors) "
            "SELECT number, title, abstract, authors "
            "FROM papers WHERE id IN (SELECT value FROM json_each(?)) ORDER BY number",
            [json.dumps(ids)],
        )

    def remove(self, texts: Iterable[tuple[int, str, str, str]]) -> None:
        """Take out texts, each as the number, title, abstract and authors that were taken in."""
        self._db.conn.executemany(
            "INSERT INTO papers_fts (papers_fts, rowid, title, abstract, authors) "
            "VALUES ('delete', ?, ?, ?, ?)",
            texts,
        )

    def with_phrases(self, phrases: Sequence[str]) -> list[int]:
        """Numbers of the papers whose title or abstract hold every phrase, word for word."""
        return self._matching("title abstract", " AND ".join(map(_quoted, phrases)))

    def with_any_phrase(self, phrases: Sequence[str]) -> list[int]:
        """Numbers of the papers whose title or abstract hold at least one of the phrases."""
        return self._matching("title abstract", " OR ".join(map(_quoted, phrases)))

    def with_title_words(self, words: Sequence[str]) -> list[int]:
        """Numbers of the papers in whose title every word stands."""
        return self._matching("title", " AND ".join(map(_quoted, words)))

    def with_author_words(self, words: Sequence[Sequence[str]]) -> list[int]:
        """Numbers of the papers in whose authors' names stands, of each group, some word."""
        groups = (f"({' OR '.join(map(_quoted, group))})" for group in words)
        return self._matching("authors", " AND ".join(groups))

    def _matching(self, columns: str, query: str) -> list[int]:
        rows = self._db.execute(
            "SELECT rowid FROM papers_fts WHERE papers_fts MATCH ?", [f"{{{columns}}} : ({query})"]
        )
        return [number for (number,) in rows.fetchall()]

    @contextmanager
    def without_merging(self) -> Iterator[None]:
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


def _quoted(phrase: str) -> str:
    return '"' + phrase.translate(_BLANKS) + '"'
