"""Read at full speed while nights run and releases change, and tell what broke and what grew.

    python -m scripts.trials.soak DATA [--minutes 10] [--clients 4] [--workers 1] [--seed 0]

Serves a copy of DATA and asks it from so many clients at once for papers, lists, pages, searches,
feeds and exports. Meanwhile one night follows another: `seealso nightly` takes 60 new and revised
papers from a replay of arXiv on loopback, and switches to the release that it made. Prints how
long answers took by kind, the server's unshared memory (all its processes) and how many deleted
files it still held. Exit status 1 where a request or a night failed, memory grew by more than a
tenth from the second quarter to the last, or a deleted file was still held at the end.

Needs a checkout, with its tests.
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

from scripts.trials.soak_nightly_runs import Nights
from tests.arxiv_server.oai_replay import replayed_oai
from tests.support.processes import served

_LOOK_EVERY = 5.0  # seconds
_MAX_GROWTH = 1.10


@dataclass
class Seen:
    """What the readers saw: seconds by kind of request, and every failure."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    failures: list[str] = field(default_factory=list)
    releases: list[str] = field(default_factory=list)


class Reader(threading.Thread):
    """Asks for one thing after another, as fast as the server answers, until told to stop."""

    def __init__(
        self, address: str, asked: list[tuple[str, str]], seed: int, stop: threading.Event
    ):
        super().__init__()
        self.seen = Seen()
        self._address = address
        self._asked = asked
        self._random = random.Random(seed)  # noqa: S311 - an order, not a secret
        self._stop_asking = stop

    def run(self) -> None:
        """Ask."""
        with httpx2.Client(base_url=self._address, timeout=60) as client:
            while not self._stop_asking.is_set():
                kind, address = self._random.choice(self._asked)
                began = time.monotonic()
                try:
                    response = client.get(address)
                except httpx2.HTTPError as error:
                    self.seen.failures.append(f"{address}: {error!r}")
                    continue
                self.seen.seconds[kind].append(time.monotonic() - began)
                if response.status_code != 200:
                    self.seen.failures.append(f"{address}: {response.status_code}")
                elif kind == "status":
                    self.seen.releases.append(response.json()["release"])


def questions(data: Path, seed: int) -> list[tuple[str, str]]:
    """Kinds and addresses, each kind as often as readers would ask for it."""
    db = sqlite3.connect(f"file:{data}/catalogue.db?mode=ro", uri=True)
    papers = db.execute("SELECT id, title FROM papers WHERE NOT withdrawn ORDER BY id").fetchall()
    labels = [row[0] for row in db.execute("SELECT DISTINCT label FROM tags ORDER BY 1")]
    db.close()
    chosen = random.Random(seed).sample(papers, min(400, len(papers)))  # noqa: S311
    found = [("status", "/v1/status")] * 20
    for paper_id, title in chosen:
        found += [
            ("paper", f"/v1/papers/{paper_id}"),
            ("related", f"/v1/papers/{paper_id}/related"),
            ("related", f"/v1/papers/{paper_id}/related?limit=20&since=2024-01-01"),
            ("page", f"/papers/{paper_id}"),
            ("search", f"/v1/search?q={quote(title)}"),
            ("feed", f"/feeds/related/{paper_id}.atom?limit=20"),
            ("export", f"/papers/{paper_id}/related.bib"),
        ]
    found += [("tag", f"/v1/tags/{label}/papers?limit=50") for label in labels] * 10
    return found


