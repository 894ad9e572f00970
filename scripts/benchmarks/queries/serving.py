"""Compare what serving costs in two versions of seealso, in turn and in one run.

    python -m scripts.benchmarks.queries.serving OLD_TREE OLD_DATA NEW_DATA [--papers 400]

OLD_TREE is a checkout of the earlier version, which this environment must be able to run. The two
data folders have the same papers, each in the form of its version, with a release. Papers are drawn
at random; no list and no page is requested twice.

- Lists in process: CPU time of `related`, 50th and 99th percentile.
- Lists and pages over HTTP: CPU time of the server, one worker, for each request of one client, and
  the mean for sixteen clients, with the requests a second. The rate depends on what else the
  machine does; CPU time hardly does.

The versions take turns in blocks of papers, so that both meet the same machine.
"""

import argparse
import contextlib
import os
import random
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path

import numpy as np

_ROOT = Path(__file__).resolve().parents[3]
_WARM_UP, _BLOCKS, _CLIENTS, _PORT = 40, 10, 16, 8790
_SERVE = """
try:
    from scripts.cli.main import main
except ImportError:  # the layout of 2026-11
    from scripts.cli import main
main()
"""
_LISTS = """
import sys, time
from pathlib import Path
import faiss
faiss.omp_set_num_threads(1)
try:
    from index.catalogue.catalogue import read_catalogue
    from index.lists.finder import RelatedFinder
    from index.releases.current import CurrentRelease
except ImportError:  # the layout of 2026-11
    from index.catalogue import read_catalogue
    from index.related import Finder as RelatedFinder
    from index.release import CurrentRelease
with read_catalogue(Path(sys.argv[1])) as catalogue:
    finder = RelatedFinder(catalogue, CurrentRelease(Path(sys.argv[1])).get())
    for line in sys.stdin:
        began = time.process_time()
        finder.related(line.strip())
        print(time.process_time() - began, flush=True)
"""


