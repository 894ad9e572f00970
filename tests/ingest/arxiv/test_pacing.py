"""arXiv's rate limit: the pause and the lock that all processes of a user share."""

import fcntl
import os
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from select import select

import pytest

from index.errors import BadInput, Busy
from ingest.arxiv.pacing import lock_path, pause_for, request_slot
from tests.arxiv_server.harvesting import (
    environment,
    expected_papers,
    four_days,
    serve_arxiv,
    stored_papers,
)
from tests.arxiv_server.oai_replay import OaiReplay
from tests.conftest import Seealso
from tests.support.processes import run_main, start_program

_HOLD = """
import sys, time
from pathlib import Path
from ingest.arxiv.pacing import request_slot
with request_slot(0, Path(sys.argv[1])):
    print("mine", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def arxiv(monkeypatch: pytest.MonkeyPatch) -> Iterator[OaiReplay]:
    with serve_arxiv(four_days(), monkeypatch) as replay:
        replay.records_per_page = replay.identifiers_per_page = 100
        yield replay


def harvest_twice_at_once(arxiv: OaiReplay, folder: Path) -> None:
    """Two harvests that begin together; each makes two requests, one second apart or more."""
    quick = {**environment(arxiv), "SEEALSO_PAUSE": "1", "SEEALSO_TIMEOUT": "20"}
    both = [folder / "one", folder / "other"]
    running = [start_program(data, "ingest", "oai", environment=quick) for data in both]
    for process in running:
        _, stderr = process.communicate(timeout=60)
        assert process.returncode == 0, stderr
    for data in both:
        assert stored_papers(data) == expected_papers(arxiv.records)
    assert len(arxiv.received) == 4


@pytest.mark.process
def test_two_processes_keep_the_pause_between_them(arxiv: OaiReplay, tmp_path: Path) -> None:
    harvest_twice_at_once(arxiv, tmp_path)
    starts = [begin for begin, _ in arxiv.times]
    # The server sees a request a little later than it was sent, and not always as much later.
    assert min(after - before for before, after in pairwise(starts)) > 0.7


@pytest.mark.process
def test_two_processes_never_send_requests_at_the_same_time(
    arxiv: OaiReplay, tmp_path: Path
) -> None:
    arxiv.before = lambda number, arguments: time.sleep(1.5)
    harvest_twice_at_once(arxiv, tmp_path)
    assert arxiv.most_at_once == 1
    assert all(end <= begin for (_, end), (begin, _) in pairwise(arxiv.times))


def test_the_api_and_oai_keep_one_pause(
    arxiv: OaiReplay, tmp_path: Path, seealso: Seealso, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEEALSO_PAUSE", "1")
    seealso(tmp_path, "ingest", "oai")
    seealso(tmp_path, "ingest", "ids", arxiv.records[0].id)
    assert arxiv.paths == ["/oai", "/oai", "/api/query"]
    starts = [begin for begin, _ in arxiv.times]
    assert min(after - before for before, after in pairwise(starts)) > 0.7


COMMANDS = [
    ["ingest", "oai"],
    ["ingest", "api", "all:testing"],
    ["ingest", "ids", "2401.08092"],
    ["nightly"],
]


@pytest.mark.parametrize("command", COMMANDS)
def test_arxiv_is_not_requested_faster_than_it_allows(
    arxiv: OaiReplay, tmp_path: Path, command: list[str]
) -> None:
    # The same server by a name that is not known to be of this machine.
    address = arxiv.address.replace("127.0.0.1", "localhost.")
    hasty = {
        "SEEALSO_PAUSE": "2",
        "SEEALSO_OAI": f"{address}/oai",
        "SEEALSO_ARXIV_API": address,
        "SEEALSO_TIMEOUT": "5",
    }
    result = run_main(tmp_path, *command, environment=hasty)
    assert result.returncode == 2
    assert result.stderr.startswith("seealso: SEEALSO_PAUSE=2: arXiv requires at least 3 seconds")
    assert arxiv.received == []


@pytest.mark.parametrize(
    "address",
    [
        "",
        "https://export.arxiv.org",
        "https://localhost@export.arxiv.org",
        "https://localhost.arxiv.org",
        "https://export.arxiv.org/?127.0.0.1",
        "http://192.168.0.7:8000",
        "http://127.0.0.1.example.org",
    ],
)
def test_a_short_pause_is_refused(address: str) -> None:
    assert pause_for(address, 3) == 3
    for pause in (0, 1, 2):
        with pytest.raises(BadInput, match=f"SEEALSO_PAUSE={pause}"):
            pause_for(address, pause)


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:8000", "http://localhost:8000", "http://[::1]:8000/oai"]
)
def test_a_server_on_this_machine_needs_no_pause(address: str) -> None:
    assert pause_for(address, 0) == 0
    assert pause_for(address, 7) == 7


class Clock:
    """A clock that only sleeping moves."""

    def __init__(self, now: float = 1000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.now += seconds


def waited(pause: float, path: Path, clock: Clock) -> float:
    """Seconds until a request may start."""
    began = clock.now
    with request_slot(pause, path, clock=clock, sleep=clock.sleep):
        return clock.now - began


@pytest.mark.process
def test_a_killed_process_releases_the_lock(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(path)], stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "mine\n"
        waiting = subprocess.Popen(
            [sys.executable, "-c", _HOLD, str(path)], stdout=subprocess.PIPE, text=True
        )
        with waiting:
            assert waiting.stdout is not None
            assert select([waiting.stdout], [], [], 1)[0] == []
            holder.send_signal(signal.SIGKILL)
            killed = time.monotonic()
            assert waiting.stdout.readline() == "mine\n"
            assert time.monotonic() - killed < 10
            waiting.kill()
    assert waited(0, path, Clock(time.monotonic())) == 0


def test_a_request_waits_for_the_pause_since_the_last_one_began(tmp_path: Path) -> None:
    path, clock = tmp_path / "lock", Clock()
    assert waited(5, path, clock) == 0
    clock.now += 2
    assert waited(5, path, clock) == pytest.approx(3)
    clock.now += 5
    assert waited(5, path, clock) == 0


def test_the_wall_clock_does_not_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "lock"
    for jump in (-1e9, 1e9):
        with request_slot(0, path):
            pass
        monkeypatch.setattr(time, "time", lambda jump=jump: 1.8e9 + jump)
        began = time.monotonic()
        with request_slot(0.1, path):
            assert time.monotonic() - began < 1


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (struct.pack("<d", 1e12), 4),  # from before the host was restarted
        (struct.pack("<d", float("nan")), 4),
        (struct.pack("<d", float("inf")), 4),
        (struct.pack("<d", -1e12), 0),
        (b"", 0),
        (b"abc", 0),
    ],
)
def test_no_content_of_the_file_makes_a_request_wait_longer_than_the_pause(
    tmp_path: Path, written: bytes, expected: float
) -> None:
    path = tmp_path / "lock"
    path.write_bytes(written)
    assert waited(4, path, Clock()) == expected


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("mine")
    (tmp_path / "lock").symlink_to(precious)
    with pytest.raises(OSError, match="symbolic links"):
        waited(0, tmp_path / "lock", Clock())
    assert precious.read_text() == "mine"


def test_only_the_user_may_read_and_write_the_lock(tmp_path: Path) -> None:
    umask = os.umask(0)
    try:
        path = lock_path({}, tmp_path)
        waited(0, path, Clock())
    finally:
        os.umask(umask)
    assert path == tmp_path / f"seealso-{os.getuid()}" / "arxiv.lock"
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert path.stat().st_mode & 0o777 == 0o600


def test_waiting_for_the_lock_ends_with_an_error_that_names_file_and_holder(
    tmp_path: Path,
) -> None:
    path, clock = tmp_path / "lock", Clock()
    with request_slot(0, path), pytest.raises(Busy) as failure:
        waited(0, path, clock)
    assert 900 <= clock.now - 1000 < 901
    assert failure.value.exit_code == 75
    assert str(failure.value) == (
        f"waited 900 s for the lock on requests to arXiv, {path}, which process {os.getpid()} "
        "holds: wait until that process has finished, or end it, then try again"
    )
    assert waited(0, path, clock) == 0


def test_a_holder_that_wrote_nothing_is_another_process(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with path.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(Busy, match="which another process holds"):
            waited(0, path, Clock())


def test_the_pause_does_not_count_as_waiting_for_the_lock(tmp_path: Path) -> None:
    path, clock = tmp_path / "lock", Clock()
    waited(0, path, clock)
    assert waited(3600, path, clock) == pytest.approx(3600)


def test_a_lock_file_that_was_deleted_is_not_used(tmp_path: Path) -> None:
    """A process that waited for the deleted file locks the new one, as all others do."""
    path, clock = tmp_path / "lock", Clock()
    held = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(held, fcntl.LOCK_EX)

    def replace(seconds: float) -> None:
        path.unlink(missing_ok=True)
        clock.sleep(seconds)

    with request_slot(0, path, clock=clock, sleep=replace):
        assert clock.now - 1000 < 1
        with pytest.raises(Busy):
            waited(0, path, Clock())
    os.close(held)


def test_the_runtime_folder_of_the_user_is_preferred(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir(mode=0o700)
    assert lock_path({"XDG_RUNTIME_DIR": str(own)}, tmp_path) == own / "seealso-arxiv.lock"


@pytest.mark.parametrize("kind", ["relative", "missing", "file", "link", "shared"])
def test_another_runtime_folder_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.chdir(tmp_path)
    runtime = tmp_path / "runtime"
    if kind == "relative":
        runtime.mkdir(mode=0o700)
        runtime = Path("runtime")
    elif kind == "file":
        runtime.touch()
    elif kind == "link":
        (tmp_path / "target").mkdir(mode=0o700)
        runtime.symlink_to(tmp_path / "target")
    elif kind == "shared":
        runtime.mkdir()
        runtime.chmod(0o777)
    assert lock_path({"XDG_RUNTIME_DIR": str(runtime)}, tmp_path) == lock_path({}, tmp_path)


@pytest.mark.parametrize("kind", ["file", "link", "shared", "of another user"])
def test_a_folder_that_is_not_private_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    if kind == "of another user":
        uid = os.getuid()
        monkeypatch.setattr(os, "getuid", lambda: uid + 1)
    folder = tmp_path / f"seealso-{os.getuid()}"
    if kind == "file":
        folder.touch()
    elif kind == "link":
        folder.symlink_to(tmp_path)
    else:
        folder.mkdir()
        folder.chmod(0o777 if kind == "shared" else 0o700)
    with pytest.raises(BadInput, match=rf"{folder}: it is not .* Set XDG_RUNTIME_DIR to"):
        lock_path({}, tmp_path)


def test_a_folder_that_cannot_be_created_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"No such file .* Set XDG_RUNTIME_DIR to"):
        lock_path({}, tmp_path / "missing")
