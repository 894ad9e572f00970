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
            values = list(zip(*batch, strict=True)) if batch else [()] * len(columns)
            lines.write(_json_lines(arrow, values).encode())
            arrays = [pyarrow.array(*one) for one in zip(values, arrow.types, strict=True)]
            table.write_batch(pyarrow.RecordBatch.from_arrays(arrays, schema=arrow))
            count += len(batch)
    return count


def _json_lines(schema: pyarrow.Schema, columns: Sequence[Sequence[Any]]) -> str:
    """Return rows, given as columns, as JSON Lines: what `json.dumps` returns for each row.

    Columns are encoded at once, which takes a third of the time.
    """
    names = [json.dumps(name).replace("%", "%%") for name in schema.names]
    line = "{" + ", ".join(f"{name}: %s" for name in names) + "}\n"
    encoded: list[Iterable[str]] = []
    for kind, values in zip(schema.types, columns, strict=True):
        if pyarrow.types.is_string(kind):
            known = {value: json.dumps(value) for value in set(values)}
            encoded.append(map(known.__getitem__, values))
        else:
            encoded.append(json.dumps(values)[1:-1].split(", "))
    return "".join(map(line.__mod__, zip(*encoded, strict=True))) if columns[0] else ""


def _field(name: str, kind: dict[str, Any]) -> pyarrow.Field:
    """Return the column of a property; an enum without a type is a string."""
    types = kind.get("type", "string")
    types = types if isinstance(types, list) else [types]
    [value_type] = [one for one in types if one != "null"]
    return pyarrow.field(name, _ARROW[value_type], nullable="null" in types)
