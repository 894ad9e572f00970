"""Export of vectors: content, checksum, and continuing after a kill."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pyarrow import parquet

from index.catalogue.catalogue import Catalogue, open_catalogue
from index.embedding.identity import ModelIdentity
from index.errors import BadInput, NoSpaceLeft
from index.files import file_sha256
from index.vector_files.export import export_vectors
from index.vector_files.file_format import open_vector_file
from tests.support.two_papers import PAPER
from tests.support.vector_files import rows_of


class _Killed(BaseException):
    pass


def _silent(done: int, total: int) -> None:
    pass


def test_a_file_has_every_vector_once_in_the_order_of_hashes(
    catalogue: Catalogue, identity: ModelIdentity, tmp_path: Path
) -> None:
    file = tmp_path / "vectors.parquet"
    made = export_vectors(catalogue.vectors.of(identity), file, _silent, rows_per_group=40)
    rows = rows_of(catalogue, identity)
    assert made.vectors == len(rows) == catalogue.count()
    table = parquet.read_table(file)
    assert list(zip(*table.to_pydict().values(), strict=True)) == rows
    assert rows == sorted(rows, key=lambda row: row[1])
    with open_vector_file(file) as opened:
        assert opened.identity == identity
        assert opened.groups == -(-len(rows) // 40)
        read = np.concatenate([group.stored for group in opened.read()])
    stored = np.frombuffer(b"".join(row[2] for row in rows), "<f2").reshape(read.shape)
    np.testing.assert_array_equal(read, stored)
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "data") == [
        "vectors.parquet",
        "vectors.parquet.sha256",
    ]


def test_sha256sum_accepts_the_checksum(
    catalogue: Catalogue, identity: ModelIdentity, tmp_path: Path
) -> None:
    made = export_vectors(catalogue.vectors.of(identity), tmp_path / "v.parquet", _silent)
    assert made.sha256 == file_sha256(tmp_path / "v.parquet")
    subprocess.run(["sha256sum", "--check", "v.parquet.sha256"], cwd=tmp_path, check=True)


@pytest.mark.parametrize("groups", [0, 1, 2])
def test_an_export_that_was_killed_continues_with_its_row_groups(
    catalogue: Catalogue, identity: ModelIdentity, tmp_path: Path, groups: int
) -> None:
    vectors = catalogue.vectors.of(identity)
    file, whole = tmp_path / "vectors.parquet", tmp_path / "whole.parquet"
    expected = export_vectors(vectors, whole, _silent, rows_per_group=40)

    def kill(done: int, total: int) -> None:
        if done >= 40 * groups:
            raise _Killed

    with pytest.raises(_Killed):
        export_vectors(vectors, file, kill, rows_per_group=40)
    assert not file.exists()
    parts = tmp_path / ".vectors.parquet.parts"
    kept = {path.name: path.stat().st_mtime_ns for path in parts.glob("*")}
    assert len(kept) == groups
    reached: list[int] = []

    def watch(done: int, total: int) -> None:
        reached.append(done)
        assert {name: (parts / name).stat().st_mtime_ns for name in kept} == kept

    assert export_vectors(vectors, file, watch, rows_per_group=40) == expected
    assert reached[-1] == expected.vectors
    assert file.read_bytes() == whole.read_bytes()
    assert not parts.exists()


def test_row_groups_of_another_model_are_not_used_again(
    empty_catalogue: Catalogue, identity: ModelIdentity, tmp_path: Path
) -> None:
    empty_catalogue.store([PAPER])
    other = replace(identity, revision="4567", dimension=4)
    wanted = replace(identity, dimension=4)
    for place, one in enumerate((other, wanted)):
        empty_catalogue.vectors.of(one).add([PAPER.text_hash], np.eye(4, dtype="f4")[[place]])

    def kill(done: int, total: int) -> None:
        if done:
            raise _Killed

    file = tmp_path / "vectors.parquet"
    with pytest.raises(_Killed):
        export_vectors(empty_catalogue.vectors.of(other), file, kill)
    export_vectors(empty_catalogue.vectors.of(wanted), file, _silent)
    with open_vector_file(file) as opened:
        assert opened.identity == wanted
        [group] = opened.read()
    np.testing.assert_array_equal(group.stored, np.eye(4)[[1]])


def test_an_earlier_text_is_not_exported(
    built_data_copy: Path, identity: ModelIdentity, tmp_path: Path
) -> None:
    with open_catalogue(built_data_copy) as catalogue:
        before = catalogue.count()
        paper = catalogue.entries([1])[1].paper
        catalogue.store([replace(paper, version=99, title="Another title")])
        made = export_vectors(catalogue.vectors.of(identity), tmp_path / "v.parquet", _silent)
    assert made.vectors == before - 1


def test_an_existing_file_is_not_replaced(
    catalogue: Catalogue, identity: ModelIdentity, tmp_path: Path
) -> None:
    file = tmp_path / "vectors.parquet"
    file.write_text("mine")
    parts = tmp_path / ".vectors.parquet.parts"
    parts.mkdir()
    (parts / "000000.parquet").write_text("of a killed export")
    with pytest.raises(BadInput, match="exists already"):
        export_vectors(catalogue.vectors.of(identity), file, _silent)
    assert [path.name for path in tmp_path.iterdir()] == ["vectors.parquet"]
    assert file.read_text() == "mine"


def test_a_folder_that_is_missing_is_named(
    catalogue: Catalogue, identity: ModelIdentity, tmp_path: Path
) -> None:
    with pytest.raises(BadInput, match="missing does not exist"):
        export_vectors(catalogue.vectors.of(identity), tmp_path / "missing" / "v", _silent)


def test_without_vectors_there_is_no_file(
    catalogue: Catalogue, identity: ModelIdentity, tmp_path: Path
) -> None:
    vectors = catalogue.vectors.of(replace(identity, revision="4567"))
    with pytest.raises(BadInput, match=r"has no vector of .* run `seealso update` first"):
        export_vectors(vectors, tmp_path / "v.parquet", _silent)
    assert list(tmp_path.iterdir()) == []


_LIMITED = """
import resource, signal, sys
from pathlib import Path
from index.catalogue.catalogue import read_catalogue
from index.embedding.identity import ModelIdentity
from index.errors import NoSpaceLeft
from index.vector_files.export import export_vectors
data, file, key = sys.argv[1:]
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))
with read_catalogue(Path(data)) as catalogue:
    vectors = catalogue.vectors.of(ModelIdentity.from_key(key))
    try:
        export_vectors(vectors, Path(file), lambda done, total: None)
    except NoSpaceLeft as error:
        print("no space", error)
"""


@pytest.mark.process
def test_a_full_disk_is_reported_and_leaves_no_file(
    built_data: Path, identity: ModelIdentity, tmp_path: Path
) -> None:
    assert NoSpaceLeft.exit_code == 74
    file = tmp_path / "vectors.parquet"
    command = [sys.executable, "-c", _LIMITED, str(built_data), str(file), identity.key]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("no space"), done.stderr
    assert list(tmp_path.iterdir()) == []
