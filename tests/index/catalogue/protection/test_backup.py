"""Backups hold whole transactions while others write, are checked, and are never partial."""

import re
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

import index.catalogue.protection.backup
from index.catalogue.catalogue import open_catalogue, read_catalogue
from index.catalogue.protection.backup import back_up, list_backups, next_backup_path, prune_backups
from index.errors import BadInput, Damaged, ForeignCatalogue, NoSpaceLeft, NotReady
from tests.conftest import Seealso
from tests.support.catalogue_files import (
    DAMAGE,
    PAPER_COUNT,
    contents,
    fill_catalogue,
    forget_in_full_text,
    papers,
)
from tests.support.damage import flip_bytes
from tests.support.processes import with_limited_files

AT = datetime(2026, 11, 3, 5, 0, 0, tzinfo=UTC)
SEEALSO = Path(sys.executable).with_name("seealso")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    data = tmp_path / "data"
    fill_catalogue(data)
    return data


def test_a_backup_has_all_contents_of_the_catalogue_in_one_file(data: Path, tmp_path: Path) -> None:
    with open_catalogue(data) as catalogue:  # open, so part of it is in the -wal
        catalogue.store(papers(PAPER_COUNT + 1, PAPER_COUNT + 5))
        assert (data / "catalogue.db-wal").stat().st_size > 0
        made = back_up(data, tmp_path / "kept.db")
        assert contents(made.path) == contents(data / "catalogue.db")
    assert (made.papers, made.size) == (PAPER_COUNT + 5, made.path.stat().st_size)
    made.path.chmod(0o400)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "kept.db"]
    assert made.path.read_bytes()[18:20] == b"\1\1"  # readers write no files next to it


def test_a_backup_is_a_snapshot_even_if_papers_are_stored_between_its_steps(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index.catalogue.protection.backup, "_STEP", 5)
    before = contents(data / "catalogue.db")
    steps: list[tuple[int, int]] = []
    with open_catalogue(data) as writer:

        def write_and_note(done: int, total: int) -> None:
            steps.append((done, total))
            assert len(steps) < 1000, "every write restarts the backup"
            writer.store(papers(PAPER_COUNT + len(steps), PAPER_COUNT + len(steps)))

        made = back_up(data, tmp_path / "kept.db", write_and_note)
        assert writer.count() == PAPER_COUNT + len(steps)
    pages = made.size // 4096
    assert steps == [(min(5 * step, pages), pages) for step in range(1, -(-pages // 5) + 1)]
    assert contents(made.path) == before


# Endlessly stores pairs of papers, each pair in one transaction with a rejected record.
WRITER = """
import sys
from pathlib import Path
from index.catalogue.catalogue import open_catalogue
from index.catalogue.rejections import RejectedRecord
from tests.support.catalogue_files import papers

with open_catalogue(Path(sys.argv[1])) as catalogue:
    number = 1001
    while True:
        with catalogue.atomic():
            catalogue.store(papers(number, number))
            catalogue.store(papers(number + 1, number + 1))
            catalogue.rejections.keep("pairs", "1", [RejectedRecord(str(number), "none", b"")])
        number += 2
        print(number, flush=True)
"""


@pytest.mark.process
def test_backups_during_writes_of_another_process_hold_whole_transactions(data: Path) -> None:
    command = [sys.executable, "-c", WRITER, str(data)]
    checkout = Path(__file__).parents[4]
    held: list[int] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=checkout) as writer:
        assert writer.stdout is not None
        lines = writer.stdout
        written = [int(lines.readline())]
        reader = threading.Thread(target=lambda: written.extend(map(int, lines)))
        reader.start()
        try:
            while len(held) < 15:
                at_least, made = written[-1], back_up(data, next_backup_path(data, AT))
                with closing(sqlite3.connect(made.path)) as db:
                    assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
                    (pairs,) = db.execute("SELECT count(*) FROM rejected").fetchone()
                assert made.papers == PAPER_COUNT + 2 * pairs
                assert 1001 + 2 * pairs >= at_least
                held.append(made.papers)
        finally:
            writer.kill()
            reader.join()
    assert held == sorted(held)
    assert len(set(held)) > 5


def test_a_backup_overwrites_nothing_and_the_error_names_what_is_missing(
    data: Path, tmp_path: Path
) -> None:
    target = tmp_path / "kept.db"
    target.write_text("precious")
    with pytest.raises(BadInput, match=r"kept\.db exists already: choose another file"):
        back_up(data, target)
    assert target.read_text() == "precious"
    with pytest.raises(BadInput, match="elsewhere does not exist: create it"):
        back_up(data, tmp_path / "elsewhere" / "kept.db")
    with pytest.raises(NotReady, match="seealso ingest"):
        back_up(tmp_path / "nowhere", tmp_path / "other.db")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "kept.db"]


@pytest.mark.parametrize("damage", DAMAGE, ids=lambda damage: damage.__name__)
def test_a_damaged_catalogue_is_not_backed_up(
    data: Path, damage: Callable[[Path], None], seealso: Seealso
) -> None:
    kept = back_up(data, next_backup_path(data, AT)).path
    damage(data / "catalogue.db")
    before = (data / "catalogue.db").read_bytes()
    with pytest.raises(Damaged, match="run `seealso doctor`"):
        seealso(data, "backup", "--keep", "1")
    assert (data / "catalogue.db").read_bytes() == before
    assert list((data / "backups").iterdir()) == [kept]


def test_a_catalogue_whose_full_text_does_not_match_is_not_backed_up(
    data: Path, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(data / "catalogue.db")) as db:
        forget_in_full_text(db, 7)
    with pytest.raises(Damaged, match="the full-text index of"):
        back_up(data, tmp_path / "kept.db")
    assert not (tmp_path / "kept.db").exists()


def test_a_catalogue_with_a_damaged_row_is_not_backed_up(data: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(data / "catalogue.db")) as db:
        db.execute("UPDATE papers SET doi = '10.1/2' WHERE number = 7")
        db.commit()
    with pytest.raises(Damaged, match=r"its checksum: papers 2401\.00007; no backup was made"):
        back_up(data, tmp_path / "kept.db")
    assert not (tmp_path / "kept.db").exists()


def test_the_database_of_another_program_is_not_backed_up(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "catalogue.db")) as db:
        db.execute("CREATE TABLE songs (name)")
    with pytest.raises(ForeignCatalogue, match="not written by seealso"):
        back_up(tmp_path, tmp_path / "kept.db")


