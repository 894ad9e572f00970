"""The answer to a search: what the query was understood as, and the papers found."""

from dataclasses import dataclass
from typing import Literal

from index.health.freshness import Meta
from index.lists.entries import FoundPaper
from index.searching.names import MatchingAuthor

_MAX_SHOWN = 80  # characters of a text in the summary
SearchKind = Literal["text", "authors", "conditions", "identifier"]


@dataclass(frozen=True, slots=True)
class QueryParts:
    """What a query was understood as.

    `kind` says what the list has: "text", the papers nearest to a text; "authors", the papers by
    the authors whose name the query is, newest first; "conditions", the papers that meet the
    operators, newest first; "identifier", one paper. `text` is the text that papers are compared
    with; "" if there is none. `operators`, `phrases` and `excluded` are conditions that all papers
    meet. `name` is the part of the query that is a name, `authors` are the ten authors with most
    papers that have it, `authors_in_all` how many there are, and `papers_by_authors` the number of
    their papers. `title_matches` are the ids of the papers whose title the query nearly is; they
    come first, then up to three papers by `authors` about `text`. `found` is the number of papers
    found, without weak matches; if `found_is_minimum`, there are more, which this answer did not
    rank. `summary` says all this in a sentence.
    """

    kind: SearchKind
    text: str
    operators: list[str]
    phrases: list[str]
    excluded: list[str]
    name: str
    authors: list[MatchingAuthor]
    authors_in_all: int
    papers_by_authors: int
    title_matches: list[str]
    found: int
    found_is_minimum: bool
    summary: str


@dataclass(frozen=True, slots=True)
class SearchResults:
    """The papers found for a query, best first, or newest first if they have no score.

    `suggestion` is the query with misspelt words corrected by the words of the corpus, or with a
    name after `author:` in quotes, None if nothing needs that; the papers are those of the query as
    given. `unknown_words` has its distinct words that no paper contains. `note` reports these, and
    that no paper matches closely; it is None if there is nothing to report. `parts` is what the
    query was understood as.
    `found_by_words` has papers that the release does not have yet, so that they have no vector to
    compare: they have every word of the query, in title, abstract or authors, and meet all
    conditions. Those with all words in the title come first, then the newest; at most 20, without a
    score, the same on every page.
    """

    query: str
    parts: QueryParts
    suggestion: str | None
    unknown_words: list[str]
    note: str | None
    results: list[FoundPaper]
    found_by_words: list[FoundPaper]
    meta: Meta


def summarise(parts: QueryParts) -> str:
    """Return what a query was understood as, in a sentence.

    Example: 2 authors match “Mengwei Xu” (14 papers); 10 papers or more are about “agents”.
    """
    said = []
    if parts.name:
        authors = _count(parts.authors_in_all, "author matches", "authors match")
        said.append(f"{authors} “{parts.name}” ({_count(parts.papers_by_authors, 'paper')})")
    if parts.title_matches:
        titles = _count(len(parts.title_matches), "title is", "titles are")
        said.append(f"{titles} nearly “{_cut(parts.text)}”")
    conditions = "".join(f", {one}" for one in _conditions(parts))
    if parts.kind == "text":
        more = " or more" if parts.found_is_minimum else ""
        are = "is" if parts.found == 1 and not more else "are"
        papers = f"{_count(parts.found, 'paper')}{more} {are} about “{_cut(parts.text)}”"
        said.append(papers + conditions)
    elif parts.kind == "conditions":
        papers = _count(parts.found, "paper matches", "papers match")
        said.append(f"{papers}{conditions.removeprefix(',')}; newest first")
    elif parts.kind == "authors":
        said[-1] += f"{conditions}; newest first"
    else:
        said.append("The query identifies a paper")
    return "; ".join(said) + "."


def _conditions(parts: QueryParts) -> list[str]:
    return [
        *(f"with “{_cut(one)}”" for one in parts.phrases),
        *(f"without “{_cut(one)}”" for one in parts.excluded),
        *map(_cut, parts.operators),
    ]


def _count(number: int, one: str, several: str = "") -> str:
    return f"{number:,} {one if number == 1 else several or one + 's'}"


def _cut(text: str) -> str:
    return text if len(text) <= _MAX_SHOWN else f"{text[: _MAX_SHOWN - 1]}…"
