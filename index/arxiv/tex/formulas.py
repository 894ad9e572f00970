"""Formulas in running text: where they are, and which of them are harmless.

A harmless formula is balanced, and made of known commands and symbols only.
"""

import re
from collections.abc import Iterator

from index.arxiv.tex.tables import symbol_of
from index.arxiv.tex.tokens import COMMAND, MAX_FORMULA_LENGTH

FORMULA_COMMANDS = frozenset(
    "frac tfrac dfrac cfrac sqrt binom tbinom dbinom over choose text textit textbf textrm textsf "
    "texttt textup textnormal textmd emph mbox hbox mathbb mathbf mathcal mathfrak mathit mathrm "
    "mathsf mathtt mathnormal boldsymbol pmb operatorname left right middle big Big bigg Bigg bigl "
    "bigr bigm Bigl Bigr Bigm biggl biggr biggm Biggl Biggr Biggm lvert rvert lVert rVert hat "
    "widehat tilde widetilde bar vec dot ddot dddot check breve acute grave mathring overline "
    "underline overbrace underbrace overset underset stackrel limits nolimits rm bf it sf tt cal "
    "quad qquad not mod pmod bmod displaystyle textstyle scriptstyle scriptscriptstyle smash "
    "mathop mathbin mathrel mathord xrightarrow xleftarrow sp sb textless textgreater "
    "arccos arcsin arctan arg cos cosh cot coth csc deg det dim exp gcd hom inf injlim ker lg lim "
    "liminf limsup ln log max min Pr projlim sec sin sinh sup tan tanh varliminf varlimsup "
    "colon ne Box Re Im overrightarrow overleftarrow neg land lor bot top triangle lbrack rbrack "
    "vDash models diamondsuit Diamond Bbbk thickapprox thicksim circledR varGamma varOmega "
    "varTheta unlhd lhd varsubsetneq implies iff bigstar ddagger imath jmath leadsto checkmark "
    "hspace".split()
)
"""Commands that may appear in a formula, in addition to symbols. They only set symbols and text.

LaTeX knows them with the packages amsmath and amssymb.
"""

PACKAGE_FORMULA_COMMANDS = frozenset("bm mathscr mathds Bbb frak bold".split())
"""More commands of this kind: of the packages bm, mathrsfs and dsfont, and of AMS-TeX."""

_COMMANDS = FORMULA_COMMANDS | PACKAGE_FORMULA_COMMANDS

# The look-ahead is what every alternative begins with: without it, each is tried everywhere.
FORMULA = re.compile(
    rf"""(?=[$\\])(?:
         (?<!(?<!\\)\\)\$(?: \$(?P<display>(?:[^$\\]|\\.){{1,{MAX_FORMULA_LENGTH}}})\$\$
                         | (?P<dollars>(?:[^$\\]|\\.){{1,{MAX_FORMULA_LENGTH}}})\$ )
       | (?<!\\)(?P<slashes>\\{{1,2}})\((?P<round>(?:[^$\\]|\\[^()\\]){{1,{MAX_FORMULA_LENGTH}}})
         (?P=slashes)\)
       | (?<!\\)\\\[(?P<square>(?:[^$\\]|\\[^][\\]){{1,{MAX_FORMULA_LENGTH}}})\\\] )""",
    re.VERBOSE | re.DOTALL,
)
r"""What may be a formula: between dollars, \( and \), which may be doubled, or \[ and \]."""

