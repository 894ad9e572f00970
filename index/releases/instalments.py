"""When an update that embeds many papers releases before it has embedded all: by instalments.

The decisions are pure functions of counts and times.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class NextRelease:
    """When the next release is due: with so many papers embedded, or at a time, if that is sooner.

    `papers` is the number of all papers if only the last release of the update is left.
    """

    papers: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Instalments:
    """The rule: a release after the first papers, then at each doubling and after each interval.

    An instalment always has more papers than the release before it: while all papers are embedded
    again, for another model, the complete release stays current.

        rule = Instalments(first=10_000)
        due = rule.next_release(released=0, papers=142_605, since=began)
        rule.is_due(10_000, 0, 142_605, began, datetime.now(UTC))  # True
    """

    first: int
    interval: timedelta = timedelta(hours=1)

    def next_release(self, released: int, papers: int, since: datetime) -> NextRelease:
        """Return when the next release is due.

        `released` is the number of papers in the current release, 0 without one, and `papers` that
        of the catalogue. `since` is when the update began or last released.
        """
        return NextRelease(min(papers, max(self.first, 2 * released)), since + self.interval)

    def is_due(
        self, embedded: int, released: int, papers: int, since: datetime, now: datetime
    ) -> bool:
        """Return whether to release before more papers are embedded.

        Once all are embedded it is False: the update ends with a release anyway.
        """
        if not released < embedded < papers:
            return False
        due = self.next_release(released, papers, since)
        return embedded >= due.papers or now >= due.at
