"""Papers by what others call them: an arXiv id somewhere in a field, a DOI, a title."""

import json
import re
import string
import unicodedata
from collections import defaultdict
from collections.abc import Collection
from functools import cache
from html import unescape
from typing import Any
from urllib.parse import unquote

from sqlite_utils import Database

from index.arxiv.identifier import canonical_id
from index.arxiv.paper import one_line
from index.catalogue.full_text import FullText
from index.errors import BadIdentifier

_LONGEST = 2_000  # characters; no title, note or address is longer
_FEWEST_WORDS = 3  # "Deep learning" is the title of many
_WORDS_LOOKED_UP = 4  # the longest; a fifth costs more than it spares
_DOI = re.compile(r"\b10\.[\d.]{1,20}/[^\s?#]+")
_ARXIV_ID = re.compile(
    r"(?:arxiv|\bcorr\b|\babs/|\b10\.48550/).{0,40}?(?<!\d)"
    r"(\d{4}\.\d{4,6}|[a-z-]{2,8}(?:\.[a-z]{2})?/\d{7})(?:v\d+)?(?!\d)",
    re.IGNORECASE,
)
_HTML = re.compile(r"</?(?:i|b|em|strong|sub|sup|sc|scp|span)\b[^<>]*>", re.IGNORECASE)
_BRACE_AFTER_COMMAND = re.compile(r"(\\[A-Za-z]+)[{}]")
_BRACE_OR_DOLLAR = re.compile(r"(?<!\\)[{}$]")
_TEX = re.compile(
    r"""\\(?: (?P<accent>[`'^"~=.]|[uvHcdbkr](?![A-Za-z]))\s*
              (?: \\(?P<dotless>[ij])(?![A-Za-z])\s? | (?P<letter>[A-Za-z]) )
            | (?P<command>[A-Za-z]+)\s*
            | (?P<sign>.) )""",
    re.VERBOSE | re.DOTALL,
)
_ACCENTS = dict(
    zip(
        "`'^\"~=.uvHcdbkr",
        "\u0300\u0301\u0302\u0308\u0303\u0304\u0307\u0306\u030c\u030b\u0327\u0323\u0331\u0328\u030a",
        strict=True,
    )
)


class Bibliography:
    """The catalogue's papers, found by DOI and by title."""

    def __init__(self, db: Database, full_text: FullText) -> None:
        self._db = db
        self._full_text = full_text

    def by_doi(self, dois: Collection[str]) -> dict[str, list[str]]:
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

    def by_title(self, title: str) -> list[str]:
        """Ids of the papers of a title, which is written as `without_markup` gives it.

        Capitals, accents, punctuation and blanks make no difference. A title of fewer than three
        words finds nothing.
        """
        words = _telling_words(title)
        if len(list(filter(_letters, title.split()))) < _FEWEST_WORDS or not words:
            return []
        rows = self._db.execute(
            "SELECT id, title FROM papers WHERE number IN (SELECT value FROM json_each(?))",
            [json.dumps(self._full_text.with_title_words(words))],
        )
        wanted = _letters(title)
        return [i for i, held in rows.fetchall() if _letters(without_markup(held)) == wanted]


def arxiv_id_in(text: str) -> str | None:
    """The first canonical id in a text that says it is one: a bare number may be any number."""
    for written in _ARXIV_ID.findall(text):
        try:
            return canonical_id(written)
        except BadIdentifier:
            continue
    return None


def dois_in(text: str) -> list[str]:
    """The DOIs that stand in a text or in an address, each once, in lower case."""
    found = (doi.rstrip(".,;").lower() for doi in _DOI.findall(unquote(text)))
    return list(dict.fromkeys(found))


def without_markup(text: str) -> str:
    """A field of a bibliography as the one line that people read, without TeX and HTML.

    Of more than 2,000 characters it reads only so many.
    """
    text = _HTML.sub("", unescape(text[:_LONGEST]))
    return one_line(without_tex(text).replace("~", " "))


def without_tex(text: str) -> str:
    """What TeX writes for a text: accents and symbols as characters; other commands are gone."""
    # Without braces nothing lies within anything; a parser of TeX may take minutes for bad intent.
    text = _BRACE_OR_DOLLAR.sub("", _BRACE_AFTER_COMMAND.sub(r"\1 ", text))
    return _TEX.sub(_told, text)


def _told(tex: re.Match[str]) -> str:
    if tex["accent"]:
        letter = tex["dotless"] or tex["letter"]
        return unicodedata.normalize("NFC", letter + _ACCENTS[tex["accent"]])
    if tex["command"]:
        return symbol_of(tex["command"])
    return tex["sign"] if tex["sign"] in "&%_#{}$" else " "


@cache
def _symbols() -> Any:
    from pylatexenc.latex2text import get_default_latex_context_db

    return get_default_latex_context_db()


def symbol_of(command: str) -> str:
    """What a command of TeX writes by itself: a letter, a sign, a word like "log", or nothing."""
    spec = _symbols().get_macro_spec(command)
    written = getattr(spec, "simplify_repl", None)
    if not isinstance(written, str) or "%" in written:
        return ""
    return written if len(written) == 1 else f" {written} "


def _letters(title: str) -> str:
    """What is the same in every way of writing a title: its letters and digits."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKD", title).casefold()))


def _telling_words(title: str) -> list[str]:
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
