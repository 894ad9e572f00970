"""Read at full speed while nightly runs change releases; check for failures and growing memory.

    python -m scripts.trials.soak DATA [--minutes 10] [--clients 4] [--workers 1] [--seed 0]
        [--instalments]

Serves a copy of the data folder DATA. Several clients at once request papers, lists, pages,
searches, feeds and exports. Meanwhile one nightly run follows another: `seealso nightly` harvests
60 new and revised papers from a replay of arXiv on loopback and switches to a new release. With
--instalments, one load follows another instead: `seealso update` embeds all papers but 64 and
switches to a new release at each doubling.

Prints the response times by kind of request, the unshared memory of all server processes, and how
many deleted files they still hold. The exit status is 1 if a request or a nightly run failed, if
the median memory of the last quarter is more than a tenth above that of the second quarter, if a
deleted file is held at the end, or if the server does not end with exit code 0.

Needs a checkout with the tests.
"""

import argparse
import random
import shutil
import sqlite3
import statistics
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import httpx2

from scripts.trials.soak_instalments import InstalmentLoads
from scripts.trials.soak_nightly_runs import NightlyRuns
from tests.arxiv_server.oai_replay import replayed_oai
from tests.support.processes import served

_MEASURE_EVERY = 5.0  # seconds
_MAX_GROWTH = 1.10


