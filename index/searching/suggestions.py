"""Other queries that were probably meant: misspelt words and operators, names, years."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import chain

from index.did_you_mean import closest
from index.queries.syntax import ParsedQuery
from index.queries.tokens import FIELD_OF, split_query
from index.search.spelling import Spelling

_PLACE = "\ue000"  # of what is not corrected: no letter, and in no text
_PREFIX = re.compile(r"(-?)([A-Za-z]{3,})(:[^\s/].*)", re.DOTALL)
_NEXT_NAME = re.compile(r"\s+([^\W\d_][\w'’.-]*)(?=\s|$)")
_MAX_WORDS = 16  # a longer text is a paragraph, in which a year is one of many words
_YEARS = re.compile(r"[(\[]?(\d{4})(?:[-–](\d{4})|[a-z])?[)\].,;:]*", re.ASCII)
_DAY_OPERATOR = {"since": "since", "after": "since", "until": "until", "before": "until"}
_LINKS = ("in", "from", "of", "year", "between")
_RANGE = ("to", "-", "–", "and", "until", "till")
_ET_AL = re.compile(r",?\s+et\s+al\.?,?$", re.IGNORECASE)
_BETWEEN_NAMES = re.compile(r"\s*(?:,|&|\s(?:and|AND)\s)\s*")
_SURNAMES = re.compile(r"[^\W\d_][\w'’-]*(?:[ ,&]+[^\W\d_][\w'’-]*)*")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What suggestions are made of: the words, the authors and the years of the corpus.

    `is_author` says whether there are papers by an author of a name; `is_author_word` whether a
    word is part of the name of an author. `years` returns the first and last year of submission.
    """

    spelling: Spelling
    years: Callable[[], tuple[int, int]]
    is_author: Callable[[str], bool]
    is_author_word: Callable[[str], bool]


def suggest(parsed: ParsedQuery, vocabulary: Vocabulary, *, is_title: bool) -> str | None:
    """Return the query that was probably meant; None if there is no other one.

    A year in a query that is nearly a title is part of the title.
    """
    return (
        quoted_name(parsed, vocabulary.is_author)
        or corrected(parsed, vocabulary.spelling, vocabulary.is_author_word)
        or (None if is_title else with_years(parsed, vocabulary))
    )


def corrected(
    parsed: ParsedQuery, spelling: Spelling, is_name: Callable[[str], bool]
) -> str | None:
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
    respelt = spelling.correct_query(masked, is_name)
    if respelt is None and not is_corrected:
        return None
    parts = (respelt or masked).split(_PLACE)
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


def with_years(parsed: ParsedQuery, vocabulary: Vocabulary) -> str | None:
    """Return the query with its year, or years, as an operator; None if it has no single one.

    Examples: "Mengwei Xu 2024" is Mengwei Xu year:2024, "pruning since 2023" is pruning since:2023,
    "pruning from 2020 to 2023" is pruning year:2020-2023, and "Xu et al., 2024" is
    author:Xu year:2024 if there are papers by an author of that name.
    """
    fields = {one.field for one in parsed.operators}
    if parsed.is_literal or fields & {"since", "until", "year", "id"}:
        return None
    tokens = [one for one in split_query(parsed.query) if one.kind == "word" and not one.negated]
    dated = [place for place, token in enumerate(tokens) if _YEARS.fullmatch(token.value)]
    if not dated or len(tokens) > _MAX_WORDS:
        return None
    first, last = dated[0], dated[-1]
    text = tokens[first].value
    if last == first + 2 and tokens[first + 1].value.lower() in _RANGE:
        text = f"{text}-{tokens[last].value}"
    elif last != first:
        return None
    link = tokens[first - 1].value.lower() if first else ""
    operator = _years_operator(text, link, vocabulary.years())
    if not operator:
        return None
    start = tokens[first - (link in _DAY_OPERATOR or link in _LINKS)].start
    before, after = parsed.query[:start].rstrip(), parsed.query[tokens[last].end :].lstrip()
    if not any(map(str.isalpha, before + after)):
        return None
    if not after and (authors := _cited(before, vocabulary.is_author)):
        before = authors
    return " ".join(filter(None, (before, after, operator)))


def _years_operator(text: str, link: str, bounds: tuple[int, int]) -> str:
    """Return an operator for a year after a word, or for two with a hyphen; "" for other texts."""
    found = _YEARS.fullmatch(text)
    years = [int(one) for one in found.groups() if one] if found else []
    if not years or not all(bounds[0] <= one <= bounds[1] for one in years):
        return ""
    if len(years) == 2:
        return f"year:{years[0]}-{years[1]}" if years[0] <= years[1] else ""
    return f"{_DAY_OPERATOR.get(link, 'year')}:{years[0]}"


def _cited(text: str, is_author: Callable[[str], bool]) -> str:
    """Return operators for the authors of a citation such as "Xu and Wang" or "Xu et al."."""
    text = text.rstrip(" ,([")
    is_short = _ET_AL.search(text) is not None
    names = _BETWEEN_NAMES.split(_ET_AL.sub("", text))
    if not _SURNAMES.fullmatch(" ".join(names)) or any(" " in one.strip() for one in names):
        return ""
    if not (is_short or all(one[:1].isupper() for one in names)):
        return ""
    return " ".join(f"author:{one}" for one in names) if all(map(is_author, names)) else ""


def _corrected_prefix(text: str) -> str:
    """Return a word like autor:Hinton with the operator that was meant; "" if it has none."""
    found = _PREFIX.fullmatch(text)
    if found is None or found[2].lower() in FIELD_OF:
        return ""
    right = closest(found[2], FIELD_OF)
    return f"{found[1]}{right}{found[3]}" if right else ""
