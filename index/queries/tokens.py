"""Split a search query into words, phrases, exclusions, operators, and what joins operators."""

import re
from dataclasses import dataclass, replace

from index.errors import BadQuery

OPERATORS = {
    "author": ("au", "authors"),
    "title": ("ti",),
    "abs": ("abstract",),
    "cat": ("category",),
    "tag": (),
    "since": ("after",),
    "until": ("before",),
    "year": ("submitteddate",),
    "licence": ("license",),
    "id": (),
    "all": (),
}
"""The operators, each with its other names."""
EXAMPLES = {
    "author": 'author:Hinton or author:"Mengwei Xu"',
    "title": 'title:quantization or title:"mixture of experts"',
    "abs": 'abs:quantization or abs:"mixture of experts"',
    "cat": "cat:cs.CL or cat:math",
    "tag": "tag:model-compression",
    "since": "since:2024, since:2024-05 or since:2024-05-17",
    "until": "until:2024, until:2024-05 or until:2024-05-17",
    "year": "year:2024 or year:2020-2024",
    "licence": "licence:CC-BY-4.0",
    "id": "id:2401.08092",
    "all": "all:quantization",
}
FIELD_OF = {name: field for field, names in OPERATORS.items() for name in (field, *names)}
"""The operator of each name."""
# Names are ASCII: without `a`, IGNORECASE also takes ſ for s and ı for i.
_NAME = rf"(?a:{'|'.join(sorted(FIELD_OF, key=len, reverse=True))}):"
_QUOTES = str.maketrans("“”„‟＂", '"' * 5)
_TOKEN = re.compile(
    rf"""
      (?P<bracket>[()])(?=\s*-?{_NAME} | \s*(?:AND|OR|ANDNOT)\b | \s*\)*\s*$)
    | (?P<sign>-?)(?P<name>{_NAME})\s*
      (?: "(?P<quoted>[^"]*)(?P<closed>"?)
        | (?P<range>\[[^\]]*\])
        | (?!-?{_NAME})(?P<bare>[^\s"]*) )
    | (?P<not>-)?"(?P<phrase>[^"]*)"
    | -(?P<excluded>[^\W\d_][^\s"]*)
    | (?P<word>"|[^\s"]+)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_JOINT = re.compile("AND|OR|NOT|ANDNOT")
_BLANKS = re.compile(r"\s*")
# What follows "author:Xu," or "author:M." without quotes and belongs to the name.
_GIVEN_NAME = re.compile(rf"\s*(?!-?{_NAME})([^\W\d_][\w'’.-]*)(?=[\s,;)]|$)", re.IGNORECASE)
_INITIALS = re.compile(r"(?:\s*(?-i:[A-Z])\.?)+(?=[\s,;)]|$)")
_INITIAL = re.compile(r"(?:[A-Z]\.?-?)+")
_NEXT_WORD = re.compile(rf"\s+(?!-?{_NAME})[^\s\"]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Token:
    """A part of a query. `field` is the operator, a key of `OPERATORS`; "" for other tokens.

    `kind` is "word", "phrase", "operator", "joint" (AND, OR and so on) or "bracket".
    """

    kind: str
    value: str
    start: int
    end: int
    field: str = ""
    negated: bool = False
    quoted: bool = False


def split_query(query: str) -> list[Token]:
    """Return the tokens of a query, in order.

    A word that OR joins with an operator or a phrase is a phrase. Raises BadQuery for an operator
    without a value or with a quote that is not closed.
    """
    text = query.translate(_QUOTES)
    tokens: list[Token] = []
    place = _end(_BLANKS, text, 0)
    depth = 0
    while place < len(text):
        found = _TOKEN.match(text, place)
        assert found, "a word matches everything but blanks"
        token = _token(query, text, found)
        if token.kind == "bracket":
            depth += 1 if token.value == "(" else -1
        elif depth > 0 and not token.quoted and token.value.endswith(")"):
            # The bracket closes a group of operators, so it is a token of its own.
            inner = token.value.rstrip(")")
            token = replace(token, value=inner, end=token.end - len(token.value) + len(inner))
        elif token.kind == "operator" and not token.quoted and "(" not in token.value:
            token = replace(token, value=token.value.rstrip(")"))
        tokens.append(token)
        place = _end(_BLANKS, text, token.end)
    return _with_alternatives(tokens)


def _with_alternatives(tokens: list[Token]) -> list[Token]:
    """Return tokens in which the words that OR joins with operators or phrases are phrases."""
    for places in (range(1, len(tokens) - 1), range(len(tokens) - 2, 0, -1)):
        for place in places:
            if tokens[place].value != "OR" or tokens[place].kind != "joint":
                continue
            for word, other in ((place - 1, place + 1), (place + 1, place - 1)):
                is_joined = tokens[other].kind in ("operator", "phrase")
                if is_joined and tokens[word].kind == "word" and not tokens[word].negated:
                    tokens[word] = replace(tokens[word], kind="phrase")
    return tokens


def _token(query: str, text: str, found: re.Match[str]) -> Token:
    start, end = found.span()
    if found["name"]:
        return _operator(query, text, found)
    if found["phrase"] is not None:
        return Token("phrase", found["phrase"], start, end, "", bool(found["not"]), True)
    if found["excluded"]:
        return Token("word", found["excluded"].rstrip(".,;"), start, end, negated=True)
    if found["bracket"]:
        return Token("bracket", found[0], start, end)
    kind = "joint" if _JOINT.fullmatch(found[0]) else "word"
    return Token(kind, found[0], start, end)


def _operator(query: str, text: str, found: re.Match[str]) -> Token:
    start, end = found.span()
    field = FIELD_OF[found["name"][:-1].lower()]
    quoted = found["quoted"] is not None
    if quoted and not found["closed"]:
        raise BadQuery(
            f"{found['name']} the quote is not closed: write {EXAMPLES[field]}",
            _with_closed_quote(query, found.start("quoted")),
        )
    value = (found["quoted"] or found["range"] or found["bare"] or "").strip()
    if field == "author" and found["bare"]:
        end = _end_of_name(text, value, end)
        value = text[found.start("bare") : end]
    if not quoted:
        value = value.rstrip(",;" if field == "author" else ".,;")
    if not any(map(str.isalnum, value)):
        raise BadQuery(
            f"{found['name']} has no value: write {EXAMPLES[field]}",
            f"{query[:start].rstrip()} {query[end:].lstrip()}".strip(),
        )
    return Token("operator", value, start, end, field, bool(found["sign"]), quoted)


def _end_of_name(text: str, value: str, end: int) -> int:
    """Return the end of a name without quotes: with given names after "Xu,", or "Xu" after "M."."""
    if value.endswith(","):
        given = _GIVEN_NAME.match(text, end)
        if given and _JOINT.fullmatch(given[1]):
            return end
        if given and given[1][0].isupper():
            end = given.end()
        return _end(_INITIALS, text, end)
    if _INITIAL.fullmatch(value):
        return _end(_NEXT_WORD, text, end)
    return end


def _end(pattern: re.Pattern[str], text: str, place: int) -> int:
    found = pattern.match(text, place)
    return found.end() if found else place


def _with_closed_quote(query: str, start: int) -> str:
    """Return a query with the quote closed before the next operator, or at its end."""
    following = re.compile(rf"\s+-?{_NAME}", re.IGNORECASE).search(query, start)
    end = following.start() if following else len(query)
    return f'{query[:end].rstrip()}"{query[end:]}'
