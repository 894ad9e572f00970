"""Simulate sharded search: the wait for the slowest shard, and the recall of smaller vectors.

    python -m scripts.planning.simulate_shards [--data FOLDER] [--papers 100000]

FOLDER is a data folder with at least 756 embedded papers. Prints two kinds of tables:

**Waiting for the slowest shard.** A query is sent to every shard and is answered when the slowest
shard has answered. The times of a shard are log-normal, with the p50 and p99 of one search over
3,000,000 papers (1.9 and 8 ms; docs/measured.md, "Lists at arXiv's size"). Each shard is assumed to
have that size. With hedged requests, a shard that has not answered by its 95th percentile is
queried again at a replica, and the earlier answer counts. This sends five more requests in a
hundred.

Assumptions: all shards are alike; there are no queues, no network and no time to merge; shards are
slow but never fail. Part of the variance of the logarithm can be due to the query, which is then
slow on every shard and on the replica too. Without that part, hedging looks as good as it can, so a
second row assumes that it is half of the variance. 50,000 queries are drawn with a fixed seed.

**Recall of smaller vectors.** FAISS's quantisers are trained on the vectors and searched
exhaustively, so that no loss comes from partitions. The queries are 500 papers drawn from the
corpus and left out of it. The true ten nearest are those by full vectors. "Ranked again" takes 4 or
16 times as many candidates by the small vectors and ranks them by the full ones, as lists do. The
table is printed for the real vectors of the data folder and for synthetic ones made from them
(scripts/benchmarks/synthetic_corpus.py). With few vectors, FAISS warns on standard error that a
product quantiser has too few of them to train its 256 centroids.
"""

import argparse
import os
from pathlib import Path
from statistics import NormalDist

import faiss
import numpy as np

from index.arrays import Floats, Rows
from index.catalogue.catalogue import read_catalogue
from index.embedding.opening import configured_identity
from index.settings import load_settings
from scripts.benchmarks.synthetic_corpus import mix_vectors

_P50, _P99 = 1.9, 8.0  # milliseconds
_SHARDS = 1, 4, 16, 64, 256
_SHARED = 0.0, 0.5  # share of the variance that is due to the query
_HEDGE_AFTER = 0.95  # percentile of a shard's times, as a fraction
_SIMULATED_QUERIES = 50_000
# "np" leaves out polysemous codes: their training takes minutes, and only Hamming distances use
# them.
_QUANTISERS = {"SQ8": "SQ8", "PQ96": "PQ96np", "PQ48": "PQ48np", "1 bit": "RaBitQ"}
_QUERIES, _LIMIT, _FACTORS = 500, 10, (1, 4, 16)


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--data", metavar="FOLDER", help="data folder (default: SEEALSO_DATA)")
    parser.add_argument(
        "--papers", type=int, default=100_000, help="synthetic vectors (default: %(default)s)"
    )
    arguments = parser.parse_args()
    print("| shards | variance due to the query | p50 | p99 | hedged p50 | hedged p99 |")
    print("|---:|---:|---:|---:|---:|---:|")
    for shards in _SHARDS:
        for shared in _SHARED:
            random = np.random.default_rng(0)
            cells = " | ".join(f"{ms:.1f} ms" for ms in waiting_times(random, shards, shared))
            print(f"| {shards} | {shared:g} | {cells} |", flush=True)
    faiss.omp_set_num_threads(1)
    settings = load_settings(os.environ, data=arguments.data)
    with read_catalogue(Path(settings.data)) as catalogue:
        _, real = catalogue.vectors.of(configured_identity(settings)).matrix()
    random = np.random.default_rng(0)
    first, second = random.integers(0, len(real), (2, arguments.papers))
    synthetic = mix_vectors(real, first, second, random)
    for kind, vectors in (("real", real), ("synthetic", synthetic)):
        print(f"\n{len(vectors):,} {kind} vectors of {vectors.shape[1]} dimensions\n")
        print_recalls(random.permutation(vectors))


