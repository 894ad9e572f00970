"""How the server starts, how many processes it is, and how it ends."""

import os
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest

from tests.conftest import SURVEY
from tests.support.asking import LISTING
from tests.support.processes import Server, run_program, served

pytestmark = pytest.mark.process

MAX_CPU_SECONDS = 4  # until it answers; measured 1.4
BODY = b'{"liked": ["%s"]}' % SURVEY.encode()
HEAD = (
    b"POST /v1/recommend HTTP/1.1\r\nHost: seealso\r\nContent-Type: application/json\r\n"
    b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(BODY)
)


def soon(happened: Callable[[], bool], seconds: float = 120) -> bool:
    deadline = time.monotonic() + seconds
    while not happened() and time.monotonic() < deadline:
        time.sleep(0.05)
    return happened()


def half_asked(server: Server) -> socket.socket:
    """A connection with a request that the server has begun to read."""
    slow = socket.create_connection(("127.0.0.1", server.port), timeout=30)
    slow.sendall(HEAD + BODY[:5])
    time.sleep(0.5)
    return slow


def refuses(server: Server) -> bool:
    try:
        socket.create_connection(("127.0.0.1", server.port), timeout=5).close()
    except ConnectionRefusedError:
        return True
    return False


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_server_that_is_to_end_answers_what_it_was_asked(built_data: Path, workers: str) -> None:
    with served(built_data, "serve", "--workers", workers) as server, half_asked(server) as slow:
        server.process.terminate()
        if workers == "1":  # the parent of several keeps the door, and nobody behind it
            assert soon(lambda: refuses(server))
        else:
            time.sleep(1)
        assert server.process.poll() is None
        slow.sendall(BODY[5:])
        told = b"".join(iter(lambda: slow.recv(65536), b""))
        assert told.startswith(b"HTTP/1.1 200 ")
        assert told.endswith(b"}")
        assert server.process.wait(timeout=30) == 0


def test_it_does_not_wait_for_ever(built_data: Path) -> None:
    with served(built_data, environment={"SEEALSO_REQUEST_TIMEOUT": "2"}) as server:
        with half_asked(server):
            began = time.monotonic()
            server.process.terminate()
            assert server.process.wait(timeout=20) == 0
        assert 0.5 < time.monotonic() - began < 10


def children(server: Server) -> list[int]:
    """The processes that answer: those of multiprocessing, without its own."""
    told = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text()
    return [pid for pid in map(int, told.split()) if "spawn_main" in command_of(pid)]


def command_of(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text()


def asked(server: Server) -> bool:
    try:
        return httpx2.get(server.address + LISTING, timeout=30).status_code == 200
    except httpx2.TransportError:
        return False


def counted(server: Server) -> int:
    """How many lists all workers together have answered."""
    text = httpx2.get(server.address + "/metrics", timeout=30).text
    lines = [line for line in text.splitlines() if "seconds_count" in line and "/related" in line]
    assert len(lines) <= 1
    return int(float(lines[0].split()[-1])) if lines else 0


def test_several_workers_answer_and_one_that_dies_is_replaced(built_data: Path) -> None:
    with served(built_data, "serve", "--workers", "2") as server:
        assert soon(lambda: len(children(server)) == 2)
        before = children(server)
        assert all(asked(server) for _ in range(30))
        assert counted(server) == 30
        os.kill(before[0], signal.SIGKILL)
        assert soon(lambda: len(children(server)) == 2 and children(server) != before)
        assert before[1] in children(server)
        assert soon(lambda: asked(server))
        assert counted(server) >= 31  # what the dead one counted stays counted
        workers = {line["id"] for line in server.lines()}
        assert len(workers) == len(server.lines())


def test_the_counts_of_workers_leave_nothing_behind(
    built_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with served(built_data, "serve", "--workers", "2") as server:
        (folder,) = tmp_path.glob("seealso-metrics-*")
        assert soon(lambda: bool(list(folder.iterdir())))
        server.process.terminate()
        assert server.process.wait(timeout=20) == 0
    assert not folder.exists()


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_port_in_use_is_an_error(built_data: Path, workers: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        ended = run_program(built_data, "serve", "--port", port, "--workers", workers)
    assert ended.returncode == 3  # uvicorn's, for what cannot start
    assert "address already in use" in ended.stderr.lower()


def test_settings_reach_every_worker(built_data: Path) -> None:
    with served(
        built_data, "serve", "--workers", "2", environment={"SEEALSO_MAX_BODY": "1000"}
    ) as told:
        for _ in range(6):
            answered = httpx2.post(told.address + "/v1/recommend", content=b" " * 1001)
            assert answered.status_code == 413


@pytest.mark.alone
def test_it_is_there_soon(built_data: Path) -> None:
    with served(built_data) as server:
        told = Path(f"/proc/{server.process.pid}/stat").read_text().rpartition(")")[2].split()
    # Of the processor, whose time others on this machine do not change much.
    assert sum(map(int, told[11:13])) / os.sysconf("SC_CLK_TCK") < MAX_CPU_SECONDS
