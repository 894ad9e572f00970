"""A Milvus server on loopback: milvus-lite in a process that can be stopped and killed."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from index.errors import IndexUnavailable
from index.milvus_address import MilvusAddress
from index.releases.milvus.server import server_at
from tests.support.processes import free_port, with_limited_files

_LITE = Path(sys.executable).with_name("milvus-lite")


class MilvusLite:
    """A server over a folder, which keeps its port when it is started again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._log = folder / "server.log"
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def setting(self, seconds: int = 10) -> str:
        """Return the value of SEEALSO_INDEX for this server."""
        return f"milvus://127.0.0.1:{self.port}/papers?timeout={seconds}"

    def address(self, seconds: int = 10) -> MilvusAddress:
        return MilvusAddress.parse(self.setting(seconds))

    def start(self, largest_file: int | None = None) -> None:
        """Start the server unless it runs, and wait until it listens.

        With `largest_file`, writes beyond this many bytes fail as on a full disk.
        """
        if self._process:
            return

        where = [
            "--data-dir",
            str(self._folder / "data"),
            "--host",
            "127.0.0.1",
            "--port",
            str(self.port),
        ]
        command = [str(_LITE), "server", *where]
        if largest_file is not None:
            command = [*with_limited_files(largest_file), *command]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and self._process.poll() is None:
            with socket.socket() as trial:
                if trial.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise AssertionError(f"milvus-lite did not start: {self._log.read_text()}")

    def wait_until_it_answers(self, seconds: int = 10) -> None:
        """Wait until the server answers requests of this process."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with suppress(IndexUnavailable):
                server_at(self.address(seconds)).call("list_collections")
                return
            time.sleep(0.1)
        raise AssertionError("milvus-lite does not answer")

    def send(self, signal_number: int) -> None:
        assert self._process
        self._process.send_signal(signal_number)

    def kill(self) -> None:
        """Kill the server, as a power failure would."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    @contextmanager
    def hanging(self) -> Iterator[None]:
        """Let the server accept connections but answer nothing while the block runs."""
        self.send(signal.SIGSTOP)
        try:
            yield
        finally:
            self.send(signal.SIGCONT)


@contextmanager
def milvus_lite(folder: Path) -> Iterator[MilvusLite]:
    """Run a server while the block runs."""
    server = MilvusLite(folder)
    server.start()
    try:
        yield server
    finally:
        server.kill()
