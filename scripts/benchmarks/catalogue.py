"""The catalogue alone, at growing sizes: how fast it fills, how large it is, how fast it answers.

    python -m scripts.benchmarks.catalogue DATA --papers N [--snapshots FILE ...] [--gigabytes 30]

Papers are put together from the halves of real ones (scripts/benchmarks/synthetic_papers.py; by default
the bundled 5,000, better more). They are stored as a first load stores them, each with a vector in
half precision and a tagging; one of nineteen has a tag, as in a real night (docs/measured.md). At
each size of 10^5, 3*10^5, 10^6 and so on, and at N, it prints what was measured in a reading
connection like the server's. The file is read through once before, so that what the machine has
room for is in memory: from the disk each row costs a page, and a question for many rows minutes.

Not as in life: a summary is the abstract's beginning, since making one takes longer than all else;
vectors are random; the words are those of the real papers, none is new; an author has a share of
the papers, so that of ten million more than anybody wrote; earlier texts are kept for the nights'
revised papers alone. No corrections, rejected records or datestamps.

DATA is kept and filled further by the next call. It ends at N, or where the catalogue has so many
gigabytes; a question is asked for a minute at most.
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
    made_id,
    made_papers,
    real_papers,
    revised,
)

_DIMENSION = 384
_IDENTITY = ModelIdentity("made", "0", "mean", "random", 512, "f32", _DIMENSION)
_TAXONOMY, _TAGGER, _LABELS, _TAGGED = "made", "made", 15, 19
_SUMMARY = 0.6  # of an abstract's length, as over the sample
_A_BATCH = 2_000
_NEW, _REVISED, _NIGHTS = 1_500, 1_000, 3
_MAX_LENGTH = 60.0  # seconds that one kind of question is asked
_MIN_COUNT = 3

Question = Callable[[Catalogue, np.random.Generator], object]


def main() -> None:
    """Fill and measure, size by size."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("data", type=Path)
    parser.add_argument("--papers", type=int, required=True)
    parser.add_argument("--snapshots", type=Path, nargs="+", default=[SAMPLE])
    parser.add_argument("--gigabytes", type=float, default=30)
    arguments = parser.parse_args()
    if arguments.papers > MAX_PAPERS:
        parser.error(f"at most {MAX_PAPERS:,}: arXiv's identifiers have room for no more")
    real, most = real_papers(arguments.snapshots), arguments.gigabytes * 1e9
    with patch(
        "index.catalogue.catalogue.summarise", new=lambda text: text[: int(_SUMMARY * len(text))]
    ):
        for size in sizes(arguments.papers):
            if fill(arguments.data, real, size, most):
                measure(arguments.data, real)
            if size_of(arguments.data) >= most:
                print(f"stopped: the catalogue has {arguments.gigabytes} GB")
                break


def sizes(papers: int) -> list[int]:
    """The sizes at which is measured, up to `papers` and that itself."""
    steps = (digit * 10**power for power in range(5, 10) for digit in (1, 3))
    return [*(step for step in steps if step < papers), papers]


def fill(data: Path, real: list[Paper], papers: int, most: float) -> int:
    """Go on to so many papers, or so many bytes; print the pace. Returns how many were added."""
    seconds = {"papers and full text": 0.0, "vectors": 0.0, "tags": 0.0}
    slowest = 0.0
    with open_catalogue(data) as catalogue, catalogue.bulk():
        begin = stored = catalogue.count()
        while stored < papers and size_of(data) < most:
            made = list(made_papers(real, stored, min(stored + _A_BATCH, papers)))
            taken = _stored(catalogue, made, stored)
            stored += len(made)
            slowest = max(slowest, sum(taken))
            for what, spent in zip(seconds, taken, strict=True):
                seconds[what] += spent
    if stored > begin:
        parts = ", ".join(f"{what} {spent:,.0f} s" for what, spent in seconds.items())
        pace = (stored - begin) / sum(seconds.values())
        print(f"\n{begin:,} to {stored:,} papers: {pace:,.0f} a second ({parts})")
        print(f"the slowest {_A_BATCH:,}: {slowest:.1f} s", flush=True)
    return stored - begin


def _stored(catalogue: Catalogue, made: list[Paper], start: int) -> tuple[float, float, float]:
    """Store papers, vectors and tags in one transaction; seconds of each, the commit the last's."""
    vectors = _vectors(len(made), start)
    marks = [time.monotonic()]
    with catalogue.atomic():
        catalogue.store(made)
        marks.append(time.monotonic())
        catalogue.vectors.of(_IDENTITY).add([paper.text_hash for paper in made], vectors)
        marks.append(time.monotonic())
        _tag(catalogue, range(start + 1, start + len(made) + 1))
    marks.append(time.monotonic())
    return marks[1] - marks[0], marks[2] - marks[1], marks[3] - marks[2]


