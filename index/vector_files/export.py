"""Export the vectors of a catalogue to a file that other catalogues can import.

An interrupted export keeps its finished row groups in `.FILE.parts` next to the file. The next
export to the same file uses them and continues after the last one.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow
from pyarrow import parquet

from index.catalogue.vectors import BoundVectors
from index.errors import BadInput
from index.files import file_sha256, folder_lock, sync_folder, to_write_error, write_file
from index.progress import CountProgress
from index.vector_files.checksum import checksum_path
from index.vector_files.file_format import ROWS_PER_GROUP, open_vector_file, schema_for

_OPTIONS = {"compression": "none", "use_dictionary": False, "write_statistics": False}


@dataclass(frozen=True, slots=True)
class Exported:
    """A file that was written: the number of vectors and the SHA-256."""

    vectors: int
    sha256: str


def export_vectors(
    vectors: BoundVectors, file: Path, progress: CountProgress, rows_per_group: int = ROWS_PER_GROUP
) -> Exported:
    """Write the vectors of current texts to a new file, and its checksum to FILE.sha256.

    Memory use does not depend on the number of vectors. The disk needs twice the size of the file
    until it is complete. Raises BadInput if the file exists, or if there is no vector; NoSpaceLeft.
    """
    parts = file.with_name(f".{file.name}.parts")
    if not file.parent.is_dir():
        raise BadInput(f"the folder {file.parent} does not exist: create it, or choose another")
    try:
        with folder_lock(parts):
            if file.exists():
                shutil.rmtree(parts)  # of an export that was killed when its file was complete
                raise BadInput(f"{file} exists already: choose another file, or move that one")
            return _export(vectors, file, parts, progress, rows_per_group)
    except OSError as error:
        raise to_write_error(error, file) from error
    finally:
        if parts.is_dir() and not any(parts.iterdir()):
            parts.rmdir()


def _export(
    vectors: BoundVectors, file: Path, parts: Path, progress: CountProgress, rows_per_group: int
) -> Exported:
    schema = schema_for(vectors.identity)
    total = vectors.count_texts()
    done, last, pieces = 0, b"", list[Path]()
    progress(done, total)
    while True:
        piece = parts / f"{len(pieces):06}.parquet"
        if not _is_ours(piece, schema):
            rows = vectors.exported(last, rows_per_group)
            if not rows:
                break
            with _renamed(piece) as part, parquet.ParquetWriter(part, schema, **_OPTIONS) as writer:
                columns = zip(*rows, strict=True)
                arrays = [
                    pyarrow.array(column, kind)
                    for column, kind in zip(columns, schema.types, strict=True)
                ]
                writer.write_table(pyarrow.table(arrays, schema=schema))
        hashes = parquet.read_table(piece, columns=["text_hash"])["text_hash"]
        done, last = done + len(hashes), hashes[-1].as_py()
        pieces.append(piece)
        progress(done, max(done, total))
    if not pieces:
        raise BadInput(
            f"the catalogue has no vector of {vectors.identity}: run `seealso update` first"
        )
    with _renamed(file) as whole:
        with parquet.ParquetWriter(whole, schema, **_OPTIONS) as writer:
            for piece in pieces:
                writer.write_table(parquet.read_table(piece))
        digest = file_sha256(whole)
        write_file(checksum_path(file), f"{digest}  {file.name}\n".encode())
    shutil.rmtree(parts)
    return Exported(done, digest)


def _is_ours(piece: Path, schema: pyarrow.Schema) -> bool:
    """Return whether a row group of this model is there, from an interrupted export."""
    if not piece.exists():
        return False
    with open_vector_file(piece) as found:
        return bool(schema_for(found.identity).equals(schema, check_metadata=True))


@contextmanager
def _renamed(file: Path) -> Iterator[Path]:
    """Write a file under a temporary name, sync it and rename it after the block."""
    part = file.with_name(f".{file.name}.part")
    try:
        yield part
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.rename(file)
    finally:
        part.unlink(missing_ok=True)
    sync_folder(file.parent)
