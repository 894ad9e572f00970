"""A restore replaces the catalogue with an intact backup in one step, or changes nothing."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from api.service import Service
from index.catalogue.catalogue import open_catalogue, read_catalogue
from index.catalogue.protection.backup import back_up, restore
from index.errors import (
    BadInput,
    Busy,
    Damaged,
    ForeignCatalogue,
    NoSpaceLeft,
    NotReady,
    UnknownPaper,
)
from index.lists.options import DEFAULT_OPTIONS
from index.releases.folder import current_name
from index.settings import Settings
from tests.api.test_server import Reader
from tests.conftest import SURVEY, Seealso
from tests.ingest.test_run_lock import hanging_run
from tests.support.catalogue_files import (
    DAMAGE,
    PAPER_COUNT,
    all_entries,
    contents,
    fill_catalogue,
    papers,
)
from tests.support.client import RELATED, assert_problem
from tests.support.damage import flip_bytes
from tests.support.processes import run_main, served, with_limited_files
from tests.support.snapshots import record, snapshot_of

AT = datetime(2026, 11, 3, 5, 0, 0, tzinfo=UTC)
ASIDE = "catalogue-before-20261103T050000Z.db"
damaged = pytest.mark.parametrize("damage", DAMAGE, ids=lambda damage: damage.__name__)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A catalogue with papers that were added after the backup `kept`."""
    data = tmp_path / "data"
    fill_catalogue(data)
    back_up(data, tmp_path / "kept.db")
    with open_catalogue(data) as catalogue:
        catalogue.store(papers(PAPER_COUNT + 1, PAPER_COUNT + 50))
    return data


@pytest.fixture
def kept(data: Path, tmp_path: Path) -> Path:
    return tmp_path / "kept.db"


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def assert_sound(file: Path) -> None:
    with closing(sqlite3.connect(file)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert db.execute("PRAGMA user_version").fetchone() == (0,)


def test_a_backup_is_restored_and_the_previous_catalogue_is_kept(data: Path, kept: Path) -> None:
    now, then = contents(data / "catalogue.db"), contents(kept)
    assert now != then
    done = restore(data, kept, AT)
    assert (done.papers, done.aside, done.signed) == (PAPER_COUNT, data / ASIDE, True)
    assert contents(data / "catalogue.db") == then
    assert_sound(data / "catalogue.db")
    assert contents(data / ASIDE) == now
    with open_catalogue(data) as catalogue:  # and goes on from there
        catalogue.store(papers(PAPER_COUNT + 1, PAPER_COUNT + 2))
        assert catalogue.count() == PAPER_COUNT + 2
        assert len(catalogue.full_text.with_phrases([f"paper {PAPER_COUNT + 1}"])) == 1


def test_a_restore_can_be_undone(data: Path, kept: Path) -> None:
    with open_catalogue(data) as catalogue:  # open, so that part of it lies in the -wal
        catalogue.store(papers(PAPER_COUNT + 51, PAPER_COUNT + 60))
        now = contents(data / "catalogue.db")
        aside = restore(data, kept, AT).aside
    assert aside is not None
    undone = restore(data, aside, AT)
    assert not undone.signed
    assert undone.aside == data / ASIDE.replace("00Z", "01Z")
    assert contents(data / "catalogue.db") == now


def test_restore_into_an_empty_folder_as_on_a_new_machine(
    kept: Path, tmp_path: Path, seealso: Seealso
) -> None:
    output = seealso(tmp_path / "new", "restore", str(kept)).output
    assert output.startswith(f"{PAPER_COUNT} papers restored: run `seealso update` now")
    assert contents(tmp_path / "new" / "catalogue.db") == contents(kept)
    assert_sound(tmp_path / "new" / "catalogue.db")


@damaged
def test_restore_over_a_damaged_catalogue(
    data: Path, kept: Path, damage: Callable[[Path], None]
) -> None:
    damage(data / "catalogue.db")
    broken = (data / "catalogue.db").read_bytes()
    (data / "catalogue.db-wal").write_bytes(b"left by a killed run" * 1000)
    restore(data, kept, AT)
    assert contents(data / "catalogue.db") == contents(kept)
    assert_sound(data / "catalogue.db")
    assert (data / ASIDE).read_bytes() == broken
    assert (data / f"{ASIDE}-wal").read_bytes() == b"left by a killed run" * 1000


def flip_a_bit_of_a_vector(file: Path) -> None:
    """Flip a bit where SQLite's structure checks do not notice it."""
    with closing(sqlite3.connect(file)) as db:
        (vector,) = db.execute("SELECT vector FROM vectors LIMIT 1 OFFSET 100").fetchone()
    flip_bytes(file, file.read_bytes().index(vector) + 3)


def become_another_programs(file: Path) -> None:
    file.unlink()
    with closing(sqlite3.connect(file)) as db:
        db.execute("PRAGMA user_version = 7")
        db.execute("CREATE TABLE songs (name)")


def come_from_tomorrow(file: Path) -> None:
    with closing(sqlite3.connect(file)) as db:
        db.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) "
            "VALUES ('seealso', 'from_tomorrow', '2030-01-01')"
        )
        db.commit()


