"""Full-text index of the catalogue (SQLite FTS5): titles, abstracts and authors."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlite_utils import Database

from index.arxiv.authors import searchable_names
from index.arxiv.tex.folding import fold, folding_form, searchable_spellings, searchable_text

TABLES = ("papers_fts", "names_fts")
"""The tables: one of titles, abstracts and authors, one of titles and authors alone."""
_BLANKS = str.maketrans('"\0', "  ")  # these characters would end a phrase or the whole query


def register_functions(connection: sqlite3.Connection) -> None:
    """Define the SQL functions of the view `papers_text`, whose rows the full text indexes.

    A connection needs them to change the full text or to compare it with the papers, but not to
    search it.
    """
    connection.execute("PRAGMA trusted_schema = ON")  # some builds refuse functions in views
    connection.create_function("searchable_text", 1, searchable_text, deterministic=True)
    connection.create_function(
        "searchable_names", 1, lambda names: searchable_names(json.loads(names)), deterministic=True
    )


def has_present_form(connection: sqlite3.Connection) -> bool:
    """Return whether the full text was indexed by the same rules that decode texts now.

    Otherwise no text can be removed or compared, because FTS5 needs the words that it indexed. The
    full text of an older schema does not depend on these rules.
    """
    forms = "SELECT count(*) FROM sqlite_master WHERE name = 'full_text_form'"
    if not connection.execute(forms).fetchone()[0]:
        return True
    return connection.execute("SELECT form FROM full_text_form").fetchall() == [(folding_form(),)]


class FullText:
    """Finds papers by words of titles, abstracts and authors, in the form of `searchable_text`.

    The caller keeps it in step with the papers: `remove` before a text changes, `add` after.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        register_functions(db.conn)

    def add(self, ids: Sequence[str]) -> None:
        """Index the present texts of these papers."""
        self._write("", ids)

    def remove(self, ids: Sequence[str]) -> None:
        """Remove the present texts of these papers, which must be those that were indexed."""
        self._write("'delete', ", ids)

    def _write(self, command: str, ids: Sequence[str]) -> None:
        texts = self._db.execute(
            "SELECT number, title, abstract, authors FROM papers_text "
            "WHERE id IN (SELECT value FROM json_each(?)) ORDER BY number",
            [json.dumps(ids)],
        ).fetchall()
        names = [(number, title, authors) for number, title, _, authors in texts]
        for table, columns, rows in (
            ("papers_fts", "title, abstract, authors", texts),
            ("names_fts", "title, authors", names),
        ):
            marks = ", ".join("?" * (columns.count(",") + 2))
            self._db.conn.executemany(
                f"INSERT INTO {table} ({f'{table}, ' if command else ''}rowid, {columns}) "  # noqa: S608
                f"VALUES ({command}{marks})",
                rows,
            )

    def update(self) -> None:
        """Index all papers again if they were indexed in another form of text."""
        if not has_present_form(self._db.conn):
            self.rebuild()

    def rebuild(self) -> None:
        """Index all papers again."""
        with self._db.atomic():
            for table in TABLES:
                self._db.execute(f"INSERT INTO {table} ({table}) VALUES ('rebuild')")  # noqa: S608
            self._db.execute("DELETE FROM full_text_form")
            self._db.execute("INSERT INTO full_text_form (form) VALUES (?)", [folding_form()])

    def with_phrases(self, phrases: Sequence[str], columns: str = "title abstract") -> list[int]:
        """Return the numbers of papers with every phrase, word for word, in title or abstract."""
        return self._matching(columns, " AND ".join(map(any_spelling, phrases)))

    def with_any_phrase(self, phrases: Sequence[str]) -> list[int]:
        """Return the numbers of papers with at least one phrase in title or abstract."""
        return self._matching("title abstract", " OR ".join(map(any_spelling, phrases)))

    def with_title_words(self, words: Sequence[str], limit: int = -1) -> list[int]:
        """Return the numbers of papers with every word, in the indexed form, in the title.

        A limit selects the newest papers.
        """
        return self._matching("title", " AND ".join(map(quoted, words)), limit)

    def with_all_words(
        self, words: Sequence[Sequence[str]], columns: str = "title abstract authors"
    ) -> list[int]:
        """Return the numbers of papers with one of the forms of every word in these columns."""
        query = " AND ".join(f"({' OR '.join(map(quoted, forms))})" for forms in words)
        return self._matching(columns, query)

    def with_author_words(self, alternatives: Sequence[Sequence[Sequence[str]]]) -> list[int]:
        """Return the numbers of papers with words of authors, as `name_alternatives` gives them.

        The authors' names have a word of each group of one of the alternatives.
        """
        if not alternatives:  # the name has no letter or digit
            return []
        queries = (
            " AND ".join(f"({' OR '.join(map(quoted, group))})" for group in groups)
            for groups in alternatives
        )
        return self._matching("authors", " OR ".join(f"({query})" for query in queries))

    def has_author_phrase(self, names: Sequence[str]) -> bool:
        """Return whether the words of any of these names follow each other among the authors."""
        query = " OR ".join(any_spelling(name) for name in names)
        rows = self._db.execute(
            "SELECT 1 FROM papers_fts WHERE papers_fts MATCH ? LIMIT 1", [f"authors : ({query})"]
        )
        return rows.fetchone() is not None

    def count_with_phrase(self, phrase: str, most: int) -> int:
        """Return the number of papers with a phrase in title or abstract, at most `most`."""
        query = f"{{title abstract}} : {any_spelling(phrase)}"
        rows = self._db.execute(
            "SELECT count(*) FROM (SELECT 1 FROM papers_fts WHERE papers_fts MATCH ? LIMIT ?)",
            [query, most],
        )
        return int(rows.fetchone()[0])

    def is_author_word(self, word: str) -> bool:
        """Return whether a word is part of the name of an author of any paper."""
        rows = self._db.execute(
            "SELECT 1 FROM papers_fts WHERE papers_fts MATCH ? LIMIT 1",
            [f"authors : {quoted(fold(word))}"],
        )
        return rows.fetchone() is not None

    def _matching(self, columns: str, query: str, limit: int = -1) -> list[int]:
        newest = "ORDER BY rowid DESC LIMIT ?" if limit >= 0 else ""
        rows = self._db.execute(
            f"SELECT rowid FROM papers_fts WHERE papers_fts MATCH ? {newest}",  # noqa: S608 - ours
            [f"{{{columns}}} : ({query})", *([limit] if newest else [])],
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
            for table in TABLES:
                self._db.conn.executemany(
                    f"INSERT INTO {table} ({table}, rank) VALUES (?, ?)",  # noqa: S608 - ours
                    options.items(),
                )


def any_spelling(phrase: str) -> str:
    """Return an FTS5 query for a phrase in any of its spellings."""
    return f"({' OR '.join(map(quoted, searchable_spellings(phrase)))})"


def quoted(phrase: str) -> str:
    """Return a phrase as FTS5 reads it: a string of its words."""
    return '"' + phrase.translate(_BLANKS) + '"'