def waiting_times(random: np.random.Generator, shards: int, shared: float) -> list[float]:
    """Return p50 and p99 of the wait for all shards, plain and hedged, in milliseconds."""
    first, replica = service_times(random, (_SIMULATED_QUERIES, shards), shared)
    delay = _P50 * np.exp(sigma(_P50, _P99) * NormalDist().inv_cdf(_HEDGE_AFTER))
    waits = first.max(1), hedged(first, replica, float(delay)).max(1)
    return [float(ms) for wait in waits for ms in np.percentile(wait, [50, 99])]


def sigma(p50: float, p99: float) -> float:
    """Return sigma of the log-normal distribution with these 50th and 99th percentiles."""
    return float(np.log(p99 / p50) / NormalDist().inv_cdf(0.99))


def service_times(
    random: np.random.Generator, shape: tuple[int, int], shared: float
) -> tuple[Floats, Floats]:
    """Draw the milliseconds of shards and of their replicas, each of shape (queries, shards).

    `shared` is the share of the variance that is due to the query.
    """
    of_query = np.sqrt(shared) * random.standard_normal((shape[0], 1), np.float32)
    of_shard = random.standard_normal((2, *shape), np.float32)
    noise = of_query + np.sqrt(1 - shared) * of_shard
    first, replica = _P50 * np.exp(sigma(_P50, _P99) * noise)
    return first, replica


def hedged(first: Floats, replica: Floats, delay: float) -> Floats:
    """Return the time of the earlier answer, if the replica is queried after `delay`."""
    earlier: Floats = np.minimum(first, delay + replica)
    return earlier


def print_recalls(vectors: Floats) -> None:
    """Print a row for each quantiser. The first vectors are the queries."""
    queries, corpus = vectors[:_QUERIES], np.ascontiguousarray(vectors[_QUERIES:])
    true = nearest("Flat", corpus, queries, _LIMIT)
    columns = [f"{n} times as many, ranked again" if n > 1 else "as found" for n in _FACTORS]
    print(f"| stored as | bytes | {' | '.join(columns)} |\n|---|---:|{'---:|' * len(columns)}")
    for name, factory in _QUANTISERS.items():
        found = nearest(factory, corpus, queries, _LIMIT * max(_FACTORS))
        recalls = [
            recall(ranked_again(corpus, queries, found[:, : _LIMIT * n], _LIMIT), true)
            if n > 1
            else recall(found[:, :_LIMIT], true)
            for n in _FACTORS
        ]
        cells = " | ".join(f"{share:.3f}" for share in recalls)
        print(f"| {name} | {code_size(factory, corpus.shape[1])} | {cells} |", flush=True)


def code_size(factory: str, dimension: int) -> int:
    """Return the bytes that a quantiser stores for a vector."""
    return int(faiss.index_factory(dimension, factory).sa_code_size())


def nearest(factory: str, corpus: Floats, queries: Floats, limit: int) -> Rows:
    """Return the nearest rows by a quantiser, best first, shape (queries, limit)."""
    index = faiss.index_factory(corpus.shape[1], factory, faiss.METRIC_INNER_PRODUCT)
    index.train(corpus)
    index.add(corpus)
    rows: Rows = index.search(queries, limit)[1]
    return rows


def ranked_again(corpus: Floats, queries: Floats, candidates: Rows, limit: int) -> Rows:
    """Return the best of the candidates by full vectors, shape (queries, limit)."""
    cosines = np.einsum("qcd,qd->qc", corpus[candidates], queries)
    best = np.argsort(-cosines, axis=1, kind="stable")[:, :limit]
    return np.take_along_axis(candidates, best, axis=1)


def recall(found: Rows, true: Rows) -> float:
    """Return the mean share of the true rows that were found, in any order."""
    shares = [len({*f} & {*t}) / len(t) for f, t in zip(found, true, strict=True)]
    return float(np.mean(shares))


if __name__ == "__main__":
    main()
