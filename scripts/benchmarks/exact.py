"""Where exact search should give way to partitioned search: both side by side, by corpus size.

    python -m scripts.benchmarks.exact [--data FOLDER] [--sizes 10000 25000 ...]

Vectors are made from the real ones of a data folder (scripts/benchmarks/synthetic_corpus.py). For each
size it prints the median time of one vector search for 128 candidates on one thread, and the share
of the exact ten nearest that the partitioned index finds.
"""

import argparse
import os
import time
from pathlib import Path

import faiss
import numpy as np

from index.arrays import Floats
from index.catalogue.catalogue import read_catalogue
from index.embedding.opening import identity_in_force
from index.search.faiss_index import FaissIndex
from index.settings import load_settings
from scripts.benchmarks.synthetic_corpus import mixed

_QUERIES = 200
_CANDIDATES = 128


def made(real: Floats, size: int) -> Floats:
    """So many unit vectors; the same every time."""
    random = np.random.default_rng(0)
    left, right = random.integers(0, len(real), (2, size))
    return mixed(real, left, right, random)


def median_milliseconds(index: FaissIndex, queries: Floats) -> float:
    """Median time of one search."""
    times = []
    for query in queries:
        began = time.perf_counter()
        index.search(query, _CANDIDATES)
        times.append(time.perf_counter() - began)
    return 1000 * float(np.median(times))


def recall(exact: FaissIndex, partitioned: FaissIndex, queries: Floats) -> float:
    """Share of the exact ten nearest that the partitioned index has among its ten."""
    shares = [
        len(set(exact.search(q, 10)[0]) & set(partitioned.search(q, 10)[0])) / 10 for q in queries
    ]
    return float(np.mean(shares))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--data")
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=[10_000, 25_000, 50_000, 100_000, 200_000]
    )
    arguments = parser.parse_args()
    settings = load_settings(os.environ, data=arguments.data)
    with read_catalogue(Path(settings.data)) as catalogue:
        _, real = catalogue.vectors.of(identity_in_force(settings)).matrix()
    faiss.omp_set_num_threads(1)
    print("| papers | exact | partitioned | recall@10 | build, partitioned |")
    print("|---:|---:|---:|---:|---:|")
    for size in arguments.sizes:
        vectors = made(real, size)
        queries = vectors[:: max(1, size // _QUERIES)][:_QUERIES]
        exact, _ = FaissIndex.build(vectors, exact_up_to=size)
        began = time.perf_counter()
        partitioned, _ = FaissIndex.build(vectors, exact_up_to=0)
        built = time.perf_counter() - began
        print(
            f"| {size:,} | {median_milliseconds(exact, queries):.2f} ms "
            f"| {median_milliseconds(partitioned, queries):.2f} ms "
            f"| {recall(exact, partitioned, queries):.3f} | {built:.0f} s |",
            flush=True,
        )


if __name__ == "__main__":
    main()
