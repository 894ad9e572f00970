"""Lists of related papers beside txtai and LanceDB: recall and time over the same vectors.

    python -m venv peers && peers/bin/pip install txtai==9.14.0 lancedb==0.40.0 pandas
    python -m scripts.benchmarks.peers DATA --python peers/bin/python

DATA is a data folder with a release. Each is asked for the ten nearest to papers drawn at random,
on one thread; recall is against looking at every vector. scripts/benchmarks/txtai_and_lancedb.py says how
the peers are asked; they are built and asked in a process of their own, right before ours.
"""

import argparse
import json
import os
import subprocess
import tempfile
import time
from pathlib import Path

import faiss
import numpy as np

from index.catalogue.catalogue import Catalogue, read_catalogue
from index.lists.finder import RelatedFinder
from index.releases.current import CurrentRelease
from index.releases.release import Release

_ASKED, _WARMING, _TEN = 550, 50, 10
_PEER = Path(__file__).with_name("peer_search.py")


def main() -> None:
    """Print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("data", type=Path)
    parser.add_argument("--python", type=Path, required=True, help="One that has the peers")
    arguments = parser.parse_args()
    faiss.omp_set_num_threads(1)
    release = CurrentRelease(arguments.data).get()
    random = np.random.default_rng(1)
    queries = random.choice(len(release.nearness), _ASKED, replace=False).tolist()
    vectors = release.nearness.vectors.vectors(np.arange(len(release.nearness)))
    cosines = vectors[queries] @ vectors.T
    cosines[np.arange(_ASKED), queries] = -1
    exact = np.argpartition(-cosines, _TEN)[:, :_TEN]
    with read_catalogue(arguments.data) as catalogue:
        found = by_peers(catalogue, release, vectors, queries, arguments.python)
        found |= by_ours(catalogue, release, queries)
    for name, (times, lists) in found.items():
        shares = [len({*a} & {*b}) / _TEN for a, b in zip(exact.tolist(), lists, strict=True)]
        p50, p99 = np.percentile(times[_WARMING:], [50, 99])
        recall = np.mean(shares) if any(lists) else np.nan
        print(f"| {name} | {recall:.3f} | {p50:.2f} ms | {p99:.2f} ms |")


def by_peers(
    catalogue: Catalogue, release: Release, vectors: np.ndarray, queries: list[int], python: Path
) -> dict[str, tuple[list[float], list[list[int]]]]:
    """Times and lists of the peers, by name."""
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work)
        np.save(folder / "vectors.npy", vectors, allow_pickle=False)
        (folder / "queries.json").write_text(json.dumps(queries))
        numbers = [release.number(row) for row in range(len(vectors))]
        entries = catalogue.entries(numbers)
        with (folder / "papers.jsonl").open("w") as lines:
            for number in numbers:
                paper = entries[number].paper
                lines.write(json.dumps({"title": paper.title, "abstract": paper.abstract}) + "\n")
        one_thread = {"OMP_NUM_THREADS": "1", "LANCE_CPU_THREADS": "1", "RAYON_NUM_THREADS": "1"}
        printed = subprocess.run(
            [python, _PEER, folder],
            env={**os.environ, **one_thread},
            check=True,
            stdout=subprocess.PIPE,
        ).stdout
    answered = json.loads(printed.splitlines()[-1])
    return {name: (way["times"], way["found"]) for name, way in answered.items()}


def by_ours(
    catalogue: Catalogue, release: Release, queries: list[int]
) -> dict[str, tuple[list[float], list[list[int]]]]:
    """Times and lists of the vector side; times of the whole list."""
    finder, index = RelatedFinder(catalogue, release), release.nearness.vectors
    numbers = [release.number(row) for row in queries]
    entries = catalogue.entries(numbers)
    near, by_vector, whole = [], [], []
    for row in queries:
        began = time.perf_counter()
        vector = index.vectors(np.array([row]))[0]
        rows, _ = index.search(vector, 256)
        cosines = np.einsum("ij,j->i", index.vectors(rows), vector)
        best = rows[np.argsort(-cosines)][: _TEN + 1]
        by_vector.append(1000 * (time.perf_counter() - began))
        near.append([one for one in best.tolist() if one != row][:_TEN])
    for number in numbers:
        began = time.perf_counter()
        finder.related(entries[number].paper.id)
        whole.append(1000 * (time.perf_counter() - began))
    return {
        "seealso, by vector": (by_vector, near),
        "seealso, the whole list with words, summaries and reasons": (whole, [[] for _ in queries]),
    }


if __name__ == "__main__":
    main()
