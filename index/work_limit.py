"""A limit on the work of one request: a deadline and a cancellation, checked between steps.

Python cannot stop a thread. So the code that answers requests calls `check_work` between the steps
of long computations, and SQLite checks the limit during a statement (`read_catalogue`).
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from index.errors import TooMuchWork


class WorkLimit:
    """The end of a request's work: after some seconds, or as soon as `cancel` is called.

        limit = WorkLimit(30)
        with limit.applied():
            for paper in papers:
                check_work()  # raises TooMuchWork after 30 seconds
                compare(paper)

    Another thread may cancel it.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._end = time.monotonic() + seconds

    def cancel(self) -> None:
        """End the work at its next step."""
        self._end = 0.0

    @property
    def is_over(self) -> bool:
        """Whether the work has to end."""
        return time.monotonic() > self._end

    def check(self) -> None:
        """Raise TooMuchWork if the work has to end."""
        if self.is_over:
            raise TooMuchWork(
                f"the request was stopped: it needs more than {self._seconds:g} seconds or its "
                "client has gone; send fewer papers, shorter texts or fewer filters"
            )

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Limit the work of the block, also in threads that get a copy of its context."""
        token = _current.set(self)
        try:
            yield
        finally:
            _current.reset(token)


_current: ContextVar[WorkLimit | None] = ContextVar("work_limit", default=None)


def current_limit() -> WorkLimit | None:
    """Return the limit that applies here; None outside requests."""
    return _current.get()


def check_work() -> None:
    """Raise TooMuchWork if the work of this request has to end."""
    if limit := _current.get():
        limit.check()
