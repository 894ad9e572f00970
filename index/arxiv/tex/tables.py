"""Tables of TeX commands, without their backslash: accents, symbols, text and formula commands."""

from functools import cache
from typing import Any

ACCENTS = {
    **dict(
        zip(
            "`'^\"~=.uvHcdbkr",
            "\u0300\u0301\u0302\u0308\u0303\u0304\u0307\u0306\u030c\u030b\u0327\u0323\u0331\u0328\u030a",
            strict=True,
        )
    ),
    "textcommabelow": "\u0326",
}
"""The combining character of each accent command."""

ACCENT_NAME = r"""(?:[`'^"~=.]|(?:[uvHcdbkr]|textcommabelow)(?![A-Za-z]))"""
"""A regular expression for the name of an accent command."""

EMPHASIS = {
    **dict.fromkeys(("emph", "em", "textit", "it", "textsl", "sl"), "em"),
    **dict.fromkeys(("textbf", "bf"), "strong"),
    **dict.fromkeys(("texttt", "tt"), "code"),
    "textsuperscript": "sup",
    "textsubscript": "sub",
}
"""Commands that set a style of text, with the name that HTML gives the style."""

NO_OUTPUT = frozenset(
    "textsc textsf textrm textmd textup textnormal text mbox hbox underline uline url path sc sf "
    "rm small large Large noindent centering item par newline linebreak protect xspace".split()
)
"""Commands that add nothing to plain text; the text in their braces remains."""

LETTERS = frozenset("o O l L ss ae AE oe OE aa AA i j".split())
"""Commands for a letter, after which a blank only ends the command's name."""

LOGOS = {"TeX": "TeX", "LaTeX": "LaTeX", "LaTeXe": "LaTeX2e", "BibTeX": "BibTeX"}
"""Commands for the names of programs."""

INVISIBLE_ARGUMENTS = {
    **dict.fromkeys(
        "label ref eqref autoref cref Cref pageref nameref hyperref hyperlink hypertarget href "
        "index cite citep citet citealt citealp citeauthor citeyear citeyearpar citenum Cite Citep "
        "Citet Citealt Citealp Citeauthor nocite vspace hspace phantom hphantom vphantom raisebox "
        "parbox scalebox rotatebox color textcolor colorbox rowcolor pagecolor begin end "
        "includegraphics bibliography bibliographystyle usepackage documentclass RequirePackage "
        "pagestyle thispagestyle selectlanguage foreignlanguage hypersetup texorpdfstring "
        "fontfamily fontseries fontshape".split(),
        1,
    ),
    **dict.fromkeys(
        "setlength addtolength setcounter addtocounter fontsize rule resizebox fcolorbox".split(), 2
    ),
    "definecolor": 3,
}
"""Commands with arguments that are not printed, such as keys and lengths, and the number of these.

They come first; an argument after them is text. Of `texorpdfstring`, the plain form is the text.
"""

SPACES = frozenset(
    "newline linebreak par item quad qquad enspace enskip thinspace space hfill vfill hskip "
    "smallskip medskip bigskip newpage and hspace vspace tab nobreakspace".split()
)
"""Commands that separate words."""

BRACKETS = {
    **dict.fromkeys(("cite", "citep", "citet", "ref"), ("[", "]")),
    "footnote": (" (", ")"),
}
"""Commands whose argument is written between these two texts."""

SIGNS = {"\\": " ", " ": " ", "\n": " ", ",": " ", ";": " ", "-": "", "/": "", "!": ""}
"""Signs that print something else after a backslash."""

TYPOGRAPHY = {"---": "—", "--": "–", "``": "“", "''": "”"}


def symbol_of(command: str) -> str:
    """Return the text that a command prints by itself: a letter, a sign, or a word such as "log".

    Returns an empty text for any other command.
    """
    spec = _symbols().get_macro_spec(command)
    text = getattr(spec, "simplify_repl", None)
    if not isinstance(text, str) or "%" in text:
        return ""
    return text if len(text) == 1 else f" {text} "


@cache
def _symbols() -> Any:
    from pylatexenc.latex2text import get_default_latex_context_db

    return get_default_latex_context_db()
