"""TeX decoded to plain text: `tex_to_text` for any text, `decode_author_tex` for author lines."""

import re
import unicodedata
from collections.abc import Iterable
from itertools import groupby

from index.arxiv.tex.tables import (
    ACCENT_NAME,
    ACCENTS,
    INVISIBLE_ARGUMENTS,
    LETTERS,
    SIGNS,
    SPACES,
    TYPOGRAPHY,
    symbol_of,
)
from index.arxiv.tex.tokens import DOLLAR_FORMULA

_MAX_ACCENTS = 3  # on one letter; Vietnamese has two


def _invisible(count: int, names: Iterable[str]) -> str:
    """Return an expression for these commands with up to `count` arguments and their options."""
    argument = r"(?:\s*\[[^][{}\\]*\]){0,2}\s*\{[^{}]*\}"
    return rf"(?:{'|'.join(names)})(?![A-Za-z])\*?(?:{argument}){{1,{count}}}"


_INVISIBLE = "|".join(
    _invisible(count, [name for name, _ in group])
    for count, group in groupby(
        sorted(INVISIBLE_ARGUMENTS.items(), key=lambda one: one[1]), key=lambda one: one[1]
    )
)
_TEX = re.compile(
    rf"""\\(?: (?P<accents>{ACCENT_NAME}[\s{{]*+(?:\\{ACCENT_NAME}[\s{{]*+){{0,{_MAX_ACCENTS - 1}}})
               (?: \\(?P<letter>[ij]|{"|".join(sorted(LETTERS - {"i", "j"}))})(?![A-Za-z])\s*
                 | (?P<base>[^\W\d_]) )
             | (?P<invisible>{_INVISIBLE})
             | (?P<command>[A-Za-z]+)(?P<blanks>\s*)
             | (?P<sign>.) )
       | \{{ | \}} | \$""",  # not [{{}}$]: see `folding._TEX`
    re.VERBOSE | re.DOTALL,
)
_ACCENT = re.compile(rf"\\?({ACCENT_NAME})[\s{{]*")
_DOTLESS = {"i": "i", "j": "j"}
_ESCAPED_SIGNS = "&%_#{}$"
_BACKSLASHES = re.compile(r"\\+")
_TIE = re.compile(r"(?<!\\)~")
# Escapes of Python and JSON, as some data sets have them: Zal\xE1n, \u0142ukasz. No surrogates.
_ESCAPE = re.compile(r"\\(?:u((?!d[89a-f])[0-9a-f]{4})|x([0-9a-f]{2}))", re.IGNORECASE)


def tex_to_text(text: str) -> str:
    r"""Decode the TeX of an untrusted text in linear time.

    Accents and symbols become characters. Braces, dollars and other commands are removed. The
    arguments of a command remain, unless it is one of `INVISIBLE_ARGUMENTS`.

        >>> tex_to_text(r"Erd\H{o}s and $\alpha$-stable laws")
        'Erdős and α-stable laws'
    """
    # A TeX parser can take minutes for a text that was written to be slow. Here nothing nests.
    return _TEX.sub(_decode, text)


def _decode(tex: re.Match[str]) -> str:
    match tex.lastgroup:
        case "letter" | "base":
            return _accented(tex)
        case "invisible":
            return " " if tex["invisible"].startswith(("hspace", "vspace")) else ""
        case "blanks":
            return _command_text(tex)
        case "sign":
            sign = tex["sign"]
            return sign if sign in _ESCAPED_SIGNS else SIGNS.get(sign, " ")
    return ""  # a brace or a dollar


def _accented(tex: re.Match[str]) -> str:
    name = tex["letter"]
    base = tex["base"] or _DOTLESS.get(name) or symbol_of(name)
    # The accent next to the letter comes first in Unicode, and last in TeX.
    accents = reversed(_ACCENT.findall(tex["accents"]))
    return unicodedata.normalize("NFC", base + "".join(ACCENTS[one] for one in accents))


def _command_text(tex: re.Match[str]) -> str:
    """Return the text of a command; an unknown one between two words leaves its blank."""
    name = tex["command"]
    if name in SPACES:
        return " "
    symbol = symbol_of(name)
    if symbol or not tex["blanks"]:
        return symbol
    return " " if tex.string[max(tex.start() - 1, 0)].isalnum() else ""


def token_text(token: re.Match[str]) -> str:
    """Return the text of a `TEXT_TOKEN` match.

    Formulas, links, commands and braces have no text of their own and are returned as written.
    """
    match token.lastgroup:
        case "accent":
            return tex_to_text(token[0])
        case "skipped":
            return " " if token["skipped"] in ("begin", "end") else ""
        case "sign":
            return SIGNS.get(token["sign"], token["sign"])
        case "url":
            return token["url"]
        case "tie":
            return "\N{NO-BREAK SPACE}"
    return TYPOGRAPHY.get(token[0], token[0])


def decode_author_tex(text: str) -> str:
    r"""Decode the TeX of an author line like `tex_to_text`; formulas remain, and ties are blanks.

    Stored names depend on this function: a change of it reaches a catalogue only when its papers
    are harvested again.

        >>> decode_author_tex(r"P. Erd\H{o}s, {\AA}.~Bj\"orck")
        'P. Erdős, Å. Björck'
    """
    if not any(sign in text for sign in "\\{}~"):
        return text
    text = _BACKSLASHES.sub(r"\\", text)  # some are doubled, and no name has line breaks
    text = _ESCAPE.sub(lambda escape: chr(int(escape[1] or escape[2], 16)), text)
    pieces = DOLLAR_FORMULA.split(text)
    pieces[::2] = (tex_to_text(_TIE.sub(" ", piece)) for piece in pieces[::2])
    return "".join(pieces)
