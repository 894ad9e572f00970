"""When arXiv announces: on which UTC days new records appear, and from which moment.

Sources: arXiv/arxiv-docs, source/help/availability.md (20:00 US Eastern, Sunday to Thursday) and
source/help/oa/index.md (new records in OAI-PMH from 22:00 to 22:30 US Eastern); arXiv/arxiv-base,
arxiv/schedule/calendar.py (holidays). By UTC those records come on the next day, so announcements
carry datestamps of Monday to Friday.

Identifiers follow the Eastern month: what was announced on the evening of 30 June 2026 has the
datestamp 1 July and numbers of 2606.
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
_FORM = "Write one ISO date a line, as 2026-11-26, and comments after #"
_FRIDAY, _SATURDAY, _SUNDAY = 4, 5, 6


@dataclass(frozen=True, slots=True)
class Calendar:
    """arXiv's week and its holidays, as Eastern dates.

    Days asked for and answered are UTC days, the datestamps of OAI-PMH; moments carry a time zone.
    """

    holidays: frozenset[date]

    def announced_on(self, day: date) -> bool:
        """Whether arXiv announces on this UTC day, that is on the Eastern evening before it."""
        evening = day - _DAY
        if evening.weekday() in (_FRIDAY, _SATURDAY) or evening in self.holidays:
            return False
        # Sunday announces what Friday took in, and on a holiday nothing is taken in.
        return evening.weekday() != _SUNDAY or evening - 2 * _DAY not in self.holidays

    def days(self, first: date, last: date) -> list[date]:
        """The UTC days with an announcement from first to last, both included."""
        span = (first + timedelta(days=count) for count in range((last - first).days + 1))
        return [day for day in span if self.announced_on(day)]

    def due(self, day: date) -> datetime:
        """The UTC moment from which the announcement of this UTC day should be harvestable."""
        return datetime.combine(day - _DAY, _HARVESTABLE, _EASTERN).astimezone(UTC)

    def next_due(self, after: datetime) -> datetime:
        """The first UTC moment later than this one at which an announcement comes due."""
        moment = _utc(after)
        day = moment.date()
        while not (self.announced_on(day) and self.due(day) > moment):
            day += _DAY
        return self.due(day)

    def newest_due(self, at: datetime) -> date:
        """The newest UTC day whose announcement should be harvestable at this moment."""
        moment = _utc(at)
        day = moment.date()
        while not (self.announced_on(day) and self.due(day) <= moment):
            day -= _DAY
        return day


def read_calendar(path: Path | None = None) -> Calendar:
    """Read the holidays, by default the bundled ones: an ISO date a line, `#` before comments.

    Raises BadInput, with file and line, for anything else.
    """
    path = path or _HOLIDAYS
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path}: not a readable text file ({error}). {_FORM}") from error
    written = ((number, line.partition("#")[0].strip()) for number, line in enumerate(lines, 1))
    return Calendar(frozenset(_holiday(text, path, number) for number, text in written if text))


def _holiday(text: str, path: Path, number: int) -> date:
    with suppress(ValueError):
        day = date.fromisoformat(text)
        # fromisoformat also takes 20261126 and 2026-W48-4, which nobody can check by eye.
        if day.isoformat() == text:
            return day
    shown = text if len(text) <= 80 else text[:77] + "..."
    raise BadInput(f"{path}, line {number}: {shown!r} is not a date. {_FORM}")


def _utc(moment: datetime) -> datetime:
    if moment.utcoffset() is None:
        raise ValueError(f"{moment} names no time zone")
    return moment.astimezone(UTC)
