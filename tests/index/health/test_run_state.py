"""What status and doctor say of a run that is active, was killed, or found the disk full."""

import json
import re
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from index.arxiv.paper import Paper
from index.catalogue.catalogue import open_catalogue, read_catalogue
from index.errors import ADD_PAPERS, NoSpaceLeft
from index.health.run_state import (
    LOCK_FILE,
    RunStateFile,
    is_run_active,
    latest_run,
    read_run_state,
)
from index.settings import load_settings
from ingest.run_lock import run_lock
from scripts.cli.ingest import writing
from tests.conftest import Seealso
from tests.ingest.test_run_lock import hanging_run
from tests.support.processes import CHECKOUT, PROGRAM

# The limit is set in the new process: after a fork, the threads of gRPC make the child abort.
_LIMITED = (
    "import os, resource, sys\n"
    "resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, 600_000))\n"
    "os.execv(sys.argv[1], sys.argv[1:])"
)


def status(seealso: Seealso, data: Path) -> str:
    lines = seealso(data, "status").stdout.splitlines()
    return next(line for line in lines if line.startswith("last run "))


def doctor(seealso: Seealso, data: Path) -> dict[str, str]:
    """Return what the doctor says about runs, and its advice."""
    findings = json.loads(seealso(data, "doctor", "--json").stdout)["findings"]
    return next(one for one in findings if one["subject"] == "runs")


@pytest.mark.process
@pytest.mark.parametrize(
    "end",
    [
        signal.SIGTERM,
        pytest.param(
            signal.SIGINT,
            marks=pytest.mark.skipif(
                signal.getsignal(signal.SIGINT) is signal.SIG_IGN,
                reason="the shell started the tests in the background, so that SIGINT is ignored",
            ),
        ),
        signal.SIGKILL,
    ],
)
def test_a_run_is_shown_with_its_progress_and_after_its_end_as_interrupted(
    tmp_path: Path, seealso: Seealso, end: signal.Signals
) -> None:
    with hanging_run(tmp_path) as process:
        assert is_run_active(tmp_path)
        line = status(seealso, tmp_path)
        assert "ingest api since 20" in line
        assert ": running; just begun" in line
        running = doctor(seealso, tmp_path)
        assert running["state"] == "well"
        assert "ingest api has been running since 20" in running["what"]
        process.send_signal(end)
        process.wait(timeout=20)
        assert not is_run_active(tmp_path)
        assert ": interrupted; just begun" in status(seealso, tmp_path)
        stopped = doctor(seealso, tmp_path)
        assert (stopped["state"], stopped["do"]) == (
            "warning",
            "`seealso ingest api` again; it resumes",
        )
        assert "was interrupted" in stopped["what"]
    with open_catalogue(tmp_path) as catalogue:
        catalogue.runs.close_interrupted()
        assert catalogue.runs.recent(1)[0].outcome == "interrupted"


@pytest.mark.process
def test_a_full_disk_is_no_interruption(
    tmp_path: Path, small_snapshot: Path, seealso: Seealso
) -> None:
    with open_catalogue(tmp_path):
        pass
    command = [*PROGRAM, "--data", str(tmp_path), "ingest", "snapshot"]
    ended = subprocess.run(
        [sys.executable, "-c", _LIMITED, *command],
        capture_output=True,
        text=True,
        check=False,
        cwd=CHECKOUT,
    )
    assert ended.returncode == NoSpaceLeft.exit_code, ended.stderr
    assert "Traceback" not in ended.stderr
    line = status(seealso, tmp_path)
    assert ": failed: no space left to write in " in line
    assert "interrupted" not in line
    failed = doctor(seealso, tmp_path)
    assert "failed: no space left to write" in failed["what"]
    # The next run writes it into the record.
    seealso(tmp_path, "ingest", "snapshot", str(small_snapshot))
    with read_catalogue(tmp_path) as catalogue:
        done, failed_run = catalogue.runs.recent(2)
        assert done.outcome == "done"
        assert failed_run.outcome.startswith("no space left to write in ")


