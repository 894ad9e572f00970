"""Compare lists of related papers with txtai and LanceDB: recall and time on the same vectors.

    python -m venv peers && peers/bin/pip install txtai==9.14.0 lancedb==0.40.0 pandas
    python -m scripts.benchmarks.vector_libraries DATA --python peers/bin/python

DATA is a data folder with a release. Each library finds the ten papers nearest to each of 550
papers drawn at random, on one thread; the first fifty are not timed. Recall compares them with a
search of all vectors. The other libraries run in a process of their own
(scripts/benchmarks/txtai_and_lancedb.py), right before seealso. Prints a line for each: recall@10
and the median and 99th percentile of the times.
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

_QUERIES, _WARM_UP, _LIMIT = 550, 50, 10
_SCRIPT = Path(__file__).with_name("txtai_and_lancedb.py")

Results = dict[str, tuple[list[float], list[list[int]]]]
"""Milliseconds and rows found for each query, by name of the library."""


def main() -> None:
    """Print a line for each library."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("data", type=Path, help="data folder with a release")
    parser.add_argument(
        "--python", type=Path, required=True, help="Python that has txtai and LanceDB"
    )
    arguments = parser.parse_args()
    faiss.omp_set_num_threads(1)
    release = CurrentRelease(arguments.data).get()
    random = np.random.default_rng(1)
    queries = random.choice(len(release.nearness), _QUERIES, replace=False).tolist()
    vectors = release.nearness.vectors.vectors(np.arange(len(release.nearness)))
    cosines = vectors[queries] @ vectors.T
    cosines[np.arange(_QUERIES), queries] = -1
    exact = np.argpartition(-cosines, _LIMIT)[:, :_LIMIT]
    with read_catalogue(arguments.data) as catalogue:
        results = run_other_libraries(catalogue, release, vectors, queries, arguments.python)
        results |= run_seealso(catalogue, release, queries)
    for name, (times, lists) in results.items():
        shares = [len({*a} & {*b}) / _LIMIT for a, b in zip(exact.tolist(), lists, strict=True)]
        p50, p99 = np.percentile(times[_WARM_UP:], [50, 99])
        recall = np.mean(shares) if any(lists) else np.nan
        print(f"| {name} | {recall:.3f} | {p50:.2f} ms | {p99:.2f} ms |")


def run_other_libraries(
    catalogue: Catalogue, release: Release, vectors: np.ndarray, queries: list[int], python: Path
) -> Results:
    """Run txtai and LanceDB in the other Python, on one thread."""
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
            [python, _SCRIPT, folder],
            env={**os.environ, **one_thread},
            check=True,
            stdout=subprocess.PIPE,
        ).stdout
    results = json.loads(printed.splitlines()[-1])
    return {name: (result["times"], result["found"]) for name, result in results.items()}


def run_seealso(catalogue: Catalogue, release: Release, queries: list[int]) -> Results:
    """Time the vector search and the whole list. Only the former has rows to compare."""
    finder, index = RelatedFinder(catalogue, release), release.nearness.vectors
    numbers = [release.number(row) for row in queries]
    entries = catalogue.entries(numbers)
    lists, vector_times, list_times = [], [], []
    for row in queries:
        began = time.perf_counter()
        vector = index.vectors(np.array([row]))[0]
        rows, _ = index.search(vector, 256)
        cosines = np.einsum("ij,j->i", index.vectors(rows), vector)
        best = rows[np.argsort(-cosines)][: _LIMIT + 1]
        vector_times.append(1000 * (time.perf_counter() - began))
        lists.append([other for other in best.tolist() if other != row][:_LIMIT])
    for number in numbers:
        began = time.perf_counter()
        finder.related(entries[number].paper.id)
        list_times.append(1000 * (time.perf_counter() - began))
    return {
        "seealso, by vector": (vector_times, lists),
        "seealso, the whole list with words, summaries and reasons": (
            list_times,
            [[] for _ in queries],
        ),
    }


if __name__ == "__main__":
    main()
