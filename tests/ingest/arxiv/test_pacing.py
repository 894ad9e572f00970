"""arXiv's pace: who waits for whom, and what may not be asked faster."""

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

from index.errors import BadInput
from ingest.arxiv.pacing import pause_for, request_slot
from tests.arxiv_server.harvesting import environment, four_days, harvestable, held, listed
from tests.arxiv_server.oai_replay import OaiReplay
from tests.conftest import Seealso
from tests.support.processes import run_program, start_program

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
    with harvestable(four_days(), monkeypatch) as replay:
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
        assert held(data) == listed(arxiv.records)
    assert len(arxiv.asked) == 4


@pytest.mark.process
def test_two_processes_keep_the_pause_between_them(arxiv: OaiReplay, tmp_path: Path) -> None:
    harvest_twice_at_once(arxiv, tmp_path)
    starts = [begin for begin, _ in arxiv.times]
    # The server sees a request a little later than it was sent, and not always as much later.
    assert min(after - before for before, after in pairwise(starts)) > 0.7


@pytest.mark.process
def test_two_processes_never_ask_at_the_same_time(arxiv: OaiReplay, tmp_path: Path) -> None:
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


@pytest.mark.process
@pytest.mark.parametrize("command", COMMANDS)
def test_arxiv_is_not_asked_faster_than_it_wants(
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
    result = run_program(tmp_path, *command, environment=hasty)
    assert result.returncode == 2
    assert result.stderr.startswith("seealso: SEEALSO_PAUSE=2: arXiv asks for 3 seconds or more")
    assert arxiv.asked == []


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
def test_a_server_on_this_machine_may_be_asked_at_once(address: str) -> None:
    assert pause_for(address, 0) == 0
    assert pause_for(address, 7) == 7


def taken(pause: float, shared: Path) -> float:
    """Seconds until a turn came."""
    began = time.monotonic()
    with request_slot(pause, shared):
        return time.monotonic() - began


@pytest.mark.process
def test_a_killed_process_gives_up_its_turn(tmp_path: Path) -> None:
    shared = tmp_path / "pace"
    with subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(shared)], stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "mine\n"
        waiting = subprocess.Popen(
            [sys.executable, "-c", _HOLD, str(shared)], stdout=subprocess.PIPE, text=True
        )
        with waiting:
            assert waiting.stdout is not None
            assert select([waiting.stdout], [], [], 1)[0] == []
            holder.send_signal(signal.SIGKILL)
            killed = time.monotonic()
            assert waiting.stdout.readline() == "mine\n"
            assert time.monotonic() - killed < 10
            waiting.kill()
    assert taken(0, shared) < 1


def test_a_turn_waits_for_the_pause_since_the_last_one_began(tmp_path: Path) -> None:
    shared = tmp_path / "pace"
    assert taken(5, shared) < 1
    assert 0.3 < taken(0.5, shared) <= 1
    time.sleep(0.5)
    assert taken(0.5, shared) < 0.3


def test_the_clock_on_the_wall_does_not_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = tmp_path / "pace"
    for jump in (-1e9, 1e9):
        taken(0, shared)
        monkeypatch.setattr(time, "time", lambda jump=jump: 1.8e9 + jump)
        assert 0.3 < taken(0.5, shared) <= 1.5


@pytest.mark.parametrize(
    ("written", "least"),
    [
        (struct.pack("<d", 1e12), 0.4),  # of before the host was started anew
        (struct.pack("<d", float("nan")), 0.4),
        (struct.pack("<d", -1e12), 0),
        (b"", 0),
        (b"abc", 0),
    ],
)
def test_whatever_the_file_says_nobody_waits_longer_than_the_pause(
    tmp_path: Path, written: bytes, least: float
) -> None:
    shared = tmp_path / "pace"
    shared.write_bytes(written)
    assert least <= taken(0.4, shared) < 1.5


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("mine")
    (tmp_path / "pace").symlink_to(precious)
    with pytest.raises(OSError, match="symbolic links"):
        taken(0, tmp_path / "pace")
    assert precious.read_text() == "mine"


def test_other_users_may_take_turns_too(tmp_path: Path) -> None:
    taken(0, tmp_path / "pace")
    assert (tmp_path / "pace").stat().st_mode & 0o777 == 0o666
