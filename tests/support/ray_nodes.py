"""A Ray cluster on this machine: a head that embeds nothing, and workers that can be killed."""

import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.support.processes import free_port

_RAY = Path(sys.executable).with_name("ray")
_QUIET = ("--disable-usage-stats", "--include-log-monitor=false")
_MEMORY = ("--object-store-memory", str(80 * 2**20))
_SECONDS = 120  # a busy machine takes ten for a head


class RayNode:
    """One node, which leads a session: its processes stay in that, whoever their parents are."""

    def __init__(self, folder: Path, environment: Mapping[str, str], *arguments: str) -> None:
        folder.mkdir()
        self._log = folder / "start.log"
        command = [str(_RAY), "start", "--block", "--temp-dir", str(folder), *_QUIET, *_MEMORY]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [*command, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **environment},
                start_new_session=True,
            )

    def wait_until_up(self) -> "RayNode":
        deadline = time.monotonic() + _SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            if "Ray runtime started" in self._log.read_text():
                return self
            time.sleep(0.1)
        raise AssertionError(f"the node did not come up: {self._log.read_text()}")

    def kill(self) -> None:
        """End all of its processes as a power cut does."""
        while alive := _session(self._process.pid):
            for process in alive:
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
            self._process.wait()


class RayCluster:
    """A head on one port however often it is started, and its workers.

    `data` is the folder in which the workers keep the model, `home` their home.
    """

    def __init__(self, folder: Path, data: Path) -> None:
        self.home = folder / "home"
        self.home.mkdir()
        self.address = f"127.0.0.1:{free_port()}"
        # Ray listens on every address of the machine: strangers are kept out by a token.
        self.environment = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
        self._folder = folder
        self._own = {"SEEALSO_DATA": str(data), "HOME": str(self.home)}
        self._nodes: list[RayNode] = []
        self._head: RayNode | None = None
        self.workers: list[RayNode] = []

    def start(self, workers: int) -> None:
        """Start a head unless one runs, and workers until there are so many."""
        if self._head is None:
            port = self.address.rpartition(":")[2]
            head = ("--head", "--port", port, "--num-cpus", "0", "--include-dashboard=false")
            client = ("--ray-client-server-port", str(free_port()))
            self._head = self._node(*head, *client).wait_until_up()
        wanted = workers - len(self.workers)
        added = [self._node("--address", self.address, "--num-cpus", "1") for _ in range(wanted)]
        self.workers += [node.wait_until_up() for node in added]

    def kill_worker(self) -> None:
        """End the worker that came first."""
        self.workers.pop(0).kill()

    def kill(self) -> None:
        """End everything, the head first."""
        for node in self._nodes:
            node.kill()
        self._nodes.clear()
        self.workers.clear()
        self._head = None

    def _node(self, *arguments: str) -> RayNode:
        folder = Path(tempfile.mkdtemp(dir=self._folder)) / "n"
        node = RayNode(folder, {**self.environment, **self._own}, *arguments)
        self._nodes.append(node)
        return node


def _session(leader: int) -> list[int]:
    """The processes of a session that have not ended."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _, _, session, *_ = stat.read_text().rpartition(")")[2].split()
            if int(session) == leader and state != "Z":
                found.append(int(stat.parent.name))
    return found


@contextmanager
def ray_cluster(data: Path) -> Iterator[RayCluster]:
    """A cluster, not yet started, which is gone after the block."""
    # Sockets lie in it, whose names must be short.
    folder = Path(tempfile.mkdtemp(prefix="r", dir="/tmp"))
    cluster = RayCluster(folder, data)
    try:
        yield cluster
    finally:
        cluster.kill()
        shutil.rmtree(folder)