_MAX_DEPTH = 10
# A percent sign begins a comment, and ^^5c is a backslash. A backslash that is left would make the
# closing dollar a sign.
_FORBIDDEN = re.compile(r"[%#&$]|\^\^|\\\Z")
_ONLY_IN_FORMULAS = re.compile(r"[\\^_=<>]|\A[-+*/|:~±×]+\Z")
_AMOUNT = re.compile(r"\s*\.?\d")
_BEFORE_AMOUNT = re.compile(r"(?:[<>~=(\[≈]|(?<![A-Za-z])(?:US|AU|CA|HK|NZ|SG|A|C|R|S))\Z")
_NUMBER = re.compile(r"\s*[\d.,]+\s*")
_WORD = re.compile(r"(?<!\S)(?:[A-Za-z]?[a-z]{2,}|an|as|at|by|in|is|of|on|or|to|vs)[,.;:)]?(?=\s)")
_TEXT_ARGUMENT = re.compile(r"\\(?:text\w*|mbox|hbox|mathrm|rm)\s*\{[^{}]*\}")
_WORDS_OF_FORMULAS = frozenset("log exp mod min max sin cos tan dim det gcd sup inf".split())


def is_formula(match: re.Match[str]) -> bool:
    r"""Return whether a `FORMULA` match is a formula, and not the text between two prices.

    "from $5 to $10", "US$3 or US$4" and "100$ and 200$" have none. `\(` always begins one.
    """
    source = match["dollars"]
    if source is None:
        return True
    text, start, end = match.string, match.start(), match.end()
    before, after = text[start - 1 : start], text[end : end + 1]
    begins, ends = source[0].isspace(), source[-1].isspace()
    bare, words = not _ONLY_IN_FORMULAS.search(source), _has_words(source)
    if bare and (after.isdigit() or (words and before.isdigit())):
        return False
    if begins:
        price = bare and (before.isdigit() or _AMOUNT.match(source))
        return not words and (
            not price or (bool(_NUMBER.fullmatch(source)) and not before.isalnum())
        )
    if _AMOUNT.match(source):
        next_amount = after.isdigit() or (bare and after.isspace())
        if next_amount and _BEFORE_AMOUNT.search(source):
            return False
        if words and (bare or ends or after.isdigit()):
            return False
        return not (bare and (ends or source.count("(") > source.count(")")))
    if ends:
        # A dollar between a blank and a word opens a formula or a price.
        return not (words or (bare and (after.isalnum() or after == "\\")))
    return True


def _has_words(source: str) -> bool:
    """Return whether a source has words that are neither commands nor names of functions.

    A single word counts only in lower case: $ TMF $ is a formula.
    """
    single = source.strip()
    if single.isalpha():
        return len(single) > 1 and single.islower() and single != source
    return any(
        word not in _WORDS_OF_FORMULAS for word in _WORD.findall(_TEXT_ARGUMENT.sub("", source))
    )


def formulas(text: str) -> Iterator[re.Match[str]]:
    """Yield the `FORMULA` matches of a text that are formulas, in linear time."""
    position = 0
    while match := FORMULA.search(text, position):
        if is_formula(match):
            yield match
            position = match.end()
        else:
            position = match.start() + 1


def formula_source(match: re.Match[str]) -> str:
    """Return the source of a `FORMULA` match without its delimiters and outer blanks."""
    groups = ("display", "dollars", "round", "square")
    return next(match[name] for name in groups if match[name]).strip()


def is_harmless(source: str) -> bool:
    """Return whether a formula, without its dollars, does nothing but print symbols and text.

    Its braces balance and nest at most ten deep, each command is known, and it has no comment,
    parameter, column or character code.
    """
    bare = COMMAND.sub("", source)
    depth = brace_depth(bare)
    return (
        depth is not None
        and depth <= _MAX_DEPTH
        and not _FORBIDDEN.search(bare)
        and all(map(_is_known, filter(None, COMMAND.findall(source))))
    )


def brace_depth(text: str) -> int | None:
    """Return how deep the braces of a text nest; None if they do not balance."""
    depth = deepest = 0
    for character in text:
        depth += (character == "{") - (character == "}")
        deepest = max(deepest, depth)
        if depth < 0:
            return None
    return None if depth else deepest


def _is_known(command: str) -> bool:
    return command in _COMMANDS or bool(symbol_of(command))
