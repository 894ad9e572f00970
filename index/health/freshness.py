"""Freshness: what each list says in its meta, and the status in full.

Only selections that are harvested every night can be late or have gaps. Papers that were ingested
otherwise, such as a sample or the results of a query, are not taken into account.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from weakref import WeakKeyDictionary

from index.arxiv.oai_sets import selection_name
from index.catalogue.catalogue import Catalogue
from index.catalogue.harvests import FollowedSelection
from index.catalogue.protection.connections import state_of
from index.health.unreleased import count_unreleased
from index.releases.release import Release

GRACE = timedelta(hours=12)
"""An announcement counts as late if it was not harvested this long after it was due."""

MAX_REQUESTS = 3
"""Number of nights on which a missing range is requested; then arXiv is assumed not to have it."""


@dataclass(frozen=True, slots=True)
class Meta:
    """The release that an answer comes from, and how fresh it is.

    `papers` are those of the release. `not_in_release` counts the papers of the catalogue that it
    does not have yet: they have no vector in it, and searches find them by their words.
    `harvested_at` is when papers were last added. `newest_announcement` is the latest day of any
    paper. `next_announcement` is when the first announcement that has not been harvested is or was
    due. `gaps` counts days and ranges of identifiers known to be missing. `stale` is True if an
    announcement is late. The last three are None if no source is harvested every night.
    """

    release: str
    papers: int
    not_in_release: int
    model: str
    harvested_at: str | None
    newest_announcement: date | None
    next_announcement: datetime | None
    gaps: int | None
    stale: bool | None


@dataclass(frozen=True, slots=True)
class AnnouncementDay:
    """A day, the number of records that arXiv listed for it, and how many of them are here."""

    day: date
    listed: int
    here: int


@dataclass(frozen=True, slots=True)
class Gap:
    """Missing records: a day, or a range of identifiers.

    `missing` is the number of records, None for a day on which an announcement was due but nothing
    was listed. `asked` counts the nights on which the range was requested again.
    """

    what: str
    missing: int | None
    asked: int | None


@dataclass(frozen=True, slots=True)
class Following:
    """The state of a selection harvested every night: an OAI set, or "all of arXiv".

    If `unverified`, arXiv has listed no record of it so far, which may be an outage: the next
    nightly run requests it again from `since`.
    """

    selection: str
    since: date
    complete: datetime | None
    unverified: bool
    next_announcement: datetime | None
    late: bool
    days: list[AnnouncementDay]
    gaps: list[Gap]


@dataclass(frozen=True, slots=True)
class _KeptMeta:
    """The last meta of a catalogue and what it was built from, followed selections included."""

    release: str
    state: tuple[int, int]
    followed: list[FollowedSelection]
    meta: Meta


_kept: "WeakKeyDictionary[Catalogue, _KeptMeta]" = WeakKeyDictionary()


def build_meta(catalogue: Catalogue, release: Release, at: datetime | None = None) -> Meta:
    """Build the meta of an answer from this release.

    The last meta of each open catalogue is kept until something is written or the release changes;
    only `stale` also depends on the time.
    """
    name, state = release.manifest.name, state_of(catalogue.connection)
    kept = _kept.get(catalogue)
    if kept is None or kept.release != name or kept.state != state:
        followed = catalogue.harvests.followed()
        kept = _KeptMeta(name, state, followed, _read_meta(catalogue, release, followed))
        _kept[catalogue] = kept
    return replace(kept.meta, stale=is_stale(kept.followed, at or datetime.now(UTC)))


def _read_meta(catalogue: Catalogue, release: Release, followed: list[FollowedSelection]) -> Meta:
    last = catalogue.runs.last_ingest("done")
    return Meta(
        release=release.manifest.name,
        papers=release.manifest.papers,
        not_in_release=count_unreleased(catalogue, release),
        model=str(release.manifest.identity),
        harvested_at=last.finished if last else None,
        newest_announcement=newest_announcement(catalogue),
        next_announcement=next_announcement(followed),
        gaps=sum(len(list_gaps(catalogue, one)) for one in followed) if followed else None,
        stale=None,
    )


def newest_announcement(catalogue: Catalogue) -> date | None:
    """Return the newest day that arXiv listed, or that of the newest paper if none was listed."""
    return catalogue.harvests.newest_day() or catalogue.newest_day()


def next_announcement(followed: list[FollowedSelection]) -> datetime | None:
    """Return when the first announcement not harvested is or was due; None if unknown."""
    return min((one.next_due for one in followed if one.next_due), default=None)


def is_stale(followed: list[FollowedSelection], at: datetime) -> bool | None:
    """Return whether any followed selection is late; None if none is followed."""
    return any(is_late(one, at) for one in followed) if followed else None


def is_late(followed: FollowedSelection, at: datetime) -> bool:
    """Return whether an announcement has been due for more than `GRACE` without a harvest."""
    return followed.next_due is None or at > followed.next_due + GRACE


def list_following(catalogue: Catalogue, at: datetime, days: int = 30) -> list[Following]:
    """Return every followed selection with its last days and all its gaps."""
    return [
        Following(
            selection=selection_name(one.selection),
            since=one.first_wanted,
            complete=one.complete,
            unverified=one.is_unverified,
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
    """Return the known gaps of a selection.

    A range of identifiers that was requested MAX_REQUESTS times is left out: it is assumed that
    arXiv has no papers there.
    """
    days = [
        Gap(day.day.isoformat(), day.missing or None, None)
        for day in catalogue.harvests.days_with_gaps(followed.selection)
    ]
    missing_ranges = [
        Gap(str(id_range), len(id_range), asked)
        for id_range, asked in catalogue.harvests.missing_ranges(followed.selection)
        if asked < MAX_REQUESTS
    ]
    return days + missing_ranges
