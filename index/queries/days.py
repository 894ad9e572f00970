"""The days that the operators since:, until: and year: select."""

import re
from calendar import monthrange
from datetime import date

_DAY = re.compile(r"(\d{4})(?:([-/.])(\d{1,2})(?:\2(\d{1,2}))?)?", re.ASCII)
_COMPACT = re.compile(r"(\d{4})(\d\d)?(\d\d)?(?:\d{4})?", re.ASCII)
_YEARS = re.compile(r"(\d{4})?(?:\s*(-|\.\.)\s*(\d{4})?)?", re.ASCII)
_RANGE = re.compile(r"\[\s*(\S+)\s+TO\s+(\S+)\s*\]", re.IGNORECASE)
_LAST_SHORT_YEAR = 90  # arXiv began in 1991
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_NAME = rf"(?:{'|'.join(_MONTHS)})[a-z]*"
_NAMED_MONTH = re.compile(
    rf"(?P<name>{_NAME})[-/. ]?(?P<year>\d{{4}})|(?P<first>\d{{4}})[-/. ]?(?P<last>{_NAME})",
    re.ASCII | re.IGNORECASE,
)

Days = tuple[date, date]
"""The first and the last day of a period, both included."""


def days_of(value: str) -> Days | None:
    """Return the days of a year, a month or a day, like 2024, 2024-05 or 2024-05-17.

    None if it is none of them or does not exist.
    """
    found = _DAY.fullmatch(value)
    return _period(found[1], found[3], found[4]) if found else None


def days_of_years(value: str) -> Days | None:
    """Return the days of a year or of years, like 2024, 2020-2024, 2020- or -2024.

    A range in the form of arXiv's API, like "[202301010000 TO 202312312359]", and what `days_of`
    reads are accepted too. None for anything else.
    """
    if found := _RANGE.fullmatch(value):
        first, last = (_COMPACT.fullmatch(one) for one in found.groups())
        days = [_period(*one.groups()) if one else None for one in (first, last)]
        return (days[0][0], days[1][1]) if days[0] and days[1] else None
    found = _YEARS.fullmatch(value)
    if found is None or not (found[1] or found[3]):
        return days_of(value)
    since, until = found[1], found[3] or (None if found[2] else found[1])
    first_year = _period(since, None, None) if since else (date.min, date.max)
    last_year = _period(until, None, None) if until else (date.min, date.max)
    return (first_year[0], last_year[1]) if first_year and last_year else None


def nearest_day(value: str) -> str:
    """Return an existing day, month or year that was probably meant; "" if there is no guess.

    >>> nearest_day("2023-02-30"), nearest_day("2024-13-01"), nearest_day("17.5.2024")
    ('2023-02-28', '2024', '2024-05-17')
    >>> nearest_day("May-2024"), nearest_day("24"), nearest_day("'98")
    ('2024-05', '2024', '1998')
    """
    if found := re.fullmatch(r"'?(\d\d)", value, re.ASCII):
        return f"{19 if int(found[1]) > _LAST_SHORT_YEAR else 20}{found[1]}"
    if month := _NAMED_MONTH.fullmatch(value):
        name, year = month["name"] or month["last"], month["year"] or month["first"]
        return f"{year}-{_MONTHS.index(name[:3].lower()) + 1:02}"
    if found := re.fullmatch(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})", value, re.ASCII):
        value = f"{found[4]}-{found[3]}-{found[1]}"
    found = _DAY.fullmatch(value) or _COMPACT.fullmatch(value)
    if found is None:
        found = re.match(r"(\d{4})(?!\d)", value, re.ASCII)
    if found is None or not int(found[1]) >= 1:
        return ""
    parts = [int(one) for one in found.groups()[1:] if one and one.isdecimal()]
    year = int(found[1])
    if not parts or not 1 <= parts[0] <= 12:
        return f"{year:04}"
    if len(parts) == 1:
        return f"{year:04}-{parts[0]:02}"
    day = min(max(parts[1], 1), monthrange(year, parts[0])[1])
    return f"{year:04}-{parts[0]:02}-{day:02}"


def _period(year: str, month: str | None, day: str | None) -> Days | None:
    try:
        first = date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return None
    if day:
        return first, first
    if month:
        return first, date(first.year, first.month, monthrange(first.year, first.month)[1])
    return first, date(first.year, 12, 31)
