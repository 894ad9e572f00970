"""The state of the last writing run: how far it is, and why it failed.

It is stored in the file that holds the run lock, not in the catalogue: a reader sees it at once,
and it can still be written if the disk is full, because the file keeps its size.
"""

import fcntl
import json
import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from index.catalogue.catalogue import Catalogue
from index.catalogue.runs import Run, utc_now
from index.errors import NoSpaceLeft
from index.health.embedding import EmbeddingState, parse_embedding_state
from index.progress import Pace, Progress, duration_text, seconds_left
from index.releases.instalments import NextRelease

EMBED = "embed"
"""The step that computes vectors; it counts all papers, also those embedded before."""

LOCK_FILE = "lock"

_SIZE = 4096
_MIN_INTERVAL = 1.0  # seconds between two writes of one step's progress
_MAX_OUTCOME = 1000  # characters


@dataclass(frozen=True, slots=True)
class RunProgress:
    """How far a run is: the step, how much of it is done, and at what time.

    `total` is 0 if it is not known. `began` is when the command began to write. `rate` is how much
    of the step is done a second, and `seconds_left` the time that its rest takes at this rate; None
    if it is not known.
    """

    began: str
    at: str
    step: str = ""
    done: int = 0
    total: int = 0
    rate: float | None = None
    seconds_left: int | None = None

    def __str__(self) -> str:
        if not self.step:
            return "just begun"
        rate = f", {self.rate:,.1f} a second" if self.rate is not None else ""
        left = f", {duration_text(self.seconds_left)} left" if self.seconds_left else ""
        of_total = f" of {self.total:,}" if self.total else ""
        return f"{self.step} {self.done:,}{of_total}{rate}{left} at {self.at}"


@dataclass(frozen=True, slots=True)
class RunState:
    """Progress of the last writing run, and the error that ended it, None if none did.

    `embedding` is how much was embedded when the run last reported it; None if it has not.
    """

    progress: RunProgress
    error: str | None = None
    embedding: EmbeddingState | None = None

    def __str__(self) -> str:
        if self.embedding is not None and self.progress.step == EMBED:
            return f"{EMBED}: {self.embedding}"
        return str(self.progress)


class RunStateFile:
    """Writes the state of a run into the open lock file; `previous` is that of the run before.

    `next_release` returns when the next release is due, given how many of how many papers are
    embedded.
    """

    def __init__(
        self,
        descriptor: int,
        next_release: Callable[[int, int], NextRelease | None] = lambda *_: None,
    ) -> None:
        self._descriptor = descriptor
        self._next_release = next_release
        self._written = 0.0
        self._has_begun = False
        self._pace = Pace()
        self.previous = _parse(os.pread(descriptor, _SIZE, 0))
        self.state = RunState(RunProgress(utc_now(), utc_now()))

    def begin(self) -> None:
        """Write that a run has begun; raises NoSpaceLeft if the file cannot get its full size."""
        self._has_begun = True
        try:
            self._write(self.state)
        except OSError as error:
            raise NoSpaceLeft(f"no space left to begin a run ({error.strerror})") from error

    def reporting(self, progress: Progress) -> Progress:
        """Return a progress function that also writes what it reports, at most once a second."""

        def report(step: str, done: int, total: int) -> None:
            now = time.monotonic()
            rate = self._pace.report(step, done, now)
            last = self.state.progress
            if step != last.step or done == total or now - self._written >= _MIN_INTERVAL:
                self._written = now
                rate = rate and round(rate, 2)
                left = seconds_left(done, total, rate)
                at = RunProgress(last.began, utc_now(), step, done, total, rate, left)
                embedding = self.state.embedding
                if step == EMBED:
                    due = self._next_release(done, total)
                    embedding = EmbeddingState(done, total, rate, left, due)
                self._write(RunState(at, embedding=embedding))
            progress(step, done, total)

        return report

    def fail(self, error: str) -> None:
        """Write the error that ends the run; do nothing if the run has not begun."""
        if not self._has_begun:
            return
        with suppress(OSError):  # a file system that copies on writing may need space even so
            self._write(replace(self.state, error=error[:_MAX_OUTCOME]))

    def _write(self, state: RunState) -> None:
        self.state = state
        content = json.dumps(asdict(state), default=str).encode()
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
        progress = RunProgress(**fields["progress"])
        return RunState(progress, fields["error"], parse_embedding_state(fields.get("embedding")))
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


def running_embedding(data: Path) -> EmbeddingState | None:
    """Return what the active run last reported about embedding.

    Returns None if no run is active, or if it has not reported any yet.
    """
    state = read_run_state(data) if is_run_active(data) else None
    return state.embedding if state else None


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
