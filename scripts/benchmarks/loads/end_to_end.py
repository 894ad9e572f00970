"""Measure papers a second from the catalogue to stored vectors, on a GPU or a processor.

    python -m scripts.benchmarks.loads.end_to_end [--papers 20000] [--models NAME...] [--json FILE]

For each model, papers are stored in an empty data folder, and `update` embeds, tags and releases
them as it always does. Texts are those of the bundled sample, or of a snapshot (`--snapshot FILE`).
If there are fewer than `--papers`, they are repeated with another title, so that each text is
embedded. SEEALSO_BACKEND and SEEALSO_PRECISION apply: `auto` takes a GPU if torch finds one.

Prints one line for each model: papers a second while embedding, without the time to load the model;
seconds of the whole update; the hours that 3,000,000 papers take at that rate; the peak memory of
the largest process. `--json FILE` writes the same. With a GPU, 20,000 papers take a few minutes;
begin with `--papers 500` on two cores.
"""

import argparse
import json
import os
import platform
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from itertools import count, islice
from multiprocessing import get_context
from pathlib import Path

from index.arxiv.paper import Paper
from index.catalogue.catalogue import open_catalogue
from index.embedding.hardware import has_gpu
from index.embedding.opening import choose_backend, configured_identity
from index.errors import ModelUnavailable
from index.progress import Pace
from index.settings import PACKAGED_MODEL, load_settings
from ingest.intake import Intake, batches
from ingest.snapshot.records import SAMPLE, snapshot_papers
from ingest.update import update

_ALL_OF_ARXIV = 3_000_000
_MODELS = (PACKAGED_MODEL, "all-mpnet-base-v2")


@dataclass(frozen=True)
class Measurement:
    """The result of one model. `problem` says why it could not be measured, None if it was."""

    model: str
    backend: str
    precision: str
    device: str
    papers: int
    papers_a_second: float | None = None
    update_seconds: float | None = None
    hours_for_all_of_arxiv: float | None = None
    peak_megabytes: int | None = None
    problem: str | None = None

    def __str__(self) -> str:
        name = f"{self.model}, {self.backend} {self.precision} on {self.device}"
        if self.problem is not None:
            return f"{name}: not measured: {self.problem}"
        return (
            f"{name}: {self.papers_a_second:,.1f} papers/s over {self.papers:,} papers, update "
            f"{self.update_seconds:,.0f} s; {_ALL_OF_ARXIV:,} papers take "
            f"{self.hours_for_all_of_arxiv:,.1f} h at this rate; peak {self.peak_megabytes:,} MB"
        )


def repeated(papers: list[Paper], wanted: int) -> Iterator[Paper]:
    """Yield papers with distinct identifiers and texts; raises ValueError if there is none."""
    if not papers:
        raise ValueError("there is no paper with an abstract to embed")
    rounds = (
        paper if turn == 0 else replace(paper, title=f"{paper.title}, part {turn + 1}")
        for turn in count()
        for paper in papers
    )
    for number, paper in enumerate(islice(rounds, wanted)):
        month, position = divmod(number, 90_000)
        yield replace(paper, id=f"26{month + 1:02}.{position + 1:05}")


def measure(model: str, wanted: int, source: Path, data: Path) -> Measurement:
    """Store papers in an empty data folder and time an update over them."""
    settings = replace(load_settings(os.environ, data=str(data)), model=model)
    backend = choose_backend(settings)
    device = "a GPU" if has_gpu() and backend == "torch" else "a processor"
    result = Measurement(model, backend, "", device, wanted)
    try:
        result = replace(result, precision=configured_identity(settings).precision)
    except ModelUnavailable as error:
        return replace(result, problem=str(error))
    of_source = (paper for paper in snapshot_papers([source]) if paper.abstract)
    papers = list(islice(of_source, wanted))
    embedding = _EmbeddingRate()
    with open_catalogue(settings.data) as catalogue:
        intake = Intake(catalogue, "benchmark")
        for batch in batches(repeated(papers, wanted)):
            intake.store(batch)
        began = time.monotonic()
        update(catalogue, settings, embedding.report)
        seconds = time.monotonic() - began
    rate = embedding.rate
    if rate is None:
        return replace(result, problem=f"{wanted} papers are too few for a rate")
    return replace(
        result,
        papers_a_second=rate,
        update_seconds=seconds,
        hours_for_all_of_arxiv=_ALL_OF_ARXIV / rate / 3600,
        peak_megabytes=_peak_megabytes(),
    )


def _measure_in_new_folder(model: str, wanted: int, source: Path) -> Measurement:
    with tempfile.TemporaryDirectory() as folder:
        return measure(model, wanted, source, Path(folder))


class _EmbeddingRate:
    """The rate of the embedding step, from its first stored part on."""

    def __init__(self) -> None:
        self.rate: float | None = None
        self._pace = Pace()
        self._has_begun = False

    def report(self, step: str, done: int, _total: int) -> None:
        """Take a report of an update: see `Progress`."""
        if step == "embed" and done == 0 and not self._has_begun:
            return  # the model is loaded after this report
        self._has_begun |= step == "embed"
        rate = self._pace.report(step, done, time.monotonic())
        self.rate = rate if step == "embed" and rate else self.rate


def _peak_megabytes() -> int:
    peaks = [
        resource.getrusage(who).ru_maxrss
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    ]
    return max(peaks) // (1024 if platform.system() == "Linux" else 1024**2)


def main() -> None:
    """Measure each model in a process of its own; print and write the results."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--papers", type=int, default=20_000)
    parser.add_argument("--models", nargs="+", default=list(_MODELS), metavar="NAME")
    parser.add_argument("--snapshot", type=Path, default=SAMPLE, metavar="FILE")
    parser.add_argument("--json", type=Path, metavar="FILE")
    arguments = parser.parse_args()
    found = []
    for model in arguments.models:
        # a process of its own, so that the peak memory is that of this model
        with ProcessPoolExecutor(1, get_context("spawn")) as other_process:
            work = (model, arguments.papers, arguments.snapshot)
            found.append(other_process.submit(_measure_in_new_folder, *work).result())
        print(found[-1], flush=True)
    if arguments.json:
        machine = {"machine": platform.platform(), "cores": os.cpu_count()}
        results = [asdict(one) for one in found]
        arguments.json.write_text(json.dumps({**machine, "results": results}, indent=2) + "\n")
    sys.exit(int(any(one.problem for one in found)))


if __name__ == "__main__":
    main()
