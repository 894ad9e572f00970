"""One writing run at a time over a data folder; the lock dies with its process, however it ends."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from index.errors import Busy


@contextmanager
def run_lock(data: Path) -> Iterator[None]:
    """Hold the data folder's lock; raises Busy where another process holds it."""
    data.mkdir(parents=True, exist_ok=True)
    with (data / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Busy(
                f"another seealso run is writing to {data}: wait for it, then try again"
            ) from error
        yield
