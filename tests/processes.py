"""The seealso program in processes of its own: its exit codes, its lock, its server."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

PROGRAM = (sys.executable, "-c", "from scripts.cli import main; main()")
CHECKOUT = Path(__file__).parents[1]


def start_program(
    data: Path, *arguments: str, environment: Mapping[str, str] | None = None
) -> subprocess.Popen[str]:
    """Start `seealso --data DATA ARGUMENTS` and do not wait for it."""
    return subprocess.Popen(
        [*PROGRAM, "--data", str(data), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=CHECKOUT,
        env={**os.environ, **(environment or {})},
    )


def run_program(
    data: Path, *arguments: str, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run `seealso --data DATA ARGUMENTS` to its end."""
    process = start_program(data, *arguments, environment=environment)
    stdout, stderr = process.communicate(timeout=60)
    return subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)


@dataclass
class Server:
    """A running `seealso serve`, or another command that listens."""

    address: str
    client: httpx2.Client


@contextmanager
def served(data: Path, *command: str) -> Iterator[Server]:
    """Run `seealso serve`, or this command, over a data folder while the block runs."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = start_program(data, *(command or ("serve",)), "--port", str(port))
    address = f"http://127.0.0.1:{port}"
    try:
        with httpx2.Client(base_url=address, timeout=30) as client:
            _wait_for(process, client)
            yield Server(address, client)
    finally:
        process.terminate()
        _, stderr = process.communicate(timeout=30)
    assert "Traceback" not in stderr, stderr


def _wait_for(process: subprocess.Popen[str], client: httpx2.Client) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        try:
            client.get("/v1/status")
        except httpx2.TransportError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"the server did not come up: {process.communicate()[1]}")
