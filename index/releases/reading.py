"""Reads the texts of new papers: counts their words and encodes their vectors.

This module imports little, because each process that reads texts imports it.
"""

import gc
from collections.abc import Iterator
from functools import partial
from math import ceil
from pathlib import Path

import numpy as np

from index.arrays import Rows, writing_array
from index.catalogue.protection.connections import read_only_database
from index.catalogue.vectors import VectorStore
from index.embedding.identity import ModelIdentity
from index.processes import process_pool
from index.search.codes import encode
from index.search.tfidf import STOP_WORDS
from index.search.words.counting import count_words

VECTORS_FILE = "vectors.npy"
_MAX_PAPERS = 100_000  # of a part, which one process reads
_PAPERS_PER_QUERY = 2_000


def part_size(papers: int) -> int:
    """Return how many papers each part has, except the last one, which may have fewer."""
    return ceil(papers / max(1, ceil(papers / _MAX_PAPERS)))


def read_parts(data: Path, identity: ModelIdentity, numbers: Rows, folder: Path) -> list[Path]:
    """Read the texts of these papers; return folders with their vectors and counts, in order.

    Many texts are read by one process per processor; each opens the catalogue in `data`. Raises
    NoSpaceLeft if one of these processes is killed.
    """
    size = part_size(len(numbers))
    parts = [numbers[start : start + size] for start in range(0, len(numbers), max(1, size))]
    folders = [folder / str(place) for place in range(len(parts))]
    read = partial(_read_part, data, identity)
    if len(parts) < 2:
        list(map(read, parts, folders))
        return folders
    # One process per part, so that none outlives this one for long if this one is killed. Nothing
    # in them has cycles, so collecting garbage would only take time.
    with process_pool("reads texts", gc.disable, tasks_per_process=1) as pool:
        list(pool.map(read, parts, folders))
    return folders


def _read_part(data: Path, identity: ModelIdentity, numbers: Rows, folder: Path) -> None:
    """Write the vectors and the term counts of some papers into a folder."""
    folder.mkdir()
    shape = (len(numbers), identity.dimension)
    with (
        read_only_database(data) as db,
        writing_array(folder / VECTORS_FILE, np.int8, shape) as write_vectors,
    ):
        stored = VectorStore(db).of(identity)

        def texts() -> Iterator[str]:
            """Yield each text; write the vectors on the way."""
            for start in range(0, len(numbers), _PAPERS_PER_QUERY):
                some = numbers[start : start + _PAPERS_PER_QUERY]
                _, texts, vectors = stored.with_texts(some)
                write_vectors(encode(vectors))
                yield from (f"{title} {abstract}" for title, abstract in texts)

        count_words(texts(), STOP_WORDS).save(folder)
