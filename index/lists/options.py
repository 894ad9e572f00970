"""Options of a list: length, order, filters, minimum score, diversity, reasons."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from math import isfinite
from typing import Literal

from index.arxiv.paper import Paper
from index.errors import BadInput, Contradiction
from index.lists import diversity
from index.lists.entries import Hit, score
from index.lists.filters import UNRESTRICTED, Filters
from index.releases.release import Release
from index.search.nearness import percentile

Sort = Literal["score", "date"]
When = Literal["any", "newer", "older"]
ReasonDetail = Literal["brief", "full"]
WeakMatches = Literal["include", "exclude"]
MAX_LIMIT = 500


@dataclass(frozen=True, slots=True)
class ListOptions:
    """Which papers a list has, and in which order.

    The list has the `limit` papers with the highest score, ordered by `sort`. `filters`,
    `min_score` (0 to 100) and `min_percentile` (0 to 100) filter papers. `when` keeps those
    submitted after ("newer") or before ("older") the query's paper. `diversity` is the weight of
    MMR re-ranking, from 0 (off) to 1. `reasons="full"` needs the embedding model.
    `weak="exclude"` leaves out weak matches.

        ListOptions(limit=20, min_score=60, diversity=0.3)
        ListOptions(sort="date", filters=Filters(since=date(2024, 1, 1)))

    Raises BadInput if a value is out of range.
    """

    limit: int = 10
    sort: Sort = "score"
    filters: Filters = UNRESTRICTED
    min_score: float = 0
    min_percentile: float = 0
    diversity: float = 0
    when: When = "any"
    reasons: ReasonDetail = "brief"
    weak: WeakMatches = "include"

    def __post_init__(self) -> None:
        bounds = {"min_score": (0, 100), "min_percentile": (0, 100), "diversity": (0, 1)}
        for name, (least, most) in {"limit": (1, MAX_LIMIT), **bounds}.items():
            value = getattr(self, name)
            if not isfinite(value):
                raise BadInput(f"{name} is {value}: it must be a number")
            if value < least:
                raise BadInput(f"{name} is {value}: it must be at least {least}")
            if value > most:
                raise BadInput(f"{name} is {value}: it must be at most {most}")

    @property
    def candidate_count(self) -> int:
        """The number of nearest papers that the list is chosen from."""
        return self.limit * diversity.POOL_FACTOR if self.diversity else self.limit


DEFAULT_OPTIONS = ListOptions()


def select_hits(hits: Sequence[Hit], options: ListOptions, release: Release) -> list[Hit]:
    """Filter hits, given best first, by strength, score, percentile, diversity and limit."""
    filtered = [
        hit
        for hit in hits
        if not (hit.weak and options.weak == "exclude")
        and score(hit.neighbour.similarity) >= options.min_score
        and (
            not options.min_percentile
            or percentile(hit.neighbour.similarity, release.random_similarities)
            >= options.min_percentile
        )
    ]
    if not options.diversity:
        return filtered[: options.limit]
    hit_of = {hit.neighbour.row: hit for hit in filtered}
    reranked = diversity.rerank_by_mmr(
        [hit.neighbour for hit in filtered], options.limit, options.diversity, release.nearness
    )
    return [hit_of[neighbour.row] for neighbour in reranked]


def resolve_when(paper: Paper, options: ListOptions) -> ListOptions:
    """Return the options with "newer" or "older" replaced by days of submission.

    Raises Contradiction if that of the paper is unknown.
    """
    if options.when == "any":
        return options
    day = paper.submitted
    if day is None:
        raise Contradiction(
            f"when={options.when} needs the day of submission, which is unknown for "
            f"arXiv:{paper.id}: use since and until"
        )
    filters = options.filters
    if options.when == "newer":
        since = max(day + timedelta(days=1), filters.since or date.min)
        return replace(options, filters=replace(filters, since=since))
    until = min(day - timedelta(days=1), filters.until or date.max)
    return replace(options, filters=replace(filters, until=until))
