"""How fresh what is held here is: said with every list, and in full by the status.

Judged inside what is followed night by night. What was taken in otherwise, a sample or a query's
answers, has no gaps and is never late.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from index.catalogue.catalogue import Catalogue
from index.catalogue.harvests import FollowedSelection
from index.releases.release import Release

GRACE = timedelta(hours=12)
"""How long after an announcement came due a night may still bring it."""

MAX_REQUESTS = 3
"""Nights on which arXiv is asked for a missing stretch; then it does not have it."""


@dataclass(frozen=True, slots=True)
class Meta:
    """What an answer rests on.

    `harvested_at` is when papers last came in, `newest_announcement` the latest day of any paper
    held, `next_announcement` when the first one not held here is or was due, `gaps` how many days
    or stretches of identifiers are known to be missing. `stale` is None, and the last two are not
    known, while no source is followed night by night: nothing can be late then.
    """

    release: str
    papers: int
    model: str
    harvested_at: str | None
    newest_announcement: date | None
    next_announcement: datetime | None
    gaps: int | None
    stale: bool | None


@dataclass(frozen=True, slots=True)
class AnnouncementDay:
    """A day under which arXiv listed records: how many, and how many of them are here."""

    day: date
    listed: int
    here: int


@dataclass(frozen=True, slots=True)
class Gap:
    """What should be here and is not: a day's records, or a stretch of identifiers.

    `missing` is None for a day on which an announcement was due and nothing was listed. `asked`
    counts the nights on which arXiv was asked again.
    """

    what: str
    missing: int | None
    asked: int | None


@dataclass(frozen=True, slots=True)
class Following:
    """A selection that is followed, and how well: an OAI set, or "all of arXiv"."""

    selection: str
    since: date
    complete: datetime | None
    next_announcement: datetime | None
    late: bool
    days: list[AnnouncementDay]
    gaps: list[Gap]


def build_meta(catalogue: Catalogue, release: Release, at: datetime | None = None) -> Meta:
    """The meta of an answer from this release."""
    last = catalogue.runs.last_ingest("done")
    followed = catalogue.harvests.followed()
    return Meta(
        release=release.manifest.name,
        papers=release.manifest.papers,
        model=str(release.manifest.identity),
        harvested_at=last.finished if last else None,
        newest_announcement=newest_announcement(catalogue),
        next_announcement=next_announcement(followed),
        gaps=sum(len(list_gaps(catalogue, one)) for one in followed) if followed else None,
        stale=is_stale(followed, at or datetime.now(UTC)),
    )


def newest_announcement(catalogue: Catalogue) -> date | None:
    """The newest day that was listed, or, where nothing is followed, the newest paper's."""
    return catalogue.harvests.newest_day() or catalogue.newest_day()


def next_announcement(followed: list[FollowedSelection]) -> datetime | None:
    """When the first announcement that is not here is or was due; None where none is known."""
    return min((one.next_due for one in followed if one.next_due), default=None)


def is_stale(followed: list[FollowedSelection], at: datetime) -> bool | None:
    """Whether anything followed is late; None where nothing is followed."""
    return any(is_late(one, at) for one in followed) if followed else None


def is_late(followed: FollowedSelection, at: datetime) -> bool:
    """Whether an announcement came due more than half a day ago and was not harvested since."""
    return followed.next_due is None or at > followed.next_due + GRACE


def list_following(catalogue: Catalogue, at: datetime, days: int = 30) -> list[Following]:
    """Every selection that is followed, with its last days and all its gaps."""
    return [
        Following(
            selection=one.selection or "all of arXiv",
            since=one.since,
            complete=one.complete,
            next_announcement=one.next_due,
            late=is_late(one, at),
            days=[
                AnnouncementDay(day.day, day.listed, day.listed - day.missing)
                for day in catalogue.harvests.days(one.selection, at.date() - timedelta(days=days))
            ],
            gaps=list_gaps(catalogue, one),
        )
        for one in catalogue.harvests.followed()
    ]


def list_gaps(catalogue: Catalogue, followed: FollowedSelection) -> list[Gap]:
    """What is known to be missing of a selection, and not known to be missing at arXiv itself."""
    days = [
        Gap(day.day.isoformat(), day.missing or None, None)
        for day in catalogue.harvests.days_with_gaps(followed.selection)
    ]
    missing_ranges = [
        Gap(str(stretch), len(stretch), asked)
        for stretch, asked in catalogue.harvests.missing_ranges(followed.selection)
        if asked < MAX_REQUESTS
    ]
    return days + missing_ranges
