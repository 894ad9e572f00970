"""Short labels for the papers of a graph."""

import re
import unicodedata

_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ARTICLE = re.compile(r"^(?:An?|The|On) (?=\S)")
_BETWEEN = " ,;:-"
_LAST_PIECE = re.compile(r"(?:^|(?<=[ -]))[^ -]*$")
_SMALL_WORDS = re.compile(
    r"(?:(?:^| )(?:an?|the|of|on|in|for|with|to|and|from|by|via|as|is|are))+[ ,;:-]*$",
    re.IGNORECASE,
)


def xml_text(text: str) -> str:
    """Replace characters that XML forbids even when they are escaped."""
    return _NOT_XML.sub("\ufffd", text)


def short_name(name: str, columns: int) -> str:
    """Return a name, cut if it is wider than `columns`."""
    name = xml_text(name).strip()
    return name if _width(name) <= columns else f"{_cut(name, columns)}…"


def short_title(title: str, columns: int) -> str:
    """Return a title in two or three words: the part before a colon, or its first words."""
    text = xml_text(title)
    name, colon, _ = text.partition(": ")
    if colon and _width(name) <= columns:
        return name
    text = _ARTICLE.sub("", text)
    if _width(text) <= columns:
        return text
    head = _cut(text, columns)
    whole = _SMALL_WORDS.sub("", _LAST_PIECE.sub("", text[: len(head) + 1])).rstrip(_BETWEEN)
    # One short word alone is less useful than that word and a part of the next.
    return f"{whole if 3 * _width(whole) >= 2 * columns else head.rstrip(_BETWEEN)}…"


def _cut(text: str, columns: int) -> str:
    """Return the longest beginning of a text that is narrower than `columns`."""
    width = 0
    for place, character in enumerate(text):
        width += _width(character)
        if width >= columns:
            return text[:place]
    return text


def _width(text: str) -> int:
    """Return the width of a text in columns; wide East Asian characters take two."""
    return sum(1 + (unicodedata.east_asian_width(character) in "WF") for character in text)
