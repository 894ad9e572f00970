"""Identifiers and plain text in bibliographic fields: arXiv ids, DOIs, TeX, HTML."""

import re
from html import unescape
from urllib.parse import unquote

from index.arxiv.identifier import canonical_id
from index.arxiv.paper import to_single_line
from index.arxiv.tex.text import tex_to_text
from index.errors import BadIdentifier

_MAX_LENGTH = 2_000  # characters; no title, note or address is longer


_DOI = re.compile(r"\b10\.[\d.]{1,20}/[^\s?#]+")


_ARXIV_ID = re.compile(
    r"(?:arxiv|\bcorr\b|\babs/|\b10\.48550/).{0,40}?(?<!\d)"
    r"(\d{4}\.\d{4,6}|[a-z-]{2,8}(?:\.[a-z]{2})?/\d{7})(?:v\d+)?(?!\d)",
    re.IGNORECASE,
)


_HTML = re.compile(r"</?(?:i|b|em|strong|sub|sup|sc|scp|span)\b[^<>]*>", re.IGNORECASE)


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
    return to_single_line(tex_to_text(text).replace("~", " "))
