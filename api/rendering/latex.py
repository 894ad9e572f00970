"""Strangers' text in a file that TeX will read: its formulas stay, nothing in it is obeyed.

BibTeX hands a title to TeX as it stands, and TeX can read and write files: only formulas made of
symbols and of a few commands that set them are kept, all else is text.
"""

import re

from index.arxiv.paper import to_single_line
from index.arxiv.tex.formulas import brace_depth, is_harmless
from index.arxiv.tex.tables import FORMULA_COMMANDS, symbol_of
from index.arxiv.tex.text import tex_to_text
from index.arxiv.tex.tokens import DOLLAR_FORMULA

_DOLLAR = re.compile(r"(?<!\\)\$")
_SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{sign: f"\\{sign}" for sign in "%&$#_"},
}
_SPECIALS = re.compile(f"[{re.escape(''.join(_SPECIAL))}]")


def tex(text: str) -> str:
    """A line of metadata as TeX that says the same; its braces are balanced."""
    pieces = DOLLAR_FORMULA.split(to_single_line(text))
    return to_single_line(
        "".join(piece if _is_harmless(piece) else _plain(piece) for piece in pieces)
    )


def _plain(piece: str) -> str:
    return _SPECIALS.sub(_special, tex_to_text(_DOLLAR.sub(r"\\$", piece)))


def _special(sign: re.Match[str]) -> str:
    return _SPECIAL[sign[0]]


def _is_harmless(piece: str) -> bool:
    """Return whether a piece is a formula, and one of known symbols only."""
    return (
        DOLLAR_FORMULA.fullmatch(piece) is not None
        and brace_depth(piece) is not None  # BibTeX counts a brace after a backslash too
        and is_harmless(piece[1:-1], _is_known)
    )


def _is_known(command: str) -> bool:
    return command in FORMULA_COMMANDS or bool(symbol_of(command))
