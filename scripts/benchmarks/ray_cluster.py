"""Compare the speed of embedding on a Ray cluster with that of this machine alone.

    python -m scripts.benchmarks.ray_cluster HOST:PORT [--papers 2000]

HOST:PORT is the address of the cluster, as for `seealso update --ray`. Papers of the bundled sample
are embedded with and without Ray, once each in two rounds, each time into a new catalogue. For each
run it prints the seconds to the first part and the papers a second after it. The first part arrives
after the workers have started and opened the model. The last line reports whether all runs gave
equal vectors.
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
from index.embedding.opening import configured_identity, open_embedder
from index.settings import Settings, load_settings
from ingest.embedding.pending import embed_pending, parts_embedder
from ingest.snapshot.records import SAMPLE, snapshot_papers

_ROUNDS = 2


def main() -> None:
    """Print a line for each run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("address", metavar="HOST:PORT", help="address of the Ray cluster")
    parser.add_argument(
        "--papers", type=int, default=2000, help="papers to embed (default: %(default)s)"
    )
    arguments = parser.parse_args()
    papers = list(islice(snapshot_papers([SAMPLE]), arguments.papers))
    settings = load_settings(os.environ)
    open_embedder(settings).close()  # exports the model unless that was done before
    results = []
    for _ in range(_ROUNDS):
        for cluster in (None, arguments.address):
            first, speed, vectors = measure_embedding(settings, papers, cluster)
            results.append(vectors)
            name = f"Ray at {cluster}" if cluster else "without Ray"
            print(f"| {name} | {first:.1f} s | {speed:.1f} papers/s |", flush=True)
    equal = all((vectors == results[0]).all() for vectors in results)
    print("all vectors are equal" if equal else "VECTORS DIFFER")


def measure_embedding(
    settings: Settings, papers: list[Paper], cluster: str | None
) -> tuple[float, float, Floats]:
    """Return the seconds to the first part, the papers a second after it, and the vectors."""
    times: dict[int, float] = {}

    def progress(_: str, done: int, __: int) -> None:
        times[done] = time.perf_counter()

    identity = configured_identity(settings)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "models").symlink_to((settings.data / "models").resolve())
        own_settings = replace(settings, data=Path(folder))
        with open_catalogue(own_settings.data) as catalogue:
            catalogue.store(papers)
            bound_vectors = catalogue.vectors.of(identity)
            embed_parts = parts_embedder(own_settings, identity, cluster)
            pending, count = bound_vectors.pending(), catalogue.count()
            for _ in embed_pending(bound_vectors, embed_parts, pending, count, progress):
                pass
            _, vectors = bound_vectors.matrix()
    start, first, *_, last = times
    return times[first] - times[start], (last - first) / (times[last] - times[first]), vectors


if __name__ == "__main__":
    main()
