"""Ranges of days as Semantic Scholar writes them: 2019, 2016-2020, 2019-03:, :2020-06-06."""

import re
from calendar import monthrange
from datetime import date

from index.errors import BadInput

Days = tuple[date | None, date | None]
_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", re.ASCII)


def days_between(text: str, separator: str) -> Days:
    """The first and the last day of a range, None where it is open; raises BadInput."""
    first, is_range, last = text.partition(separator)
    try:
        since, until = _days_of(first), _days_of(last if is_range else first)
    except ValueError as error:
        raise BadInput(f"{text!r} is no range of days: {error}") from error
    return since[0], until[1]


def overlap(ranges: list[Days]) -> Days:
    """The days that all of these ranges hold."""
    since = [first for first, _ in ranges if first]
    until = [last for _, last in ranges if last]
    return max(since, default=None), min(until, default=None)


def _days_of(text: str) -> Days:
    """First and last day of a year, a month or a day; raises ValueError."""
    if not text:
        return None, None
    match = _DATE.fullmatch(text)
    if match is None:
        raise ValueError("write 2019, 2019-03 or 2019-03-05")
    year, month, day = (int(part or 0) for part in match.groups())
    if day:
        return date(year, month, day), date(year, month, day)
    last = month or 12
    return date(year, month or 1, 1), date(year, last, monthrange(year, last)[1])