@pytest.mark.parametrize(
    ("damage", "error", "message"),
    [
        *((damage, Damaged, r"kept\.db ") for damage in DAMAGE),
        (flip_a_bit_of_a_vector, Damaged, "its checksum does not match"),
        (become_another_programs, ForeignCatalogue, "not written by seealso"),
        (come_from_tomorrow, ForeignCatalogue, r"from_tomorrow.*newer seealso"),
    ],
)
def test_a_file_that_is_not_an_intact_backup_is_refused_and_nothing_changes(
    data: Path, kept: Path, damage: Callable[[Path], None], error: type[Damaged], message: str
) -> None:
    damage(kept)
    before = bytes_of(data)
    with pytest.raises(error, match=message):
        restore(data, kept, AT)
    assert bytes_of(data) == before


def test_a_plain_copy_is_restored_with_a_warning_that_it_has_no_checksum(
    data: Path, tmp_path: Path, seealso: Seealso
) -> None:
    copy = tmp_path / "copy.db"
    copy.write_bytes((data / "catalogue.db").read_bytes())
    output = seealso(data, "restore", str(copy))
    assert "has no checksum: only its structure and its rows were checked" in output.stderr
    assert f"{PAPER_COUNT + 50} papers restored" in output.stdout
    assert "the previous catalogue was kept as" in output.stdout


def test_an_older_backup_is_readable_after_its_migration(
    data: Path, kept: Path, tmp_path: Path
) -> None:
    with open_catalogue(data) as catalogue:
        catalogue._db.execute("DROP TABLE harvest_scope")
        catalogue._db.execute("DROP TABLE runs")
        catalogue._db.table("_sqlite_migrations").delete_where("name = 'runs'")
    older = back_up(data, tmp_path / "older.db").path
    restore(data, kept, AT)
    restore(data, older, AT)
    with pytest.raises(NotReady, match="seealso update"), read_catalogue(data):
        pass
    with open_catalogue(data) as catalogue:
        assert catalogue.count() == PAPER_COUNT + 50


def test_the_catalogue_in_use_cannot_be_restored_over_itself(data: Path) -> None:
    with pytest.raises(BadInput, match="is the catalogue in use"):
        restore(data, data / "catalogue.db", AT)


@pytest.mark.process
def test_no_restore_while_a_run_is_writing(built_data_copy: Path, seealso: Seealso) -> None:
    seealso(built_data_copy, "backup", str(built_data_copy / "kept.db"))
    with hanging_run(built_data_copy):
        ended = run_main(built_data_copy, "restore", str(built_data_copy / "kept.db"))
    assert ended.returncode == Busy.exit_code
    assert "another seealso run is writing" in ended.stderr


