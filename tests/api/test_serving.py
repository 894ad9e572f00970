"""Start, worker processes and shutdown of the server."""

import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest

from index.errors import Unavailable
from tests.conftest import SURVEY
from tests.support.client import RELATED
from tests.support.processes import Server, run_program, served

pytestmark = pytest.mark.process

MAX_CPU_SECONDS = 4  # until the first response; 1.4 was measured
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
    """Open a connection with a request that the server has begun to read."""
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
def test_a_server_that_shuts_down_finishes_its_requests(built_data: Path, workers: str) -> None:
    with served(built_data, "serve", "--workers", workers) as server, half_asked(server) as slow:
        server.process.terminate()
        if workers == "1":  # with several workers, the parent keeps the socket open
            assert soon(lambda: refuses(server))
        else:
            time.sleep(1)
        assert server.process.poll() is None
        slow.sendall(BODY[5:])
        content = b"".join(iter(lambda: slow.recv(65536), b""))
        assert content.startswith(b"HTTP/1.1 200 ")
        assert content.endswith(b"}")
        assert server.process.wait(timeout=30) == 0


def test_shutdown_does_not_wait_forever(built_data: Path) -> None:
    with served(built_data, environment={"SEEALSO_REQUEST_TIMEOUT": "2"}) as server:
        with half_asked(server):
            began = time.monotonic()
            server.process.terminate()
            assert server.process.wait(timeout=60) == 0
        assert time.monotonic() - began > 0.5


def children(server: Server) -> list[int]:
    """Return the ids of worker processes, without helpers of multiprocessing."""
    content = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text()
    return [pid for pid in map(int, content.split()) if "spawn_main" in command_of(pid)]


def command_of(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text()


def responds(server: Server) -> bool:
    try:
        return httpx2.get(server.address + RELATED, timeout=30).status_code == 200
    except httpx2.TransportError:
        return False


def counted(server: Server) -> int:
    """Return how many lists all workers have answered."""
    text = httpx2.get(server.address + "/metrics", timeout=30).text
    lines = [line for line in text.splitlines() if "seconds_count" in line and "/related" in line]
    assert len(lines) <= 1
    return int(float(lines[0].split()[-1])) if lines else 0


@pytest.fixture(scope="module")
def two_workers(built_data: Path) -> Iterator[Server]:
    limit = {"SEEALSO_MAX_BODY": "1000"}
    with served(built_data, "serve", "--workers", "2", environment=limit) as server:
        yield server


def test_settings_reach_each_worker(two_workers: Server) -> None:
    assert soon(lambda: len(children(two_workers)) == 2)
    for _ in range(6):
        response = httpx2.post(two_workers.address + "/v1/recommend", content=b" " * 1001)
        assert response.status_code == 413


def test_a_worker_that_dies_is_replaced(two_workers: Server) -> None:
    server = two_workers
    assert soon(lambda: len(children(server)) == 2)
    before = children(server)
    assert all(responds(server) for _ in range(30))
    assert counted(server) == 30
    os.kill(before[0], signal.SIGKILL)
    assert soon(lambda: len(children(server)) == 2 and children(server) != before)
    assert before[1] in children(server)
    assert soon(lambda: responds(server))
    assert counted(server) >= 31  # the counts of the dead worker remain
    workers = {line["id"] for line in server.lines()}
    assert len(workers) == len(server.lines())


def test_metrics_of_workers_leave_no_files(
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
    assert ended.returncode == Unavailable.exit_code
    assert f"port {port} of 127.0.0.1 is in use: stop the program that uses it" in ended.stderr


@pytest.mark.alone
def test_the_server_starts_quickly(built_data: Path) -> None:
    with served(built_data) as server:
        content = Path(f"/proc/{server.process.pid}/stat").read_text().rpartition(")")[2].split()
    # CPU time, which other processes on this machine hardly change.
    assert sum(map(int, content[11:13])) / os.sysconf("SC_CLK_TCK") < MAX_CPU_SECONDS
