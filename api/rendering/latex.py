"""Untrusted text as LaTeX source, for BibTeX: harmless formulas are kept, the rest is escaped.

BibTeX passes a title to TeX unchanged, and TeX can read and write files. So only formulas of known
symbols and of a few commands that set them are kept.
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


def to_latex(text: str) -> str:
    r"""Return LaTeX source that prints a line of metadata; its braces are balanced.

    >>> to_latex(r"An $O(n^2)$ bound for 5% of Schr\"odinger_cats")
    'An $O(n^2)$ bound for 5\\% of Schrödinger\\_cats'
    """
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
