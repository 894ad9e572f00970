"""The `seealso` command, in a process of its own or in this one, and its server."""

import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import IO, Any
from unittest.mock import patch

import httpx2
import pytest

from scripts.cli.main import main
from tests.support.workers import WORKER_NUMBER

# Before a program starts, its process prepares itself with such a script. `preexec_fn` would fork a
# process that may have gRPC threads, and such a fork sometimes crashes.
_LIMITED = """
import os, resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]),) * 2)
os.execv(sys.argv[2], sys.argv[2:])
"""
PROGRAM = (sys.executable, "-c", "from scripts.cli.main import main; main()")
CHECKOUT = Path(__file__).parents[2]


def free_port() -> int:
    """A free port, from a range of each worker's own.

    The ranges are below the ports that Linux lends to clients: a client that connects to a stopped
    server may be lent that server's port.
    """
    first = 20_000 + 1_000 * WORKER_NUMBER
    while True:
        port = random.randrange(first, first + 1_000)
        with socket.socket() as free, suppress(OSError):
            free.bind(("127.0.0.1", port))
            return port


def with_limited_files(largest: int) -> list[str]:
    """Return the start of a command whose writes beyond this many bytes of a file fail."""
    return [sys.executable, "-c", _LIMITED, str(largest)]


def start_program(
    data: Path,
    *arguments: str,
    environment: Mapping[str, str] | None = None,
    stderr: IO[str] | int = subprocess.PIPE,
    prefix: Sequence[str] = (),
) -> subprocess.Popen[str]:
    """Start `seealso --data DATA ARGUMENTS` without waiting for its end.

    `prefix` is a command that starts the program, such as `with_limited_files(0)`.
    """
    return subprocess.Popen(
        [*prefix, *PROGRAM, "--data", str(data), *arguments],
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
        cwd=CHECKOUT,
        env={**os.environ, **(environment or {})},
    )


def run_program(
    data: Path, *arguments: str, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run `seealso --data DATA ARGUMENTS` in a process of its own."""
    process = start_program(data, *arguments, environment=environment)
    stdout, stderr = process.communicate(timeout=60)
    return subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)


def run_main(
    data: Path, *arguments: str, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run `seealso --data DATA ARGUMENTS` in this process, with its exit code and output.

    A process of its own takes about a second for its imports.
    """
    command = ["seealso", "--data", str(data), *arguments]
    stdout, stderr = StringIO(), StringIO()
    with (
        patch.object(sys, "argv", command),
        patch.dict(os.environ, environment or {}),
        redirect_stdout(stdout),
        redirect_stderr(stderr),
        pytest.raises(SystemExit) as ended,
    ):
        main()
    assert isinstance(ended.value.code, int)
    return subprocess.CompletedProcess(
        command, ended.value.code, stdout.getvalue(), stderr.getvalue()
    )


@dataclass
class Server:
    """A running `seealso serve`, or another command that listens on a port."""

    address: str
    client: httpx2.Client
    process: subprocess.Popen[str]
    log: Path

    @property
    def port(self) -> int:
        return httpx2.URL(self.address).port or 80

    def lines(self) -> list[dict[str, Any]]:
        """Return the JSON lines of the log."""
        told = self.log.read_text().splitlines()
        return [json.loads(line) for line in told if line.startswith("{")]


@contextmanager
def served(
    data: Path,
    *command: str,
    environment: Mapping[str, str] | None = None,
    prefix: Sequence[str] = (),
) -> Iterator[Server]:
    """Run `seealso serve`, or another command, over a data folder while the block runs."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    # A file: a server blocks when a pipe that nobody reads is full.
    with tempfile.NamedTemporaryFile("w", suffix=".log") as log:
        arguments = (*(command or ("serve",)), "--port", str(port))
        process = start_program(
            data, *arguments, environment=environment, stderr=log.file, prefix=prefix
        )
        try:
            with httpx2.Client(base_url=address, timeout=30) as client:
                server = Server(address, client, process, Path(log.name))
                _wait_for(server)
                yield server
        finally:
            process.terminate()
            process.communicate(timeout=60)
        told = Path(log.name).read_text()
        assert "Traceback" not in told, told


def _wait_for(server: Server) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and server.process.poll() is None:
        try:
            server.client.get("/healthz")
        except httpx2.TransportError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"the server did not start: {server.log.read_text()}")


def is_running(pid: int) -> bool:
    """Return whether a process runs; a killed one may be a zombie until it is joined."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
