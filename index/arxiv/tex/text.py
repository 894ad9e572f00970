"""TeX decoded to plain text: `tex_to_text` for any text, `decode_author_tex` for author lines."""

import re
import unicodedata
from functools import cache
from typing import Any

from index.arxiv.tex.tables import ACCENT_NAME, ACCENTS, SIGNS, TYPOGRAPHY, symbol_of
from index.arxiv.tex.tokens import COMMAND_NAME

_BRACE_AFTER_COMMAND = re.compile(r"(\\[A-Za-z]+)[{}]")
_BRACE_OR_DOLLAR = re.compile(r"(?<!\\)[{}$]")
_TEX = re.compile(
    rf"""\\(?: (?P<accent>{ACCENT_NAME})\s*
               (?: \\(?P<dotless>[ij])(?![A-Za-z])\s? | (?P<letter>[A-Za-z]) )
             | (?P<command>[A-Za-z]+)\s*
             | (?P<sign>.) )""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPED_SIGNS = "&%_#{}$"
_BACKSLASHES = re.compile(r"\\+")


def tex_to_text(text: str) -> str:
    r"""Decode the TeX of an untrusted text in linear time.

    Accents and symbols become characters. Braces, dollars and unknown commands are removed.

        >>> tex_to_text(r"Erd\H{o}s and $\alpha$-stable laws")
        'Erdős and α-stable laws'
    """
    # Removing braces first means that nothing nests. A TeX parser can take minutes for a text
    # that was written to be slow.
    text = _BRACE_OR_DOLLAR.sub("", _BRACE_AFTER_COMMAND.sub(r"\1 ", text))
    return _TEX.sub(_decode, text)


def _decode(tex: re.Match[str]) -> str:
    if tex["accent"]:
        letter = tex["dotless"] or tex["letter"]
        return unicodedata.normalize("NFC", letter + ACCENTS[tex["accent"]])
    if tex["command"]:
        return symbol_of(tex["command"])
    return tex["sign"] if tex["sign"] in _ESCAPED_SIGNS else " "


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


def without_commands(text: str) -> str:
    """Replace each command by a blank; accents and braces remain."""
    return COMMAND_NAME.sub(" ", text) if "\\" in text else text


def decode_author_tex(text: str) -> str:
    r"""Decode the TeX of an author line as a TeX parser reads it; formulas remain.

    It differs from `tex_to_text` in what it does with dollars, comments and unknown commands.
    A line that the parser cannot read is returned as it is. Stored names depend on this
    function, so a change of it must be applied to the authors in a catalogue too.

        >>> decode_author_tex(r"P. Erd\H{o}s, {\AA}. Bj\"orck")
        'P. Erdős, Å. Björck'
    """
    if "\\" not in text and "{" not in text:
        return text
    text = _BACKSLASHES.sub(r"\\", text)  # some are doubled, and no name has line breaks
    try:
        return str(_author_decoder().latex_to_text(text))
    except (RecursionError, LookupError, AttributeError):
        # Braces nest too deeply, or a command lacks the arguments that pylatexenc looks for.
        return text


@cache
def _author_decoder() -> Any:
    from pylatexenc.latex2text import LatexNodes2Text

    return LatexNodes2Text(math_mode="verbatim", keep_comments=True)
