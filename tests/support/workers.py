"""What the processes of one test run share: pytest-xdist starts one process per worker."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

_WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
WORKER_NUMBER = int(_WORKER.removeprefix("gw") or 0)


def shared_folder(factory: pytest.TempPathFactory) -> Path:
    """The temporary folder of the whole run, over all workers."""
    own = factory.getbasetemp()
    return own.parent if _WORKER else own


def made_once(folder: Path, make: Callable[[Path], None]) -> Path:
    """Return a folder that the first process to need it makes; the others wait for it."""
    with _locked(folder.with_suffix(".lock"), fcntl.LOCK_EX):
        finished = folder.with_suffix(".finished")
        if not finished.exists():
            folder.mkdir()
            make(folder)
            finished.touch()
    return folder


@contextmanager
def turn(folder: Path, alone: bool) -> Iterator[None]:
    """Let tests of all workers run at the same time, except those that must run alone.

    Every test passes a gate before it starts. A test that must run alone keeps the gate closed
    while it waits for the running tests to end, so that it is not overtaken by new ones.
    """
    with ExitStack() as running:
        with _locked(folder / "gate.lock", fcntl.LOCK_EX):
            mode = fcntl.LOCK_EX if alone else fcntl.LOCK_SH
            running.enter_context(_locked(folder / "running.lock", mode))
        yield


@contextmanager
def _locked(file: Path, mode: int) -> Iterator[None]:
    with file.open("w") as opened:
        fcntl.flock(opened, mode)
        yield
