"""Untrusted text as LaTeX source, for BibTeX: harmless formulas are kept, the rest is escaped.

BibTeX passes a title to TeX unchanged, and TeX can read and write files. So only formulas of known
symbols and of commands that set them are kept. Any other formula or command is printed as its
source: nothing of the text is lost.
"""

import re

from api.rendering.mathml import parse_formula
from api.rendering.running_text import HtmlTag, Maths, Part, read_parts
from index.arxiv.paper import to_single_line
from index.arxiv.tex.formulas import brace_depth, is_harmless

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{sign: f"\\{sign}" for sign in "{}%&$#_"},
}
_SPECIALS = re.compile(f"[{re.escape(''.join(_SPECIAL))}]")
# BibTeX counts a brace after a backslash too.
_UNBALANCED_BRACES = {r"\{": r"\textbraceleft{}", r"\}": r"\textbraceright{}"}
_BRACE_OR_FORMULA = re.compile(r"\$(?:[^$\\]|\\.)*\$|\\[{}]|\\.", re.DOTALL)


def to_latex(text: str) -> str:
    r"""Return LaTeX source that prints a line of metadata; its braces are balanced.

    >>> to_latex(r"An $O(n^2)$ bound for 5% of Schr\"odinger_cats")
    'An $O(n^2)$ bound for 5\\% of Schrödinger\\_cats'
    """
    parts = map(_part_latex, read_parts(text, max_length=len(text)))
    return _balanced(to_single_line("".join(parts)))


def escape_latex(text: str) -> str:
    """Return LaTeX source that prints a text without TeX exactly as it is."""
    return _balanced(_escaped(text))


def _part_latex(part: Part) -> str:
    match part:
        case Maths(source, written):
            return f"${source}$" if _is_kept(source) else _escaped(written)
        case HtmlTag():
            return ""
    return _escaped(part)


def _escaped(text: str) -> str:
    return _SPECIALS.sub(lambda sign: _SPECIAL[sign[0]], text)


def _balanced(latex: str) -> str:
    """Replace escaped braces by commands if they do not balance."""
    if brace_depth(latex) is not None:
        return latex
    return _BRACE_OR_FORMULA.sub(lambda found: _UNBALANCED_BRACES.get(found[0], found[0]), latex)


def _is_kept(source: str) -> bool:
    r"""Return whether a formula is harmless, also to BibTeX, which counts a brace after \ too.

    One that latex2mathml cannot read, such as \frac{1}, would stop TeX with an error.
    """
    return (
        brace_depth(source) is not None
        and is_harmless(source)
        and parse_formula(source) is not None
    )
