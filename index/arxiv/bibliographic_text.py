"""Identifiers and plain text in bibliographic fields: arXiv ids, DOIs, TeX, HTML."""

import re
import unicodedata
from functools import cache
from html import unescape
from typing import Any
from urllib.parse import unquote

from index.arxiv.identifier import canonical_id
from index.arxiv.paper import to_single_line
from index.errors import BadIdentifier

_MAX_LENGTH = 2_000  # characters; no title, note or address is longer


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
    text = _HTML.sub("", unescape(text[:_MAX_LENGTH]))
    return to_single_line(without_tex(text).replace("~", " "))


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
