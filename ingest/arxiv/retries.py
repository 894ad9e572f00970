"""How long to wait before repeating a request to arXiv: Retry-After or exponential back-off."""

import random
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

MAX_WAIT = 600.0
"""The longest wait in seconds; a longer `Retry-After` ends the run."""
_FIRST_WAIT = 4.0


def retry_after(value: str | None, at: datetime) -> float | None:
    """Return the seconds that a `Retry-After` header demands, None if it is absent or invalid.

    The value is a number of seconds or a date (RFC 9110, section 10.2.3).
    """
    if value is None:
        return None
    if value.strip().isascii() and value.strip().isdigit():
        return float(value)
    try:
        until = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (until.replace(tzinfo=until.tzinfo or UTC) - at).total_seconds())


def back_off(attempt: int, pause: float) -> float:
    """Return the seconds to wait after the n-th failure in a row: exponential, with jitter.

    It is zero if the configured pause is zero, which is allowed only for a server on this machine.
    """
    if not pause:
        return 0.0
    longest = min(MAX_WAIT, _FIRST_WAIT * 2**attempt)
    return random.uniform(longest / 2, longest)  # noqa: S311 - to spread requests, not a secret
