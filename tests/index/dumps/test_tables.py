"""Tables have the same rows in both forms, and lines as `json.dumps` writes them."""

import gzip
import json
from pathlib import Path

import pytest
from pyarrow import parquet

from index.dumps.tables import Row, write_table

SCHEMA = {
    "properties": {
        "id": {"type": "string"},
        "by %s": {"enum": ["a", "b"]},
        "rank": {"type": "integer"},
        "share": {"type": ["number", "null"]},
        "weak": {"type": "boolean"},
    }
}
ROWS: list[Row] = [
    ('2401.08092, "newt", Bézier\n', "a", 1, 0.1 + 0.2, True),
    ("2401.08092", "b", 2**31 - 1, None, False),
    ("", "a", -3, 1e-7, True),
]


@pytest.mark.parametrize("batches", [[ROWS], [ROWS[:1], [], ROWS[1:]], [[]], []])
def test_lines_are_those_of_json_and_columns_have_the_same_values(
    tmp_path: Path, batches: list[list[Row]]
) -> None:
    expected = [row for batch in batches for row in batch]
    assert write_table(tmp_path, "rows", SCHEMA, batches) == len(expected)
    rows = [dict(zip(SCHEMA["properties"], row, strict=True)) for row in expected]
    lines = gzip.decompress((tmp_path / "rows.jsonl.gz").read_bytes()).decode()
    assert lines == "".join(f"{json.dumps(row)}\n" for row in rows)
    assert parquet.read_table(tmp_path / "rows.parquet").to_pylist() == rows