def _vectors(count: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 0.05, (count, _DIMENSION)).astype(np.float32)


def _tag(catalogue: Catalogue, numbers: range | list[int]) -> None:
    catalogue.tags.replace(
        _TAXONOMY, _TAGGER, [(number, list(_tags_of(number))) for number in numbers]
    )


def _tags_of(number: int) -> Iterator[Tag]:
    if number % _TAGGED == 0:
        yield Tag(_TAXONOMY, f"label-{number // _TAGGED % _LABELS}", 0.9)


def size_of(data: Path) -> int:
    """Bytes of the catalogue with what SQLite keeps beside it."""
    return sum(path.stat().st_size for path in data.glob("catalogue.db*"))


def measure(data: Path, real: list[Paper]) -> None:
    """Print size and times of a catalogue; three nights are stored in it at the end."""
    _read_through(data / "catalogue.db")
    with read_catalogue(data) as catalogue:
        held = catalogue.count()
        size = size_of(data)
        print(f"{held:,} papers: {size / 1e9:.2f} GB, {size / held:,.0f} bytes a paper\n")
        print("| what | p50 | p99 | times |\n|---|---:|---:|---:|", flush=True)
        for what, (question, most) in questions(real, held).items():
            _row(what, timed(partial(question, catalogue), most))
    with open_catalogue(data) as catalogue:
        _row(f"a night of {_NEW + _REVISED:,} papers", nights(catalogue, real))


def _read_through(path: Path) -> None:
    with path.open("rb") as file:
        while file.read(2**24):
            pass


def questions(real: list[Paper], held: int) -> dict[str, tuple[Question, int]]:
    """What the server and the night ask of a catalogue, and how often it is asked here."""
    return {
        "a paper by id": (lambda c, r: c.entry(made_id(int(r.integers(held)))), 1_000),
        "128 papers by number": (lambda c, r: c.entries(r.integers(1, held + 1, 128)), 300),
        "count": (lambda c, _: c.count(), 20),
        "newest ten of a tag": (
            lambda c, r: c.tags.numbers_with_labels(
                _TAXONOMY, [f"label-{r.integers(_LABELS)}"], 10
            ),
            100,
        ),
        "papers that hold a phrase": (lambda c, r: c.full_text.with_phrases([phrase(real, r)]), 60),
        "papers of an author": (lambda c, r: c.numbers_by_authors([author(real, r)]), 100),
        "the night's look for texts without vector": (
            lambda c, _: c.vectors.of(_IDENTITY).pending(),
            _MIN_COUNT,
        ),
        "the night's look for papers without tagging": (
            lambda c, _: c.tags.pending(_TAXONOMY, _TAGGER),
            _MIN_COUNT,
        ),
    }


def phrase(real: list[Paper], random: np.random.Generator) -> str:
    """The first two words of a real paper's title, or the one that it has."""
    return " ".join(real[random.integers(len(real))].title.split()[:2])


def author(real: list[Paper], random: np.random.Generator) -> str:
    """The first author of a real paper that names any."""
    while not (names := real[random.integers(len(real))].authors):
        pass
    return names[0]


def timed(ask: Callable[[np.random.Generator], object], most: int) -> list[float]:
    """Milliseconds of each time that something was asked; fewer than `most` where it is slow."""
    random, times, began = np.random.default_rng(0), list[float](), time.monotonic()
    while len(times) < most and (len(times) < _MIN_COUNT or time.monotonic() - began < _MAX_LENGTH):
        asked = time.perf_counter()
        ask(random)
        times.append(1000 * (time.perf_counter() - asked))
    return times


def nights(catalogue: Catalogue, real: list[Paper]) -> list[float]:
    """Milliseconds of each night: new papers, and new texts of others, with vectors and tags."""
    times = []
    for _ in range(_NIGHTS):
        held = catalogue.count()
        numbers = np.random.default_rng(held).choice(held, _REVISED, replace=False) + 1
        entries = catalogue.entries(numbers.tolist())
        again = [revised(entry.paper, held) for entry in entries.values()]
        papers = [*made_papers(real, held, held + _NEW), *again]
        vectors = _vectors(len(papers), held)
        began = time.perf_counter()
        for batch in batches(papers):
            catalogue.store(batch)
        catalogue.vectors.of(_IDENTITY).add([paper.text_hash for paper in papers], vectors)
        _tag(catalogue, [*range(held + 1, held + _NEW + 1), *entries])
        times.append(1000 * (time.perf_counter() - began))
    return times


def _row(what: str, milliseconds: list[float]) -> None:
    p50, p99 = np.percentile(milliseconds, [50, 99])
    print(f"| {what} | {p50:,.2f} ms | {p99:,.2f} ms | {len(milliseconds)} |", flush=True)


if __name__ == "__main__":
    main()
