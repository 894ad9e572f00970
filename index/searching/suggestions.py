"""Corrections of a query: misspelt words, and misspelt operators."""

import re
from collections.abc import Callable
from dataclasses import replace
from itertools import chain

from index.did_you_mean import closest
from index.queries.syntax import ParsedQuery
from index.queries.tokens import FIELD_OF, split_query
from index.search.spelling import Spelling

_PLACE = "\ue000"  # of what is not corrected: no letter, and in no text
_PREFIX = re.compile(r"(-?)([A-Za-z]{3,})(:[^\s/].*)", re.DOTALL)
_NEXT_NAME = re.compile(r"\s+([^\W\d_][\w'’.-]*)(?=\s|$)")


def suggest(parsed: ParsedQuery, spelling: Spelling, is_name: Callable[[str], bool]) -> str | None:
    """Return the query with misspelt words and operators corrected; None if there are none.

    The values of operators and what is excluded stay as they are, and so do names of authors.
    """
    query = parsed.query
    if _PLACE in query:
        return None
    kept: list[str] = []
    masked, end = "", 0
    is_corrected = False
    for token in split_query(query):
        text = query[token.start : token.end]
        if right := _corrected_prefix(text):
            text, is_corrected = right, True
        elif token.kind != "operator" and not token.negated:
            continue
        masked += query[end : token.start] + _PLACE
        kept.append(text)
        end = token.end
    masked += query[end:]
    corrected = spelling.correct_query(masked, is_name)
    if corrected is None and not is_corrected:
        return None
    parts = (corrected or masked).split(_PLACE)
    return "".join(chain.from_iterable(zip(parts, [*kept, ""], strict=True)))


def quoted_name(parsed: ParsedQuery, is_author: Callable[[str], bool]) -> str | None:
    """Return a query such as author:Mengwei Xu with the name in quotes; None if it has no such."""
    authors = [one for one in parsed.operators if one.field == "author"]
    if len(authors) != 1 or '"' in parsed.query[authors[0].start : authors[0].end]:
        return None
    following = _NEXT_NAME.match(parsed.query, authors[0].end)
    if following is None:
        return None
    name = f"{authors[0].value} {following[1]}"
    longer = replace(authors[0], value=name, end=following.end())
    return parsed.replaced(longer, str(longer)) if is_author(name) else None


def _corrected_prefix(text: str) -> str:
    """Return a word like autor:Hinton with the operator that was meant; "" if it has none."""
    found = _PREFIX.fullmatch(text)
    if found is None or found[2].lower() in FIELD_OF:
        return ""
    right = closest(found[2], FIELD_OF)
    return f"{found[1]}{right}{found[3]}" if right else ""