def test_the_progress_of_a_run_is_read_while_it_writes(tmp_path: Path, seealso: Seealso) -> None:
    settings = load_settings({}, data=str(tmp_path))
    with writing(settings) as (catalogue, progress):
        run = catalogue.runs.start("update")
        progress("embed", 640, 2000)
        line = status(seealso, tmp_path)
        assert "update since" in line
        assert ": running; embed 640 of 2,000 at 20" in line
        progress("embed", 650, 2000)  # within the same second: not written
        state = read_run_state(tmp_path)
        assert state is not None
        assert state.progress.done == 640
        running = json.loads(seealso(tmp_path, "status", "--json").stdout)["embedding"]
        assert (running["embedded"], running["papers"]) == (640, 2000)
        assert running["next_release"]["papers"] == 2000
        shown = seealso(tmp_path, "status").output
        assert re.search(
            r"embedding +640 of 2,000 papers embedded; next release at 2,000 or", shown
        )
        progress("release", 0, 1)
        running = json.loads(seealso(tmp_path, "status", "--json").stdout)["embedding"]
        assert running["embedded"] == 640  # also while a release is built
        catalogue.runs.finish(run, "done", {"embedded": 2000})
    assert "done; 2000 embedded" in status(seealso, tmp_path)
    assert json.loads(seealso(tmp_path, "status", "--json").stdout)["progress"] is None


def test_an_unexpected_error_is_recorded_too(tmp_path: Path, seealso: Seealso) -> None:
    def fail() -> None:
        with writing(load_settings({}, data=str(tmp_path))) as (catalogue, _):
            catalogue.runs.start("update")
            raise ZeroDivisionError("division by zero")

    with pytest.raises(ZeroDivisionError):
        fail()
    assert ": failed: ZeroDivisionError: division by zero; " in status(seealso, tmp_path)


def test_the_state_of_another_command_is_not_that_of_an_older_run(tmp_path: Path) -> None:
    with open_catalogue(tmp_path) as catalogue:
        catalogue.runs.start("nightly")
    with run_lock(tmp_path) as lock:
        state = RunStateFile(lock)
        state.state = replace(
            state.state, progress=replace(state.state.progress, began="2999-01-01T00:00:00Z")
        )
        state.begin()
        state.fail("the disk is full")
    with read_catalogue(tmp_path) as catalogue:
        run, progress = latest_run(catalogue, tmp_path, is_active=False)
    assert run is not None
    assert (run.outcome, progress) == ("interrupted", None)


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b'{"progress": {}}', b"\xff" * 9, b"null"])
def test_a_lock_file_without_a_state_is_no_state(tmp_path: Path, content: bytes) -> None:
    (tmp_path / LOCK_FILE).write_bytes(content)
    assert read_run_state(tmp_path) is None
    with run_lock(tmp_path) as lock:
        state = RunStateFile(lock)
        assert state.previous is None
        state.begin()
        state.fail("x" * 9000)
    found = read_run_state(tmp_path)
    assert found is not None
    assert found.error == "x" * 1000


def test_without_a_run_there_is_no_state(tmp_path: Path) -> None:
    assert read_run_state(tmp_path) is None
    assert not is_run_active(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_empty_catalogue_is_advised_to_ingest(tmp_path: Path, seealso: Seealso) -> None:
    with open_catalogue(tmp_path):
        pass
    findings = json.loads(seealso(tmp_path, "doctor", "--json").stdout)["findings"]
    advice = {one["subject"]: one["do"] for one in findings}
    assert advice["papers"] == f"{ADD_PAPERS}, then run `seealso update`"
    assert advice["release"] == advice["papers"]
    with open_catalogue(tmp_path) as catalogue:
        catalogue.store([Paper("2601.00001", "On testing")])
    findings = json.loads(seealso(tmp_path, "doctor", "--json").stdout)["findings"]
    advice = {one["subject"]: one["do"] for one in findings}
    assert "papers" not in advice
    assert advice["release"] == "`seealso update`"
