"""Search vectors with txtai and LanceDB, for scripts/benchmarks/vector_libraries.py.

    python txtai_and_lancedb.py FOLDER

Run it with a Python that has both libraries. FOLDER contains vectors.npy, papers.jsonl (title and
abstract on a line) and queries.json (row numbers of vectors.npy). Prints one JSON object: for each
library the milliseconds of every query ("times") and the ten rows found ("found").
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import lancedb
import numpy as np
import pyarrow
from txtai import Embeddings

_LIMIT = 10
_PARTITIONS, _SUB_VECTORS, _PROBES = 256, 96, 20
_BATCH_SIZE = 10_000


def main() -> None:
    """Build the index of each library, run the queries and print the results."""
    folder = Path(sys.argv[1])
    vectors = np.load(folder / "vectors.npy", allow_pickle=False).astype(np.float32)
    queries = json.loads((folder / "queries.json").read_text())
    papers = [json.loads(line) for line in (folder / "papers.jsonl").open()]
    libraries = {"txtai": txtai(vectors), "LanceDB": lance(vectors, papers, folder)}
    print(json.dumps({name: run(search, queries) for name, search in libraries.items()}))


def txtai(vectors: np.ndarray) -> Callable[[int], list[int]]:
    """Build txtai's Faiss index with external vectors, otherwise with its defaults."""
    embeddings = Embeddings(method="external", transform=lambda rows: vectors[np.array(rows, int)])
    embeddings.index((row, str(row), None) for row in range(len(vectors)))
    return lambda row: [int(found) for found, _ in embeddings.search(str(row), _LIMIT + 1)]


def lance(
    vectors: np.ndarray, papers: list[dict[str, str]], folder: Path
) -> Callable[[int], list[int]]:
    """Build a LanceDB table, indexed and queried as arxiv-search-kit 0.2.4 does."""
    schema = pyarrow.schema(
        [
            pyarrow.field("vector", pyarrow.list_(pyarrow.float32(), vectors.shape[1])),
            pyarrow.field("row", pyarrow.int64()),
            pyarrow.field("title", pyarrow.string()),
            pyarrow.field("abstract", pyarrow.string()),
        ]
    )
    table = lancedb.connect(folder / "lance").create_table("papers", schema=schema)
    for start in range(0, len(vectors), _BATCH_SIZE):
        batch = slice(start, start + _BATCH_SIZE)
        rows = zip(vectors[batch], papers[batch], range(start, len(vectors)), strict=False)
        table.add([{"vector": vector, "row": row, **paper} for vector, paper, row in rows])
    table.create_index(metric="cosine", num_partitions=_PARTITIONS, num_sub_vectors=_SUB_VECTORS)

    def search(row: int) -> list[int]:
        query = table.search(vectors[row].tolist()).limit(_LIMIT + 1).nprobes(_PROBES)
        return [int(found) for found in query.to_pandas()["row"]]

    return search


def run(search: Callable[[int], list[int]], queries: list[int]) -> dict[str, object]:
    """Return the milliseconds of each query and the rows found, without the query's own row."""
    times, found = [], []
    for row in queries:
        began = time.perf_counter()
        nearest = search(row)
        times.append(1000 * (time.perf_counter() - began))
        found.append([other for other in nearest if other != row][:_LIMIT])
    return {"times": times, "found": found}


if __name__ == "__main__":
    main()
