"""A Ray cluster on this machine: a head node that runs no tasks, and workers to kill."""

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
_SECONDS = 120  # on a busy machine the head takes ten


class RayNode:
    """A node in a session of its own, in which all its processes stay."""

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
        raise AssertionError(f"the node did not start: {self._log.read_text()}")

    def kill(self) -> None:
        """Kill all processes of the node, as a power failure would."""
        while alive := _session(self._process.pid):
            for process in alive:
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
            self._process.wait()


class RayCluster:
    """A head node, which keeps its port when it is started again, and workers.

    `data` is the data folder of the workers, `home` their home folder.
    """

    def __init__(self, folder: Path, data: Path) -> None:
        self.home = folder / "home"
        self.home.mkdir()
        self.address = f"127.0.0.1:{free_port()}"
        # Ray listens on all addresses of the machine: a token keeps other users out.
        self.environment = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
        self._folder = folder
        self._own = {"SEEALSO_DATA": str(data), "HOME": str(self.home)}
        self._nodes: list[RayNode] = []
        self._head: RayNode | None = None
        self.workers: list[RayNode] = []

    def start(self, workers: int) -> None:
        """Start a head unless one runs, and workers until there are this many."""
        if self._head is None:
            port = self.address.rpartition(":")[2]
            head = ("--head", "--port", port, "--num-cpus", "0", "--include-dashboard=false")
            client = ("--ray-client-server-port", str(free_port()))
            self._head = self._node(*head, *client).wait_until_up()
        wanted = workers - len(self.workers)
        added = [self._node("--address", self.address, "--num-cpus", "1") for _ in range(wanted)]
        self.workers += [node.wait_until_up() for node in added]

    def kill_worker(self) -> None:
        """Kill the oldest worker."""
        self.workers.pop(0).kill()

    def kill(self) -> None:
        """Kill all nodes, the head first."""
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
    """Return the running processes of a session."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _, _, session, *_ = stat.read_text().rpartition(")")[2].split()
            if int(session) == leader and state != "Z":
                found.append(int(stat.parent.name))
    return found


@contextmanager
def ray_cluster(data: Path) -> Iterator[RayCluster]:
    """Return a cluster, not yet started; kill its nodes after the block."""
    # It contains sockets, whose paths must be short.
    folder = Path(tempfile.mkdtemp(prefix="r", dir="/tmp"))
    cluster = RayCluster(folder, data)
    try:
        yield cluster
    finally:
        cluster.kill()
        shutil.rmtree(folder)
