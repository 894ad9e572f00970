"""The harvest scope: what a new request to follow sets adds to it, and which papers are within it.

OAI-PMH selects records by datestamp, the day of their last change, which is never before the day of
submission. A list from a day on has therefore every paper submitted since that day, but also older
papers that changed since; those are outside a scope that names a day of submission.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from index.arxiv.categories import CATEGORIES
from index.arxiv.date_precision import DatePrecision, last_day
from index.arxiv.identifier import month_of_id
from index.arxiv.oai_sets import is_in_set, parse_set, selection_name
from index.arxiv.paper import Paper
from index.catalogue.catalogue import Catalogue
from index.catalogue.harvests import ALL_OF_ARXIV, FollowedSelection
from index.errors import BadInput

EARLIEST = date(2005, 9, 16)
"""The earliest datestamp of arXiv's server; it refuses an earlier `from`."""

FROM_THE_BEGINNING = date.min
"""The day of submission of a scope that has all papers of a set."""

OVERLAP = timedelta(days=2)
"""Days that every harvest lists again: arXiv's pages shift, and records appear late under a day."""

Selection = Callable[[Sequence[tuple[Paper, date | None]]], set[str]]
"""Returns the ids of the papers to store; each paper is given with its datestamp, if known."""


@dataclass(slots=True)
class Plan:
    """What following some sets changes.

    `wanted` has the selections to follow from a day of submission on, `known` those that are
    followed from that day or an earlier one. `contained` maps a selection to the followed one that
    contains it, `replaced` a selection that is no longer needed to the new one that contains it.
    """

    wanted: dict[str, date] = field(default_factory=dict)
    known: list[str] = field(default_factory=list)
    contained: dict[str, str] = field(default_factory=dict)
    replaced: dict[str, str] = field(default_factory=dict)

    @property
    def selections(self) -> list[str]:
        """The followed selections that have the papers that were requested."""
        return list(dict.fromkeys((*self.wanted, *self.known, *self.contained.values())))


def parse_selection(text: str) -> str:
    """Return the name of a set, "" for "all"; raises BadInput for any other text."""
    if text.strip().lower() == "all":
        return ALL_OF_ARXIV
    if not text.strip():
        raise BadInput("a set is empty: name a set such as cs.CL, or `all` for all of arXiv")
    return parse_set(text)


def plan_following(
    selections: Iterable[str], since: date | None, followed: Iterable[FollowedSelection]
) -> Plan:
    """Return what it takes to follow these selections' papers submitted since a day.

    Without a day, a followed selection stays as it is, and another one is followed from its
    beginning. A scope never becomes smaller.
    """
    plan = Plan()
    scope = {one.selection: one for one in followed}
    for selection in sorted(dict.fromkeys(selections), key=_size, reverse=True):
        same = scope.get(selection)
        day = since or FROM_THE_BEGINNING
        if same and (since is None or _covers(same, day)):
            plan.known.append(selection)
            continue
        others = [one for one in scope.values() if one.selection != selection]
        if wider := next((o for o in others if _has_all(o, selection, day)), None):
            plan.contained[selection] = wider.selection
            continue
        plan.wanted[selection] = day
        new = FollowedSelection(selection, first_listed_day(day), None, None, submitted_since=day)
        scope[selection] = new
        for one in others:
            if one.submitted_since and _has_all(new, one.selection, one.submitted_since):
                plan.replaced[one.selection] = selection
                plan.wanted.pop(one.selection, None)
                del scope[one.selection]
    return plan


def first_listed_day(submitted_since: date) -> date:
    """Return the first datestamp to list for papers submitted since a day."""
    return EARLIEST if submitted_since <= EARLIEST else max(submitted_since - OVERLAP, EARLIEST)


def _covers(followed: FollowedSelection, day: date) -> bool:
    """Return whether a followed selection has all its papers submitted since a day."""
    if followed.submitted_since is not None:
        return followed.submitted_since <= day
    return followed.since <= max(day, EARLIEST)


def _has_all(followed: FollowedSelection, selection: str, day: date) -> bool:
    """Return whether a followed selection has all papers of another one submitted since a day."""
    return _covers(followed, day) and _contains(followed.selection, selection)


def _contains(wider: str, selection: str) -> bool:
    """Return whether every category of a selection is in a wider one, under any of its names."""
    if wider == ALL_OF_ARXIV or selection == ALL_OF_ARXIV:
        return wider == ALL_OF_ARXIV
    return all(is_in_set([one], wider) for one in _categories(selection))


def _categories(selection: str) -> list[str]:
    return [one for one in CATEGORIES if is_in_set([one], selection)]


def _size(selection: str) -> int:
    return len(_categories(selection))


def selection_for(catalogue: Catalogue, selection: str) -> Selection | None:
    """Return which harvested papers of a selection to store; None stands for all of them."""
    followed = catalogue.harvests.of(selection)
    if followed is None or followed.submitted_since is None:
        return None
    return HarvestedPapers(catalogue)


class HarvestedPapers:
    """Selects, of harvested papers, those to store: papers held already, and those of the scope."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def __call__(self, papers: Sequence[tuple[Paper, date | None]]) -> set[str]:
        """Return the ids of the papers to store: see `Selection`."""
        followed = self._catalogue.harvests.followed()
        held = self._catalogue.numbers_of([paper.id for paper, _ in papers])
        return {
            paper.id
            for paper, datestamp in papers
            if paper.id in held or is_in_scope(paper, datestamp, followed)
        }


def is_in_scope(
    paper: Paper, datestamp: date | None, followed: Iterable[FollowedSelection]
) -> bool:
    """Return whether any followed selection has this paper.

    A paper whose day of submission is not known exactly counts with the latest day possible.
    """
    return any(
        is_in_set(paper.categories, one.selection)
        and (
            last_submission_day(paper) >= one.submitted_since
            if one.submitted_since is not None
            else datestamp is None or datestamp >= one.since
        )
        for one in followed
    )


def last_submission_day(paper: Paper) -> date:
    """Return the latest day on which a paper can have been submitted."""
    if paper.submitted is not None:
        return last_day(paper.submitted, paper.submitted_precision)
    return last_day(month_of_id(paper.id), DatePrecision.MONTH)


def refuse_future(since: date) -> None:
    """Raise BadInput for a day in the future, in UTC."""
    today = datetime.now(UTC).date()
    if since > today:
        raise BadInput(f"{since} is in the future: give a day up to today, {today}")


def scope_text(followed: FollowedSelection) -> str:
    """Return what a selection has, in words: "cs:cs:CL, papers submitted since 2023-01-01"."""
    name = selection_name(followed.selection)
    if followed.submitted_since == FROM_THE_BEGINNING:
        return f"{name}, all papers"
    if followed.submitted_since is not None:
        return f"{name}, papers submitted since {followed.submitted_since}"
    return f"{name}, papers that changed since {followed.since}"
