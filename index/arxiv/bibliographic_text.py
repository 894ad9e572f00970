"""Extract arXiv ids, DOIs and plain text from bibliographic fields with TeX and HTML."""

import re
from html import unescape
from urllib.parse import unquote

from index.arxiv.identifier import canonical_id
from index.arxiv.paper import to_single_line
from index.arxiv.tex.text import tex_to_text
from index.errors import BadIdentifier

_MAX_LENGTH = 2_000  # characters; titles, notes and addresses are shorter
_DOI = re.compile(r"\b10\.[\d.]{1,20}/[^\s?#]+")
_ARXIV_ID = re.compile(
    r"(?:arxiv|\bcorr\b|\babs/|\b10\.48550/).{0,40}?(?<!\d)"
    r"(\d{4}\.\d{4,6}|[a-z-]{2,8}(?:\.[a-z]{2})?/\d{7})(?:v\d+)?(?!\d)",
    re.IGNORECASE,
)
_HTML = re.compile(r"</?(?:i|b|em|strong|sub|sup|sc|scp|span)\b[^<>]*>", re.IGNORECASE)


def arxiv_id_in(text: str) -> str | None:
    """Return the first canonical id after a mention of arXiv; bare numbers are ignored."""
    for match in _ARXIV_ID.findall(text):
        try:
            return canonical_id(match)
        except BadIdentifier:
            continue
    return None


def dois_in(text: str) -> list[str]:
    """Return the distinct DOIs in a text or an address, in lower case."""
    dois = (doi.rstrip(".,;").lower() for doi in _DOI.findall(unquote(text)))
    return list(dict.fromkeys(dois))


def without_markup(text: str) -> str:
    """Return a bibliographic field as one line of plain text, without TeX and HTML.

    Only the first 2,000 characters are read.
    """
    text = _HTML.sub("", unescape(text[:_MAX_LENGTH]))
    return to_single_line(tex_to_text(text).replace("~", " "))
