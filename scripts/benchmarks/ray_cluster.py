"""How fast a Ray cluster embeds, beside this machine without one, in one run.

    python -m scripts.benchmarks.ray_cluster HOST:PORT [--papers 2000]

Papers of the bundled sample, into a catalogue of their own each time; two rounds, each way once in
each. The first part comes once the workers have started and opened the model: the seconds to it
stand apart, and papers a second are those after it. The last line says whether all vectors are one.
"""

import argparse
import os
import tempfile
import time
from dataclasses import replace
from itertools import islice
from pathlib import Path

from index.arrays import Floats
from index.arxiv.paper import Paper
from index.catalogue.catalogue import open_catalogue
from index.embedding.opening import identity_in_force, open_embedder
from index.settings import Settings, load_settings
from ingest.embedding.pending import embed_pending
from ingest.snapshot.records import SAMPLE, read_snapshot

_ROUNDS = 2


def main() -> None:
    """Print a line a run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("address")
    parser.add_argument("--papers", type=int, default=2000)
    given = parser.parse_args()
    records = (line.record for line in read_snapshot(SAMPLE))
    papers = list(islice((one for one in records if isinstance(one, Paper)), given.papers))
    settings = load_settings(os.environ)
    open_embedder(settings).close()  # exports the model where that has not been done
    found = []
    for _ in range(_ROUNDS):
        for cluster in (None, given.address):
            first, speed, vectors = embedded(settings, papers, cluster)
            found.append(vectors)
            name = f"Ray at {cluster}" if cluster else "here"
            print(f"| {name} | {first:.1f} s | {speed:.1f} papers/s |", flush=True)
    print("equal" if all((one == found[0]).all() for one in found) else "NOT EQUAL")


def embedded(
    settings: Settings, papers: list[Paper], cluster: str | None
) -> tuple[float, float, Floats]:
    """Seconds to the first part, papers a second after it, and the vectors."""
    times: dict[int, float] = {}

    def progress(_: str, done: int, __: int) -> None:
        times[done] = time.perf_counter()

    identity = identity_in_force(settings)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "models").symlink_to((settings.data / "models").resolve())
        own = replace(settings, data=Path(folder))
        with open_catalogue(own.data) as catalogue:
            catalogue.store(papers)
            stored = catalogue.vectors.of(identity)
            embed_pending(stored, own, progress, cluster)
            _, vectors = stored.matrix()
    start, first, *_, last = times
    return times[first] - times[start], (last - first) / (times[last] - times[first]), vectors


if __name__ == "__main__":
    main()
