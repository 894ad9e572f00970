"""Strangers' titles and abstracts as people read them: without TeX, as HTML or as plain text.

What TeX writes for letters, signs and emphasis becomes these, a formula is a formula, and whatever
is not known stays as it was written. Nothing of a text is obeyed: no command of it, no HTML, no
address, no control of a text's direction.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape

from markupsafe import Markup

from api.rendering.mathml import Formula, formula
from index.arxiv.paper import to_single_line
from index.arxiv.tex.tables import BRACKETS, EMPHASIS, LETTERS, NO_OUTPUT, symbol_of
from index.arxiv.tex.text import token_text
from index.arxiv.tex.tokens import NEEDS_READING, TEXT_TOKEN

MAX_TITLE_LENGTH = 500  # characters; arXiv's longest of 142,605 has 272
MAX_TEXT_LENGTH = 6_000  # and its longest abstract 4,482
_MAX_IN_FORMULAS = 1_500  # characters of one text; the rest of its formulas stay source
_FORMULA_COSTS = 20  # so many besides its own, be it ever so short
_SETS = re.compile(r"[\\^_=<>]")


@dataclass(frozen=True, slots=True)
class _Tag:
    """The beginning or the end of an element of HTML."""

    name: str
    ends: bool = False


_Piece = str | Formula | _Tag


def prose(text: str, longest: int = MAX_TEXT_LENGTH) -> str:
    """A text without TeX, on one line; of a longer one its beginning."""
    return to_single_line("".join(map(_plain, _pieces(text, longest))))


def prose_html(text: str, longest: int = MAX_TEXT_LENGTH) -> Markup:
    """A text without TeX as HTML with MathML; of a longer one its beginning."""
    html = "".join(map(_html, _pieces(text, longest)))
    return Markup(html)  # noqa: S704  made of formulas and tags of ours, all else escaped


def _plain(piece: _Piece) -> str:
    match piece:
        case Formula():
            return piece.text
        case _Tag():
            return ""
    return piece


def _html(piece: _Piece) -> str:
    match piece:
        case Formula():
            return piece.markup
        case _Tag(name, ends):
            return f"</{name}>" if ends else f"<{name}>"
    return escape(piece)


def _pieces(text: str, longest: int) -> Iterable[_Piece]:
    line = to_single_line(text[: 2 * longest])  # blanks are many where lines are wrapped
    if len(line) > longest or len(text) > 2 * longest:
        line = line[:longest].rstrip() + "…"
    return _read(line) if NEEDS_READING.search(line) else [line]


def _read(line: str) -> Iterator[_Piece]:
    """The pieces of a text; of braces only where it has commands, for else they are its own."""
    with_tex = "\\" in line
    groups = _Groups()
    left = _MAX_IN_FORMULAS
    end = 0
    for token in TEXT_TOKEN.finditer(line):
        yield line[end : token.start()]
        end = token.end()
        opens = line[end : end + 1] == "{"
        match token.lastgroup:
            case "formula":
                left -= len(token[0]) + _FORMULA_COSTS
                yield _formula(token[0], line[end : end + 1], left) or token[0]
            case "address":
                groups.next_ends_with(f" ({token['address']})")
            case "blanks":
                yield from _command(token, opens, groups)
            case "brace" if with_tex:
                yield from groups.meet(token["brace"], opens)
            case _:
                yield token_text(token)
    yield line[end:]
    yield from groups.close_all()


def _formula(source: str, after: str, left: int) -> Formula | None:
    """The formula between its signs; None where the signs may be dollars, or none are left."""
    inside = source[2:-2] if source.startswith(("$$", "\\(")) else source[1:-1]
    may_be_dollars = inside != inside.strip() or after.isdigit()
    if left < 0 or (may_be_dollars and not _SETS.search(inside)):
        return None
    return formula(inside.strip())


def _command(token: re.Match[str], opens: bool, groups: "_Groups") -> Iterator[_Piece]:
    """What a command begins or writes; one that is not known is written as it stands."""
    name, blanks = token["command"], token["blanks"]
    if name in EMPHASIS:
        if opens:
            groups.next_is(EMPHASIS[name])
        else:
            yield from groups.begin(EMPHASIS[name])
    elif name in BRACKETS and opens:
        before, after = BRACKETS[name]
        yield before
        groups.next_ends_with(after)
    elif name in NO_OUTPUT:
        return
    else:
        symbol = symbol_of(name).strip()
        if not symbol and opens:
            groups.next_is_kept()
        ends_a_word = blanks and name not in LETTERS  # TeX takes it for the name's end
        yield symbol + (" " if ends_a_word else "") if symbol else token[0]


class _Groups:
    """The groups of braces that are open, each with what is to come at its end."""

    def __init__(self) -> None:
        self._open: list[list[_Piece]] = []
        self._begin: list[_Piece] = []
        self._end: list[_Piece] = []

    def next_is(self, element: str) -> None:
        """The group that begins now is such an element."""
        self._begin, self._end = [_Tag(element)], [_Tag(element, ends=True)]

    def next_ends_with(self, text: str) -> None:
        """After the group that begins now comes a text."""
        self._begin, self._end = [], [text]

    def next_is_kept(self) -> None:
        """The group that begins now shows its braces."""
        self._begin, self._end = ["{"], ["}"]

    def begin(self, element: str) -> Iterator[_Piece]:
        """The rest of this group is such an element; outside of all groups it is none."""
        if self._open:
            yield _Tag(element)
            self._open[-1].insert(0, _Tag(element, ends=True))

    def meet(self, brace: str, another_follows: bool) -> Iterator[_Piece]:
        """What a brace writes."""
        if brace == "{":
            yield from self._begin
            self._open.append(self._end)
            self._begin, self._end = [], []
        elif self._open:
            ended = self._open.pop()
            yield from ended
            if ended == ["}"] and another_follows:
                self.next_is_kept()

    def close_all(self) -> Iterator[_Piece]:
        """The ends of elements that were not closed."""
        while self._open:
            yield from (piece for piece in self._open.pop() if isinstance(piece, _Tag))
