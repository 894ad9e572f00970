"""One writing run at a time over a data folder."""

import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from index.catalogue.catalogue import read_catalogue
from index.errors import Busy
from ingest.run_lock import run_lock
from tests.arxiv_server.arxiv_replay import replayed_arxiv
from tests.conftest import Seealso
from tests.support.processes import run_main, start_program

pytestmark = pytest.mark.process


@contextmanager
def hanging_run(data: Path) -> Iterator[subprocess.Popen[str]]:
    """A run that writes to the data folder and waits for an arXiv that does not answer."""
    with replayed_arxiv() as arxiv:
        arxiv.plan = ["hang"]
        environment = {"SEEALSO_ARXIV_API": arxiv.address}
        process = start_program(data, "ingest", "api", "testing", environment=environment)
        try:
            deadline = time.monotonic() + 20
            while not arxiv.received and time.monotonic() < deadline:
                time.sleep(0.02)
            assert arxiv.received
            yield process
        finally:
            process.kill()
            process.communicate()


def count(data: Path) -> int:
    with read_catalogue(data) as catalogue:
        return catalogue.count()


def test_the_second_of_two_runs_ends_and_changes_nothing(
    tmp_path: Path, small_snapshot: Path, seealso: Seealso
) -> None:
    seealso(tmp_path, "ingest", "snapshot", str(small_snapshot))
    before = count(tmp_path)
    with hanging_run(tmp_path) as first:
        for command in (["ingest", "snapshot"], ["update"], ["release", "build"]):
            second = run_main(tmp_path, *command)
            assert second.returncode == 75
            assert second.stderr == (
                f"seealso: another seealso run is writing to {tmp_path}: "
                "wait until it has finished, then try again\n"
            )
        assert first.poll() is None
        assert count(tmp_path) == before


def test_reading_works_during_a_writing_run(built_data_copy: Path) -> None:
    with hanging_run(built_data_copy):
        result = run_main(built_data_copy, "status", "--json")
    assert result.returncode == 0


def test_the_lock_of_a_killed_process_is_released(
    tmp_path: Path, small_snapshot: Path, seealso: Seealso
) -> None:
    with hanging_run(tmp_path) as process:
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        result = seealso(tmp_path, "ingest", "snapshot", str(small_snapshot))
    assert result.exit_code == 0
    assert count(tmp_path) > 200


def test_the_lock_is_free_again_after_its_block(tmp_path: Path) -> None:
    with run_lock(tmp_path), pytest.raises(Busy), run_lock(tmp_path):
        pass
    with run_lock(tmp_path):
        pass
