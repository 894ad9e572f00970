"""Compare exact with partitioned vector search by corpus size, to choose SEEALSO_EXACT_UP_TO.

    python -m scripts.benchmarks.exact [--data FOLDER] [--sizes 10000 25000 ...]

FOLDER is a data folder with embedded papers. Synthetic vectors are made from its vectors
(scripts/benchmarks/synthetic_corpus.py). For each size it prints the median time of one search for
128 candidates on one thread, the share of the ten exact nearest that the partitioned index finds,
and the time to build the partitioned index.
"""

import argparse
import os
import time
from pathlib import Path

import faiss
import numpy as np

from index.arrays import Floats
from index.catalogue.catalogue import read_catalogue
from index.embedding.opening import configured_identity
from index.search.faiss_index import FaissIndex
from index.settings import load_settings
from scripts.benchmarks.synthetic_corpus import mix_vectors

_QUERIES = 200
_CANDIDATES = 128


def synthetic_vectors(real: Floats, size: int) -> Floats:
    """Return `size` unit vectors made from real ones, the same in every run."""
    random = np.random.default_rng(0)
    first, second = random.integers(0, len(real), (2, size))
    return mix_vectors(real, first, second, random)


def median_milliseconds(index: FaissIndex, queries: Floats) -> float:
    """Return the median time of one search."""
    times = []
    for query in queries:
        began = time.perf_counter()
        index.search(query, _CANDIDATES)
        times.append(time.perf_counter() - began)
    return 1000 * float(np.median(times))


def recall(exact: FaissIndex, partitioned: FaissIndex, queries: Floats) -> float:
    """Return the mean share of the ten exact nearest among the partitioned index's first ten."""
    shares = [
        len(set(exact.search(q, 10)[0]) & set(partitioned.search(q, 10)[0])) / 10 for q in queries
    ]
    return float(np.mean(shares))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--data", metavar="FOLDER", help="data folder (default: SEEALSO_DATA)")
    parser.add_argument(
        "--sizes",
        type=int,
        nargs="+",
        default=[10_000, 25_000, 50_000, 100_000, 200_000],
        help="corpus sizes (default: %(default)s)",
    )
    arguments = parser.parse_args()
    settings = load_settings(os.environ, data=arguments.data)
    with read_catalogue(Path(settings.data)) as catalogue:
        _, real = catalogue.vectors.of(configured_identity(settings)).matrix()
    faiss.omp_set_num_threads(1)
    print("| papers | exact | partitioned | recall@10 | build, partitioned |")
    print("|---:|---:|---:|---:|---:|")
    for size in arguments.sizes:
        vectors = synthetic_vectors(real, size)
        queries = vectors[:: max(1, size // _QUERIES)][:_QUERIES]
        exact = FaissIndex.build(vectors, exact_up_to=size)
        began = time.perf_counter()
        partitioned = FaissIndex.build(vectors, exact_up_to=0)
        seconds = time.perf_counter() - began
        print(
            f"| {size:,} | {median_milliseconds(exact, queries):.2f} ms "
            f"| {median_milliseconds(partitioned, queries):.2f} ms "
            f"| {recall(exact, partitioned, queries):.3f} | {seconds:.0f} s |",
            flush=True,
        )


if __name__ == "__main__":
    main()
