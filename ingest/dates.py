"""Dates in arXiv's metadata."""

import re
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime

_USUAL_DATE = re.compile(r"\w{3}, (\d{1,2}) (\w{3}) (\d{4}) \d\d:\d\d:\d\d GMT", re.ASCII)


_MONTHS = {
    name: n for n, name in enumerate("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1)
}


def day(text: str) -> date:
    """Return the UTC day of an ISO 8601 or RFC 2822 date; raises ValueError for any other text."""
    try:
        usual = _USUAL_DATE.fullmatch(text)
        if usual:  # the form of nearly all records; the general parser takes ten times as long
            return date(int(usual[3]), _MONTHS[usual[2]], int(usual[1]))
        moment = _moment(text)
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError(f"{text!r} is neither an ISO 8601 nor an RFC 2822 date") from error
    return (moment.astimezone(UTC) if moment.tzinfo else moment).date()


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return parsedate_to_datetime(text)
