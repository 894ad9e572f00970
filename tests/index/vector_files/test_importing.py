"""Import of vectors: what is taken and counted, and everything that is refused."""

import json
import random
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow
import pytest
from pyarrow import parquet

from index.catalogue.catalogue import Catalogue, open_catalogue, read_catalogue
from index.catalogue.row_checksums import find_damaged_rows
from index.embedding.embedder import Embedder
from index.embedding.identity import ModelIdentity
from index.errors import BadInput
from index.vector_files.file_format import MAX_ROWS_PER_GROUP, schema_for
from index.vector_files.importing import ImportReport, VectorImport
from tests.support.vector_files import Row, rows_of, sign, turned, without_vectors, write_vectors


class _Killed(BaseException):
    pass


def _silent(step: str, done: int, total: int) -> None:
    pass


@pytest.fixture
def rows(catalogue: Catalogue, identity: ModelIdentity) -> list[Row]:
    return rows_of(catalogue, identity)


@pytest.fixture
def bare(built_data_copy: Path) -> Path:
    return without_vectors(built_data_copy)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "vectors.parquet"


Import = Callable[..., ImportReport]


@pytest.fixture
def run(bare: Path, file: Path, identity: ModelIdentity, embedder: Embedder) -> Import:
    """Import the file into the catalogue without vectors."""

    def imported(
        sha256: str, progress: Callable[[str, int, int], None] = _silent, sample: int = 2
    ) -> ImportReport:
        with open_catalogue(bare) as catalogue:
            given = VectorImport(catalogue, identity, lambda: embedder, sample)
            return given.import_file(file, sha256, progress)

    return imported


def _stored(data: Path, identity: ModelIdentity) -> list[Row]:
    with read_catalogue(data) as catalogue:
        return rows_of(catalogue, identity)


def _text_and_hash(row: Row, vector: bytes) -> Row:
    return (row[0], row[1], vector)


