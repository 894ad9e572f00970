"""What can be simulated of a corpus on many machines: slow answers, and what smaller vectors lose.

    python -m scripts.planning.simulate_shards [--data FOLDER] [--papers 100000]

**How long until the last shard has answered.** A question goes to every shard, and its answer is
there when the slowest shard's is. A shard's time is log-normal, with the p50 and p99 that one
search takes over 3,000,000 papers (docs/measured.md, "Lists at arXiv's size": 1.9 and 8 ms; a
shard is supposed to be as large). With hedged requests a shard that has not answered by its 95th
percentile is asked for again at a replica, and the earlier of the two answers counts: five requests
in a hundred more. Assumed: all shards are alike; no queue, no network, no time to merge; nothing
but its time goes wrong with a shard. A part of the logarithm's variance may belong to the question
itself, which is then slow everywhere, and at the replica too: with none of it hedging looks as good
as it can, so that half is given as well. 50,000 questions, drawn with a fixed seed.

**What is lost where vectors are kept smaller.** FAISS's own quantisers, trained on the vectors and
searched one after the other, so that nothing is lost by partitions. The ten nearest of 500 papers
that are drawn from the corpus and left out of it; true are those by whole vectors. "Ranked again":
so many times ten candidates are taken by the small vectors, and the first ten among them by the
whole ones, as lists are. The vectors are the real ones of a data folder, and so many made from them
(scripts/benchmarks/synthetic_corpus.py; a mixture that search finds as hard as real papers). With few
vectors a product quantiser's 256 centroids are trained on fewer than FAISS would like, which it
says on standard error.
"""

import argparse
import os
from pathlib import Path
from statistics import NormalDist

import faiss
import numpy as np

from index.arrays import Floats, Rows
from index.catalogue.catalogue import read_catalogue
from index.embedding.opening import identity_in_force
from index.settings import load_settings
from scripts.benchmarks.synthetic_corpus import mixed

_P50, _P99 = 1.9, 8.0  # milliseconds
_SHARDS = 1, 4, 16, 64, 256
_OWN = 0.0, 0.5  # of the variance, the question's
_PATIENCE = 0.95  # the share of answers after which is hedged
_ASKED = 50_000
# np: without polysemous codes, whose training takes minutes and serves Hamming distances alone.
_QUANTISERS = {"SQ8": "SQ8", "PQ96": "PQ96np", "PQ48": "PQ48np", "1 bit": "RaBitQ"}
_QUERIES, _NEAREST, _TIMES = 500, 10, (1, 4, 16)


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--data")
    parser.add_argument("--papers", type=int, default=100_000)
    arguments = parser.parse_args()
    print("| shards | the question's own | p50 | p99 | hedged p50 | hedged p99 |")
    print("|---:|---:|---:|---:|---:|---:|")
    for shards in _SHARDS:
        for own in _OWN:
            random = np.random.default_rng(0)
            cells = " | ".join(f"{ms:.1f} ms" for ms in tail(random, shards, own))
            print(f"| {shards} | {own:g} | {cells} |", flush=True)
    faiss.omp_set_num_threads(1)
    settings = load_settings(os.environ, data=arguments.data)
    with read_catalogue(Path(settings.data)) as catalogue:
        _, real = catalogue.vectors.of(identity_in_force(settings)).matrix()
    random = np.random.default_rng(0)
    left, right = random.integers(0, len(real), (2, arguments.papers))
    made = mixed(real, left, right, random)
    for what, vectors in (("real", real), ("made", made)):
        print(f"\n{len(vectors):,} {what} vectors of {vectors.shape[1]} dimensions\n")
        print_recalls(random.permutation(vectors))


def tail(random: np.random.Generator, shards: int, own: float) -> list[float]:
    """p50 and p99 of waiting for all shards, without hedging and with it; milliseconds."""
    first, again = service_times(random, (_ASKED, shards), own)
    patience = _P50 * np.exp(sigma(_P50, _P99) * NormalDist().inv_cdf(_PATIENCE))
    waits = first.max(1), hedged(first, again, float(patience)).max(1)
    return [float(ms) for wait in waits for ms in np.percentile(wait, [50, 99])]


def sigma(p50: float, p99: float) -> float:
    """The standard deviation of the logarithm of log-normal times that have these percentiles."""
    return float(np.log(p99 / p50) / NormalDist().inv_cdf(0.99))


def service_times(
    random: np.random.Generator, shape: tuple[int, int], own: float
) -> tuple[Floats, Floats]:
    """Milliseconds of shards and of their replicas, shape (questions, shards) both."""
    shared = np.sqrt(own) * random.standard_normal((shape[0], 1), np.float32)
    alone = random.standard_normal((2, *shape), np.float32)
    first, again = _P50 * np.exp(sigma(_P50, _P99) * (shared + np.sqrt(1 - own) * alone))
    return first, again


def hedged(first: Floats, again: Floats, patience: float) -> Floats:
    """When the earlier of two answers is there, the second asked for after `patience`."""
    earlier: Floats = np.minimum(first, patience + again)
    return earlier


def print_recalls(vectors: Floats) -> None:
    """A row for each quantiser, the first vectors being the questions."""
    queries, held = vectors[:_QUERIES], np.ascontiguousarray(vectors[_QUERIES:])
    true = candidates("Flat", held, queries, _NEAREST)
    columns = [f"{n} times as many, ranked again" if n > 1 else "as found" for n in _TIMES]
    print(f"| kept as | bytes | {' | '.join(columns)} |\n|---|---:|{'---:|' * len(columns)}")
    for name, factory in _QUANTISERS.items():
        found = candidates(factory, held, queries, _NEAREST * max(_TIMES))
        kept = [
            recall(ranked_again(held, queries, found[:, : _NEAREST * n], _NEAREST), true)
            if n > 1
            else recall(found[:, :_NEAREST], true)
            for n in _TIMES
        ]
        cells = " | ".join(f"{share:.3f}" for share in kept)
        print(f"| {name} | {bytes_of(factory, held.shape[1])} | {cells} |", flush=True)


def bytes_of(factory: str, dimension: int) -> int:
    """Bytes that a quantiser keeps of a vector."""
    return int(faiss.index_factory(dimension, factory).sa_code_size())


def candidates(factory: str, held: Floats, queries: Floats, limit: int) -> Rows:
    """Rows of the nearest by a quantiser, best first, shape (queries, limit)."""
    index = faiss.index_factory(held.shape[1], factory, faiss.METRIC_INNER_PRODUCT)
    index.train(held)
    index.add(held)
    rows: Rows = index.search(queries, limit)[1]
    return rows


def ranked_again(held: Floats, queries: Floats, found: Rows, limit: int) -> Rows:
    """The best of the found by whole vectors, shape (queries, limit)."""
    cosines = np.einsum("qcd,qd->qc", held[found], queries)
    best = np.argsort(-cosines, axis=1, kind="stable")[:, :limit]
    return np.take_along_axis(found, best, axis=1)


def recall(found: Rows, true: Rows) -> float:
    """The mean share of the true rows that were found, in any order."""
    shares = [len({*f} & {*t}) / len(t) for f, t in zip(found, true, strict=True)]
    return float(np.mean(shares))


if __name__ == "__main__":
    main()