def test_an_older_catalogue_is_backed_up_before_it_is_migrated(data: Path, tmp_path: Path) -> None:
    with open_catalogue(data) as catalogue:
        catalogue._db.execute("DROP TABLE harvest_scope")
        catalogue._db.execute("DROP TABLE runs")
        catalogue._db.table("_sqlite_migrations").delete_where("name = 'runs'")
    with pytest.raises(NotReady), read_catalogue(data):
        pass
    assert back_up(data, tmp_path / "kept.db").papers == PAPER_COUNT


@pytest.mark.process
@pytest.mark.parametrize("room", [0, 10_000, 200_000])
def test_a_full_disk_leaves_no_partial_file_and_is_reported(data: Path, room: int) -> None:
    before = contents(data / "catalogue.db")
    ended = subprocess.run(
        [*with_limited_files(room), SEEALSO, "--data", data, "backup"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == NoSpaceLeft.exit_code, ended.stderr
    assert re.search(
        r"^seealso: no space left to write .*/backups/catalogue-\d{8}T\d{6}Z\.db "
        r"\(.*\); nothing stored before is lost\n",
        ended.stderr,
        re.MULTILINE,
    )
    assert "Traceback" not in ended.stderr
    assert list((data / "backups").iterdir()) == []
    assert contents(data / "catalogue.db") == before


def test_only_the_oldest_backups_are_deleted(data: Path) -> None:
    made = [back_up(data, next_backup_path(data, AT)).path for _ in range(3)]
    assert [path.name for path in made] == [
        f"catalogue-20261103T05000{second}Z.db"
        for second in range(3)  # also within one second
    ]
    other = data / "backups" / "catalogue-of-songs.db"
    other.touch()
    assert list_backups(data) == made[::-1]
    assert prune_backups(data, 2) == made[:1]
    assert prune_backups(data, 2) == []
    assert sorted((data / "backups").iterdir()) == [*made[1:], other]


def test_the_command_backs_up_to_the_data_folder_or_to_a_file(
    data: Path, tmp_path: Path, seealso: Seealso
) -> None:
    file = tmp_path / "mine.db"
    assert f"{file}: {PAPER_COUNT} papers, " in seealso(data, "backup", str(file)).stdout
    assert list_backups(data) == []
    seealso(data, "backup")
    (first,) = list_backups(data)
    output = seealso(data, "backup", "--keep", "1").stdout.splitlines()
    (second,) = list_backups(data)
    assert second > first
    assert output[0].startswith(f"{second}: {PAPER_COUNT} papers, ")
    assert output[1] == f"{first}: deleted"
    assert contents(second) == contents(file) == contents(data / "catalogue.db")


def test_a_flipped_byte_anywhere_in_a_backup_is_found(data: Path, tmp_path: Path) -> None:
    from index.catalogue.protection.backup_checksum import verify_checksum

    file = back_up(data, tmp_path / "kept.db").path
    whole = file.read_bytes()
    assert verify_checksum(file)
    for place in (*range(20, 100, 7), *range(100, len(whole), 9973), len(whole) - 1):
        flip_bytes(file, place)
        with pytest.raises(Damaged, match="its checksum does not match"):
            verify_checksum(file)
        file.write_bytes(whole)
