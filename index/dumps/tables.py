"""Write rows in batches as JSON Lines and as Parquet, with columns from one JSON Schema."""

import gzip
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow
from pyarrow import parquet

Row: TypeAlias = tuple[str | int | float | None, ...]
"""The values of a schema's properties, in their order."""

_ARROW = {
    "string": pyarrow.string(),
    "integer": pyarrow.int32(),
    "number": pyarrow.float64(),
    "boolean": pyarrow.bool_(),
}
_GZIP_LEVEL = 6  # gzip's default; level 9 takes three times as long and saves one percent


def write_table(
    folder: Path, name: str, schema: dict[str, Any], batches: Iterable[Sequence[Row]]
) -> int:
    """Write NAME.jsonl.gz and NAME.parquet batch by batch; return the number of rows.

    Raises OSError if a file cannot be written.
    """
    columns = list(schema["properties"])
    arrow = pyarrow.schema([_field(name, kind) for name, kind in schema["properties"].items()])
    count = 0
    with (
        (folder / f"{name}.jsonl.gz").open("wb") as packed,
        # No file name and no time in the header: equal rows give equal bytes.
        gzip.GzipFile("", "wb", _GZIP_LEVEL, packed, mtime=0) as lines,
        (folder / f"{name}.parquet").open("wb") as file,
        parquet.ParquetWriter(file, arrow, compression="zstd") as table,
    ):
        for batch in batches:
            rows = [dict(zip(columns, row, strict=True)) for row in batch]
            lines.write("".join(f"{json.dumps(row)}\n" for row in rows).encode())
            table.write_batch(pyarrow.RecordBatch.from_pylist(rows, schema=arrow))
            count += len(rows)
    return count


def _field(name: str, kind: dict[str, Any]) -> pyarrow.Field:
    """Return the column of a property; an enum without a type is a string."""
    types = kind.get("type", "string")
    types = types if isinstance(types, list) else [types]
    [value_type] = [one for one in types if one != "null"]
    return pyarrow.field(name, _ARROW[value_type], nullable="null" in types)
