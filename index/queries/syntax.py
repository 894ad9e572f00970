"""Parse a search query into words, phrases, exclusions and operators; see docs/searching.md."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain

from index.errors import BadQuery
from index.queries.tokens import Token, split_query

MAX_OPERATORS = 20
_TEXT_FIELDS = ("title", "abs", "all", "phrase")
_JOINED = {"operator", "phrase"}
_LETTER_OR_DIGIT = re.compile(r"[^\W_]")
_NEEDS_QUOTES = re.compile(r"[\s()]")


@dataclass(frozen=True, slots=True)
class Operator:
    """An operator: its field (a key of `OPERATORS`), its value, and its place in the query.

    The field of a quoted phrase is "phrase", that of an excluded word "word".
    """

    field: str
    value: str
    negated: bool = False
    start: int = 0
    end: int = 0

    def __str__(self) -> str:
        value, name = self.value, f"{self.field}:"
        if self.field in ("phrase", "word"):
            name = ""
        if self.field == "phrase" or (name and _NEEDS_QUOTES.search(value)):
            value = f'"{value}"'
        return f"{'-' * self.negated}{name}{value}"


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """A query in its parts.

    `words` is the text that papers are compared with: the words outside operators, with those of
    phrases and of operators on titles and abstracts. `texts` are phrases, which must occur in title
    or abstract, and excluded words and phrases, which must not. A paper must match an operator of
    each group.

        parsed = parse_query('quantization author:"Mengwei Xu" -cat:cs.CV since:2024')
        parsed.words  # "quantization"
        [str(one) for one in parsed.operators]  # ['author:"Mengwei Xu"', '-cat:cs.CV', ...]
    """

    query: str
    words: str = ""
    texts: tuple[Operator, ...] = ()
    groups: tuple[tuple[Operator, ...], ...] = ()
    is_literal: bool = False
    """Whether `all:` says that the words are no name of an author."""

    @property
    def phrases(self) -> list[str]:
        """The phrases that must occur in title or abstract."""
        return [one.value for one in self.texts if not one.negated]

    @property
    def excluded(self) -> list[str]:
        """The words and phrases that must not occur in title or abstract."""
        return [one.value for one in self.texts if one.negated]

    @property
    def operators(self) -> list[Operator]:
        """The operators of all groups, in the order of the query."""
        return list(chain.from_iterable(self.groups))

    @property
    def conditions(self) -> list[Operator]:
        """All that papers must match: operators, phrases and excluded words, in their order."""
        return sorted([*self.operators, *self.texts], key=lambda one: one.start)

    @property
    def has_words(self) -> bool:
        """Whether there is a text that papers are compared with."""
        return bool(_LETTER_OR_DIGIT.search(self.words))

    @property
    def has_conditions(self) -> bool:
        """Whether the query has anything besides words."""
        return bool(self.texts or self.groups)

    def without(self, operator: Operator) -> str:
        """Return the query without an operator, and without an AND or OR next to it."""
        return self.replaced(operator, "")

    @property
    def without_conditions(self) -> str:
        """The query without its conditions: the words that are left."""
        left = self
        for one in reversed(self.conditions):
            left = replace(left, query=left.without(one))
        return left.query

    def replaced(self, operator: Operator, text: str) -> str:
        """Return the query with an operator replaced by a text."""
        before, after = self.query[: operator.start].rstrip(), self.query[operator.end :].lstrip()
        if not text:
            shorter = re.sub(r"(?:^|\s)(?:AND|OR|NOT|ANDNOT)$", "", before)
            after = after if shorter != before else re.sub(r"^(?:AND|OR)\s+", "", after)
            before = shorter
        return " ".join(filter(None, (before, text, after)))


def parse_query(query: str) -> ParsedQuery:
    """Parse a query.

    A prefix that is no operator, as in "Theorem: ..." or "https://...", is part of a word. Raises
    BadQuery, with a corrected query, for an operator without a value, for a quote that is not
    closed in one, for more than 20 operators, and for an OR next to a bracket.
    """
    tokens = split_query(query)
    _check_brackets(tokens)
    words: list[str] = []
    texts: list[Operator] = []
    groups: list[list[Operator]] = []
    for place, token in enumerate(tokens):
        before = _joint(tokens, place - 1)
        negated = token.negated or before in ("NOT", "ANDNOT")
        if token.kind == "word" or (token.kind == "joint" and not _joint(tokens, place)):
            if token.negated:
                texts.append(Operator("word", token.value, True, token.start, token.end))
            else:
                words.append(token.value)
            continue
        if token.kind in ("joint", "bracket") or not _LETTER_OR_DIGIT.search(token.value):
            continue
        field = token.field or "phrase"
        if not negated and field in _TEXT_FIELDS:
            words.append(token.value)
        if field == "all" and not token.quoted:
            if negated:
                texts.append(Operator("word", token.value, True, token.start, token.end))
            continue
        field = "phrase" if field == "all" else field
        operator = Operator(field, token.value, negated, token.start, token.end)
        if before == "OR" and groups:
            groups[-1].append(operator)
        else:
            groups.append([operator])
    is_literal = any(token.field == "all" for token in tokens)
    return _parsed(query, words, texts, groups, is_literal)


def _parsed(
    query: str,
    words: Sequence[str],
    texts: list[Operator],
    groups: Sequence[Sequence[Operator]],
    is_literal: bool,
) -> ParsedQuery:
    others: list[tuple[Operator, ...]] = []
    for group in groups:
        if len(group) > 1 or group[0].field != "phrase":
            others.append(tuple(group))
        else:
            texts.append(group[0])
    if (count := sum(map(len, others))) > MAX_OPERATORS:
        raise BadQuery(f"{count} operators: at most {MAX_OPERATORS} are allowed")
    is_plain = not (texts or others or is_literal)
    text = query if is_plain else " ".join(words)
    if '"' in text:
        text = " ".join(text.replace('"', " ").split())
    texts.sort(key=lambda one: one.start)
    return ParsedQuery(query, text, tuple(texts), tuple(others), is_literal)


def _joint(tokens: Sequence[Token], place: int) -> str:
    """Return the AND, OR, NOT or ANDNOT at a place if it joins operators; else "".

    AND and NOT join an operator or phrase with anything, OR only two of them.
    """
    if not (0 <= place < len(tokens)) or tokens[place].kind != "joint":
        return ""
    before = _neighbour(tokens, place, -1)
    after = _neighbour(tokens, place, 1)
    joint = tokens[place].value
    if joint == "OR":
        return joint if {before, after} <= _JOINED else ""
    return joint if after in _JOINED or (joint == "AND" and before in _JOINED) else ""


def _neighbour(tokens: Sequence[Token], place: int, step: int) -> str:
    """Return the kind of the next token before or after a place, brackets apart."""
    place += step
    while 0 <= place < len(tokens) and tokens[place].kind == "bracket":
        place += step
    return tokens[place].kind if 0 <= place < len(tokens) else ""


def _check_brackets(tokens: Sequence[Token]) -> None:
    """Raise BadQuery if an OR joins a group in brackets that has an AND or several operators."""
    depth_start: list[int] = []
    for place, token in enumerate(tokens):
        if token.kind != "bracket":
            continue
        if token.value == "(":
            depth_start.append(place)
            continue
        start = depth_start.pop() if depth_start else place
        inner = tokens[start + 1 : place]
        operators = sum(one.kind in _JOINED for one in inner)
        ors = sum(one.value == "OR" and one.kind == "joint" for one in inner)
        outside = [tokens[at].value for at in (start - 1, place + 1) if 0 <= at < len(tokens)]
        if operators > 1 and ors < operators - 1 and "OR" in outside:
            raise BadQuery(
                "OR joins single operators, not groups in brackets: write "
                "cat:cs.CL OR cat:cs.LG, and search for the alternatives one by one"
            )
