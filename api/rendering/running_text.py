r"""Titles and abstracts read as text, formulas and emphasis.

Accents, symbols, links and typography become characters; unknown TeX stays as written. Two habits
of arXiv's metadata are read as well: formulas without dollars, such as \mathcal{O}(n) and 10^{-16},
and braces that protect letters, as BibTeX has them. Every step takes linear time.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from index.arxiv.paper import to_single_line
from index.arxiv.tex.formulas import formula_source, formulas
from index.arxiv.tex.tables import BRACKETS, EMPHASIS, LETTERS, LOGOS, NO_OUTPUT, SPACES, symbol_of
from index.arxiv.tex.text import token_text
from index.arxiv.tex.tokens import NEEDS_READING, TEXT_TOKEN

_GROUP = r"\{[^{}$]{0,80}(?:\{[^{}$]{0,80}\}[^{}$]{0,80}){0,4}\}"
_SCRIPT = re.compile(rf"[_^]{_GROUP}")
_SCRIPTS = rf"(?:[_^](?:{_GROUP}|\w))*"
_BARE_FORMULA = re.compile(
    rf"""\\(?: (?:[tdc]?frac|[td]?binom|overset|underset|stackrel)\s*(?:{_GROUP}){{2}}
          | sqrt\s*(?:\[\w{{1,3}}\])?{_GROUP}
          | (?:math(?:bb|bf|cal|frak|it|rm|sf|tt|scr|ds|normal)|boldsymbol|bm|pmb|Bbb|frak|hat|bar
            |vec|tilde|dot|ddot|check|wide(?:hat|tilde)|overline|operatorname)(?:\s*{_GROUP}|\s+\w\b)
        ){_SCRIPTS}""",
    re.VERBOSE,
)
# A conversion to Markdown escapes braces: \textbf\{word\}.
_ESCAPED_ARGUMENT = re.compile(
    r"(\\(?:text\w{1,10}|emph|mbox|underline|footnote|cite\w{0,6}|url|href|math(?:bb|bf|cal|frak|it"
    r"|rm|sf|scr)|operatorname|bm|boldsymbol|hat|tilde|bar|sqrt)) ?"
    r"\\\{((?:[^{}\\]|\\[^{}]|\{[^{}]{0,200}\}){0,400})\\\}"
)
# Braces in a text without commands: {Re-ID}, {B}ias, Mus{é}e, eff{}icient, 60{,}000.
_PROTECTED = re.compile(
    r"""(?<![\^_\\]) \{ (?: ( [A-Z][\w-]{0,39}? (?<=[\w-])[A-Z] [\w-]{0,39} ) \}
                          | ( [^\W\d_] ) \} (?=[a-z]|(?<=[A-Z]\})[0-9])
                          | ( [^\W\d_] (?<=[^\x00-\x7f]) ) \}
                          | (?<=\w\{) ( [a-z]{0,3} ) \} (?=[a-z])
                          | (?<=[A-Za-z]\{) () \} (?![\w^_])
                          | (?<=\w\{) ( [,=+:/-] ) \} (?=\w) )""",
    re.VERBOSE,
)
# {\"}o and \"{}o are written for \"o.
_DETACHED_ACCENT = re.compile(r"""(?:\{(\\[`'"^])\}|(\\[`'"])\{\})(?=[A-Za-z])""")
_TEXT_SYMBOLS = {
    "textless": "<",
    "textgreater": ">",
    "textbar": "|",
    "textbackslash": "\\",
    "textasciitilde": "~",
    "textasciicircum": "^",
    "deg": "°",
    "copyright": "©",
    **LOGOS,
}
_TEXT_BETWEEN_DOLLARS = re.compile(r"\\(?:href|url|cite\w*|textsc|footnote)\s*\{")


@dataclass(frozen=True, slots=True)
class Maths:
    """A formula: its source without delimiters, and as the text has it."""

    source: str
    written: str


@dataclass(frozen=True, slots=True)
class HtmlTag:
    """The start tag or end tag of an HTML element."""

    name: str
    ends: bool = False


Part = str | Maths | HtmlTag


def read_parts(text: str, max_length: int) -> Iterable[Part]:
    """Return the parts of a text, cut after `max_length` characters."""
    line = to_single_line(text[: 2 * max_length])  # wrapped lines have many blanks
    if len(line) > max_length or len(text) > 2 * max_length:
        line = line[:max_length].rstrip() + "…"
    if not NEEDS_READING.search(line):
        return [line]
    if "\\" not in line:
        line = _PROTECTED.sub(lambda braces: "".join(filter(None, braces.groups())), line)
        return _Reader(line).read()
    line = _DETACHED_ACCENT.sub(r"\1\2", line)
    if "\\{" in line:
        for _ in range(2):  # for an argument within an argument
            line = _ESCAPED_ARGUMENT.sub(r"\1{\2}", line)
    return _Reader(line).read()


class _Reader:
    """Reads one line. Braces are TeX only if the line has a backslash."""

    def __init__(self, line: str) -> None:
        self._line = line
        self._with_tex = "\\" in line
        self._groups = _Groups()

    def read(self) -> Iterator[Part]:
        """Yield the parts of the line."""
        end = 0
        for formula in formulas(self._line):
            source = formula_source(formula)
            yield from self._read_text(end, formula.start())
            end = formula.end()
            if _TEXT_BETWEEN_DOLLARS.match(source):
                yield from self._read_text(formula.start() + 1, end - 1)
            else:
                yield Maths(source, formula[0])
        yield from self._read_text(end, len(self._line))
        yield from self._groups.close_open_styles()

    def _read_text(self, start: int, stop: int) -> Iterator[Part]:
        """Yield the parts of a stretch without formulas between dollars."""
        line, groups = self._line, self._groups
        while start < stop:
            # What follows the stretch decides on a dash or a tie at its end.
            token = _NEXT.search(line, start, stop + 1)
            if token and token.end() > stop:
                token = _NEXT.search(line, start, stop)
            if token is None:
                break
            yield line[start : token.start()]
            start = token.end()
            opens = line[start : start + 1] == "{"
            match token.lastgroup:
                case "script":
                    yield Maths(f"{{}}{token[0]}", token[0])
                case "address":
                    groups.set_end(f" ({token['address']})")
                case "blanks":
                    if bare := _BARE_FORMULA.match(line, token.start(), stop):
                        start = bare.end()
                        yield Maths(bare[0], bare[0])
                    else:
                        yield from _command(token, opens, groups)
                case "brace":
                    if self._with_tex:
                        yield from groups.read_brace(token["brace"], opens)
                    else:
                        yield token[0]
                case _:
                    yield token_text(token)
        yield line[start:stop]


def _command(token: re.Match[str], opens: bool, groups: "_Groups") -> Iterator[Part]:
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
        yield " " if name in SPACES else ""
    else:
        symbol = _TEXT_SYMBOLS.get(name) or symbol_of(name).strip()
        if not symbol and opens:
            groups.keep_braces()
        # The blank after a letter command only ends its name.
        ends_a_word = blanks and name not in LETTERS
        yield symbol + (" " if ends_a_word else "") if symbol else token[0]


class _Groups:
    """The stack of open brace groups, each with the parts that end it."""

    def __init__(self) -> None:
        self._open: list[list[Part]] = []
        self._begin: list[Part] = []
        self._end: list[Part] = []

    def set_element(self, element: str) -> None:
        """Make the next group an HTML element."""
        self._begin, self._end = [HtmlTag(element)], [HtmlTag(element, ends=True)]

    def set_end(self, text: str) -> None:
        """Write a text after the next group."""
        self._begin, self._end = [], [text]

    def keep_braces(self) -> None:
        """Write the braces of the next group."""
        self._begin, self._end = ["{"], ["}"]

    def begin_style(self, element: str) -> Iterator[Part]:
        """Make the rest of the current group an element; outside all groups do nothing."""
        if self._open:
            yield HtmlTag(element)
            self._open[-1].insert(0, HtmlTag(element, ends=True))

    def read_brace(self, brace: str, another_follows: bool) -> Iterator[Part]:
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

    def close_open_styles(self) -> Iterator[Part]:
        """Yield the end tags of elements that are still open."""
        while self._open:
            yield from (part for part in self._open.pop() if isinstance(part, HtmlTag))


# The look-ahead is what every token begins with: without it, each kind is tried everywhere.
_NEXT = re.compile(
    rf"(?=[\\{{}}~`'h_^-])(?:(?P<script>{_SCRIPT.pattern})|{TEXT_TOKEN.pattern})", TEXT_TOKEN.flags
)
