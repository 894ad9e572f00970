"""Many lists are computed in several processes, with the same results."""

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
from index.arrays import Rows
from index.dumps.list_computation import list_computation
from index.errors import DamagedRelease, NoSpaceLeft
from index.releases.current import CurrentRelease
from index.releases.release import Release
from index.search.nearness import Neighbour
from tests.support.processes import is_running

_WORK_AND_WAIT = """
import sys, time
from multiprocessing import active_children
from pathlib import Path
import numpy as np
from index.dumps import list_computation
from index.releases.current import CurrentRelease

if __name__ == "__main__":
    list_computation._MIN_PAPERS = 0
    release = CurrentRelease(Path(sys.argv[1])).get()
    nothing = np.empty(0, np.int64)
    with list_computation.list_computation(release, 10, nothing) as lists_of:
        next(lists_of(np.arange(200)))
        print(*(child.pid for child in active_children()), flush=True)
        time.sleep(600)
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
def test_the_processes_end_if_their_parent_is_killed(built_data: Path) -> None:
    command = [sys.executable, "-c", _WORK_AND_WAIT, str(built_data)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        children = [int(pid) for pid in parent.stdout.readline().split()]
        assert children
        assert all(map(is_running, children))
        parent.kill()
    deadline = time.monotonic() + 120
    while any(map(is_running, children)):
        assert time.monotonic() < deadline
        time.sleep(0.05)
