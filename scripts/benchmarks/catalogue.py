"""Measure the catalogue at growing sizes: loading speed, size on disk and query times.

    python -m scripts.benchmarks.catalogue DATA --papers N [--snapshots FILE ...] [--gigabytes 30]

DATA is the data folder to fill. It is kept, and the next call adds to it. The benchmark stops at N
papers, or when the catalogue has reached --gigabytes. FILE is a snapshot of real papers, by
default the bundled sample of 5,000; more papers give better results.

At 10^5, 3*10^5, 10^6 papers and so on, and at N, it prints the size of the catalogue and the times
of typical queries. Queries use a read-only connection, as the server does. Each kind of query is
repeated for at most a minute. The file is read once before, so that it is cached as far as memory
allows. Without the cache each row costs a read from disk, and a query for many rows takes minutes.

Papers are synthetic (scripts/benchmarks/synthetic_papers.py) and are stored as in a first load,
each with a vector in half precision and a tagging. One in nineteen has a tag, as in a real nightly
run (docs/measured.md). They differ from real papers as follows:

- The summary is the beginning of the abstract, because a real one takes longer than all the rest.
- Vectors are random.
- All words are those of the real papers, so a larger catalogue has no more different words.
- An author has the same share of the papers at every size, so of ten million papers far more than
  a person can write.
- Only papers that a nightly run has revised have an earlier text.
- There are no corrections, rejected records or datestamps.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from unittest.mock import patch

import numpy as np

from index.arxiv.paper import Paper
from index.catalogue.catalogue import Catalogue, open_catalogue, read_catalogue
from index.catalogue.tags import Tag
from index.embedding.identity import ModelIdentity
from ingest.intake import batches
from ingest.snapshot.records import SAMPLE
from scripts.benchmarks.synthetic_papers import (
    MAX_PAPERS,
    real_papers,
    revised,
    synthetic_id,
    synthetic_papers,
)

_DIMENSION = 384
_IDENTITY = ModelIdentity("synthetic", "0", "mean", "random", 512, "f32", _DIMENSION)
_TAXONOMY, _TAGGER, _LABELS, _PAPERS_PER_TAG = "synthetic", "synthetic", 15, 19
_SUMMARY = 0.6  # of an abstract's length, as in the sample
_BATCH_SIZE = 2_000
_NEW, _REVISED, _NIGHTLY_RUNS = 1_500, 1_000, 3
_MAX_SECONDS = 60.0  # for one kind of query
_MIN_CALLS = 3

CatalogueQuery = Callable[[Catalogue, np.random.Generator], object]


def main() -> None:
    """Fill the catalogue and measure it at each size."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("data", type=Path, help="data folder to fill; it is kept")
    parser.add_argument("--papers", type=int, required=True, help="the largest size to measure")
    parser.add_argument(
        "--snapshots",
        type=Path,
        nargs="+",
        default=[SAMPLE],
        help="snapshots with real papers (default: the bundled sample)",
    )
    parser.add_argument(
        "--gigabytes",
        type=float,
        default=30,
        help="stop when the catalogue is this large (default: %(default)s)",
    )
    arguments = parser.parse_args()
    if arguments.papers > MAX_PAPERS:
        parser.error(f"--papers must be at most {MAX_PAPERS:,}, the number of identifiers")
    real, max_bytes = real_papers(arguments.snapshots), arguments.gigabytes * 1e9
    with patch(
        "index.catalogue.catalogue.summarise", new=lambda text, _: text[: int(_SUMMARY * len(text))]
    ):
        for size in sizes(arguments.papers):
            if fill(arguments.data, real, size, max_bytes):
                measure(arguments.data, real)
            if size_of(arguments.data) >= max_bytes:
                print(f"stopped: the catalogue has reached {arguments.gigabytes} GB")
                break


def sizes(papers: int) -> list[int]:
    """Return the sizes to measure: 1 and 3 times powers of ten below `papers`, and `papers`."""
    steps = (digit * 10**power for power in range(5, 10) for digit in (1, 3))
    return [*(step for step in steps if step < papers), papers]


def fill(data: Path, real: list[Paper], papers: int, max_bytes: float) -> int:
    """Add papers until there are `papers`, or until the catalogue has `max_bytes`.

    Prints the speed. Returns the number of papers added.
    """
    seconds = {"papers and full text": 0.0, "vectors": 0.0, "tags": 0.0}
    slowest = 0.0
    with open_catalogue(data) as catalogue, catalogue.bulk():
        before = stored = catalogue.count()
        while stored < papers and size_of(data) < max_bytes:
            batch = list(synthetic_papers(real, stored, min(stored + _BATCH_SIZE, papers)))
            durations = _store(catalogue, batch, stored)
            stored += len(batch)
            slowest = max(slowest, sum(durations))
            for part, duration in zip(seconds, durations, strict=True):
                seconds[part] += duration
    if stored > before:
        parts = ", ".join(f"{part} {duration:,.0f} s" for part, duration in seconds.items())
        speed = (stored - before) / sum(seconds.values())
        print(f"\n{before:,} to {stored:,} papers: {speed:,.0f} papers a second ({parts})")
        print(f"slowest batch of {_BATCH_SIZE:,} papers: {slowest:.1f} s", flush=True)
    return stored - before


