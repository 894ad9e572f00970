"""The catalogue returns what was stored, and refuses files that it cannot rely on."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from sqlite_utils import Database

from index.arxiv.date_precision import DatePrecision
from index.arxiv.name_parts import NameParts
from index.arxiv.paper import Change, Paper, Version
from index.arxiv.summaries.summary import summarise
from index.arxiv.withdrawal.decision import Withdrawal
from index.catalogue.catalogue import Catalogue, open_catalogue, read_catalogue
from index.errors import (
    Busy,
    Damaged,
    ForeignCatalogue,
    NoSpaceLeft,
    NotReady,
    NotWritable,
    UnknownPaper,
)
from tests.support.catalogue_files import all_entries
from tests.support.processes import with_limited_files
from tests.support.two_papers import OTHER, PAPER, second_version

Opener = Callable[[Path], AbstractContextManager[Catalogue]]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def test_a_paper_comes_back_as_it_was_stored_with_its_summary(empty_catalogue: Catalogue) -> None:
    empty_catalogue.store([PAPER, OTHER])
    entry = empty_catalogue.entry(PAPER.id)
    assert entry.paper == PAPER
    assert entry.summary == summarise(PAPER.abstract)
    assert empty_catalogue.entry(OTHER.id).paper == OTHER
    assert empty_catalogue.count() == 2
    assert empty_catalogue.newest_day() == date(2024, 1, 1)


def test_a_date_known_to_the_month_comes_back_as_such(empty_catalogue: Catalogue) -> None:
    first = date(2024, 6, 1)
    month_only = replace(
        PAPER,
        id="2406.00001",
        versions=(Version(1, first, DatePrecision.MONTH),),
        submitted=first,
        updated=first,
    )
    empty_catalogue.store([PAPER, month_only])
    entry = empty_catalogue.entry(month_only.id)
    assert entry.paper == month_only
    assert entry.paper.submitted_precision is DatePrecision.MONTH
    numbers = empty_catalogue.numbers_of([PAPER.id, month_only.id]).values()
    days = [day for day, *_ in empty_catalogue.attributes(np.array(sorted(numbers)))]
    assert sorted(days, key=str) == ["2024-01-01", "2024-06-01"]
    exact = replace(month_only, versions=(Version(1, date(2024, 6, 20)),), submitted=None)
    assert empty_catalogue.store([exact]) == {"changed": 1}
    assert empty_catalogue.store([month_only]) == {"unchanged": 1}
    assert empty_catalogue.entry(month_only.id).paper.submitted == date(2024, 6, 20)


def test_the_newest_day_is_one_that_is_known(empty_catalogue: Catalogue) -> None:
    month = (Version(1, date(2024, 6, 1), DatePrecision.MONTH),)
    empty_catalogue.store([replace(OTHER, version=1, versions=month, updated=date(2024, 6, 1))])
    assert empty_catalogue.newest_day() is None
    empty_catalogue.store([PAPER])
    assert empty_catalogue.newest_day() == date(2024, 1, 1)


def test_every_record_is_counted_by_its_change(empty_catalogue: Catalogue) -> None:
    assert empty_catalogue.store([PAPER, OTHER]) == {"new": 2}
    assert empty_catalogue.store([PAPER]) == {"unchanged": 1}
    assert empty_catalogue.store([replace(PAPER, doi="10.1/2")]) == {"changed": 1}
    assert empty_catalogue.store([second_version(title="Pruning Networks")]) == {"replaced": 1}
    assert empty_catalogue.store([PAPER]) == {"unchanged": 1}
    assert empty_catalogue.store([replace(OTHER, abstract="Another text.")]) == {"replaced": 1}
    assert empty_catalogue.store([]) == {}


def test_one_call_may_have_a_paper_twice(empty_catalogue: Catalogue) -> None:
    counts = empty_catalogue.store([PAPER, second_version(title="New"), PAPER])
    assert counts == {"new": 1, "replaced": 1, "unchanged": 1}
    assert empty_catalogue.entry(PAPER.id).paper.title == "New"


def test_many_papers_are_all_stored(empty_catalogue: Catalogue) -> None:
    papers = [Paper(f"2401.{i:05}", f"Paper {i}") for i in range(1, 1203)]
    assert empty_catalogue.store(papers)[Change.NEW] == empty_catalogue.count() == 1202


def test_versions_that_arrive_out_of_order_make_the_same_paper(tmp_path: Path) -> None:
    stored = []
    for folder, records in (("a", [PAPER, second_version()]), ("b", [second_version(), PAPER])):
        with open_catalogue(tmp_path / folder) as catalogue:
            for record in records:
                catalogue.store([record])
            stored.append(catalogue.entry(PAPER.id))
    assert stored[0] == stored[1]
    assert [v.number for v in stored[0].paper.versions] == [1, 2]
    assert stored[0].paper.version == 2
    assert stored[0].paper.updated == date(2024, 5, 1)


def test_a_new_text_gets_a_new_summary_and_a_stable_number(empty_catalogue: Catalogue) -> None:
    empty_catalogue.store([PAPER])
    before = empty_catalogue.entry(PAPER.id)
    empty_catalogue.store([second_version(abstract="Quite another text.")])
    after = empty_catalogue.entry(PAPER.id)
    assert after.number == before.number
    assert after.summary == "Quite another text."


def test_the_error_names_an_unknown_paper(empty_catalogue: Catalogue) -> None:
    with pytest.raises(UnknownPaper, match=r"arXiv:2401\.99999 has not been harvested"):
        empty_catalogue.entry("2401.99999")


def test_papers_are_found_by_number_and_unknown_numbers_are_left_out(
    empty_catalogue: Catalogue,
) -> None:
    empty_catalogue.store([PAPER, OTHER])
    numbers = empty_catalogue.numbers_of([OTHER.id, PAPER.id, "2401.99999"])
    assert set(numbers) == {PAPER.id, OTHER.id}
    entries = empty_catalogue.entries([*numbers.values(), 999])
    assert {entry.paper for entry in entries.values()} == {PAPER, OTHER}


def test_withdrawn_papers_are_left_out_of_ids_not_withdrawn(empty_catalogue: Catalogue) -> None:
    empty_catalogue.store([PAPER, replace(OTHER, withdrawal=Withdrawal.FLAG)])
    numbers = empty_catalogue.numbers_of([PAPER.id, OTHER.id])
    assert empty_catalogue.ids_not_withdrawn([*numbers.values(), 999]) == {
        numbers[PAPER.id]: PAPER.id
    }
    assert [entry.paper.withdrawn for entry in all_entries(empty_catalogue)] == [False, True]


def test_the_error_for_a_missing_catalogue_says_what_to_do(data: Path) -> None:
    with pytest.raises(NotReady, match="seealso ingest"), read_catalogue(data):
        pass
    assert not data.exists()


def test_a_reader_cannot_write(empty_catalogue: Catalogue, data: Path) -> None:
    empty_catalogue.store([PAPER])
    with pytest.raises(NotWritable, match="readonly"), read_catalogue(data) as reader:
        reader.store([OTHER])
    with read_catalogue(data) as reader:
        assert reader.count() == 1


def test_a_reader_sees_the_last_finished_state_while_another_writes(
    empty_catalogue: Catalogue, data: Path
) -> None:
    empty_catalogue.store([PAPER])
    with empty_catalogue._db.atomic():
        empty_catalogue._db.execute("DELETE FROM versions")
        with read_catalogue(data) as reader:
            assert reader.entry(PAPER.id).paper == PAPER


def test_a_second_writer_gets_busy(
    empty_catalogue: Catalogue, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect = sqlite3.connect
    monkeypatch.setattr(
        "index.catalogue.protection.connections.sqlite3.connect",
        lambda path, timeout: connect(path, timeout=0.1),
    )
    empty_catalogue._db.conn.execute("BEGIN IMMEDIATE")
    with pytest.raises(Busy, match="try again later"), open_catalogue(data) as second:
        second.store([PAPER])
    empty_catalogue._db.conn.rollback()


def _catalogue_file(data: Path) -> Path:
    data.mkdir()
    return data / "catalogue.db"


@pytest.mark.parametrize("opener", [open_catalogue, read_catalogue])
def test_a_file_that_is_not_a_database_is_refused_and_unchanged(data: Path, opener: Opener) -> None:
    _catalogue_file(data).write_text("not a database, but long enough to look at" * 50)
    before = (data / "catalogue.db").read_bytes()
    with pytest.raises(Damaged, match="not a database"), opener(data):
        pass
    assert (data / "catalogue.db").read_bytes() == before


@pytest.mark.parametrize("opener", [open_catalogue, read_catalogue])
def test_the_database_of_another_program_is_refused_and_unchanged(
    data: Path, opener: Opener
) -> None:
    db = Database(_catalogue_file(data))
    db.table("songs").insert({"name": "one"})
    db.close()
    before = (data / "catalogue.db").read_bytes()
    with pytest.raises(ForeignCatalogue, match="not written by seealso"), opener(data):
        pass
    assert (data / "catalogue.db").read_bytes() == before


@pytest.mark.parametrize("opener", [open_catalogue, read_catalogue])
def test_the_catalogue_of_a_newer_seealso_is_refused(
    empty_catalogue: Catalogue, data: Path, opener: Opener
) -> None:
    empty_catalogue._db.table("_sqlite_migrations").insert(
        {"migration_set": "seealso", "name": "from_tomorrow", "applied_at": "2030-01-01"}
    )
    with pytest.raises(ForeignCatalogue, match=r"from_tomorrow.*newer seealso"), opener(data):
        pass


def test_a_step_of_a_newer_seealso_that_readers_may_ignore_is_refused_only_to_a_writer(
    empty_catalogue: Catalogue, data: Path
) -> None:
    empty_catalogue.store([PAPER])
    empty_catalogue._db.table("_sqlite_migrations").insert(
        {"migration_set": "seealso", "name": "from_tomorrow", "applied_at": "2030-01-01"}
    )
    empty_catalogue._db.table("ignorable_steps").insert({"name": "from_tomorrow"})
    with read_catalogue(data) as catalogue:
        assert catalogue.entry(PAPER.id).paper == PAPER
    with pytest.raises(ForeignCatalogue, match="from_tomorrow"), open_catalogue(data):
        pass


def test_an_older_catalogue_is_migrated_by_a_writer_and_refused_to_a_reader(
    empty_catalogue: Catalogue, data: Path
) -> None:
    empty_catalogue.store([PAPER])
    empty_catalogue._db.execute("DROP TABLE harvest_scope")
    empty_catalogue._db.execute("DROP TABLE runs")
    empty_catalogue._db.table("_sqlite_migrations").delete_where("name = 'runs'")
    with pytest.raises(NotReady, match="older schema"), read_catalogue(data):
        pass
    with open_catalogue(data) as migrated:
        assert migrated.runs.last() is None
        assert migrated.entry(PAPER.id).paper == PAPER


def test_parts_of_names_are_stored_and_old_catalogues_have_none(data: Path) -> None:
    with open_catalogue(data) as catalogue:
        catalogue.store([PAPER])
    with closing(sqlite3.connect(data / "catalogue.db")) as db:
        db.execute("ALTER TABLE papers DROP COLUMN name_parts")
        db.execute("DELETE FROM _sqlite_migrations WHERE name = 'name_parts'")
        db.commit()
    split = replace(PAPER, name_parts=(NameParts("Author", "Ä.", "Jr"), None))
    with open_catalogue(data) as migrated:
        assert migrated.entry(PAPER.id).paper == PAPER
        assert migrated.store([split]) == {Change.CHANGED: 1}
        assert migrated.store([PAPER]) == {Change.UNCHANGED: 1}
        assert migrated.entry(PAPER.id).paper == split
        assert [one.is_guess for one in split.author_parts] == [False, True]


def test_a_damaged_page_is_reported(built_data: Path, data: Path) -> None:
    file = _catalogue_file(data)
    shutil.copy(built_data / "catalogue.db", file)
    content = bytearray(file.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    file.write_bytes(content)
    with pytest.raises(Damaged, match=r"cannot be (read|used)"), read_catalogue(data) as broken:
        all_entries(broken)


def _store_with_little_room(data: Path, papers: Sequence[Paper]) -> None:
    with open_catalogue(data) as full:
        pages = full._db.execute("PRAGMA page_count").fetchone()[0]
        full._db.execute(f"PRAGMA max_page_count = {pages + 20}")
        full.store(papers)


def test_a_full_database_is_reported_and_stored_papers_stay(data: Path) -> None:
    many = [Paper(f"2402.{i:05}", "A title", "word " * 500) for i in range(1, 1000)]
    with open_catalogue(data) as catalogue:
        catalogue.store([PAPER])
    with pytest.raises(
        NoSpaceLeft, match=r"no space left to write in .*; nothing stored before is lost"
    ):
        _store_with_little_room(data, many)
    with open_catalogue(data) as catalogue:
        assert catalogue.count() == 1
        assert catalogue.entry(PAPER.id).paper == PAPER
        assert catalogue.store(many)[Change.NEW] == len(many)


@pytest.mark.process
def test_a_full_disk_ends_the_program_with_one_line_and_stored_papers_stay(
    built_data_copy: Path, small_snapshot: Path
) -> None:
    with read_catalogue(built_data_copy) as before:
        held = before.count()

    largest = (built_data_copy / "catalogue.db").stat().st_size + 50_000
    ended = subprocess.run(
        [
            *with_limited_files(largest),
            Path(sys.executable).with_name("seealso"),
            "ingest",
            "snapshot",
        ],
        env={**os.environ, "SEEALSO_DATA": str(built_data_copy)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == NoSpaceLeft.exit_code, ended.stderr
    assert "no space left to write" in ended.stderr
    assert "nothing stored before is lost" in ended.stderr
    assert "Traceback" not in ended.stderr
    with open_catalogue(built_data_copy) as after:
        assert after._db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert after.count() >= held
