"""arXiv's announcement calendar: on which UTC days new records appear, and from what time.

Sources: arXiv/arxiv-docs, source/help/availability.md (20:00 US Eastern, Sunday to Thursday) and
source/help/oa/index.md (new records in OAI-PMH from 22:00 to 22:30 US Eastern); arXiv/arxiv-base,
arxiv/schedule/calendar.py (holidays). In UTC these records appear on the next day, so
announcements have datestamps from Monday to Friday.

Identifiers follow the month in US Eastern time: papers announced on the evening of 30 June 2026
have the datestamp 1 July and identifiers that begin with 2606.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from index.errors import BadInput

_HOLIDAYS = Path(__file__).with_name("holidays.txt")
_EASTERN = ZoneInfo("America/New_York")
_HARVESTABLE = time(22, 30)
_DAY = timedelta(days=1)
_EXPECTED = "Write one ISO date per line, such as 2026-11-26; comments start with #"
_FRIDAY, _SATURDAY, _SUNDAY = 4, 5, 6


@dataclass(frozen=True, slots=True)
class Calendar:
    """arXiv's weekly schedule with its holidays, which are US Eastern dates.

    Arguments and results of type `date` are UTC days, as the datestamps of OAI-PMH are. Every
    `datetime` must have a time zone; the methods raise ValueError for one without.

        >>> calendar = read_calendar()
        >>> calendar.announced_on(date(2026, 11, 27))  # Thanksgiving, in US Eastern time
        False
        >>> calendar.next_due(datetime(2026, 11, 26, 12, tzinfo=UTC))
        datetime.datetime(2026, 11, 30, 3, 30, tzinfo=datetime.timezone.utc)
    """

    holidays: frozenset[date]

    def announced_on(self, day: date) -> bool:
        """Return whether an announcement has this datestamp (US Eastern: the evening before)."""
        evening = day - _DAY
        if evening.weekday() in (_FRIDAY, _SATURDAY) or evening in self.holidays:
            return False
        # Sunday's announcement has Friday's submissions, and a holiday accepts none.
        return evening.weekday() != _SUNDAY or evening - 2 * _DAY not in self.holidays

    def days(self, first: date, last: date) -> list[date]:
        """Return the UTC days with an announcement from first to last, both included."""
        span = (first + timedelta(days=count) for count in range((last - first).days + 1))
        return [day for day in span if self.announced_on(day)]

    def due(self, day: date) -> datetime:
        """Return the UTC time from which this day's announcement should be harvestable."""
        return datetime.combine(day - _DAY, _HARVESTABLE, _EASTERN).astimezone(UTC)

    def next_due(self, after: datetime) -> datetime:
        """Return the first UTC time later than `after` at which an announcement is due."""
        moment = _utc(after)
        day = moment.date()
        while not (self.announced_on(day) and self.due(day) > moment):
            day += _DAY
        return self.due(day)

    def newest_due(self, at: datetime) -> date:
        """Return the newest UTC day whose announcement should be harvestable at this time."""
        moment = _utc(at)
        day = moment.date()
        while not (self.announced_on(day) and self.due(day) <= moment):
            day -= _DAY
        return day


def read_calendar(path: Path | None = None) -> Calendar:
    """Read a file of holidays, by default the bundled one.

    Each line has one ISO date; `#` starts a comment. Raises BadInput, with file and line, if the
    file has another form.
    """
    path = path or _HOLIDAYS
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} is not a readable text file ({error}). {_EXPECTED}") from error
    dates = ((number, line.partition("#")[0].strip()) for number, line in enumerate(lines, 1))
    return Calendar(frozenset(_holiday(text, path, number) for number, text in dates if text))


def _holiday(text: str, path: Path, number: int) -> date:
    with suppress(ValueError):
        day = date.fromisoformat(text)
        # fromisoformat also accepts 20261126 and 2026-W48-4, which are hard to check by eye.
        if day.isoformat() == text:
            return day
    shown = text if len(text) <= 80 else text[:77] + "..."
    raise BadInput(f"{path}, line {number}: {shown!r} is not a date. {_EXPECTED}")


def _utc(moment: datetime) -> datetime:
    if moment.utcoffset() is None:
        raise ValueError(f"{moment} has no time zone: pass an aware datetime")
    return moment.astimezone(UTC)
