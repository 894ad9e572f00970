"""Measure lists at arXiv's size: time, recall and memory, in process and over HTTP.

    python -m scripts.benchmarks.large_corpus SOURCE DATA [--papers 3000000] [--nightly]

SOURCE is a data folder with embedded papers. DATA is the data folder to measure. If it has no
catalogue, one is made from the papers of SOURCE (scripts/benchmarks/synthetic_corpus.py); if it has
no release, one is built. Both folders are kept. --nightly then adds 2,500 papers, as a nightly run
does, and measures the next release.

Papers are drawn at random and requested once each; the first fifty are not counted. In process,
everything runs on one thread. Over HTTP, the server has one worker, and the client runs on the same
machine. Recall compares lists with a ranking of all papers. Memory (PSS) is measured after
2,000 different lists.
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
from index.embedding.opening import configured_identity
from index.lists.filters import Filters
from index.lists.finder import RelatedFinder
from index.lists.options import ListOptions
from index.releases.current import CurrentRelease
from index.releases.release import Release
from index.search.nearness import Nearness, Seed
from index.settings import load_settings
from scripts.benchmarks.synthetic_corpus import make_corpus, store_nightly_papers

_WARM_UP, _TIMED, _COMPARED = 50, 2_000, 40
_NEW, _REVISED = 1_500, 1_000
_PORT = 8765
_CLIENTS = (1, 16)
_BATCH_SIZE = 20_000


def main() -> None:
    """Make what is missing, measure, and print a line for each figure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("source", type=Path, help="data folder with embedded papers")
    parser.add_argument("data", type=Path, help="data folder to make or to use again")
    parser.add_argument(
        "--papers", type=int, default=3_000_000, help="papers in DATA (default: %(default)s)"
    )
    parser.add_argument(
        "--nightly", action="store_true", help="then add the papers of a nightly run to DATA"
    )
    arguments = parser.parse_args()
    data: Path = arguments.data
    identity = configured_identity(load_settings(os.environ, data=str(arguments.source)))
    if not (data / "catalogue.db").exists():
        make_corpus(arguments.source, data, identity, arguments.papers)
    if not (data / "releases" / "CURRENT").exists():
        began = time.monotonic()
        subprocess.run([program(), "--data", data, "release", "build"], check=True)
        print(f"release built in {(time.monotonic() - began) / 60:.1f} min")
    faiss.omp_set_num_threads(1)
    with read_catalogue(data) as catalogue:
        measure_in_process(catalogue, CurrentRelease(data).get())
        ids = random_ids(catalogue, CurrentRelease(data).get())
    measure_over_http(data, ids)
    if arguments.nightly:
        began = time.monotonic()
        store_nightly_papers(data, identity, _NEW, _REVISED)
        stored = time.monotonic()
        subprocess.run([program(), "--data", data, "release", "build"], check=True)
        print(
            f"nightly run: {stored - began:.0f} s to store the papers, "
            f"{time.monotonic() - stored:.0f} s to build the release"
        )


