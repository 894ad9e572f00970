"""The format of a file of vectors, and reading it with checks. docs/vectors.md describes it.

FILE           Parquet: id, text_hash, vector; sorted by text hash; not compressed
FILE.sha256    its SHA-256, in the form of the program sha256sum
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow
from numpy.typing import NDArray
from pyarrow import parquet

from index.arrays import Floats, Rows
from index.embedding.identity import ModelIdentity
from index.errors import BadInput

VERSION = 1
ROWS_PER_GROUP = 32_768
MAX_ROWS_PER_GROUP = 131_072  # bounds the memory of a reader
HASH_BYTES = 16
_METADATA_KEY = b"seealso_vectors"
_MAX_METADATA = 4096  # bytes of JSON
_MAX_FOOTER = 64 * 2**20  # bytes; 3,000,000 vectors need less than 100 kB
_MAX_ID = 40  # characters; identifiers of arXiv have at most 27
_MAX_DIMENSION = 65_536
_SHOWN = 6  # columns that a message names
_MAX_LENGTH_ERROR = 0.01  # of a unit vector in half precision
_STORED = np.dtype("<f2")
# Others, such as DELTA_BYTE_ARRAY, let a small file expand to gigabytes.
_ENCODINGS = {"PLAIN", "RLE", "BIT_PACKED", "PLAIN_DICTIONARY", "RLE_DICTIONARY"}


@dataclass(frozen=True, slots=True)
class RowGroup:
    """One row group: identifiers, text hashes (16 bytes each), vectors as they are stored.

    `names` has the identifiers as Arrow stores them. `stored` has the shape (rows, dimension), in
    half precision.
    """

    number: int
    names: pyarrow.DictionaryArray
    text_hashes: NDArray[np.bytes_]
    stored: NDArray[np.float16]

    def ids(self, rows: Rows) -> list[str]:
        """Return the identifiers of some rows."""
        found: list[str] = self.names.take(pyarrow.array(rows)).to_pylist()
        return found

    def vectors(self, rows: Rows) -> Floats:
        """Return the vectors of some rows in single precision."""
        return self.stored[rows].astype(np.float32)


def schema_for(identity: ModelIdentity) -> pyarrow.Schema:
    """Return the columns and metadata of a file with vectors of this identity."""
    header = json.dumps({"version": VERSION, "identity": asdict(identity)}, sort_keys=True)
    return pyarrow.schema(_columns(identity.dimension), {_METADATA_KEY: header.encode()})


class VectorFile:
    """A file of vectors, opened by `open_vector_file`, whose metadata has been checked."""

    def __init__(self, path: Path, source: parquet.ParquetFile) -> None:
        """Check the metadata; raises BadInput if it is not that of a file of vectors."""
        self._path = path
        self._source = source
        self.identity = _identity(source.schema_arrow, path)
        self.rows: int = source.metadata.num_rows
        self.groups: int = source.metadata.num_row_groups
        expected = pyarrow.schema(_columns(self.identity.dimension))
        # The column `id` is read as a dictionary, which a repeated value cannot inflate.
        found = [(f.name, _plain_type(f.type)) for f in source.schema_arrow]
        if found != [(f.name, f.type) for f in expected]:
            columns = ", ".join(
                f"{name[:_MAX_ID]!r}: {kind!s:.40}" for name, kind in found[:_SHOWN]
            )
            wanted = ", ".join(f"{f.name}: {f.type}" for f in expected)
            raise BadInput(
                f"{path} has {len(found)} columns ({columns}); a file of vectors of "
                f"{self.identity.dimension} numbers has {wanted}"
            )
        for number in range(self.groups):
            _check_group_size(path, number, source.metadata.row_group(number))

    def check_identity(self, configured: ModelIdentity) -> None:
        """Raise BadInput unless the vectors differ from ours in nothing but the precision."""
        if replace(self.identity, precision=configured.precision) != configured:
            raise BadInput(
                f"{self._path} contains vectors of {self.identity} ({self.identity.dimension} "
                f"numbers), but the settings produce vectors of {configured} "
                f"({configured.dimension} numbers): import a file of the same model, recipe and "
                "length, or change SEEALSO_MODEL and SEEALSO_MAX_LENGTH"
            )

    def read(self) -> Iterator[RowGroup]:
        """Yield the row groups one by one; raises BadInput if one cannot be read."""
        for number in range(self.groups):
            if not self._source.metadata.row_group(number).num_rows:
                continue
            with _reading(self._path):
                table = self._source.read_row_group(number).combine_chunks()
            yield self._row_group(number, table)

    def _row_group(self, number: int, table: pyarrow.Table) -> RowGroup:
        where = f"{self._path}, row group {number}"
        if any(column.null_count for column in table.columns):
            raise BadInput(f"{where}: a value is missing (null)")
        names, hashes, blobs = (table[name].combine_chunks() for name in table.column_names)
        with _reading(self._path):
            different = names.dictionary.to_pylist()
        if not all(
            len(one) <= _MAX_ID and one.isascii() and one.isprintable() for one in different
        ):
            raise BadInput(
                f"{where}: an identifier is longer than {_MAX_ID} characters, or not plain ASCII"
            )
        stored = _fixed(blobs, _STORED).reshape(len(names), self.identity.dimension)
        return RowGroup(number, names, _fixed(hashes, np.dtype(f"S{HASH_BYTES}")), stored)

    def check_lengths(self, group: RowGroup) -> None:
        """Raise BadInput if a vector of a row group is not finite or not of length 1."""
        vectors = group.stored.astype(np.float32)
        lengths = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
        wrong = np.flatnonzero(~(np.abs(lengths - 1) <= _MAX_LENGTH_ERROR))  # also NaN
        if len(wrong):
            [name] = group.ids(wrong[:1])
            raise BadInput(
                f"{self._path}, row group {group.number}: the vector of {name} has "
                f"length {lengths[wrong[0]]:g}, not 1: vectors must be finite and of unit length; "
                "nothing was stored"
            )


@contextmanager
def open_vector_file(path: Path) -> Iterator[VectorFile]:
    """Open a file of vectors; raises BadInput if it is not one."""
    with _reading(path):
        try:
            source = parquet.ParquetFile(
                path,
                read_dictionary=["id"],
                thrift_string_size_limit=_MAX_FOOTER,
                thrift_container_size_limit=1_000_000,
            )
        except KeyError as error:  # of `read_dictionary`
            raise BadInput(
                f"{path} is a Parquet file, but not one of vectors: it has no column 'id'"
            ) from error
    with source:
        yield VectorFile(path, source)


def _columns(dimension: int) -> list[pyarrow.Field]:
    types = {
        "id": pyarrow.string(),
        "text_hash": pyarrow.binary(HASH_BYTES),
        "vector": pyarrow.binary(dimension * _STORED.itemsize),
    }
    return [pyarrow.field(name, kind, nullable=False) for name, kind in types.items()]


def _plain_type(kind: pyarrow.DataType) -> pyarrow.DataType:
    return kind.value_type if pyarrow.types.is_dictionary(kind) else kind


def _identity(schema: pyarrow.Schema, path: Path) -> ModelIdentity:
    header = (schema.metadata or {}).get(_METADATA_KEY)
    if header is None or len(header) > _MAX_METADATA:
        raise BadInput(
            f"{path} is a Parquet file, but not one of vectors: its metadata has no valid entry "
            f"{_METADATA_KEY.decode()!r} (docs/vectors.md)"
        )
    try:
        fields: Any = json.loads(header)
        version = fields["version"]
        if version != VERSION:
            raise BadInput(
                f"{path} has version {version!r} of the format; this seealso reads version "
                f"{VERSION}: upgrade seealso, or export the file again"
            )
        identity = ModelIdentity(**fields["identity"])
        kinds = {name: type(value) for name, value in asdict(identity).items()}
        if kinds != ModelIdentity.__annotations__:
            raise ValueError("a field of the identity has another type")
        if not 1 <= identity.dimension <= _MAX_DIMENSION:
            raise ValueError(f"the dimension is not from 1 to {_MAX_DIMENSION}")
        if not str(identity).isprintable():
            raise ValueError("a field of the identity has control characters")
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise BadInput(f"{path}: the identity of the model cannot be read: {error}") from error
    return identity


def _check_group_size(path: Path, number: int, group: parquet.RowGroupMetaData) -> None:
    """Raise BadInput if a row group needs too much memory; before any of it is read."""
    if group.num_rows > MAX_ROWS_PER_GROUP:
        raise BadInput(
            f"{path}, row group {number} has {group.num_rows} rows; at most {MAX_ROWS_PER_GROUP} "
            "are allowed"
        )
    columns = [group.column(place) for place in range(group.num_columns)]
    if any(column.compression != "UNCOMPRESSED" for column in columns):
        raise BadInput(f"{path}, row group {number} is compressed: write it without compression")
    if found := {one for column in columns for one in column.encodings} - _ENCODINGS:
        raise BadInput(
            f"{path}, row group {number} has the encoding {', '.join(sorted(found))}: write it "
            "with the encoding PLAIN, or with a dictionary"
        )


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Translate the errors of pyarrow; those of the file system pass."""
    try:
        yield
    except (pyarrow.ArrowException, ValueError) as error:
        raise BadInput(f"{path} is not a readable Parquet file: {error}") from error
    except OSError as error:
        if error.errno is not None:
            raise
        raise BadInput(f"{path} is not a readable Parquet file: {error}") from error


def _fixed(values: pyarrow.FixedSizeBinaryArray, kind: np.dtype) -> np.ndarray:
    """Return fixed-size values as an array of `kind`, without a copy."""
    width = values.type.byte_width
    whole = np.frombuffer(values.buffers()[1], np.uint8)
    start = values.offset * width
    return whole[start : start + len(values) * width].view(kind)
