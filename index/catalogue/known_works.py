"""Papers by what others call them: an arXiv id somewhere in a field, a DOI, a title."""

import json
import re
import string
import unicodedata
from collections import defaultdict
from collections.abc import Collection

from sqlite_utils import Database

from index.arxiv.bibliographic_text import dois_in, without_markup
from index.catalogue.full_text import FullText

_MIN_WORDS = 3  # "Deep learning" is the title of many
_WORDS_LOOKED_UP = 4  # the longest; a fifth costs more than it spares


class KnownWorks:
    """The catalogue's papers, found by DOI and by title."""

    def __init__(self, db: Database, full_text: FullText) -> None:
        self._db = db
        self._full_text = full_text

    def ids_by_doi(self, dois: Collection[str]) -> dict[str, list[str]]:
        """Ids of the papers that bear these DOIs, by DOI as `dois_in` gives it."""
        rows = self._db.execute(
            "SELECT id, doi FROM papers "
            "WHERE doi COLLATE NOCASE IN (SELECT value FROM json_each(?)) "
            # A text of several DOIs is in no index by each; they are so few that all are read.
            "UNION SELECT id, doi FROM papers WHERE doi LIKE '% %'",
            [json.dumps(list(dois))],
        )
        bearing: defaultdict[str, list[str]] = defaultdict(list)
        for paper_id, text in rows.fetchall():
            for doi in dois_in(text):
                bearing[doi].append(paper_id)
        return {doi: bearing[doi] for doi in dois if doi in bearing}

    def ids_by_title(self, title: str) -> list[str]:
        """Ids of the papers of a title, which is written as `without_markup` gives it.

        Capitals, accents, punctuation and blanks make no difference. A title of fewer than three
        words finds nothing.
        """
        words = _lookup_words(title)
        if len(list(filter(_letters, title.split()))) < _MIN_WORDS or not words:
            return []
        rows = self._db.execute(
            "SELECT id, title FROM papers WHERE number IN (SELECT value FROM json_each(?))",
            [json.dumps(self._full_text.with_title_words(words))],
        )
        wanted = _letters(title)
        return [i for i, held in rows.fetchall() if _letters(without_markup(held)) == wanted]


def _letters(title: str) -> str:
    """What is the same in every way of writing a title: its letters and digits."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKD", title).casefold()))


def _lookup_words(title: str) -> list[str]:
    """Words that the full text knows the title by, however the catalogue writes it.

    A word with an accent or a digit may stand there in TeX, and "pre-training" as one word: they
    are looked up only where the title has hardly another.
    """
    words = {word.strip(string.punctuation) for word in title.lower().split()}
    plain = {word for word in words if word.isascii() and word.isalpha()}
    if len(plain) < 2:
        folded = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
        plain = set(re.findall("[a-z0-9]+", folded.lower()))
    return sorted(plain, key=lambda word: (-len(word), word))[:_WORDS_LOOKED_UP]
