"""Lock on a data folder: one writing run at a time. It is released when its process ends."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from index.errors import Busy
from index.files import make_folder, raising_not_writable
from index.health.run_state import LOCK_FILE

_TRIES = 5
_PAUSE = 0.1  # seconds; a reader of the status holds the lock for much less


@contextmanager
def run_lock(data: Path) -> Iterator[int]:
    """Hold the lock on a data folder and yield its open file.

    Raises Busy if another run has it, NotWritable if this user may not write to the folder.
    """
    with raising_not_writable(data):
        make_folder(data)
        lock = os.open(data / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        for attempt in range(_TRIES):
            if _take(lock):
                break
            if attempt == _TRIES - 1:
                raise Busy(
                    f"another seealso run is writing to {data}: wait until it has finished, then "
                    "try again"
                )
            time.sleep(_PAUSE)
        yield lock
    finally:
        os.close(lock)


def _take(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
