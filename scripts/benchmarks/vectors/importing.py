"""Compare the export and import of synthetic vectors with plain insertion into SQLite.

    python -m scripts.benchmarks.vectors.importing [--vectors 200000]

The catalogue has one made paper for each vector. The import checks the file and stores its vectors,
without a comparison with a model. The plain insertion writes the same rows, read before, into a
table of the same form without checksums. Both use a temporary folder of the same disk, in turns;
the best of three runs counts.
"""

import argparse
import resource
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

import numpy as np

from index.arrays import unit
from index.arxiv.paper import text_hash
from index.catalogue.catalogue import open_catalogue
from index.embedding.embedder import Embedder
from index.embedding.identity import ModelIdentity
from index.vector_files.export import export_vectors
from index.vector_files.importing import VectorImport

_IDENTITY = ModelIdentity("made", "0" * 12, "mean", "made", 512, "f32", 384)
_BATCH = 20_000
_RUNS = 3


def main() -> None:
    """Print vectors a second, the ratio and the peak memory."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--vectors", type=int, default=200_000)
    count = parser.parse_args().vectors
    with tempfile.TemporaryDirectory() as folder:
        data, file = Path(folder) / "data", Path(folder) / "vectors.parquet"
        _make(data, count)
        with open_catalogue(data) as catalogue:
            vectors = catalogue.vectors.of(_IDENTITY)
            start = time.perf_counter()
            made = export_vectors(vectors, file, partial(_silent, "export"))
            print(f"export: {count / (time.perf_counter() - start):,.0f} vectors a second")
            rows = [(1, digest, vector) for _, digest, vector in vectors.exported(b"", count)]
            imported, plain = 0.0, 0.0
            for _ in range(_RUNS):
                catalogue._db.execute("DELETE FROM vectors")
                catalogue._db.conn.commit()
                run = VectorImport(catalogue, _IDENTITY, _no_model, sample=0)
                imported = max(
                    imported,
                    count / _seconds(partial(run.import_file, file, made.sha256, _silent)),
                )
                plain = max(plain, count / _seconds(partial(_insert, Path(folder), rows)))
    print(f"import: {imported:,.0f} vectors a second; 3,000,000 in {3e6 / imported:,.0f} s")
    print(f"plain insertion: {plain:,.0f} vectors a second; ratio {imported / plain:.2f}")
    unit_bytes = 1 if sys.platform == "darwin" else 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit_bytes
    print(f"peak memory, with the rows for the plain insertion: {peak / 2**20:,.0f} MiB")


def _make(data: Path, count: int) -> None:
    random = np.random.default_rng(0)
    with open_catalogue(data) as catalogue:
        for start in range(0, count, _BATCH):
            numbers = range(start, min(start + _BATCH, count))
            texts = [(f"Made title {n}", f"Made abstract {n}. " + "word " * 150) for n in numbers]
            hashes = [text_hash(title, abstract) for title, abstract in texts]
            with catalogue.atomic():
                catalogue._db.conn.executemany(
                    "INSERT INTO papers (id, title, abstract, authors, categories, withdrawn, "
                    "summary, text_hash) VALUES (?, ?, ?, '[]', 'cs.CL', 0, '', ?)",
                    [
                        (f"made.{n}", *text, digest)
                        for n, text, digest in zip(numbers, texts, hashes, strict=True)
                    ],
                )
            made = unit(random.normal(size=(len(numbers), _IDENTITY.dimension)).astype(np.float32))
            catalogue.vectors.of(_IDENTITY).add(hashes, made)


def _insert(folder: Path, rows: list[tuple[int, bytes, bytes]]) -> None:
    path = folder / "plain.db"
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        db.execute(
            "CREATE TABLE IF NOT EXISTS vectors (identity INTEGER NOT NULL, text_hash BLOB NOT "
            "NULL, vector BLOB NOT NULL, PRIMARY KEY (identity, text_hash)) STRICT"
        )
        db.execute("DELETE FROM vectors")
        for start in range(0, len(rows), _BATCH):
            with db:
                part = rows[start : start + _BATCH]
                db.executemany("INSERT INTO vectors VALUES (?, ?, ?)", part)


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _silent(step: str, done: int, total: int) -> None:
    pass


def _no_model() -> Embedder:
    raise AssertionError("nothing is compared")


if __name__ == "__main__":
    main()
