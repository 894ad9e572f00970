"""Dates that are known to the day, or only to the month."""

from calendar import monthrange
from datetime import date
from enum import StrEnum


class DatePrecision(StrEnum):
    """How exactly a date is known. A date known to the month is the first day of that month."""

    DAY = "day"
    MONTH = "month"


def format_date(value: date, precision: DatePrecision | None = None) -> str:
    """Return a date in ISO 8601: 2024-01-16, or 2024-01 if only the month is known."""
    return f"{value:%Y-%m}" if precision is DatePrecision.MONTH else value.isoformat()


def parse_date(text: str) -> tuple[date, DatePrecision]:
    """Parse what `format_date` wrote; raises ValueError for any other text."""
    if len(text) == len("2024-01"):
        return date.fromisoformat(f"{text}-01"), DatePrecision.MONTH
    return date.fromisoformat(text), DatePrecision.DAY


def last_day(value: date, precision: DatePrecision | None) -> date:
    """Return the latest day that a date can mean."""
    if precision is not DatePrecision.MONTH:
        return value
    return value.replace(day=monthrange(value.year, value.month)[1])