def _store(catalogue: Catalogue, papers: list[Paper], start: int) -> tuple[float, float, float]:
    """Store papers, vectors and tags in one transaction. Returns the seconds that each took.

    The commit is included in the time of the tags.
    """
    vectors = _vectors(len(papers), start)
    times = [time.monotonic()]
    with catalogue.atomic():
        catalogue.store(papers)
        times.append(time.monotonic())
        catalogue.vectors.of(_IDENTITY).add([paper.text_hash for paper in papers], vectors)
        times.append(time.monotonic())
        _tag(catalogue, range(start + 1, start + len(papers) + 1))
    times.append(time.monotonic())
    return times[1] - times[0], times[2] - times[1], times[3] - times[2]


def _vectors(count: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 0.05, (count, _DIMENSION)).astype(np.float32)


def _tag(catalogue: Catalogue, numbers: range | list[int]) -> None:
    catalogue.tags.replace(
        _TAXONOMY, _TAGGER, [(number, list(_tags_of(number))) for number in numbers]
    )


def _tags_of(number: int) -> Iterator[Tag]:
    if number % _PAPERS_PER_TAG == 0:
        yield Tag(_TAXONOMY, f"label-{number // _PAPERS_PER_TAG % _LABELS}", 0.9)


def size_of(data: Path) -> int:
    """Return the bytes of the catalogue, including SQLite's -wal and -shm files."""
    return sum(path.stat().st_size for path in data.glob("catalogue.db*"))


def measure(data: Path, real: list[Paper]) -> None:
    """Print size and query times of a catalogue, then store three nightly runs in it."""
    _read_through(data / "catalogue.db")
    with read_catalogue(data) as catalogue:
        count = catalogue.count()
        size = size_of(data)
        print(f"{count:,} papers: {size / 1e9:.2f} GB, {size / count:,.0f} bytes a paper\n")
        print("| query | p50 | p99 | calls |\n|---|---:|---:|---:|", flush=True)
        for name, (query, max_calls) in catalogue_queries(real, count).items():
            _print_row(name, call_times(partial(query, catalogue), max_calls))
    with open_catalogue(data) as catalogue:
        name = f"storing {_NEW + _REVISED:,} papers of a nightly run"
        _print_row(name, nightly_runs(catalogue, real))


def _read_through(path: Path) -> None:
    with path.open("rb") as file:
        while file.read(2**24):
            pass


def catalogue_queries(real: list[Paper], count: int) -> dict[str, tuple[CatalogueQuery, int]]:
    """Return typical queries of the server and the nightly run, with the number of calls."""
    return {
        "one paper by id": (lambda c, r: c.entry(synthetic_id(int(r.integers(count)))), 1_000),
        "128 papers by number": (lambda c, r: c.entries(r.integers(1, count + 1, 128)), 300),
        "count of papers": (lambda c, _: c.count(), 20),
        "newest ten of a tag": (
            lambda c, r: c.tags.numbers_with_labels(
                _TAXONOMY, [f"label-{r.integers(_LABELS)}"], 10
            ),
            100,
        ),
        "papers that contain a phrase": (
            lambda c, r: c.full_text.with_phrases([random_phrase(real, r)]),
            60,
        ),
        "papers of an author": (lambda c, r: c.numbers_by_authors([random_author(real, r)]), 100),
        "nightly search for texts without a vector": (
            lambda c, _: c.vectors.of(_IDENTITY).pending(),
            _MIN_CALLS,
        ),
        "nightly search for papers without a tagging": (
            lambda c, _: c.tags.pending(_TAXONOMY, _TAGGER),
            _MIN_CALLS,
        ),
    }


def random_phrase(real: list[Paper], random: np.random.Generator) -> str:
    """Return the first two words of a real paper's title, or its only word."""
    return " ".join(real[random.integers(len(real))].title.split()[:2])


def random_author(real: list[Paper], random: np.random.Generator) -> str:
    """Return the first author of a real paper that has authors."""
    while not (names := real[random.integers(len(real))].authors):
        pass
    return names[0]


def call_times(function: Callable[[np.random.Generator], object], max_calls: int) -> list[float]:
    """Call a function repeatedly and return the milliseconds of each call.

    Stops after `max_calls` calls, or after a minute if at least three calls were made.
    """
    random, times, began = np.random.default_rng(0), list[float](), time.monotonic()
    while len(times) < max_calls and (
        len(times) < _MIN_CALLS or time.monotonic() - began < _MAX_SECONDS
    ):
        call_began = time.perf_counter()
        function(random)
        times.append(1000 * (time.perf_counter() - call_began))
    return times


def nightly_runs(catalogue: Catalogue, real: list[Paper]) -> list[float]:
    """Store the papers of three nightly runs and return the milliseconds of each run.

    A run stores new papers and new texts of existing ones, with their vectors and tags.
    """
    times = []
    for _ in range(_NIGHTLY_RUNS):
        count = catalogue.count()
        numbers = np.random.default_rng(count).choice(count, _REVISED, replace=False) + 1
        entries = catalogue.entries(numbers.tolist())
        revisions = [revised(entry.paper, count) for entry in entries.values()]
        papers = [*synthetic_papers(real, count, count + _NEW), *revisions]
        vectors = _vectors(len(papers), count)
        began = time.perf_counter()
        for batch in batches(papers):
            catalogue.store(batch)
        catalogue.vectors.of(_IDENTITY).add([paper.text_hash for paper in papers], vectors)
        _tag(catalogue, [*range(count + 1, count + _NEW + 1), *entries])
        times.append(1000 * (time.perf_counter() - began))
    return times


def _print_row(name: str, milliseconds: list[float]) -> None:
    p50, p99 = np.percentile(milliseconds, [50, 99])
    print(f"| {name} | {p50:,.2f} ms | {p99:,.2f} ms | {len(milliseconds)} |", flush=True)


if __name__ == "__main__":
    main()