def test_a_writer_without_the_run_lock_is_waited_for_with_a_limit(
    data: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect = sqlite3.connect
    monkeypatch.setattr(
        "index.catalogue.protection.backup.sqlite3.connect",
        lambda path, **options: connect(path, **{**options, "timeout": 0.1}),
    )
    with closing(connect(data / "catalogue.db")) as shell:
        shell.execute("BEGIN IMMEDIATE")
        before = contents(data / "catalogue.db")
        with pytest.raises(Busy, match="try again later"):
            restore(data, kept, AT)
        shell.rollback()
    assert contents(data / "catalogue.db") == before
    assert not (data / ASIDE).exists()


@pytest.mark.process
@pytest.mark.parametrize("share", [0.1, 1.01])  # no space for the copy, or for the restore itself
def test_a_full_disk_leaves_the_catalogue_as_it_was(data: Path, kept: Path, share: float) -> None:
    larger = back_up(data, kept.with_name("larger.db")).path
    restore(data, kept, AT)
    (data / ASIDE).unlink()
    before = contents(data / "catalogue.db")
    room = int((data / "catalogue.db").stat().st_size * share)
    ended = subprocess.run(
        [
            *with_limited_files(room),
            Path(sys.executable).with_name("seealso"),
            "--data",
            data,
            "restore",
            larger,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == NoSpaceLeft.exit_code, ended.stderr
    assert "nothing stored before is lost" in ended.stderr
    assert contents(data / "catalogue.db") == before
    assert not list(data.glob("*before*"))
    assert not list(data.glob(".*"))


# Kills a restore at the first call of one of its steps, as a power failure would.
KILLED = """
import os, signal, sys
from index.catalogue.protection import backup
from scripts.cli.main import main

setattr(backup, sys.argv.pop(), lambda *_: os.kill(os.getpid(), signal.SIGKILL))
main()
"""


@pytest.mark.process
@pytest.mark.parametrize("step", ["_fsync", "_overwrite", "_remove"])
def test_a_killed_restore_leaves_the_old_or_the_new(data: Path, kept: Path, step: str) -> None:
    if step == "_remove":
        (data / "catalogue.db").unlink()
    command = [sys.executable, "-c", KILLED, "--data", str(data), "restore", str(kept), step]
    checkout = Path(__file__).parents[4]
    assert subprocess.run(command, check=False, cwd=checkout).returncode == -signal.SIGKILL
    assert (data / "catalogue.db").exists() == (step != "_remove")
    if step != "_remove":
        with read_catalogue(data) as catalogue:
            assert catalogue.count() == PAPER_COUNT + 50
    restore(data, kept, AT)
    assert contents(data / "catalogue.db") == contents(kept)
    assert not [name for name in os.listdir(data) if name.endswith(".part")]


def test_a_reader_keeps_the_state_it_began_with(data: Path, kept: Path) -> None:
    with read_catalogue(data) as reader:
        with reader.atomic():
            assert reader.count() == PAPER_COUNT + 50
            restore(data, kept, AT)
            assert reader.count() == PAPER_COUNT + 50
            assert len(all_entries(reader)) == PAPER_COUNT + 50
        assert reader.count() == PAPER_COUNT


def test_a_request_that_began_before_a_restore_is_answered_from_the_state_before_it(
    built_settings_copy: Settings, tmp_path: Path
) -> None:
    other, kept = tmp_path / "other", tmp_path / "kept.db"
    fill_catalogue(other)
    back_up(other, kept)
    service = Service(built_settings_copy)
    with service.open_session() as session:
        ranked, papers = session.finder.ranked_related(SURVEY), session.catalogue.count()
        restore(built_settings_copy.data, kept, AT)
        listing = session.finder.describe(ranked, DEFAULT_OPTIONS, None)
        assert len(listing.related) == DEFAULT_OPTIONS.limit
        assert session.catalogue.count() == papers != PAPER_COUNT
    with service.open_session() as session, pytest.raises(UnknownPaper):
        session.catalogue.entry(SURVEY)
    service.catalogues.close()


@pytest.mark.process
def test_a_running_server_answers_through_a_restore_and_then_from_it(
    built_data_copy: Path, tmp_path: Path, seealso: Seealso
) -> None:
    kept, before = tmp_path / "kept.db", current_name(built_data_copy)
    new = record("2402.00001", title="Pruning of language models on a phone", abstract="We prune.")
    with served(built_data_copy) as server:
        seealso(built_data_copy, "backup", str(kept))
        seealso(built_data_copy, "ingest", "snapshot", str(snapshot_of(tmp_path, new)))
        seealso(built_data_copy, "update")
        assert server.client.get("/v1/papers/2402.00001/related").status_code == 200
        reader = Reader(server.address)
        reader.start()
        try:
            reader.read_more()
            seealso(built_data_copy, "restore", str(kept))
            gone = server.client.get("/v1/papers/2402.00001/related")
            assert_problem(gone, 404, "has not been harvested")
            reader.read_more()
            seealso(built_data_copy, "update")
            reader.read_more()
        finally:
            reader.stop.set()
            reader.join()
        assert server.client.get(RELATED).json()["meta"]["release"] == current_name(built_data_copy)
        status = server.client.get("/v1/status").json()
    assert {code for code, _ in reader.seen} == {200}
    assert len({release for _, release in reader.seen} - {before}) == 2
    assert status["papers"] == status["released"]
    assert status["problem"] is None