def test_all_vectors_are_taken_to_the_last_bit(
    run: Import, bare: Path, file: Path, identity: ModelIdentity, rows: list[Row]
) -> None:
    report = run(write_vectors(file, identity, rows))
    assert report.counts == {
        "taken": len(rows),
        "present": 0,
        "unknown": 0,
        "stale": 0,
        "compared": 2 * -(-len(rows) // 50),
    }
    assert report.lowest_cosine > 0.9999
    assert _stored(bare, identity) == rows
    with open_catalogue(bare) as catalogue:
        assert catalogue.vectors.of(identity).count() == catalogue.count()
        assert list(find_damaged_rows(catalogue._db.conn)) == []


def test_the_run_with_the_origins_precision_is_recorded(
    run: Import, bare: Path, file: Path, identity: ModelIdentity, rows: list[Row]
) -> None:
    origin = replace(identity, precision="f32" if identity.precision == "bf16" else "bf16")
    sha256 = write_vectors(file, origin, rows)
    assert run(sha256).precision == origin.precision
    assert _stored(bare, identity) == rows
    with read_catalogue(bare) as catalogue:
        [last] = catalogue.runs.recent(1)
    assert last.kind == f"vectors import {origin.precision} {sha256[:12]}"
    assert (last.outcome, last.counts["taken"]) == ("done", len(rows))


def test_unknown_stale_present_and_repeated_texts_are_counted(
    run: Import, bare: Path, file: Path, identity: ModelIdentity, rows: list[Row]
) -> None:
    with open_catalogue(bare) as catalogue:
        vector = np.frombuffer(rows[3][2], "<f2").astype(np.float32)[None]
        catalogue.vectors.of(identity).add([rows[3][1]], vector)
    given = [
        *rows[:5],
        rows[1],  # repeated in the same row group
        ("2401.99999", b"\1" * 16, rows[7][2]),
        (rows[8][0], b"\2" * 16, rows[8][2]),
        (rows[9][0], b"\2" * 15 + b"\0", rows[9][2]),
        rows[0],  # repeated in another
    ]
    report = run(write_vectors(file, identity, given, rows_per_group=8))
    assert (report.taken, report.present, report.unknown, report.stale) == (4, 3, 1, 2)
    assert _stored(bare, identity) == rows[:5]


def test_hashes_that_end_with_zero_bytes_keep_them(
    empty_catalogue: Catalogue, identity: ModelIdentity
) -> None:
    vectors = empty_catalogue.vectors.of(identity)
    digest = b"\1" * 14 + b"\0\0"
    vectors.add([digest], np.ones((1, identity.dimension), np.float32))
    assert vectors.held_hashes(embedded=True).tobytes() == digest


def test_a_repeated_import_takes_nothing_and_needs_no_model(
    run: Import, bare: Path, file: Path, identity: ModelIdentity, rows: list[Row]
) -> None:
    sha256 = write_vectors(file, identity, rows)
    run(sha256)

    def no_model() -> Embedder:
        raise AssertionError("the model was opened")

    with open_catalogue(bare) as catalogue:
        report = VectorImport(catalogue, identity, no_model).import_file(file, sha256, _silent)
    assert (report.taken, report.present, report.compared) == (0, len(rows), 0)


def test_an_empty_catalogue_takes_nothing(
    empty_catalogue: Catalogue,
    file: Path,
    identity: ModelIdentity,
    rows: list[Row],
    embedder: Embedder,
) -> None:
    given = VectorImport(empty_catalogue, identity, lambda: embedder)
    report = given.import_file(file, write_vectors(file, identity, rows), _silent)
    assert (report.taken, report.unknown) == (0, len(rows))


@pytest.mark.parametrize("groups", [0, 1, 2])
def test_an_import_that_was_killed_is_completed_by_the_next(
    run: Import, bare: Path, file: Path, identity: ModelIdentity, rows: list[Row], groups: int
) -> None:
    sha256 = write_vectors(file, identity, rows, rows_per_group=40)

    def kill(step: str, done: int, total: int) -> None:
        if (step, done) == (("store", 40 * groups) if groups else ("check", 80)):
            raise _Killed

    with pytest.raises(_Killed):
        run(sha256, kill)
    assert _stored(bare, identity) == rows[: 40 * groups]
    report = run(sha256)
    assert (report.taken, report.present) == (len(rows) - 40 * groups, 40 * groups)
    assert _stored(bare, identity) == rows


def _refused(run: Import, bare: Path, identity: ModelIdentity, sha256: str, says: str) -> str:
    with pytest.raises(BadInput, match=says) as error:
        run(sha256)
    assert _stored(bare, identity) == []
    return str(error.value)


@pytest.mark.parametrize("vector", [b"\0\0", b"\0\x7e", b"\0\x7c", b"\0\x3c"])
def test_zero_nan_infinite_and_long_vectors_are_refused(
    run: Import, bare: Path, file: Path, identity: ModelIdentity, rows: list[Row], vector: bytes
) -> None:
    rows[70] = _text_and_hash(rows[70], vector * identity.dimension)
    said = _refused(run, bare, identity, write_vectors(file, identity, rows), "length")
    assert "row group 1" in said
    assert rows[70][0] in said


def test_a_vector_that_differs_is_named_with_its_cosine(
    run: Import, bare: Path, file: Path, identity: ModelIdentity, rows: list[Row]
) -> None:
    rows = [_text_and_hash(row, turned(row[2], 0.995)) for row in rows[:3]]
    said = _refused(run, bare, identity, write_vectors(file, identity, rows), "row group 0")
    assert "0.995" in said
    assert any(row[0] in said for row in rows)


def test_vectors_near_the_limit_are_accepted(
    run: Import, file: Path, identity: ModelIdentity, rows: list[Row]
) -> None:
    rows = [_text_and_hash(row, turned(row[2], 0.9995)) for row in rows[:3]]
    assert run(write_vectors(file, identity, rows)).taken == 3


def test_a_refused_row_group_late_in_the_file_leaves_nothing_of_earlier_ones(
    run: Import, bare: Path, file: Path, identity: ModelIdentity, rows: list[Row]
) -> None:
    last = [_text_and_hash(row, turned(row[2], 0.5)) for row in rows[100:]]
    sha256 = write_vectors(file, identity, [*rows[:100], *last])
    _refused(run, bare, identity, sha256, "row group 2")


def test_shuffled_hashes_are_refused(
    run: Import, bare: Path, file: Path, identity: ModelIdentity, rows: list[Row]
) -> None:
    shuffled = [row[1] for row in rows]
    random.Random(0).shuffle(shuffled)
    rows = [(row[0], digest, row[2]) for row, digest in zip(rows, shuffled, strict=True)]
    _refused(run, bare, identity, write_vectors(file, identity, rows), "cosine")


def test_each_import_draws_another_sample(
    run: Import, bare: Path, file: Path, identity: ModelIdentity, rows: list[Row]
) -> None:
    """A maker who knows which texts are compared could change all others."""
    rows = [_text_and_hash(row, turned(row[2], 0.9)) for row in rows]
    sha256 = write_vectors(file, identity, rows, rows_per_group=1000)
    named = {_refused(run, bare, identity, sha256, "cosine") for _ in range(6)}
    assert len(named) > 1


def test_a_wrong_checksum_is_refused(
    run: Import, bare: Path, file: Path, identity: ModelIdentity, rows: list[Row]
) -> None:
    sha256 = write_vectors(file, identity, rows)
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    said = _refused(run, bare, identity, sha256, "incomplete or changed")
    assert sha256 in said


@pytest.mark.parametrize("share", [0, 0.1, 0.5, 0.99])
def test_a_file_cut_off_before_it_was_signed_is_refused(
    run: Import, bare: Path, file: Path, identity: ModelIdentity, rows: list[Row], share: float
) -> None:
    write_vectors(file, identity, rows)
    file.write_bytes(file.read_bytes()[: int(share * file.stat().st_size)])
    _refused(run, bare, identity, sign(file), "not a readable Parquet file")


def test_damaged_pages_are_refused(
    run: Import, bare: Path, file: Path, identity: ModelIdentity, rows: list[Row]
) -> None:
    write_vectors(file, identity, rows, use_dictionary=False)
    content = bytearray(file.read_bytes())
    content[4:24] = b"\xff" * 20  # the first page header
    file.write_bytes(content)
    _refused(run, bare, identity, sign(file), "not a readable Parquet file")


@pytest.mark.parametrize(
    "change",
    [
        {"model": "another"},
        {"revision": "0123456789ab"},
        {"pooling": "cls"},
        {"recipe": "title only"},
        {"length": 128},
        {"dimension": 8},
    ],
    ids=lambda change: next(iter(change)),
)
def test_another_model_recipe_or_length_is_refused(
    run: Import,
    bare: Path,
    file: Path,
    identity: ModelIdentity,
    rows: list[Row],
    change: dict[str, Any],
) -> None:
    other = replace(identity, **change)
    rows = [_text_and_hash(row, row[2][: 2 * other.dimension]) for row in rows]
    said = _refused(run, bare, identity, write_vectors(file, other, rows), "settings produce")
    assert str(identity) in said


def _with_header(identity: ModelIdentity, header: bytes | None) -> pyarrow.Schema:
    metadata = {} if header is None else {b"seealso_vectors": header}
    return schema_for(identity).with_metadata(metadata)


@pytest.mark.parametrize(
    ("header", "says"),
    [
        (None, "not one of vectors"),
        (b" " * 5000, "not one of vectors"),
        (b"{", "cannot be read"),
        (b"[" * 4000, "cannot be read"),
        (b"[]", "cannot be read"),
        (b"\xff", "cannot be read"),
        (b'{"version": 2}', "reads version 1"),
        (b'{"version": 1}', "cannot be read"),
        (b'{"version": 1, "identity": {"model": "m"}}', "cannot be read"),
        (
            b'{"version": 1, "identity": {"model": "\\u001b[31m", "revision": "", "pooling": "", '
            b'"recipe": "", "length": 512, "precision": "f32", "dimension": 384}}',
            "has control characters",
        ),
    ],
)
def test_a_header_that_is_not_ours_is_refused(
    run: Import,
    bare: Path,
    file: Path,
    identity: ModelIdentity,
    rows: list[Row],
    header: bytes | None,
    says: str,
) -> None:
    schema = _with_header(identity, header)
    _refused(run, bare, identity, write_vectors(file, identity, rows, schema=schema), says)


@pytest.mark.parametrize("value", ["384", 384.0, None, -1, 0, True, [384], 2**30, 10**30])
def test_a_dimension_that_is_no_positive_integer_is_refused(
    run: Import, bare: Path, file: Path, identity: ModelIdentity, rows: list[Row], value: object
) -> None:
    fields = {**asdict(identity), "dimension": value}
    schema = _with_header(identity, json.dumps({"version": 1, "identity": fields}).encode())
    sha256 = write_vectors(file, identity, rows, schema=schema)
    _refused(run, bare, identity, sha256, "cannot be read")


@pytest.mark.parametrize(
    "columns",
    [
        {"id": pyarrow.string(), "text_hash": pyarrow.binary(16)},
        {"id": pyarrow.string(), "\x1b[31mname": pyarrow.string()},
        {"name": pyarrow.string(), "abstract": pyarrow.string()},
        {"id": pyarrow.string(), "text_hash": pyarrow.binary(16), "vector": pyarrow.binary()},
        {"id": pyarrow.string(), "text_hash": pyarrow.binary(), "vector": pyarrow.binary(768)},
        {"id": pyarrow.binary(), "text_hash": pyarrow.binary(16), "vector": pyarrow.binary(768)},
        {
            "id": pyarrow.string(),
            "text_hash": pyarrow.binary(16),
            "vector": pyarrow.binary(768),
            "more": pyarrow.list_(pyarrow.list_(pyarrow.int8())),
        },
    ],
)
def test_other_columns_are_refused(
    run: Import, bare: Path, file: Path, identity: ModelIdentity, columns: dict[str, Any]
) -> None:
    schema = pyarrow.schema(list(columns.items()), schema_for(identity).metadata)
    parquet.write_table(schema.empty_table(), file, compression="none")
    said = _refused(run, bare, identity, sign(file), "column")
    assert ("vector: fixed_size_binary" in said) is ("id" in columns)
    assert "\x1b" not in said


def test_a_compressed_file_is_refused(
    run: Import, bare: Path, file: Path, identity: ModelIdentity, rows: list[Row]
) -> None:
    sha256 = write_vectors(file, identity, rows, compression="zstd")
    _refused(run, bare, identity, sha256, "is compressed")


def test_an_encoding_that_can_expand_a_small_file_is_refused(
    run: Import, bare: Path, file: Path, identity: ModelIdentity, rows: list[Row]
) -> None:
    encoding = {"id": "DELTA_BYTE_ARRAY", "text_hash": "PLAIN", "vector": "PLAIN"}
    long = [("9" * 10**6 + str(place), *row[1:]) for place, row in enumerate(rows[:50])]
    sha256 = write_vectors(file, identity, long, use_dictionary=False, column_encoding=encoding)
    _refused(run, bare, identity, sha256, "has the encoding DELTA_BYTE_ARRAY")


def test_a_row_group_that_is_too_large_is_refused_before_it_is_read(
    run: Import, bare: Path, file: Path, identity: ModelIdentity, rows: list[Row]
) -> None:
    """A dictionary stores a repeated value once, so the file is small."""
    many = [rows[0]] * (MAX_ROWS_PER_GROUP + 1)
    sha256 = write_vectors(file, identity, many, rows_per_group=len(many))
    assert file.stat().st_size < 100_000
    _refused(run, bare, identity, sha256, "at most 131072")


@pytest.mark.parametrize("name", ["9" * 41, "2401.0000\u0661", "2401.00001\x1b[2J"])
def test_a_strange_identifier_is_refused(
    run: Import, bare: Path, file: Path, identity: ModelIdentity, rows: list[Row], name: str
) -> None:
    rows[5] = (name, *rows[5][1:])
    _refused(run, bare, identity, write_vectors(file, identity, rows), "an identifier is longer")


def test_missing_values_are_refused(
    run: Import, bare: Path, file: Path, identity: ModelIdentity, rows: list[Row]
) -> None:
    schema = pyarrow.schema([(f.name, f.type) for f in schema_for(identity)])
    schema = schema.with_metadata(schema_for(identity).metadata)
    given: list[Any] = [*rows[:3], (rows[3][0], rows[3][1], None)]
    sha256 = write_vectors(file, identity, given, schema=schema)
    _refused(run, bare, identity, sha256, "a value is missing")


def test_empty_row_groups_are_skipped(
    run: Import, bare: Path, file: Path, identity: ModelIdentity
) -> None:
    parquet.write_table(schema_for(identity).empty_table(), file, compression="none")
    assert run(sign(file)).counts == dict.fromkeys(
        ("taken", "present", "unknown", "stale", "compared"), 0
    )
