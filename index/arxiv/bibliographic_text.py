"""Extract DOIs and plain text from bibliographic fields with TeX and HTML."""

import re
from html import unescape
from urllib.parse import unquote

from index.arxiv.paper import to_single_line
from index.arxiv.tex.text import tex_to_text

_MAX_LENGTH = 2_000  # characters; titles, notes and addresses are shorter
_DOI = re.compile(r"\b10\.[\d.]{1,20}/[^\s?#]+")
_HTML = re.compile(r"</?(?:i|b|em|strong|sub|sup|sc|scp|span)\b[^<>]*>", re.IGNORECASE)


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
