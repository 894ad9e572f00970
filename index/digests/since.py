"""Read since when papers are new: a day, a time, a word such as yesterday, or a number of days."""

import re
from datetime import UTC, date, datetime, time, timedelta

from index.errors import BadInput
from index.queries.days import days_of, nearest_day

_FIRST_DAY = date(1991, 8, 14)  # arXiv's first paper
_WORDS = {"today": 0, "yesterday": 1}  # days before today
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_DURATION = re.compile(r"(\d{1,5})\s*(h|hours?|d|days?|w|weeks?)(?:\s+ago)?", re.ASCII | re.I)
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)?", re.ASCII | re.I)
FORMS = "yesterday, today, 2024-05-17, 2024-05, 2024-05-17T06:00, 36h, 7d or 2w"


def parse_since(text: str, now: datetime) -> datetime:
    """Return the UTC time that a text means; `now` is the present one.

    A day begins at 00:00 UTC, as the days of arXiv do. A time without offset is in UTC. A duration
    such as 7d or 36h ends now. Raises BadInput, with what would be right, for anything else, and
    for a time in the future.
    """
    written = text.strip()
    since = _time_of(written.lower(), now.astimezone(UTC))
    if since is None:
        meant = nearest_day(written)
        hint = f"; did you mean {meant}?" if meant else ""
        raise BadInput(f"since: {text[:40]!r} is no time: write {FORMS}{hint}")
    if since > now:
        raise BadInput(f"since: {text[:40]!r} is in the future: write {FORMS}")
    return max(since, _start(_FIRST_DAY))


def _time_of(text: str, now: datetime) -> datetime | None:
    if text in _WORDS:
        return _start(now.date() - timedelta(days=_WORDS[text]))
    if found := _DURATION.fullmatch(text):
        count, unit = int(found[1]), _UNITS[found[2][0]]
        # Longer than arXiv has been there means all of it.
        longest = now - _start(_FIRST_DAY)
        return now - min(count * unit, longest) if count else None
    if _TIME.fullmatch(text):
        try:
            moment = datetime.fromisoformat(text.upper())
        except ValueError:
            return None
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    days = days_of(text)
    return _start(days[0]) if days else None


def _start(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
