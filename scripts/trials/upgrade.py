"""Upgrade seealso under requests: a newer version migrates and releases, then replaces the server.

    python -m scripts.trials.upgrade DATA [--rounds 3] [--clients 4] [--workers 1]

Serves a copy of the data folder DATA over a socket that the trial holds open, as systemd does with
seealso.socket. Half of the clients keep their connection, half connect for each request. In each
round a "newer version", this one with another ignorable step of the schema, stores a new paper and
builds a release while the older server answers. Then the older server ends on SIGTERM, and a newer
one takes over the socket.

Prints the requests, the failures, and the longest response, which includes the wait for the new
server. The exit status is 1 if a request failed or a server did not end with exit code 0.

Needs a checkout with the tests.
"""

import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import httpx2

from index.catalogue.catalogue import read_catalogue

_CHECKOUT = Path(__file__).parents[2]
_VERSION = """
import sys
from index.catalogue.migrations.later_steps import ignorable
from index.catalogue.schema import migrations
def next_table(number):
    def step(db):
        db.execute(f"CREATE TABLE next_version_{number} (number INTEGER PRIMARY KEY) STRICT")
    step.__name__ = f"next_version_{number}"
    return step
for number in range(int(sys.argv.pop(1))):
    migrations()(ignorable(next_table(number)))
from scripts.cli.main import main
main()
"""
# Starts the rest of its arguments with a socket as descriptor 3, as systemd does.
_WITH_SOCKET = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ |= {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "1"}
os.execv(sys.argv[2], sys.argv[2:])
"""
_START_LIMIT = 300  # seconds


@dataclass
class Result:
    """What the clients saw, and the exit codes of the servers that were replaced."""

    requests: int = 0
    failures: list[str] = field(default_factory=list)
    longest: float = 0.0
    exit_codes: list[int] = field(default_factory=list)
    releases: set[str] = field(default_factory=set)

    def __str__(self) -> str:
        lines = [
            f"{self.requests:,} requests during {len(self.exit_codes)} upgrades, "
            f"{len(self.failures)} failed; {len(self.releases)} releases; "
            f"the longest response took {self.longest:.1f} s",
            *self.failures[:10],
        ]
        return "\n".join(lines)


class Client(threading.Thread):
    """Sends one request after another until `stop` is set."""

    def __init__(self, address: str, paths: list[str], keep: bool, stop: threading.Event) -> None:
        super().__init__()
        self.result = Result()
        self._address, self._paths, self._keep, self._stop_requested = address, paths, keep, stop

    def run(self) -> None:
        """Request the paths in turn, on one connection or on one for each request."""
        headers = {} if self._keep else {"Connection": "close"}
        with httpx2.Client(base_url=self._address, timeout=_START_LIMIT, headers=headers) as http:
            while not self._stop_requested.is_set():
                path = self._paths[self.result.requests % len(self._paths)]
                began = time.monotonic()
                self.result.requests += 1
                try:
                    response = http.get(path)
                except httpx2.HTTPError as error:
                    self.result.failures.append(f"{path}: {error!r}")
                    continue
                self.result.longest = max(self.result.longest, time.monotonic() - began)
                if response.status_code != 200:
                    self.result.failures.append(f"{path}: {response.status_code} {response.text}")
                elif path == "/v1/status":
                    self.result.releases.add(response.json()["release"])


def upgrade(data: Path, rounds: int, clients: int, workers: int) -> Result:
    """Upgrade `rounds` times over a copy of a data folder, under requests."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "data"
        shutil.copytree(data, copy, symlinks=True)
        return _upgrade(copy, rounds, clients, workers)


def _upgrade(data: Path, rounds: int, clients: int, workers: int) -> Result:
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0), backlog=2048) as listening:
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        server = _start_server(data, listening, version=0, workers=workers)
        paths = _paths(data)
        threads = [Client(address, paths, place % 2 == 0, stop) for place in range(clients)]
        result = Result()
        try:
            with _running(threads, stop):
                for number in range(1, rounds + 1):
                    _store_and_release(data, number)
                    server.send_signal(signal.SIGTERM)
                    result.exit_codes.append(server.wait(timeout=_START_LIMIT))
                    server = _start_server(data, listening, version=number, workers=workers)
                    _wait_for_answers(threads)
        finally:
            server.terminate()
            server.wait(timeout=_START_LIMIT)
    for thread in threads:
        result.requests += thread.result.requests
        result.failures += thread.result.failures
        result.longest = max(result.longest, thread.result.longest)
        result.releases |= thread.result.releases
    return result


@contextmanager
def _running(threads: list[Client], stop: threading.Event) -> Iterator[None]:
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def _start_server(
    data: Path, listening: socket.socket, version: int, workers: int
) -> "subprocess.Popen[bytes]":
    """Start a server of a version on a socket, with the variables that systemd sets."""
    descriptor = listening.fileno()
    command = _command(version, data, "serve", "--workers", str(workers))
    return subprocess.Popen(
        [sys.executable, "-c", _WITH_SOCKET, str(descriptor), *command],
        pass_fds=[descriptor],
        cwd=_CHECKOUT,
        stderr=subprocess.DEVNULL,
    )


def _command(version: int, data: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-c", _VERSION, str(version), "--data", str(data), *arguments]


def _paths(data: Path) -> list[str]:
    """Return addresses to request: lists, pages, the status and the health check."""
    with read_catalogue(data) as catalogue:
        ids = list(catalogue.ids_not_withdrawn(range(1, 100)).values())[:3]
    lists = [f"/v1/papers/{quote(one, safe='')}/related" for one in ids]
    return [*lists, "/v1/status", *(f"/papers/{quote(one, safe='')}" for one in ids), "/healthz"]


def _store_and_release(data: Path, version: int) -> None:
    """Store a new paper and build a release with a version of seealso."""
    paper = {
        "id": f"2611.{version:05}",
        "title": f"Upgrade number {version}",
        "abstract": f"We upgrade a service {version} times while it answers.",
        "authors": "A. Author",
        "categories": "cs.CL",
        "versions": [{"version": "v1", "created": "Sun, 1 Nov 2026 10:00:00 GMT"}],
    }
    file = data.parent / "new.jsonl"
    file.write_text(json.dumps(paper) + "\n")
    for arguments in (("ingest", "snapshot", str(file)), ("update",)):
        command = _command(version, data, *arguments)
        ended = subprocess.run(command, cwd=_CHECKOUT, capture_output=True, text=True, check=False)
        if ended.returncode:
            raise RuntimeError(f"{arguments[0]} failed: {ended.stderr}")


def _wait_for_answers(threads: list[Client]) -> None:
    """Wait until every client has had some answers of the server that runs now."""
    wanted = {thread: thread.result.requests + 10 for thread in threads}
    deadline = time.monotonic() + _START_LIMIT
    while any(thread.result.requests < count for thread, count in wanted.items()):
        if time.monotonic() > deadline:
            raise RuntimeError("the new server does not answer")
        time.sleep(0.1)


def main() -> None:
    """Run the trial and print its result."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--workers", type=int, default=1)
    arguments = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    result = upgrade(arguments.data, arguments.rounds, arguments.clients, arguments.workers)
    print(result)
    sys.exit(int(bool(result.failures) or any(result.exit_codes)))


if __name__ == "__main__":
    main()
