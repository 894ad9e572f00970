"""Full-text index of the catalogue (SQLite FTS5): titles, abstracts and authors."""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from sqlite_utils import Database

_BLANKS = str.maketrans('"\0', "  ")  # these characters would end a phrase or the whole query


class FullText:
    """Finds papers by words of titles, abstracts and authors.

    The caller keeps it in step with the papers: `remove` before a text changes, `add` after.
    """

    def __init__(self, db: Database) -> None:
        self._db = db

    def add(self, ids: Sequence[str]) -> None:
        """Index the present texts of these papers."""
        self._db.execute(
            "INSERT INTO papers_fts (rowid, title, abstract, authors) "
            "SELECT number, title, abstract, authors "
            "FROM papers WHERE id IN (SELECT value FROM json_each(?)) ORDER BY number",
            [json.dumps(ids)],
        )

    def remove(self, texts: Iterable[tuple[int, str, str, str]]) -> None:
        """Remove texts; each is the number, title, abstract and authors as they were indexed."""
        self._db.conn.executemany(
            "INSERT INTO papers_fts (papers_fts, rowid, title, abstract, authors) "
            "VALUES ('delete', ?, ?, ?, ?)",
            texts,
        )

    def with_phrases(self, phrases: Sequence[str]) -> list[int]:
        """Return the numbers of papers with every phrase, word for word, in title or abstract."""
        return self._matching("title abstract", " AND ".join(map(_quoted, phrases)))

    def with_any_phrase(self, phrases: Sequence[str]) -> list[int]:
        """Return the numbers of papers with at least one phrase in title or abstract."""
        return self._matching("title abstract", " OR ".join(map(_quoted, phrases)))

    def with_title_words(self, words: Sequence[str]) -> list[int]:
        """Return the numbers of papers with every word in the title."""
        return self._matching("title", " AND ".join(map(_quoted, words)))

    def with_author_words(self, words: Sequence[Sequence[str]]) -> list[int]:
        """Return the numbers of papers with a word of each group among the authors' names."""
        groups = (f"({' OR '.join(map(_quoted, group))})" for group in words)
        return self._matching("authors", " AND ".join(groups))

    def is_author_word(self, word: str) -> bool:
        """Return whether a word is part of the name of an author of any paper."""
        rows = self._db.execute(
            "SELECT 1 FROM papers_fts WHERE papers_fts MATCH ? LIMIT 1",
            [f"authors : {_quoted(word)}"],
        )
        return rows.fetchone() is not None

    def _matching(self, columns: str, query: str) -> list[int]:
        rows = self._db.execute(
            "SELECT rowid FROM papers_fts WHERE papers_fts MATCH ?", [f"{{{columns}}} : ({query})"]
        )
        return [number for (number,) in rows.fetchall()]

    @contextmanager
    def without_merging(self) -> Iterator[None]:
        """Index many texts in less time, with more memory, within the block.

        FTS5 merges its segments while texts are added (sqlite.org/fts5.html, "automerge"). For a
        large load it is enough to merge once.
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