def measure_in_process(catalogue: Catalogue, release: Release) -> None:
    """Print times of vector searches, lists and filtered lists, and then their recall."""
    finder, nearness = RelatedFinder(catalogue, release), release.nearness
    rows = random_rows(release)
    ids = random_ids(catalogue, release)
    print_times("vector search", call_times(partial(nearest_by_vector, nearness), rows))
    print_times("whole list", call_times(finder.related, ids))
    one_day = narrow_filter(release)
    allowed = finder.allowed(one_day)
    assert allowed is not None
    print(f"the narrow filter selects {len(allowed.rows):,} of {len(allowed.mask):,} papers")
    print_times("list with it", call_times(lambda seed: finder.related(seed, one_day), ids))
    print(f"memory: {memory(os.getpid())}")

    compared = rows[_WARM_UP : _WARM_UP + _COMPARED]
    seeds = [nearness.seed(row) for row in compared]
    exact_by_vector, exact_lists = exact_nearest(nearness, seeds, compared)
    recalls = [
        len({*exact} & {*nearest_by_vector(nearness, row)}) / len(exact)
        for row, exact in zip(compared, exact_by_vector, strict=True)
    ]
    print(f"recall@10 of the vector search: {np.mean(recalls):.4f}")
    equal = [
        hit.row == row
        for seed, own_row, exact in zip(seeds, compared, exact_lists, strict=True)
        for hit, row in zip(
            finder.nearest_not_withdrawn(seed, 10, np.array([own_row])), exact, strict=True
        )
    ]
    print(f"first ten as in the exact ranking: {sum(equal)} of {len(equal)}")
    missed = 0
    for seed, own_row in zip(seeds, compared, strict=True):
        others = np.setdiff1d(allowed.rows, [own_row])
        best = others[np.argsort(-nearness.similarities(seed, others), kind="stable")[:10]]
        hits = finder.nearest_not_withdrawn(seed, 10, np.array([own_row]), allowed)
        missed += len(set(best.tolist()) - {hit.row for hit in hits})
    print(f"missed by lists with the narrow filter: {missed} of {10 * len(seeds)}")


def nearest_by_vector(nearness: Nearness, row: int) -> list[int]:
    """Return the rows of the ten papers nearest to one by vector.

    The candidates are found as for a list and ranked by their full vectors.
    """
    vectors = nearness.vectors
    [query] = vectors.vectors(np.array([row]))
    candidates, _ = vectors.search(query, 128)
    candidates = candidates[candidates != row]
    cosines = np.einsum("ij,j->i", vectors.vectors(candidates), query)
    best = np.argsort(-cosines, kind="stable")[:10]
    nearest: list[int] = candidates[best].tolist()
    return nearest


def narrow_filter(release: Release) -> ListOptions:
    """Return options that select about one paper in a thousand: those of one day."""
    days, papers = np.unique(release.attributes.days, return_counts=True)
    closest = np.argmin(np.abs(papers - len(release.nearness) / 1000))
    day = date.fromordinal(int(days[closest]))
    return ListOptions(filters=Filters(since=day, until=day))


def random_rows(release: Release) -> list[int]:
    """Return rows of papers drawn at random, the same in every run."""
    random = np.random.default_rng(1)
    count = min(_WARM_UP + _TIMED, len(release.nearness))
    rows: list[int] = random.choice(len(release.nearness), count, replace=False).tolist()
    return rows


def random_ids(catalogue: Catalogue, release: Release) -> list[str]:
    """Return the identifiers of the papers of `random_rows`."""
    numbers = [release.number(row) for row in random_rows(release)]
    entries = catalogue.entries(numbers)
    return [entries[number].paper.id for number in numbers]


def exact_nearest(
    nearness: Nearness, seeds: Sequence[Seed], rows: Sequence[int]
) -> tuple[list[list[int]], list[list[int]]]:
    """Return the ten nearest rows of each seed, by vector and by the full similarity.

    All papers are compared. `rows` are the seeds' own rows, which are left out.
    """
    cosines, similarities = [np.empty((len(seeds), len(nearness)), np.float32) for _ in range(2)]
    queries = np.stack([seed.vector for seed in seeds])
    for start in range(0, len(nearness), _BATCH_SIZE):
        batch = np.arange(start, min(start + _BATCH_SIZE, len(nearness)))
        cosines[:, batch] = queries @ nearness.vectors.vectors(batch).T
        for place, seed in enumerate(seeds):
            similarities[place, batch] = nearness.similarities(seed, batch)
    for values in (cosines, similarities):
        values[np.arange(len(seeds)), rows] = -1
    return _ten_best(cosines), _ten_best(similarities)


def _ten_best(similarities: Floats) -> list[list[int]]:
    best = []
    for row in similarities:
        candidates: Rows = np.flatnonzero(row >= np.partition(row, -10)[-10])
        order = np.lexsort((candidates, -row[candidates]))
        best.append(candidates[order][:10].tolist())
    return best


