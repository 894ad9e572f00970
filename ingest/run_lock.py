"""Lock on a data folder: one writing run at a time. It is released when its process ends."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from index.errors import Busy


@contextmanager
def run_lock(data: Path) -> Iterator[None]:
    """Hold the lock on a data folder; raises Busy if another process holds it."""
    data.mkdir(parents=True, exist_ok=True)
    with (data / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Busy(
                f"another seealso run is writing to {data}: wait until it has finished, then try "
                "again"
            ) from error
        yield
