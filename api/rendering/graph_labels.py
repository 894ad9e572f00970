"""What is written beside a paper of a picture, short enough for its place."""

import re
import unicodedata

_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_AFTER_NAME = re.compile(r"[\s,]+(?:Jr|Sr|I{2,3}|IV|et al)\.?$", re.IGNORECASE)
_FAMILY_NAME = re.compile(r"(?:(?<!\S)[a-z]\S* +)*\S+$")  # "van der" belongs to it
_ARTICLE = re.compile(r"^(?:An?|The|On) (?=\S)")
_BETWEEN = " ,;:-"
_LAST_PIECE = re.compile(r"(?:^|(?<=[ -]))[^ -]*$")
_SMALL_WORDS = re.compile(
    r"(?:(?:^| )(?:an?|the|of|on|in|for|with|to|and|from|by|via|as|is|are))+[ ,;:-]*$",
    re.IGNORECASE,
)


def xml_text(text: str) -> str:
    """A text without the characters that no XML may hold, however they are escaped."""
    return _NOT_XML.sub("\ufffd", text)


def family_name(author: str, columns: int) -> str:
    """The family name of an author, particles included; the whole where there is but one word."""
    name = _AFTER_NAME.sub("", xml_text(author).strip())
    found = _FAMILY_NAME.search(name)
    family = found[0] if found else name
    return family if _columns(family) <= columns else f"{_head(family, columns)}…"


def short_title(title: str, columns: int) -> str:
    """What a title says in two or three words: its name before a colon, or how it begins."""
    text = xml_text(title)
    name, colon, _ = text.partition(": ")
    if colon and _columns(name) <= columns:
        return name
    text = _ARTICLE.sub("", text)
    if _columns(text) <= columns:
        return text
    head = _head(text, columns)
    whole = _SMALL_WORDS.sub("", _LAST_PIECE.sub("", text[: len(head) + 1])).rstrip(_BETWEEN)
    # One short word of a long title says less than that with a second one broken off.
    return f"{whole if 3 * _columns(whole) >= 2 * columns else head.rstrip(_BETWEEN)}…"


def _head(text: str, columns: int) -> str:
    """The beginning of a text that leaves one of so many columns."""
    width = 0
    for place, character in enumerate(text):
        width += _columns(character)
        if width >= columns:
            return text[:place]
    return text


def _columns(text: str) -> int:
    """How wide a text is, in narrow characters."""
    return sum(1 + (unicodedata.east_asian_width(character) in "WF") for character in text)
