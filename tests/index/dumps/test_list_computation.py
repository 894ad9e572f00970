"""Many lists are computed in several processes, with the same results."""

import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from multiprocessing import active_children
from pathlib import Path

import numpy as np
import pytest

import index.dumps.list_computation
import index.processes
from index.arrays import Rows
from index.dumps.list_computation import list_computation
from index.errors import DamagedRelease, NoSpaceLeft, NotWritable
from index.releases.current import CurrentRelease
from index.releases.release import Release
from index.search.nearness import Neighbour
from tests.support.processes import is_running

_LONG_WORK = """
import signal
import sys
from multiprocessing import active_children
from pathlib import Path
import numpy as np
from index.dumps import list_computation
from index.releases.current import CurrentRelease

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # background jobs ignore it
    list_computation._MIN_PAPERS = 0
    release = CurrentRelease(Path(sys.argv[1])).get()
    nothing = np.empty(0, np.int64)
    with list_computation.list_computation(release, 10, nothing) as lists_of:
        blocks = lists_of(np.tile(np.arange(200), 1_000))
        next(blocks)
        print(*(child.pid for child in active_children()), flush=True)
        for _ in blocks:
            pass
"""
EXCLUDED = np.arange(20, 30)


@pytest.fixture
def _in_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index.dumps.list_computation, "_MIN_PAPERS", 0)


def _lists(release: Release, rows: Rows) -> list[tuple[list[int], list[list[Neighbour]]]]:
    with list_computation(release, 10, EXCLUDED) as lists_of:
        return [(block.tolist(), lists) for block, lists in lists_of(rows)]


def test_processes_compute_what_threads_compute(
    release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = np.setdiff1d(np.arange(len(release.nearness)), EXCLUDED)
    expected = _lists(release, rows)
    assert [row for block, _ in expected for row in block] == rows.tolist()
    assert len(expected) > 1
    assert min(len(hits) for _, lists in expected for hits in lists) >= 10
    monkeypatch.setattr(index.dumps.list_computation, "_MIN_PAPERS", 0)
    assert _lists(release, rows) == expected
    assert _lists(release, rows[:0]) == []


@pytest.mark.usefixtures("_in_processes")
def test_a_release_that_is_gone_is_reported(built_data_copy: Path) -> None:
    release = CurrentRelease(built_data_copy).get()
    (release.folder / "numbers.npy").unlink()
    with pytest.raises(DamagedRelease, match=r"numbers\.npy"):
        _lists(release, np.arange(5))


@pytest.mark.usefixtures("_in_processes")
def test_a_killed_process_is_reported(release: Release) -> None:
    def kill_after_the_first(rows: Rows) -> Iterator[None]:
        with list_computation(release, 10, EXCLUDED) as lists_of:
            for place, _ in enumerate(lists_of(rows)):
                if not place:
                    for child in active_children():
                        os.kill(child.pid or 0, signal.SIGKILL)
                yield

    rows = np.tile(np.arange(250), 50)
    with pytest.raises(NoSpaceLeft, match="was killed"):
        list(kill_after_the_first(rows))


@pytest.mark.process
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT], ids=["killed", "Ctrl-C"])
def test_the_processes_end_with_their_parent(built_data: Path, end: signal.Signals) -> None:
    command = [sys.executable, "-c", _LONG_WORK, str(built_data)]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as parent:
        assert parent.stdout
        assert parent.stderr
        children = [int(pid) for pid in parent.stdout.readline().split()]
        assert children
        assert all(map(is_running, children))
        if end == signal.SIGINT:
            os.killpg(parent.pid, end)  # as a terminal does
        else:
            parent.kill()
        told = parent.stderr.read()
    deadline = time.monotonic() + 120
    while any(map(is_running, children)):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert told.count("Traceback") == (end == signal.SIGINT), told  # that of the parent


@pytest.mark.usefixtures("_in_processes")
def test_no_process_can_be_started(release: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(index.processes, "ProcessPoolExecutor", refuse)
    with pytest.raises(NotWritable, match="/dev/shm must be writable"):
        _lists(release, np.arange(5))


@pytest.mark.usefixtures("_in_processes")
def test_waiting_blocks_are_dropped_if_the_reader_stops(release: Release) -> None:
    with list_computation(release, 10, EXCLUDED) as lists_of:
        blocks = lists_of(np.tile(np.arange(250), 10_000))  # hours, if they were not dropped
        assert len(next(blocks)[1]) > 1
