"""Look up papers by DOI and by title."""

import json
import re
import string
from collections import defaultdict
from collections.abc import Collection

from sqlite_utils import Database

from index.arxiv.bibliographic_text import dois_in, without_markup
from index.arxiv.tex.folding import searchable_spellings, searchable_text
from index.catalogue.full_text import FullText

_MIN_WORDS = 3  # shorter titles, such as "Deep learning", are shared by many papers
_WORD = re.compile(r"[^\W_]+")
_TRANSLITERATED = re.compile("ae|oe|ue|aa|dj")  # may be written as one letter
_WORDS_LOOKED_UP = 4  # the longest words; a fifth costs more time than it saves


class KnownWorks:
    """Finds papers of the catalogue by DOI and by title."""

    def __init__(self, db: Database, full_text: FullText) -> None:
        self._db = db
        self._full_text = full_text

    def ids_by_doi(self, dois: Collection[str]) -> dict[str, list[str]]:
        """Return the ids of papers with these DOIs, by DOI in the form of `dois_in`."""
        rows = self._db.execute(
            "SELECT id, doi FROM papers "
            "WHERE doi COLLATE NOCASE IN (SELECT value FROM json_each(?)) "
            # No index has the single DOIs of a text with several; these few texts are all read.
            "UNION SELECT id, doi FROM papers WHERE doi LIKE '% %'",
            [json.dumps(list(dois))],
        )
        ids: defaultdict[str, list[str]] = defaultdict(list)
        for paper_id, text in rows.fetchall():
            for doi in dois_in(text):
                ids[doi].append(paper_id)
        return {doi: ids[doi] for doi in dois if doi in ids}

    def ids_by_title(self, title: str) -> list[str]:
        """Return the ids of papers with this title, given in the form of `without_markup`.

        Case, accents, punctuation and blanks do not matter. A title of fewer than three words
        matches no paper.
        """
        words = _lookup_words(title)
        if sum(map(bool, map(_letters, title.split()))) < _MIN_WORDS or not words:
            return []
        rows = self._db.execute(
            "SELECT id, title FROM papers WHERE number IN (SELECT value FROM json_each(?))",
            [json.dumps(self._full_text.with_title_words(words))],
        )
        wanted = _spelt_letters(title)
        return [i for i, other in rows.fetchall() if wanted & _spelt_letters(without_markup(other))]


def _spelt_letters(title: str) -> set[str]:
    """Return the letters and digits of a title, with umlauts plain and transliterated."""
    return set(map(_letters, searchable_spellings(title)))


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))


def _lookup_words(title: str) -> list[str]:
    """Return words that the full text has for this title, in any spelling of the catalogue.

    The catalogue may write "pre-training" as one word and "ü" as "ue". Such words are used only if
    the title has fewer than two others.
    """
    words = {word.strip(string.punctuation) for word in title.lower().split()}
    plain = {w for w in words if w.isascii() and w.isalpha() and not _TRANSLITERATED.search(w)}
    if len(plain) < 2:
        plain = set(_WORD.findall(searchable_text(title)))
    return sorted(plain, key=lambda word: (-len(word), word))[:_WORDS_LOOKED_UP]
