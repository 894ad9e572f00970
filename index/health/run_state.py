"""The state of the last writing run: how far it is, and why it failed.

It is stored in the file that holds the run lock, not in the catalogue: a reader sees it at once,
and it can still be written if the disk is full, because the file keeps its size.
"""

import fcntl
import json
import os
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from index.catalogue.catalogue import Catalogue
from index.catalogue.runs import Run, utc_now
from index.errors import NoSpaceLeft
from index.progress import Progress

LOCK_FILE = "lock"

_SIZE = 4096
_MIN_INTERVAL = 1.0  # seconds between two writes of one step's progress
_MAX_OUTCOME = 1000  # characters


@dataclass(frozen=True, slots=True)
class RunProgress:
    """How far a run is: the step, how much of it is done, and at what time.

    `total` is 0 if it is not known. `began` is when the command began to write.
    """

    began: str
    at: str
    step: str = ""
    done: int = 0
    total: int = 0

    def __str__(self) -> str:
        of_total = f" of {self.total:,}" if self.total else ""
        return f"{self.step} {self.done:,}{of_total} at {self.at}" if self.step else "just begun"


@dataclass(frozen=True, slots=True)
class RunState:
    """Progress of the last writing run, and the error that ended it, None if none did."""

    progress: RunProgress
    error: str | None = None


class RunStateFile:
    """Writes the state of a run into the open lock file; `previous` is that of the run before."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._written = 0.0
        self._has_begun = False
        self.previous = _parse(os.pread(descriptor, _SIZE, 0))
        self._state = RunState(RunProgress(utc_now(), utc_now()))

    def begin(self) -> None:
        """Write that a run has begun; raises NoSpaceLeft if the file cannot get its full size."""
        self._has_begun = True
        try:
            self._write(self._state)
        except OSError as error:
            raise NoSpaceLeft(f"no space left to begin a run ({error.strerror})") from error

    def reporting(self, progress: Progress) -> Progress:
        """Return a progress function that also writes what it reports, at most once a second."""

        def report(step: str, done: int, total: int) -> None:
            progress(step, done, total)
            now = time.monotonic()
            last = self._state.progress
            if step != last.step or done == total or now - self._written >= _MIN_INTERVAL:
                self._written = now
                at = replace(last, at=utc_now(), step=step, done=done, total=total)
                self._write(RunState(at))

        return report

    def fail(self, error: str) -> None:
        """Write the error that ends the run; do nothing if the run has not begun."""
        if not self._has_begun:
            return
        with suppress(OSError):  # a file system that copies on writing may need space even so
            self._write(replace(self._state, error=error[:_MAX_OUTCOME]))

    def _write(self, state: RunState) -> None:
        self._state = state
        content = json.dumps(asdict(state)).encode()
        os.pwrite(self._descriptor, content[:_SIZE].ljust(_SIZE), 0)


def read_run_state(data: Path) -> RunState | None:
    """Return the state that the last writing run left; None if there is none to read."""
    try:
        return _parse((data / LOCK_FILE).read_bytes())
    except OSError:  # no run yet, or a data folder that this user may not read
        return None


def _parse(content: bytes) -> RunState | None:
    # An older seealso left the file empty, and a reader may see a write that is not complete.
    with suppress(ValueError, TypeError, KeyError):
        fields = json.loads(content)
        return RunState(RunProgress(**fields["progress"]), fields["error"])
    return None


def is_run_active(data: Path) -> bool:
    """Return whether another process holds the run lock; changes nothing."""
    try:
        with (data / LOCK_FILE).open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def latest_run(
    catalogue: Catalogue, data: Path, *, is_active: bool
) -> tuple[Run | None, RunProgress | None]:
    """Return the latest run with its true outcome, and its progress if its record is not closed.

    The record of a run that was killed, or that found the disk full, still says "running".
    """
    run = next(iter(catalogue.runs.recent(1)), None)
    if run is None or run.finished is not None:
        return run, None
    state = read_run_state(data)
    if state is not None and state.progress.began > run.started:
        state = None  # of a later command, or the catalogue was restored
    if not is_active:
        run = replace(run, outcome=(state and state.error) or "interrupted")
    return run, state.progress if state else None
