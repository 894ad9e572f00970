"""Lists at arXiv's size: how fast, how true and in how much memory, in process and over HTTP.

    python -m scripts.benchmarks.millions SOURCE DATA [--papers 3000000] [--night]

SOURCE is a data folder with embedded papers, of which the corpus in DATA is made
(scripts/benchmarks/synthetic_corpus.py); both are kept, and what DATA has already is not made again.
Times are of papers drawn at random, each once, after fifty others; on one thread in process, one
worker over HTTP, with the client on the same machine. What is true is told by looking at every
paper.
"""

import argparse
import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import partial
from http.client import HTTPConnection
from pathlib import Path

import faiss
import numpy as np

from index.arrays import Floats, Rows
from index.catalogue.catalogue import Catalogue, read_catalogue
from index.embedding.opening import identity_in_force
from index.lists.finder import RelatedFinder
from index.lists.options import ListOptions
from index.lists.selection import Selection
from index.releases.current import CurrentRelease
from index.releases.release import Release
from index.search.nearness import Nearness, Seed
from index.settings import load_settings
from scripts.benchmarks.synthetic_corpus import make_corpus, make_night

_WARMING, _ASKED, _JUDGED = 50, 1_000, 40
_NIGHT = 1_500, 1_000  # new papers, and new texts of old ones
_PORT = 8765
_CLIENTS = (1, 16)
_AT_ONCE = 20_000


