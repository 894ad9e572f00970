"""Files of vectors for tests: from a catalogue, or made up, also wrong ones."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow
from pyarrow import parquet

from index.catalogue.catalogue import Catalogue, open_catalogue
from index.embedding.identity import ModelIdentity
from index.files import file_sha256
from index.vector_files.checksum import checksum_path
from index.vector_files.file_format import schema_for

Row = tuple[str, bytes, bytes]


def rows_of(catalogue: Catalogue, identity: ModelIdentity) -> list[Row]:
    """Return id, text hash and stored vector of every text."""
    return catalogue.vectors.of(identity).exported(b"", -1)


def write_vectors(
    file: Path,
    identity: ModelIdentity,
    rows: Sequence[Row],
    rows_per_group: int = 50,
    schema: pyarrow.Schema | None = None,
    **options: Any,
) -> str:
    """Write a file with its checksum, and return the checksum."""
    schema = schema or schema_for(identity)
    columns = zip(*rows, strict=True)
    arrays = [
        pyarrow.array(column, kind) for column, kind in zip(columns, schema.types, strict=True)
    ]
    given = {"compression": "none", **options}
    parquet.write_table(
        pyarrow.table(arrays, schema=schema), file, row_group_size=rows_per_group, **given
    )
    return sign(file)


def sign(file: Path) -> str:
    """Write the checksum of a file next to it, and return it."""
    digest = file_sha256(file)
    checksum_path(file).write_text(f"{digest}  {file.name}\n")
    return digest


def turned(vector: bytes, cosine: float) -> bytes:
    """Return another stored unit vector with this cosine to a stored vector."""
    old = np.frombuffer(vector, "<f2").astype(np.float64)
    old /= np.linalg.norm(old)
    other = np.random.default_rng(1).normal(size=len(old))
    other -= (other @ old) * old
    other /= np.linalg.norm(other)
    new: np.ndarray = cosine * old + np.sqrt(1 - cosine**2) * other
    return new.astype("<f2").tobytes()


def without_vectors(data: Path) -> Path:
    """Delete all vectors of a catalogue, as before its first `update`."""
    with open_catalogue(data) as catalogue:
        catalogue._db.execute("DELETE FROM vectors")
        catalogue._db.execute("DELETE FROM identities")
        catalogue._db.conn.commit()
    return data
