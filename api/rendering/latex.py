"""Strangers' text in a file that TeX will read: its formulas stay, nothing in it is obeyed.

BibTeX hands a title to TeX as it stands, and TeX can read and write files: only formulas made of
symbols and of a few commands that set them are kept, all else is text.
"""

import re

from index.arxiv.bibliographic_text import symbol_of, without_tex
from index.arxiv.paper import to_single_line

_FORMULA = re.compile(r"(\$[^$]+\$)")
_COMMAND = re.compile(r"\\(?:([A-Za-z]+)|.)")
_SETTING = frozenset(
    "frac sqrt text textit textbf textrm textsf texttt mathbb mathbf mathcal mathfrak mathit "
    "mathrm mathsf mathtt boldsymbol operatorname left right hat widehat tilde widetilde bar vec "
    "overline underline rm bf it cal".split()
)
_DOLLAR = re.compile(r"(?<!\\)\$")
_NOT_IN_FORMULA = re.compile(r"[%#&~]|\^\^")  # ^^5c is a backslash
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
    pieces = _FORMULA.split(to_single_line(text))
    return to_single_line(
        "".join(piece if _is_harmless(piece) else _plain(piece) for piece in pieces)
    )


def _plain(piece: str) -> str:
    return _SPECIALS.sub(_special, without_tex(_DOLLAR.sub(r"\\$", piece)))


def _special(sign: re.Match[str]) -> str:
    return _SPECIAL[sign[0]]


def _is_harmless(piece: str) -> bool:
    """Whether this is a formula, and one of known symbols only."""
    if not _FORMULA.fullmatch(piece):
        return False
    bare = _COMMAND.sub("", piece)
    commands = filter(None, _COMMAND.findall(piece))
    return (
        _is_balanced(piece)  # BibTeX counts a brace after a backslash too, others do not
        and _is_balanced(bare)
        and not _NOT_IN_FORMULA.search(bare)
        and all(command in _SETTING or symbol_of(command) for command in commands)
    )


def _is_balanced(text: str) -> bool:
    depth = 0
    for character in text:
        depth += (character == "{") - (character == "}")
        if depth < 0:
            return False
    return depth == 0
