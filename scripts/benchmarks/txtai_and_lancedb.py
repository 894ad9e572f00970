"""What benchmark_peers.py asks of txtai and LanceDB; run by a Python that has both, not by ours.

    python peer_search.py FOLDER

FOLDER holds vectors.npy, papers.jsonl (title and abstract a line) and queries.json, rows of both.
Prints, as JSON, for each peer the milliseconds of every query, and the ten rows it found.
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
_BATCH = 10_000


def main() -> None:
    """Build each peer's index, ask it, print."""
    folder = Path(sys.argv[1])
    vectors = np.load(folder / "vectors.npy", allow_pickle=False).astype(np.float32)
    queries = json.loads((folder / "queries.json").read_text())
    papers = [json.loads(line) for line in (folder / "papers.jsonl").open()]
    ways = {"txtai": txtai(vectors), "LanceDB": lance(vectors, papers, folder)}
    print(json.dumps({name: asked(way, queries) for name, way in ways.items()}))


def txtai(vectors: np.ndarray) -> Callable[[int], list[int]]:
    """Outside vectors in its Faiss index, as its documentation has it, all else as it comes."""
    embeddings = Embeddings(method="external", transform=lambda rows: vectors[np.array(rows, int)])
    embeddings.index((row, str(row), None) for row in range(len(vectors)))
    return lambda row: [int(found) for found, _ in embeddings.search(str(row), _LIMIT + 1)]


def lance(
    vectors: np.ndarray, papers: list[dict[str, str]], folder: Path
) -> Callable[[int], list[int]]:
    """A table of papers with the index, the probes and the reading of arxiv-search-kit 0.2.4."""
    schema = pyarrow.schema(
        [
            pyarrow.field("vector", pyarrow.list_(pyarrow.float32(), vectors.shape[1])),
            pyarrow.field("row", pyarrow.int64()),
            pyarrow.field("title", pyarrow.string()),
            pyarrow.field("abstract", pyarrow.string()),
        ]
    )
    table = lancedb.connect(folder / "lance").create_table("papers", schema=schema)
    for start in range(0, len(vectors), _BATCH):
        some = slice(start, start + _BATCH)
        rows = zip(vectors[some], papers[some], range(start, len(vectors)), strict=False)
        table.add([{"vector": vector, "row": row, **paper} for vector, paper, row in rows])
    table.create_index(metric="cosine", num_partitions=_PARTITIONS, num_sub_vectors=_SUB_VECTORS)

    def ask(row: int) -> list[int]:
        search = table.search(vectors[row].tolist()).limit(_LIMIT + 1).nprobes(_PROBES)
        return [int(found) for found in search.to_pandas()["row"]]

    return ask


def asked(way: Callable[[int], list[int]], queries: list[int]) -> dict[str, object]:
    """Milliseconds and what was found, without the paper itself."""
    times, found = [], []
    for row in queries:
        began = time.perf_counter()
        near = way(row)
        times.append(1000 * (time.perf_counter() - began))
        found.append([one for one in near if one != row][:_LIMIT])
    return {"times": times, "found": found}


if __name__ == "__main__":
    main()
