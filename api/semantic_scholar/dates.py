"""Date ranges as Semantic Scholar writes them: 2019, 2016-2020, 2019-03:, :2020-06-06."""

import re
from calendar import monthrange
from datetime import date

from index.errors import BadInput

DateRange = tuple[date | None, date | None]
"""First and last day, both included; None if the range is open at that end."""

_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", re.ASCII)


def parse_date_range(text: str, separator: str) -> DateRange:
    """Return the days of a range whose ends `separator` divides; raises BadInput.

    Example::

        parse_date_range("2019-03:", ":")  # (date(2019, 3, 1), None)
    """
    first, is_range, last = text.partition(separator)
    try:
        since, until = _days_in(first), _days_in(last if is_range else first)
    except ValueError as error:
        raise BadInput(f"{text!r} is not a date range: {error}") from error
    return since[0], until[1]


def intersection(ranges: list[DateRange]) -> DateRange:
    """Return the days that all of these ranges contain."""
    since = [first for first, _ in ranges if first]
    until = [last for _, last in ranges if last]
    return max(since, default=None), min(until, default=None)


def _days_in(text: str) -> DateRange:
    """Return the first and last day of a year, a month or a day; raises ValueError."""
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
