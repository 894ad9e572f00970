"""How long-running work reports its progress and its rate to the command that runs it."""

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Called with the step, how much of it is done, and the total, 0 if that is not known."""

CountProgress = Callable[[int, int], None]
"""The same for work of one step: how much is done, and the total."""

_MINUTE, _HOUR = 60, 3600


class Pace:
    """The rate of each step: items a second since its first report, without time of other steps.

    pace = Pace()
    pace.report("embed", 0, now=0.0)
    pace.report("embed", 80, now=2.0)  # 40.0
    """

    def __init__(self) -> None:
        self._step, self._at = "", 0.0
        self._first: dict[str, int] = {}
        self._seconds: dict[str, float] = {}

    def report(self, step: str, done: int, now: float) -> float | None:
        """Return the rate of a step after this report, None if it is not known yet.

        `now` are the seconds of a monotonic clock.
        """
        self._first.setdefault(step, done)
        spent = now - self._at if step == self._step else 0.0
        self._seconds[step] = self._seconds.get(step, 0.0) + spent
        self._step, self._at = step, now
        counted = done - self._first[step]
        if counted <= 0 or self._seconds[step] <= 0:
            return None
        return counted / self._seconds[step]


def seconds_left(done: int, total: int, rate: float | None) -> int | None:
    """Return the seconds that the rest takes at this rate; None if that is not known."""
    if total and done >= total:
        return 0
    return round((total - done) / rate) if total and rate else None


def duration_text(seconds: int) -> str:
    """Return a duration in the two largest units that fit: "40 s", "12 min", "3 h 5 min"."""
    if seconds < 2 * _MINUTE:
        return f"{seconds} s"
    hours, minutes = divmod(round(seconds / _MINUTE), _HOUR // _MINUTE)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
