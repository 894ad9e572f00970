"""What a query was understood as: its parts, and a sentence that says them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from index.queries.syntax import ParsedQuery
from index.searching.names import MatchingAuthor, NameMatch

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


def query_parts(
    kind: SearchKind,
    parsed: ParsedQuery,
    name: NameMatch | None,
    found: int,
    text: str = "",
    title_matches: Sequence[str] = (),
    *,
    found_is_minimum: bool = False,
) -> QueryParts:
    """Return the parts of a query, with their summary."""
    parts = QueryParts(
        kind=kind,
        text=text,
        operators=[" OR ".join(map(str, group)) for group in parsed.groups],
        phrases=parsed.phrases,
        excluded=parsed.excluded,
        name=name.text if name else "",
        authors=name.authors if name else [],
        authors_in_all=name.authors_in_all if name else 0,
        papers_by_authors=len(name.numbers) if name else 0,
        title_matches=list(title_matches),
        found=found,
        found_is_minimum=found_is_minimum,
        summary="",
    )
    return replace(parts, summary=_summary(parts))


def _summary(parts: QueryParts) -> str:
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
        said.append(f"{_about(parts)} “{_cut(parts.text)}”{conditions}")
    elif parts.kind == "conditions":
        papers = _count(parts.found, "paper matches", "papers match") if parts.found else ""
        said.append((papers or "no paper matches") + conditions.removeprefix(","))
        said[-1] += "; newest first" if parts.found > 1 else ""
    elif parts.kind == "authors":
        said[-1] += f"{conditions}; newest first"
    else:
        said.append("the query identifies a paper")
    sentence = "; ".join(said)
    return f"{sentence[:1].upper()}{sentence[1:]}."


def _about(parts: QueryParts) -> str:
    """Return how many papers a text found; the note of a list says that all are weak matches."""
    if not parts.found:
        return "searched for papers about"
    more = " or more" if parts.found_is_minimum else ""
    are = "is" if parts.found == 1 and not more else "are"
    return f"{_count(parts.found, 'paper')}{more} {are} about"


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