@dataclass
class RequestLog:
    """What a client received: seconds by kind of request, failures, and release names."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    failures: list[str] = field(default_factory=list)
    releases: list[str] = field(default_factory=list)


class Client(threading.Thread):
    """Sends one request after another, each after the last response, until `stop` is set."""

    def __init__(
        self, address: str, requests: list[tuple[str, str]], seed: int, stop: threading.Event
    ):
        super().__init__()
        self.log = RequestLog()
        self._address = address
        self._requests = requests
        self._random = random.Random(seed)  # noqa: S311 - an order, not a secret
        self._stop_requested = stop

    def run(self) -> None:
        """Send one request of each kind, then requests in random order."""
        first = list(dict(self._requests).items())
        with httpx2.Client(base_url=self._address, timeout=60) as http:
            while first or not self._stop_requested.is_set():
                kind, path = first.pop() if first else self._random.choice(self._requests)
                began = time.monotonic()
                try:
                    response = http.get(path)
                except httpx2.HTTPError as error:
                    self.log.failures.append(f"{path}: {error!r}")
                    continue
                self.log.seconds[kind].append(time.monotonic() - began)
                if response.status_code != 200:
                    self.log.failures.append(f"{path}: {response.status_code}")
                elif kind == "status":
                    self.log.releases.append(response.json()["release"])


def requests_for(data: Path, seed: int) -> list[tuple[str, str]]:
    """Return kinds and paths of requests. A kind that readers use more often has more of them."""
    db = sqlite3.connect(f"file:{data}/catalogue.db?mode=ro", uri=True)
    papers = db.execute("SELECT id, title FROM papers WHERE NOT withdrawn ORDER BY id").fetchall()
    labels = [row[0] for row in db.execute("SELECT DISTINCT label FROM tags ORDER BY 1")]
    db.close()
    chosen = random.Random(seed).sample(papers, min(400, len(papers)))  # noqa: S311
    requests = [("status", "/v1/status")] * 20
    for paper_id, title in chosen:
        requests += [
            ("paper", f"/v1/papers/{paper_id}"),
            ("related", f"/v1/papers/{paper_id}/related"),
            ("related", f"/v1/papers/{paper_id}/related?limit=20&since=2024-01-01"),
            ("page", f"/papers/{paper_id}"),
            ("search", f"/v1/search?q={quote(title)}"),
            ("feed", f"/feeds/related/{paper_id}.atom?limit=20"),
            ("export", f"/papers/{paper_id}/related.bib"),
        ]
    requests += [("tag", f"/v1/tags/{label}/papers?limit=50") for label in labels] * 10
    return requests


@dataclass
class ServerResources:
    """Unshared bytes and deleted files of the server's processes, at each measurement."""

    unshared: list[int] = field(default_factory=list)
    deleted: list[int] = field(default_factory=list)
    by_process: list[int] = field(default_factory=list)
    """Unshared bytes of each process at the last measurement."""

    def measure(self, pid: int) -> None:
        """Add a measurement of a process and its descendants."""
        processes = list(_with_descendants(pid))
        self.by_process = list(map(_unshared_bytes, processes))
        self.unshared.append(sum(self.by_process))
        self.deleted.append(sum(map(_deleted_files, processes)))

    @property
    def growth(self) -> float:
        """The median memory of the last quarter, divided by that of the second quarter."""
        quarter = max(1, len(self.unshared) // 4)
        early = statistics.median(self.unshared[quarter : 2 * quarter] or self.unshared)
        return statistics.median(self.unshared[-quarter:]) / early


def _with_descendants(pid: int) -> Iterator[int]:
    yield pid
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        yield from _with_descendants(int(child))


def _unshared_bytes(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Private_"))


def _deleted_files(pid: int) -> int:
    lines = Path(f"/proc/{pid}/maps").read_text().splitlines()
    return len({line.split()[5] for line in lines if line.endswith("(deleted)")})


@dataclass
class SoakResult:
    """The result of a soak trial; `str()` gives the report."""

    seconds: dict[str, list[float]]
    failures: list[str]
    releases: set[str]
    runs: int
    resources: ServerResources
    exit_code: int

    @property
    def passed(self) -> bool:
        """Whether nothing failed, memory did not grow, and no deleted file is held."""
        resources_freed = self.resources.growth <= _MAX_GROWTH and self.resources.deleted[-1] == 0
        return resources_freed and not self.failures and self.exit_code == 0

    def __str__(self) -> str:
        total = sum(map(len, self.seconds.values()))
        deleted = self.resources.deleted
        by_process = ", ".join(f"{size / 2**20:.0f}" for size in self.resources.by_process)
        megabytes = [size / 2**20 for size in self.resources.unshared]
        lines = [
            f"{total:,} requests, {self.runs} runs, {len(self.failures)} failures; "
            f"{len(self.releases)} releases answered requests; server exit code {self.exit_code}"
        ]
        for kind, seconds in sorted(self.seconds.items()):
            percentiles = statistics.quantiles(seconds, n=100)
            p50, p99 = percentiles[49] * 1000, percentiles[98] * 1000
            lines.append(f"  {kind:<8} {len(seconds):>7,}  p50 {p50:6.1f} ms  p99 {p99:7.1f} ms")
        lines += [
            f"unshared memory: {megabytes[0]:.0f} MB at the start, "
            f"{max(megabytes):.0f} MB at most, {megabytes[-1]:.0f} MB at the end; "
            f"last quarter / second quarter {self.resources.growth:.2f}",
            f"unshared memory of each process at the end: {by_process} MB",
            f"deleted files held: {max(deleted)} at most, {deleted[-1]} at the end",
            *(f"  failed: {failure}" for failure in self.failures[:20]),
        ]
        return "\n".join(lines)


def soak(
    data: Path,
    minutes: float,
    clients: int = 4,
    workers: int = 1,
    seed: int = 0,
    *,
    instalments: bool = False,
) -> SoakResult:
    """Serve a data folder and read it while nightly runs, or loads by instalments, update it.

    The folder is changed.
    """
    stop = threading.Event()
    resources = ServerResources()
    with replayed_oai([]) as oai, served(data, "serve", "--workers", str(workers)) as server:
        requests = requests_for(data, seed)
        readers = [Client(server.address, requests, seed + n, stop) for n in range(clients)]
        runs = InstalmentLoads(data, stop) if instalments else NightlyRuns(data, oai, stop)
        threads: list[threading.Thread] = [*readers, runs]
        for thread in threads:
            thread.start()
        end = time.monotonic() + 60 * minutes
        while time.monotonic() < end:
            resources.measure(server.process.pid)
            time.sleep(min(_MEASURE_EVERY, 15 * minutes))
        stop.set()
        for thread in threads:
            thread.join()
        server.client.get("/v1/status").raise_for_status()
        resources.measure(server.process.pid)
    seconds: dict[str, list[float]] = defaultdict(list)
    for reader in readers:
        for kind, times in reader.log.seconds.items():
            seconds[kind] += times
    failures = [failure for reader in readers for failure in reader.log.failures]
    return SoakResult(
        seconds=seconds,
        failures=[*failures, *runs.failures],
        releases={name for reader in readers for name in reader.log.releases},
        runs=runs.done,
        resources=resources,
        exit_code=server.process.returncode,
    )


def main() -> None:
    """Run the trial on a copy of the data folder."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("data", type=Path, help="data folder; a copy of it is served")
    parser.add_argument("--minutes", type=float, default=10, help="duration (default: %(default)s)")
    parser.add_argument(
        "--clients", type=int, default=4, help="clients at once (default: %(default)s)"
    )
    parser.add_argument(
        "--workers", type=int, default=1, help="server processes (default: %(default)s)"
    )
    parser.add_argument(
        "--seed", type=int, default=0, help="seed of the requests' order (default: %(default)s)"
    )
    parser.add_argument(
        "--instalments", action="store_true", help="loads by instalments instead of nightly runs"
    )
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="soak-") as work:
        data = Path(work) / "data"
        shutil.copytree(arguments.data, data)
        result = soak(
            data,
            arguments.minutes,
            arguments.clients,
            arguments.workers,
            arguments.seed,
            instalments=arguments.instalments,
        )
    print(result)
    sys.exit(not result.passed)


if __name__ == "__main__":
    main()