@dataclass
class Grown:
    """What the server's processes held at each look: unshared bytes, files that are deleted."""

    unshared: list[int] = field(default_factory=list)
    deleted: list[int] = field(default_factory=list)
    by_process: list[int] = field(default_factory=list)
    """Unshared bytes of each process at the last look."""

    def look(self, pid: int) -> None:
        """Look once."""
        family = list(_family(pid))
        self.by_process = list(map(_unshared, family))
        self.unshared.append(sum(self.by_process))
        self.deleted.append(sum(map(_deleted, family)))

    @property
    def growth(self) -> float:
        """The last quarter's median in memory over the second quarter's."""
        quarter = max(1, len(self.unshared) // 4)
        early = statistics.median(self.unshared[quarter : 2 * quarter] or self.unshared)
        return statistics.median(self.unshared[-quarter:]) / early


def _family(pid: int) -> Iterator[int]:
    yield pid
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        yield from _family(int(child))


def _unshared(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Private_"))


def _deleted(pid: int) -> int:
    lines = Path(f"/proc/{pid}/maps").read_text().splitlines()
    return len({line.split()[5] for line in lines if line.endswith("(deleted)")})


@dataclass
class Soaked:
    """What became of it all."""

    seconds: dict[str, list[float]]
    failures: list[str]
    releases: set[str]
    nights: int
    grown: Grown
    exit_code: int

    @property
    def well(self) -> bool:
        """Whether nothing failed, was left held, or grew."""
        kept = self.grown.growth <= _MAX_GROWTH and self.grown.deleted[-1] == 0
        return kept and not self.failures and self.exit_code == 0

    def __str__(self) -> str:
        total = sum(map(len, self.seconds.values()))
        deleted = self.grown.deleted
        each = ", ".join(f"{unshared / 2**20:.0f}" for unshared in self.grown.by_process)
        megabytes = [unshared / 2**20 for unshared in self.grown.unshared]
        lines = [
            f"{total:,} requests, {self.nights} nights, {len(self.failures)} failures; "
            f"{len(self.releases)} releases answered; the server ended with {self.exit_code}"
        ]
        for kind, seconds in sorted(self.seconds.items()):
            percentiles = statistics.quantiles(seconds, n=100)
            middle, slow = percentiles[49] * 1000, percentiles[98] * 1000
            lines.append(
                f"  {kind:<8} {len(seconds):>7,}  p50 {middle:6.1f} ms  p99 {slow:7.1f} ms"
            )
        lines += [
            f"unshared memory: {megabytes[0]:.0f} MB at first, {max(megabytes):.0f} at most, "
            f"{megabytes[-1]:.0f} at last; last quarter / second quarter {self.grown.growth:.2f}",
            f"of each process at last: {each} MB",
            f"deleted files held: {max(deleted)} at most, {deleted[-1]} at last",
            *(f"  failed: {failure}" for failure in self.failures[:20]),
        ]
        return "\n".join(lines)


def soak(data: Path, minutes: float, clients: int = 4, workers: int = 1, seed: int = 0) -> Soaked:
    """Read a data folder, into which nights fall meanwhile."""
    stop = threading.Event()
    grown = Grown()
    with replayed_oai([]) as oai, served(data, "serve", "--workers", str(workers)) as server:
        asked = questions(data, seed)
        readers = [Reader(server.address, asked, seed + n, stop) for n in range(clients)]
        nights = Nights(data, oai, stop)
        threads: list[threading.Thread] = [*readers, nights]
        for thread in threads:
            thread.start()
        end = time.monotonic() + 60 * minutes
        while time.monotonic() < end:
            grown.look(server.process.pid)
            time.sleep(min(_LOOK_EVERY, 15 * minutes))
        stop.set()
        for thread in threads:
            thread.join()
        server.client.get("/v1/status").raise_for_status()
        grown.look(server.process.pid)
    seconds: dict[str, list[float]] = defaultdict(list)
    for reader in readers:
        for kind, some in reader.seen.seconds.items():
            seconds[kind] += some
    return Soaked(
        seconds=seconds,
        failures=[*(f for reader in readers for f in reader.seen.failures), *nights.failures],
        releases={name for reader in readers for name in reader.seen.releases},
        nights=nights.done,
        grown=grown,
        exit_code=server.process.returncode,
    )


def main() -> None:
    """Read the arguments and soak a copy of the data folder."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("data", type=Path)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="soak-") as work:
        data = Path(work) / "data"
        shutil.copytree(arguments.data, data)
        soaked = soak(data, arguments.minutes, arguments.clients, arguments.workers, arguments.seed)
    print(soaked)
    sys.exit(not soaked.well)


if __name__ == "__main__":
    main()
