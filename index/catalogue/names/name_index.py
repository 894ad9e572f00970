"""Find titles and authors by words that are still being typed."""

import json
from collections.abc import Iterator, Sequence

from sqlite_utils import Database

from index.catalogue.full_text import quoted


class NameIndex:
    """Finds titles and authors by the beginnings of words, in the full text `names_fts`.

        names = catalogue.names
        names.titles(["mixture", "of"], "exp", limit=8)  # {"2401.04088": "Mixtral of Experts", ...}

    Words are in the form of `searchable_text`. The last one may be unfinished, "" if none is. The
    newest papers are found first, and no more than are needed are read.
    """

    def __init__(self, db: Database) -> None:
        self._db = db

    def titles_of(self, numbers: Sequence[int]) -> dict[int, str]:
        """Return titles by catalogue number; unknown numbers are left out."""
        known = "SELECT number, title FROM papers WHERE number IN (SELECT value FROM json_each(?))"
        return dict(self._db.execute(known, [json.dumps(list(numbers))]).fetchall())

    def titles(self, words: Sequence[str], last: str, limit: int) -> dict[str, str]:
        """Return titles by the ids of their papers, except withdrawn ones.

        Titles that begin with the words come before those that contain them in this order, and
        those that have them in any order come last.
        """
        found: dict[str, str] = {}
        phrase, every = _phrase(words, last), _every_word(words, last)
        for query in (f"title : ^ {phrase}", f"title : {phrase}", f"title : ({every})"):
            if len(found) >= limit:
                break
            rows = self._db.execute(
                "SELECT id, title FROM papers WHERE NOT withdrawn "
                "AND number IN (SELECT value FROM json_each(?)) ORDER BY number DESC",
                [json.dumps(self._newest(query, limit))],
            )
            found |= {paper_id: title for paper_id, title in rows if paper_id not in found}
        return dict(list(found.items())[:limit])

    def authors(self, words: Sequence[str], last: str, papers: int) -> Iterator[list[list[str]]]:
        """Yield the authors of papers: those with the words in this order, then in any order.

        Each has at most `papers` papers. The words may belong to different authors.
        """
        for query in (_phrase(words, last), f"({_every_word(words, last)})"):
            rows = self._db.execute(
                "SELECT authors FROM papers WHERE number IN (SELECT value FROM json_each(?))",
                [json.dumps(self._newest(f"authors : {query}", papers))],
            )
            yield [json.loads(authors) for (authors,) in rows.fetchall()]

    def _newest(self, query: str, limit: int) -> list[int]:
        rows = self._db.execute(
            "SELECT rowid FROM names_fts WHERE names_fts MATCH ? ORDER BY rowid DESC LIMIT ?",
            [query, limit],
        )
        return [number for (number,) in rows.fetchall()]


def _phrase(words: Sequence[str], last: str) -> str:
    return quoted(" ".join(filter(None, [*words, last]))) + " *" * bool(last)


def _every_word(words: Sequence[str], last: str) -> str:
    return " AND ".join([*map(quoted, words), *([f"{quoted(last)} *"] if last else [])])
