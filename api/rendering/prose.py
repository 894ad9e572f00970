"""Titles and abstracts with TeX, converted to HTML or plain text.

Accents, symbols, emphasis and formulas are converted; unknown TeX stays as written. The texts are
untrusted: HTML is escaped, and no command, link or control character takes effect.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape

from markupsafe import Markup

from api.rendering.mathml import Formula, parse_formula
from index.arxiv.paper import to_single_line
from index.arxiv.tex.tables import BRACKETS, EMPHASIS, LETTERS, NO_OUTPUT, symbol_of
from index.arxiv.tex.text import token_text
from index.arxiv.tex.tokens import NEEDS_READING, TEXT_TOKEN

MAX_TITLE_LENGTH = 500  # characters; the longest of 142,605 titles has 272
MAX_TEXT_LENGTH = 6_000  # the longest of their abstracts has 4,482
_FORMULA_BUDGET = 1_500  # characters of formulas converted per text; others stay as source
_COST_PER_FORMULA = 20  # characters added to the length of each formula
_ONLY_IN_FORMULAS = re.compile(r"[\\^_=<>]")


@dataclass(frozen=True, slots=True)
class _HtmlTag:
    """The start tag or end tag of an HTML element."""

    name: str
    ends: bool = False


_Part = str | Formula | _HtmlTag


def to_plain_text(text: str, max_length: int = MAX_TEXT_LENGTH) -> str:
    r"""Convert a text with TeX to one line of plain text, cut after `max_length` characters.

    >>> to_plain_text(r"\emph{Sparse} attention in $O(n \log n)$")
    'Sparse attention in O(n log n)'
    """
    return to_single_line("".join(map(_part_text, _parts(text, max_length))))


def to_html(text: str, max_length: int = MAX_TEXT_LENGTH) -> Markup:
    r"""Convert a text with TeX to HTML with MathML, cut after `max_length` characters.

    >>> to_html(r"\emph{Sparse} attention <b>")
    Markup('<em>Sparse</em> attention &lt;b&gt;')
    """
    html = "".join(map(_part_html, _parts(text, max_length)))
    return Markup(html)  # noqa: S704  our own tags and formulas; the rest is escaped


def _part_text(part: _Part) -> str:
    match part:
        case Formula():
            return part.text
        case _HtmlTag():
            return ""
    return part


def _part_html(part: _Part) -> str:
    match part:
        case Formula():
            return part.markup
        case _HtmlTag(name, ends):
            return f"</{name}>" if ends else f"<{name}>"
    return escape(part)


def _parts(text: str, max_length: int) -> Iterable[_Part]:
    line = to_single_line(text[: 2 * max_length])  # wrapped lines have many blanks
    if len(line) > max_length or len(text) > 2 * max_length:
        line = line[:max_length].rstrip() + "…"
    return _read_tokens(line) if NEEDS_READING.search(line) else [line]


def _read_tokens(line: str) -> Iterator[_Part]:
    """Yield the parts of a text. Braces are TeX only if the text has a backslash."""
    with_tex = "\\" in line
    groups = _Groups()
    budget = _FORMULA_BUDGET
    end = 0
    for token in TEXT_TOKEN.finditer(line):
        yield line[end : token.start()]
        end = token.end()
        opens = line[end : end + 1] == "{"
        match token.lastgroup:
            case "formula":
                budget -= len(token[0]) + _COST_PER_FORMULA
                yield _formula(token[0], line[end : end + 1], budget) or token[0]
            case "address":
                groups.set_end(f" ({token['address']})")
            case "blanks":
                yield from _command(token, opens, groups)
            case "brace" if with_tex:
                yield from groups.read_brace(token["brace"], opens)
            case _:
                yield token_text(token)
    yield line[end:]
    yield from groups.close_open_styles()


def _formula(source: str, next_character: str, budget: int) -> Formula | None:
    """Parse a formula with its delimiters.

    Returns None if the budget is used up, or if the dollars may be a currency.
    """
    inside = source[2:-2] if source.startswith(("$$", "\\(")) else source[1:-1]
    may_be_currency = inside != inside.strip() or next_character.isdigit()
    if budget < 0 or (may_be_currency and not _ONLY_IN_FORMULAS.search(inside)):
        return None
    return parse_formula(inside.strip())


def _command(token: re.Match[str], opens: bool, groups: "_Groups") -> Iterator[_Part]:
    """Yield what a command writes, and record what it does to the next group.

    An unknown command is written as it is.
    """
    name, blanks = token["command"], token["blanks"]
    if name in EMPHASIS:
        if opens:
            groups.set_element(EMPHASIS[name])
        else:
            yield from groups.begin_style(EMPHASIS[name])
    elif name in BRACKETS and opens:
        before, after = BRACKETS[name]
        yield before
        groups.set_end(after)
    elif name in NO_OUTPUT:
        return
    else:
        symbol = symbol_of(name).strip()
        if not symbol and opens:
            groups.keep_braces()
        ends_a_word = (
            blanks and name not in LETTERS
        )  # the blank after a letter command only ends its name
        yield symbol + (" " if ends_a_word else "") if symbol else token[0]


class _Groups:
    """The stack of open brace groups, each with the parts that end it."""

    def __init__(self) -> None:
        self._open: list[list[_Part]] = []
        self._begin: list[_Part] = []
        self._end: list[_Part] = []

    def set_element(self, element: str) -> None:
        """Make the next group an HTML element."""
        self._begin, self._end = [_HtmlTag(element)], [_HtmlTag(element, ends=True)]

    def set_end(self, text: str) -> None:
        """Write a text after the next group."""
        self._begin, self._end = [], [text]

    def keep_braces(self) -> None:
        """Write the braces of the next group."""
        self._begin, self._end = ["{"], ["}"]

    def begin_style(self, element: str) -> Iterator[_Part]:
        """Make the rest of the current group an element; outside all groups do nothing."""
        if self._open:
            yield _HtmlTag(element)
            self._open[-1].insert(0, _HtmlTag(element, ends=True))

    def read_brace(self, brace: str, another_follows: bool) -> Iterator[_Part]:
        """Yield what an opening or closing brace writes."""
        if brace == "{":
            yield from self._begin
            self._open.append(self._end)
            self._begin, self._end = [], []
        elif self._open:
            ended = self._open.pop()
            yield from ended
            if ended == ["}"] and another_follows:
                self.keep_braces()

    def close_open_styles(self) -> Iterator[_Part]:
        """Yield the end tags of elements that are still open."""
        while self._open:
            yield from (part for part in self._open.pop() if isinstance(part, _HtmlTag))
