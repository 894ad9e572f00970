"""Papers that are new since a time: stored by a run since then, and not announced long before.

The runs record how many papers the catalogue had when they began, so the number of a paper says
which run stored it first. A later version of a paper changes neither. A run also stores papers that
are not new at arXiv: the past of a set that is followed now, a snapshot, a revision of a paper that
was outside the scope. They are left out by the days that are known of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from index.arxiv.date_precision import DatePrecision, last_day, parse_date
from index.arxiv.identifier import month_of_id
from index.catalogue.catalogue import Catalogue
from index.catalogue.runs import StoringRun

_LOADS = ("follow", "ingest snapshot")
"""The kinds of runs that store papers of the past on purpose."""
_MAX_LATE_LOAD = timedelta(days=31)  # of these papers, how long before the period they are new
_OVERLAP = timedelta(days=7)  # a harvest has papers of days that the one before it has seen
_MAX_HOLD = timedelta(days=30)  # moderators seldom hold a paper for longer
_MAX_AGE = timedelta(days=400)  # of a paper on hold; only the days of younger papers are read


@dataclass(frozen=True, slots=True)
class Period:
    """The time since which papers are new; if `after` is a run, only runs after it count.

    `after` has the time at which the run began and its number.
    """

    since: datetime
    after: tuple[datetime, int] | None = None

    def has(self, run: StoringRun) -> bool:
        """Return whether a run stored papers in the period, or still does."""
        if self.after is not None:
            return (run.started, run.number) > self.after
        return run.finished is None or run.finished >= self.since

    @property
    def first_day(self) -> date:
        """The UTC day on which the period begins."""
        return self.since.date()


@dataclass(frozen=True, slots=True)
class Arrivals:
    """The papers that one run stored: the numbers of new ones, and how many others.

    Papers stored before the catalogue recorded which run stored them have the last of these runs,
    or None if there is none.
    """

    run: StoringRun | None
    numbers: list[int]
    others: int


@dataclass(frozen=True, slots=True)
class _Stored:
    """The papers numbered after `first` up to `last`, and the run that stored the last of them."""

    run: StoringRun | None
    first: int
    last: int


def arrivals(catalogue: Catalogue, period: Period) -> list[Arrivals]:
    """Return the papers that arrived in a period, by run in the order of runs.

    A paper that an incremental harvest stored is new if it can have been announced since the
    newest announcement that the catalogue had before, less a week. Of what `follow` or a snapshot
    loads, only what can have been announced in the month before the period is. What a first load
    stored, or a run of an earlier version of seealso, is new if it was submitted in the period.
    """
    found = [_arrivals_of(catalogue, stored, period) for stored in _stored(catalogue)]
    return [one for one in found if one is not None]


def _stored(catalogue: Catalogue) -> Iterator[_Stored]:
    """Yield which papers each run stored; those of earlier versions' runs together."""
    [last] = catalogue.connection.execute("SELECT coalesce(max(number), 0) FROM papers").fetchone()
    earlier, runs = list[StoringRun](), list[StoringRun]()
    for run in catalogue.runs.storing():
        (earlier if run.papers_before is None else runs).append(run)
    bounds = [run.papers_before or 0 for run in runs]
    yield _Stored(earlier[-1] if earlier else None, 0, bounds[0] if bounds else last)
    for run, (first, until) in zip(runs, pairwise([*bounds, last]), strict=True):
        yield _Stored(run, first, until)


def _arrivals_of(catalogue: Catalogue, stored: _Stored, period: Period) -> Arrivals | None:
    run = stored.run
    if run is None or run.papers_before is None:
        is_outside = period.after is not None or stored.last == 0
    else:
        is_outside = not period.has(run)
    if is_outside:
        return None
    floor = earliest_announcement(run, period.first_day, _latest_change(catalogue, stored))
    numbers = [
        number
        for number, dates in _dates(catalogue, stored, (floor or period.first_day) - _MAX_AGE)
        if (dates.announced_by >= floor if floor else dates.submitted_by >= period.first_day)
    ]
    [papers] = catalogue.connection.execute(
        "SELECT count(*) FROM papers WHERE number > ? AND number <= ?", [stored.first, stored.last]
    ).fetchone()
    return Arrivals(run, numbers, papers - len(numbers))


def earliest_announcement(
    run: StoringRun | None, first_day: date, latest_change: date | None = None
) -> date | None:
    """Return the day from which on papers that a run stored are new, by their announcement.

    None if the day of submission decides instead. `latest_change` is the latest datestamp of its
    papers: in a catalogue that has papers from elsewhere, such as a snapshot, they may be newer.
    """
    if run is None or run.papers_before is None:
        return None
    is_load = run.kind in _LOADS
    if is_load and not run.papers_before:
        return None
    day = run.newest_before or first_day
    if latest_change is not None:
        day = min(day, latest_change)
    if is_load:
        day = max(day, first_day - _MAX_LATE_LOAD)
    return day - _OVERLAP


@dataclass(frozen=True, slots=True)
class PaperDates:
    """What is known about when a paper was announced; `datestamp` is OAI's day of last change."""

    paper_id: str
    submitted: date | None
    precision: DatePrecision | None
    datestamp: date | None

    @property
    def submitted_by(self) -> date:
        """The latest day on which the paper can have been submitted."""
        if self.submitted is None:
            return last_day(month_of_id(self.paper_id), DatePrecision.MONTH)
        return last_day(self.submitted, self.precision)

    @property
    def announced_by(self) -> date:
        """The latest day on which arXiv can have announced the paper.

        arXiv assigns an identifier in the month, by US Eastern time, of the announcement.
        """
        month = last_day(month_of_id(self.paper_id), DatePrecision.MONTH)
        return min(month + timedelta(days=1), self.datestamp or self.submitted_by + _MAX_HOLD)


def _latest_change(catalogue: Catalogue, stored: _Stored) -> date | None:
    """Return the latest datestamp of the papers that a run stored; None if none has one."""
    [latest] = catalogue.connection.execute(
        "SELECT max(datestamp) FROM datestamps "
        "WHERE id IN (SELECT id FROM papers WHERE number > ? AND number <= ?)",
        [stored.first, stored.last],
    ).fetchone()
    return date.fromisoformat(latest) if latest else None


def _dates(catalogue: Catalogue, stored: _Stored, since: date) -> Iterator[tuple[int, PaperDates]]:
    """Yield the dates of the papers that a run stored, without papers submitted long before."""
    rows = catalogue.connection.execute(
        "SELECT p.number, p.id, p.submitted, d.datestamp FROM papers p "
        "LEFT JOIN datestamps d ON d.id = p.id WHERE p.number IN (SELECT number FROM papers "
        "INDEXED BY papers_attributes WHERE number > ? AND number <= ? "
        "AND (submitted IS NULL OR submitted >= ?)) ORDER BY p.number",
        [stored.first, stored.last, f"{since:%Y-%m}"],
    )
    for number, paper_id, submitted, datestamp in rows:
        day, precision = parse_date(submitted) if submitted else (None, None)
        changed = date.fromisoformat(datestamp) if datestamp else None
        yield number, PaperDates(paper_id, day, precision, changed)
