"""A digest: the new papers of a period, in groups, with what it is based on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from index.catalogue.arrivals.new_papers import Arrivals, Period, arrivals
from index.digests.groups import DigestGroup, GroupFinder, Sources
from index.health.freshness import Meta
from index.lists.entries import FoundPaper
from index.lists.finder import RelatedFinder

_NAMED = 2  # liked papers that a reason names by their titles


@dataclass(frozen=True, slots=True)
class Digest:
    """The new papers of a period, each in the first group that has it.

    `new` counts the papers that arrived since `since` and are in the release, without those that an
    earlier digest listed. `waiting` counts those that the release does not have yet, and `others`
    the older papers that were stored in the period. `titles` has the titles of the liked papers
    that the reasons name first, by id.
    """

    since: datetime
    made: datetime
    new: int
    waiting: int
    others: int
    groups: list[DigestGroup]
    titles: dict[str, str]
    meta: Meta

    @property
    def papers(self) -> list[FoundPaper]:
        """The papers of all groups, in their order."""
        return [paper for group in self.groups for paper in group.papers]


@dataclass(frozen=True, slots=True)
class NewPapers:
    """What arrived in a period: by run, the numbers to list, and those that wait for a release."""

    period: Period
    arrived: list[Arrivals]
    numbers: frozenset[int]
    waiting: frozenset[int]


def find_new_papers(finder: RelatedFinder, period: Period, sent: Sequence[str] = ()) -> NewPapers:
    """Return the papers that arrived in a period, without those with the ids `sent`."""
    arrived = arrivals(finder.catalogue, period)
    numbers = {number for one in arrived for number in one.numbers}
    waiting = frozenset(finder.release.missing(list(numbers)))
    listed_before = finder.catalogue.numbers_of(sent).values()
    return NewPapers(period, arrived, frozenset(numbers - waiting - {*listed_before}), waiting)


def build_digest(
    finder: RelatedFinder, groups: GroupFinder, sources: Sources, new: NewPapers, made: datetime
) -> Digest:
    """Return the digest of new papers; raises like `GroupFinder.groups`."""
    found = list(groups.groups(sources, new.numbers))
    return Digest(
        since=new.period.since,
        made=made,
        new=len(new.numbers),
        waiting=len(new.waiting),
        others=sum(one.others for one in new.arrived),
        groups=found,
        titles=_titles_of_liked(finder, found),
        meta=finder.meta,
    )


def _titles_of_liked(finder: RelatedFinder, groups: Sequence[DigestGroup]) -> dict[str, str]:
    ids = {
        paper_id
        for group in groups
        for paper in group.papers
        for paper_id in paper.reasons.liked[:_NAMED]
    }
    entries = finder.catalogue.entries(list(finder.catalogue.numbers_of(ids).values()))
    return {entry.paper.id: entry.paper.title for entry in entries.values()}