@dataclass(frozen=True, slots=True)
class Version:
    """A version to measure: its name, its checkout, its data folder and its server's port."""

    name: str
    tree: Path
    data: Path
    port: int
    times: dict[str, list[float]] = field(default_factory=dict)

    def start(self, code: str, *arguments: str) -> "subprocess.Popen[str]":
        """Start a program of this version."""
        environment = os.environ | {"PYTHONPATH": str(self.tree), "OMP_NUM_THREADS": "1"}
        return subprocess.Popen(
            [sys.executable, "-c", code, *arguments],
            cwd=self.tree,
            env=environment,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def add(self, what: str, milliseconds: Sequence[float]) -> None:
        """Note measured values."""
        self.times.setdefault(what, []).extend(milliseconds)


def main() -> None:
    """Measure both versions, and print a line for each figure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    for name in ("old_tree", "old_data", "new_data"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--papers", type=int, default=400, help="for each figure")
    arguments = parser.parse_args()
    old = Version("old", arguments.old_tree, arguments.old_data, _PORT)
    new = Version("new", _ROOT, arguments.new_data, _PORT + 1)
    papers = common_papers(old.data, new.data, _WARM_UP + arguments.papers)
    for measure in (measure_in_process, measure_over_http):
        with contextlib.ExitStack() as stack:
            measure(stack, (old, new), papers)
    for what, before in old.times.items():
        after = new.times[what]
        line = f"{what}: "
        for name, value in (("p50", np.median), ("p99", lambda ms: np.percentile(ms, 99))):
            if len(before) > _BLOCKS or name == "p50":
                values = float(value(before)), float(value(after))
                line += f"{name} {values[0]:.2f} and {values[1]:.2f}, {values[1] / values[0]:.2f}; "
        print(line.rstrip("; "))


def common_papers(one: Path, other: Path, count: int) -> list[str]:
    """Return papers that both catalogues have, drawn at random, the same in every run."""
    found = []
    for data in (one, other):
        with contextlib.closing(
            sqlite3.connect(f"file:{data}/catalogue.db?mode=ro", uri=True)
        ) as db:
            found.append(
                {row[0] for row in db.execute("SELECT id FROM papers WHERE NOT withdrawn")}
            )
    return random.Random(3).sample(sorted(found[0] & found[1]), count)  # noqa: S311 - no secret


def blocks(papers: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield the papers after those for warming up, in blocks."""
    counted = papers[_WARM_UP:]
    size = -(-len(counted) // _BLOCKS)
    for start in range(0, len(counted), size):
        yield counted[start : start + size]


def measure_in_process(
    stack: contextlib.ExitStack, versions: Sequence[Version], papers: Sequence[str]
) -> None:
    """Measure the CPU time of each list in a process of its own."""

    def times(process: "subprocess.Popen[str]", block: Sequence[str]) -> list[float]:
        assert process.stdin
        assert process.stdout
        found = []
        for paper in block:
            process.stdin.write(f"{paper}\n")
            process.stdin.flush()
            found.append(1000 * float(process.stdout.readline()))
        return found

    running = [stack.enter_context(one.start(_LISTS, str(one.data))) for one in versions]
    for process in running:
        stack.callback(process.terminate)
        times(process, papers[:_WARM_UP])
    for block in blocks(papers):
        for version, process in zip(versions, running, strict=True):
            version.add("list in process, ms of CPU", times(process, block))


def measure_over_http(
    stack: contextlib.ExitStack, versions: Sequence[Version], papers: Sequence[str]
) -> None:
    """Measure the CPU time of a server for lists and pages, and its rate."""
    servers = []
    for one in versions:
        serve = ("--data", str(one.data), "serve", "--port", str(one.port))
        process = stack.enter_context(one.start(_SERVE, *serve))
        stack.callback(process.terminate)
        servers.append(process.pid)
        wait_for(one.port, process)
        for paper in papers[:_WARM_UP]:
            for path, accept in (address(paper, "list"), address(paper, "page")):
                get(HTTPConnection("127.0.0.1", one.port), path, accept)
    parts = list(blocks(papers))
    for place, block in enumerate(parts):
        for version, server in zip(versions, servers, strict=True):
            for kind in ("list", "page"):
                connection = HTTPConnection("127.0.0.1", version.port)
                for paper in block:
                    before = cpu_seconds(server)
                    get(connection, *address(paper, kind))
                    used = cpu_seconds(server) - before
                    version.add(f"{kind} over HTTP, ms of CPU", [1000 * used])
            # Other lists than those of one client: those of the opposite block, ten papers longer.
            others = [
                (f"{path}?limit=11", accept)
                for path, accept in (address(paper, "list") for paper in parts[place - 1])
            ]
            before, began = cpu_seconds(server), time.monotonic()
            request_at_once(version.port, others)
            seconds, used = time.monotonic() - began, cpu_seconds(server) - before
            version.add("sixteen clients, ms of CPU a list", [1000 * used / len(others)])
            version.add("sixteen clients, lists a second", [len(others) / seconds])


def address(paper: str, kind: str) -> tuple[str, str]:
    """Return the path of a paper's list or page, and the media type to request."""
    if kind == "list":
        return f"/v1/papers/{paper}/related", "application/json"
    return f"/papers/{paper}", "text/html"


def wait_for(port: int, process: "subprocess.Popen[str]") -> None:
    """Wait until a server answers; raises RuntimeError if it ends."""
    while process.poll() is None:
        with contextlib.suppress(ConnectionRefusedError):
            get(HTTPConnection("127.0.0.1", port), "/healthz", "*/*")
            return
        time.sleep(0.1)
    raise RuntimeError(f"the server ended with exit code {process.returncode}")


def get(connection: HTTPConnection, path: str, accept: str) -> None:
    """Request a path; raises RuntimeError unless the status is 200."""
    connection.request("GET", path, headers={"Accept": accept})
    response = connection.getresponse()
    response.read()
    if response.status != 200:
        raise RuntimeError(f"{path}: {response.status}")


def request_at_once(port: int, addresses: Sequence[tuple[str, str]]) -> None:
    """Request addresses with sixteen clients, each in a thread."""
    waiting, lock = iter(addresses), threading.Lock()

    def run_client() -> None:
        connection = HTTPConnection("127.0.0.1", port)
        while True:
            with lock:
                one = next(waiting, None)
            if one is None:
                return
            get(connection, *one)

    threads = [threading.Thread(target=run_client) for _ in range(_CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def cpu_seconds(process: int) -> float:
    """Return the CPU time that all threads of a process have used, ended ones too."""
    return time.clock_gettime(~process << 3 | 2)  # its clock, as by clock_getcpuclockid(3)


if __name__ == "__main__":
    main()