def main() -> None:
    """Make what is missing, measure, and print a line for each figure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("source", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("--papers", type=int, default=3_000_000)
    parser.add_argument("--night", action="store_true", help="then add a night's papers to DATA")
    arguments = parser.parse_args()
    data: Path = arguments.data
    identity = identity_in_force(load_settings(os.environ, data=str(arguments.source)))
    if not (data / "catalogue.db").exists():
        make_corpus(arguments.source, data, identity, arguments.papers)
    if not (data / "releases" / "CURRENT").exists():
        began = time.monotonic()
        subprocess.run([program(), "--data", data, "release", "build"], check=True)
        print(f"release built in {(time.monotonic() - began) / 60:.1f} min")
    faiss.omp_set_num_threads(1)
    with read_catalogue(data) as catalogue:
        in_process(catalogue, CurrentRelease(data).get())
        ids = drawn_ids(catalogue, CurrentRelease(data).get())
    over_http(data, ids)
    if arguments.night:
        began = time.monotonic()
        make_night(data, identity, *_NIGHT)
        stored = time.monotonic()
        subprocess.run([program(), "--data", data, "release", "build"], check=True)
        print(
            f"a night: {stored - began:.0f} s to store, {time.monotonic() - stored:.0f} s a release"
        )


def in_process(catalogue: Catalogue, release: Release) -> None:
    """The vector side, whole lists, narrow lists; then how true they are."""
    finder, nearness = RelatedFinder(catalogue, release), release.nearness
    rows = drawn_rows(release)
    ids = drawn_ids(catalogue, release)
    report("vector side", timed(partial(by_vector, nearness), rows))
    report("whole list", timed(finder.related, ids))
    narrow = filtered(release)
    allowed = finder.allowed(narrow)
    assert allowed is not None
    print(f"the narrow filter lets through {len(allowed.rows):,} of {len(allowed.mask):,}")
    report("narrow list", timed(lambda one: finder.related(one, narrow), ids))
    print(f"memory: {memory(os.getpid())}")

    judged = rows[_WARMING : _WARMING + _JUDGED]
    seeds = [nearness.seed(row) for row in judged]
    exact_vectors, exact_lists = exactly(nearness, seeds, judged)
    recall = [
        len({*exact} & {*by_vector(nearness, row)}) / len(exact)
        for row, exact in zip(judged, exact_vectors, strict=True)
    ]
    print(f"recall@10 of the vector side: {np.mean(recall):.4f}")
    same = [
        near.row == row
        for seed, at, exact in zip(seeds, judged, exact_lists, strict=True)
        for near, row in zip(
            finder.nearest_not_withdrawn(seed, 10, np.array([at])), exact, strict=True
        )
    ]
    print(f"first ten as in the exact ranking: {sum(same)} of {len(same)} places")
    missed = 0
    for seed, at in zip(seeds, judged, strict=True):
        among = np.setdiff1d(allowed.rows, [at])
        best = among[np.argsort(-nearness.similarities(seed, among), kind="stable")[:10]]
        found = finder.nearest_not_withdrawn(seed, 10, np.array([at]), allowed)
        missed += len(set(best.tolist()) - {near.row for near in found})
    print(f"narrow lists miss {missed} of {10 * len(seeds)}")


def by_vector(nearness: Nearness, row: int) -> list[int]:
    """The ten papers nearest to one by vector: candidates as for a list, by their vectors."""
    vectors = nearness.vectors
    [asked] = vectors.vectors(np.array([row]))
    near, _ = vectors.search(asked, 128)
    near = near[near != row]
    best = np.argsort(-np.einsum("ij,j->i", vectors.vectors(near), asked), kind="stable")[:10]
    found: list[int] = near[best].tolist()
    return found


def filtered(release: Release) -> ListOptions:
    """Options that let through about one paper of a thousand: those of one day."""
    days, papers = np.unique(release.attributes.days, return_counts=True)
    nearest = np.argmin(np.abs(papers - len(release.nearness) / 1000))
    day = date.fromordinal(int(days[nearest]))
    return ListOptions(selection=Selection(since=day, until=day))


def drawn_rows(release: Release) -> list[int]:
    """Rows of papers, drawn at random, the same every time."""
    random = np.random.default_rng(1)
    count = min(_WARMING + _ASKED, len(release.nearness))
    rows: list[int] = random.choice(len(release.nearness), count, replace=False).tolist()
    return rows


def drawn_ids(catalogue: Catalogue, release: Release) -> list[str]:
    """The identifiers of the drawn rows."""
    numbers = [release.number(row) for row in drawn_rows(release)]
    entries = catalogue.entries(numbers)
    return [entries[number].paper.id for number in numbers]


def exactly(
    nearness: Nearness, seeds: Sequence[Seed], rows: Sequence[int]
) -> tuple[list[list[int]], list[list[int]]]:
    """The ten nearest of each seed among all papers: by vector, and by the whole ranking."""
    cosines, whole = [np.empty((len(seeds), len(nearness)), np.float32) for _ in range(2)]
    queries = np.stack([seed.vector for seed in seeds])
    for start in range(0, len(nearness), _AT_ONCE):
        part = np.arange(start, min(start + _AT_ONCE, len(nearness)))
        cosines[:, part] = queries @ nearness.vectors.vectors(part).T
        for place, seed in enumerate(seeds):
            whole[place, part] = nearness.similarities(seed, part)
    for likeness in (cosines, whole):
        likeness[np.arange(len(seeds)), rows] = -1
    return _ten_best(cosines), _ten_best(whole)


def _ten_best(likeness: Floats) -> list[list[int]]:
    best = []
    for row in likeness:
        near: Rows = np.flatnonzero(row >= np.partition(row, -10)[-10])
        best.append(near[np.lexsort((near, -row[near]))][:10].tolist())
    return best


def timed(ask: Callable[..., object], questions: Sequence[object]) -> list[float]:
    """Milliseconds of each question after the first fifty."""
    times = []
    for question in questions:
        began = time.perf_counter()
        ask(question)
        times.append(1000 * (time.perf_counter() - began))
    return times[_WARMING:]


def report(what: str, milliseconds: Sequence[float]) -> None:
    """Print median and 99th percentile."""
    p50, p99 = np.percentile(milliseconds, [50, 99])
    print(f"{what}: p50 {p50:.2f} ms, p99 {p99:.2f} ms, {len(milliseconds)} times", flush=True)


def memory(process: int) -> str:
    """Resident memory of a process, and what of it is no file."""
    status = Path(f"/proc/{process}/status").read_text()
    held = dict(line.split(":", 1) for line in status.splitlines())
    whole, own = (int(held[name].split()[0]) / 2**20 for name in ("VmRSS", "RssAnon"))
    return f"{whole:.2f} GiB resident, {own:.2f} GiB of it no file"


def over_http(data: Path, ids: Sequence[str]) -> None:
    """One uvicorn worker: to the first answer, by one client, by many, and what is asked again."""
    paths = [f"/v1/papers/{paper_id}/related" for paper_id in ids]
    with served(data, paths[0]) as process:
        for clients in _CLIENTS:
            tags = asked(f"over HTTP, {clients} at once", clients, dict.fromkeys(paths, ""))
        asked("asked again with its ETag, by one", 1, tags)
        print(f"memory of the server: {memory(process.pid)}")


@contextlib.contextmanager
def served(data: Path, first: str) -> Iterator[subprocess.Popen[bytes]]:
    """A server in a process of its own, which has answered once."""
    began = time.monotonic()
    command = [program(), "--data", str(data), "serve", "--port", str(_PORT)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            while True:
                with contextlib.suppress(ConnectionRefusedError):
                    get(HTTPConnection("127.0.0.1", _PORT), first, "")
                    break
                time.sleep(0.02)
            print(f"server's start to its first answer: {time.monotonic() - began:.2f} s")
            yield process
        finally:
            process.terminate()


def asked(what: str, clients: int, tags: dict[str, str]) -> dict[str, str]:
    """Ask for paths, each with the ETag held of it, by so many at once; report, return ETags."""
    waiting, times, found = iter(tags.items()), list[float](), dict[str, str]()
    lock = threading.Lock()

    def ask() -> None:
        connection = HTTPConnection("127.0.0.1", _PORT)
        while True:
            with lock:
                path, tag = next(waiting, ("", ""))
            if not path:
                return
            began = time.perf_counter()
            found[path] = get(connection, path, tag)
            times.append(1000 * (time.perf_counter() - began))

    threads = [threading.Thread(target=ask) for _ in range(clients)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.monotonic() - began
    report(f"{what}, {len(tags) / seconds:.0f} requests a second", times[_WARMING:])
    return found


def get(connection: HTTPConnection, path: str, tag: str) -> str:
    """The ETag of an answer; raises where it is none."""
    connection.request("GET", path, headers={"If-None-Match": tag} if tag else {})
    answer = connection.getresponse()
    content = answer.read()
    if answer.status != (304 if tag else 200) or not (tag or json.loads(content)["related"]):
        raise RuntimeError(f"{path}: {answer.status}")
    return answer.getheader("ETag", "")


def program() -> str:
    """The seealso of this environment."""
    return str(Path(sys.executable).with_name("seealso"))


if __name__ == "__main__":
    main()
