"""Loading a snapshot again: skipped only if its content is known to be stored already."""

import json
from pathlib import Path

import pytest

import ingest.snapshot.loading
from index.catalogue.catalogue import read_catalogue
from index.errors import BadInput
from tests.conftest import Seealso
from tests.support.snapshots import record, snapshot_of


class Parsed(Exception):
    """The file was parsed."""


@pytest.fixture
def refuse_parsing(monkeypatch: pytest.MonkeyPatch) -> None:
    def parse(path: Path, after: int) -> None:
        raise Parsed

    monkeypatch.setattr(ingest.snapshot.loading, "read_ahead", parse)


@pytest.fixture
def loaded(tmp_path: Path, seealso: Seealso) -> Path:
    """A snapshot of two papers that was loaded into DATA/data."""
    path = snapshot_of(tmp_path, record("2401.00001"), record("2401.00002"))
    assert seealso(tmp_path / "data", "ingest", "snapshot", str(path)).stdout == "2 new\n"
    return path


def test_the_same_content_is_not_parsed_again(
    loaded: Path, seealso: Seealso, tmp_path: Path, refuse_parsing: None
) -> None:
    renamed = loaded.rename(tmp_path / "renamed.jsonl")
    for _ in range(2):
        result = seealso(tmp_path / "data", "ingest", "snapshot", str(renamed))
        assert result.stdout == "2 unchanged\n"
    with read_catalogue(tmp_path / "data") as catalogue:
        runs = catalogue.runs.recent(9)
    assert [run.counts["unchanged"] for run in runs] == [2, 2, 0]


def test_changed_content_of_the_same_size_is_parsed(
    loaded: Path, seealso: Seealso, tmp_path: Path
) -> None:
    content = loaded.read_text()
    changed = content.replace("2401.00002", "2401.00003")
    assert len(changed) == len(content)
    loaded.write_text(changed)
    result = seealso(tmp_path / "data", "ingest", "snapshot", str(loaded))
    assert result.stdout == "1 new, 1 unchanged\n"


def test_content_is_parsed_again_after_anything_else_was_ingested(
    loaded: Path, seealso: Seealso, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    (other := tmp_path / "other").mkdir()
    path = snapshot_of(other, record("2401.00004"))
    seealso(tmp_path / "data", "ingest", "snapshot", str(path))
    request.getfixturevalue("refuse_parsing")
    with pytest.raises(Parsed):
        seealso(tmp_path / "data", "ingest", "snapshot", str(loaded))


def test_rejected_lines_are_reported_each_time(tmp_path: Path, seealso: Seealso) -> None:
    path = snapshot_of(tmp_path, record("2401.00001"), record("no identifier"))
    for _ in range(2):
        result = seealso(tmp_path / "data", "ingest", "snapshot", str(path))
        assert "few.jsonl:2 rejected: " in result.stderr


def test_a_file_without_a_paper_leaves_nothing(tmp_path: Path, seealso: Seealso) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("To read\n2401.08092\n")
    with pytest.raises(BadInput, match=r"contains no paper; notes\.txt:1: not JSON"):
        seealso(tmp_path / "data", "ingest", "snapshot", str(path))
    with read_catalogue(tmp_path / "data") as catalogue:
        assert not catalogue.rejections.all()


def test_a_file_that_is_no_snapshot_is_not_read_to_its_end(
    tmp_path: Path, seealso: Seealso, monkeypatch: pytest.MonkeyPatch
) -> None:
    """None of its lines stays in the catalogue, and the next attempt begins with the first."""
    monkeypatch.setattr(ingest.snapshot.loading, "_MAX_REJECTED", 100)
    path = tmp_path / "table.csv"
    path.write_text(json.dumps(record("2401.00001")) + "\n" + "2401.08092,A Survey\n" * 9_000)
    for _ in range(2):
        with pytest.raises(
            BadInput, match=r"is no snapshot: [\d,]+ of its lines are no papers, 1 "
        ):
            seealso(tmp_path / "data", "ingest", "snapshot", str(path))
        with read_catalogue(tmp_path / "data") as catalogue:
            assert not catalogue.rejections.all()


def test_content_is_parsed_again_by_another_parser(
    loaded: Path,
    seealso: Seealso,
    tmp_path: Path,
    refuse_parsing: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ingest.snapshot.loading, "READER", "another parser")
    with pytest.raises(Parsed):
        seealso(tmp_path / "data", "ingest", "snapshot", str(loaded))