def call_times(function: Callable[..., object], arguments: Sequence[object]) -> list[float]:
    """Call a function with each argument; return the milliseconds of all but the first fifty."""
    times = []
    for argument in arguments:
        began = time.perf_counter()
        function(argument)
        times.append(1000 * (time.perf_counter() - began))
    return times[_WARM_UP:]


def print_times(name: str, milliseconds: Sequence[float]) -> None:
    """Print the median and the 99th percentile."""
    p50, p99 = np.percentile(milliseconds, [50, 99])
    print(f"{name}: p50 {p50:.2f} ms, p99 {p99:.2f} ms, {len(milliseconds)} calls", flush=True)


def memory(process: int) -> str:
    """Describe the memory of a process: pages shared with others count by their share (PSS)."""
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()[1:]
    fields = dict(line.split(":", 1) for line in lines)
    total, anonymous = (int(fields[name].split()[0]) / 2**20 for name in ("Pss", "Pss_Anon"))
    return f"{total:.2f} GiB (PSS), {anonymous:.2f} GiB of it not mapped from files"


def measure_over_http(data: Path, ids: Sequence[str]) -> None:
    """Measure one uvicorn worker: start, one client, many clients, and conditional requests."""
    paths = [f"/v1/papers/{paper_id}/related" for paper_id in ids]
    with server(data, paths[0]) as process:
        for clients in _CLIENTS:
            etags = send_requests(
                f"over HTTP, {clients} clients", clients, dict.fromkeys(paths, "")
            )
        send_requests("repeated with If-None-Match, 1 client", 1, etags)
        print(f"memory of the server: {memory(process.pid)}")


@contextlib.contextmanager
def server(data: Path, first_path: str) -> Iterator[subprocess.Popen[bytes]]:
    """Start a server process, wait for its first answer and print how long that took."""
    began = time.monotonic()
    command = [program(), "--data", str(data), "serve", "--port", str(_PORT)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            while True:
                with contextlib.suppress(ConnectionRefusedError):
                    get(HTTPConnection("127.0.0.1", _PORT), first_path, "")
                    break
                time.sleep(0.02)
            print(f"server's start to its first answer: {time.monotonic() - began:.2f} s")
            yield process
        finally:
            process.terminate()


def send_requests(name: str, clients: int, etags: dict[str, str]) -> dict[str, str]:
    """Request each path with its known ETag ("" for none) and print the times.

    The paths are divided among the clients, each in a thread. Returns the ETags by path.
    """
    waiting, times, received = iter(etags.items()), list[float](), dict[str, str]()
    lock = threading.Lock()

    def run_client() -> None:
        connection = HTTPConnection("127.0.0.1", _PORT)
        while True:
            with lock:
                path, etag = next(waiting, ("", ""))
            if not path:
                return
            began = time.perf_counter()
            received[path] = get(connection, path, etag)
            times.append(1000 * (time.perf_counter() - began))

    threads = [threading.Thread(target=run_client) for _ in range(clients)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.monotonic() - began
    print_times(f"{name}, {len(etags) / seconds:.0f} requests a second", times[_WARM_UP:])
    return received


def get(connection: HTTPConnection, path: str, etag: str) -> str:
    """Request a path and return the ETag of the response.

    Raises RuntimeError unless the status is 200 with a list, or 304 if an ETag was sent.
    """
    connection.request("GET", path, headers={"If-None-Match": etag} if etag else {})
    response = connection.getresponse()
    content = response.read()
    if response.status != (304 if etag else 200) or not (etag or json.loads(content)["related"]):
        raise RuntimeError(f"{path}: {response.status}")
    return response.getheader("ETag", "")


def program() -> str:
    """Return the path of this environment's `seealso`."""
    return str(Path(sys.executable).with_name("seealso"))


if __name__ == "__main__":
    main()
