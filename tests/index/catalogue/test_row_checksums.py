"""Row checksums find every changed value, and no change by seealso itself raises an alarm."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest
from sqlite_utils import Database, Migrations

from index.arxiv.calendar import read_calendar
from index.arxiv.numbering import IdRange
from index.catalogue.catalogue import Catalogue, open_catalogue, read_catalogue
from index.catalogue.harvests import Day, HarvestCheckpoint
from index.catalogue.protection.backup import back_up, restore
from index.catalogue.protection.integrity import find_row_fault
from index.catalogue.rejections import RejectedRecord
from index.catalogue.row_checksums import DamagedRow, find_damaged_rows
from index.catalogue.schema import migrations
from index.catalogue.tags import Tag
from tests.support.two_papers import IDENTITY, OTHER, PAPER, second_version

DAY = date(2024, 1, 1)
AT = datetime(2024, 1, 2, tzinfo=UTC)
# Their damage stops every command, so their rows need no checksum.
WITHOUT_CHECKSUM = {"_sqlite_migrations"}


def write_to_every_table(catalogue: Catalogue) -> None:
    """Write a row to every table, change it, and replace it if that is possible."""
    number = 1
    catalogue.store([PAPER, OTHER])
    catalogue.store([second_version(title="Another Title", doi="10.2/2")])
    catalogue.withdraw([OTHER.id])
    vectors = catalogue.vectors.of(IDENTITY)
    for seed in (0, 1):
        values = np.random.default_rng(seed).random((1, IDENTITY.dimension), np.float32)
        vectors.add([PAPER.text_hash], values)
    catalogue.tags.store_taxonomy("topics", "v1", "[labels]")
    for version in ("v1", "v1"):
        catalogue.tags.follow("topics", version, ["a", "b"])
    for probability in (0.25, 1.0):
        tags = [Tag("topics", "a", probability), Tag("topics", "b", probability)]
        catalogue.tags.replace("topics", "tagger", [(number, tags)])
    catalogue.corrections.add("topics", number, ["b"], "someone")
    catalogue.taggings.add_tagger("tagger", "topics", "{}")
    counts = {"judged": 2, "new": 1, "abstained": 0}
    for confidence in (None, 0.5):
        catalogue.taggings.add("topics", "t", confidence=confidence, labels={"a": 1}, **counts)
    catalogue.runs.finish(catalogue.runs.start("nightly"), "done", {"new": 1})
    catalogue.runs.start("update")
    catalogue.runs.close_interrupted()
    catalogue.runs.save_bookmark("snapshot", 7)
    catalogue.runs.save_bookmark("snapshot", 9)
    catalogue.runs.add_scope("oai", "cs")
    harvests = catalogue.harvests
    catalogue.scope.follow("math", DAY, first_day=DAY)
    catalogue.scope.save_skipped({"2401.00009": DAY})
    harvests.save_checkpoint("cs", HarvestCheckpoint("arXivRaw", DAY, AT, DAY, "token"))
    harvests.finish("cs", DAY, AT, read_calendar(None))
    harvests.save_datestamps({PAPER.id: DAY})
    harvests.save_datestamps({PAPER.id: date(2024, 2, 1)})
    for missing in (3, 1):
        harvests.save_days("cs", [Day(DAY, 5, missing)])
    harvests.save_silent_days("cs", [date(2024, 1, 5)])
    for nights in (1, 2):
        harvests.save_missing_ranges("cs", {IdRange("2401", 1, 9): nights})
    for form in ("one", "another"):
        catalogue.outlines.begin_form(form)
        for content in (b"outline", b""):
            catalogue.outlines.add([(number, content)])
    for reason in ("no title", "no id"):
        catalogue.rejections.keep("oai", "1", [RejectedRecord("key", reason, b"<raw>\xff\0")])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A catalogue with rows in every table, closed."""
    with open_catalogue(tmp_path) as catalogue:
        write_to_every_table(catalogue)
    return tmp_path / "catalogue.db"


def damaged(file: Path) -> list[DamagedRow]:
    with closing(sqlite3.connect(file)) as db:
        return list(find_damaged_rows(db))


def change(file: Path, *statements: str) -> None:
    """Change a catalogue without its checksums, as damage does."""
    with closing(sqlite3.connect(file)) as db:
        for statement in statements:
            assert db.execute(statement).rowcount > 0
        db.commit()


def tables(db: sqlite3.Connection) -> list[str]:
    rows = db.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB '*_fts*'"
    )
    return [name for (name,) in rows if name not in WITHOUT_CHECKSUM]


def test_no_write_of_any_kind_raises_an_alarm(file: Path) -> None:
    assert damaged(file) == []
    with closing(sqlite3.connect(file)) as db:
        for table in tables(db):
            assert db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] > 0, table
            unset = f"SELECT count(*) FROM {table} WHERE length(checksum) <> 4"
            assert db.execute(unset).fetchone()[0] == 0, table
    with open_catalogue(file.parent) as catalogue:
        write_to_every_table(catalogue)
        catalogue.tags.drop("topics")
    assert damaged(file) == []


def test_a_change_of_any_value_of_any_table_is_found(file: Path) -> None:
    with closing(sqlite3.connect(file)) as db:
        for table in tables(db):
            for _, column, kind, *_ in db.execute(f"PRAGMA table_info({table})").fetchall():
                new = {
                    "INTEGER": f"coalesce({column}, 0) + 1000",
                    "REAL": f"coalesce({column}, 0) + 0.001",
                    "TEXT": f"coalesce({column}, '') || '\x01'",
                    "BLOB": f"CAST({column} || 'x' AS BLOB)",
                }[kind]
                assert db.execute(f"UPDATE {table} SET {column} = {new}").rowcount > 0
                found = {row.table for row in find_damaged_rows(db)}
                assert found == {table}, (table, column)
                db.rollback()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE papers SET doi = NULL WHERE number = 1",
        "UPDATE papers SET doi = '', journal_ref = NULL WHERE number = 1",
        "UPDATE papers SET doi = journal_ref, journal_ref = doi WHERE number = 1",
        "UPDATE papers SET title = CAST(x'ff41' AS TEXT) WHERE number = 1",
        "UPDATE papers SET checksum = x'01020304' WHERE number = 1",
    ],
)
def test_a_damaged_paper_is_named_by_its_identifier(file: Path, statement: str) -> None:
    change(file, statement)
    (row,) = damaged(file)
    assert (row.table, row.key, row.name) == ("papers", (1,), f"papers {PAPER.id}")


def test_a_name_that_is_no_longer_text_is_shown_with_escapes(file: Path) -> None:
    change(file, "UPDATE papers SET id = CAST(x'32ff' AS TEXT) WHERE number = 1")
    assert [row.name for row in damaged(file)] == ["papers 2\\xff"]
    change(file, "UPDATE datestamps SET id = CAST(x'32ff' AS TEXT)")
    assert {row.name for row in damaged(file)} == {"papers 2\\xff", "datestamps 2\\xff"}


def test_a_changed_definition_of_a_table_is_found(file: Path) -> None:
    """SQLite itself finds it only if the definition can no longer be parsed."""
    content = file.read_bytes()
    place = content.rindex(b"separated by blanks")
    file.write_bytes(content[:place] + b"S" + content[place + 1 :])
    assert [row.name for row in damaged(file)] == ["sqlite_schema"]


def test_many_damaged_rows_are_counted(file: Path) -> None:
    change(file, "UPDATE tags SET probability = 0.5", "UPDATE papers SET withdrawn = 0")
    change(file, "UPDATE versions SET created = '2020-01-01'", "UPDATE runs SET kind = 'x'")
    with closing(sqlite3.connect(file)) as db:
        fault = find_row_fault(db)
    assert fault is not None
    assert fault.startswith("6 rows do not match their checksums: papers hep-th/9901001, runs 1,")
    assert fault.endswith(" and 1 more")


def test_a_row_stays_damaged_if_another_of_its_values_changes(file: Path) -> None:
    change(file, "UPDATE papers SET doi = '10.6/6' WHERE number = 1")
    with open_catalogue(file.parent) as catalogue:
        catalogue.store([replace(second_version(), doi=None, version=3, title="Third")])
        catalogue.withdraw([PAPER.id])
    assert [row.name for row in damaged(file)] == [f"papers {PAPER.id}"]


def test_a_row_that_is_replaced_is_sound(file: Path) -> None:
    change(file, "UPDATE vectors SET vector = x'0000000000000000'")
    assert [row.table for row in damaged(file)] == ["vectors"]
    with open_catalogue(file.parent) as catalogue:
        catalogue.vectors.of(IDENTITY).add([PAPER.text_hash], np.ones((1, 4), np.float32))
    assert damaged(file) == []


def test_vacuum_backup_and_restore_keep_checksums(file: Path, tmp_path: Path) -> None:
    kept = back_up(file.parent, tmp_path / "kept.db").path
    assert damaged(kept) == []
    change(file, "UPDATE taggers SET card = '{ }'")
    with closing(sqlite3.connect(file)) as db:
        db.execute("VACUUM")
    assert [row.name for row in damaged(file)] == ["taggers tagger"]
    restore(file.parent, kept, AT)
    assert damaged(file) == []
    with read_catalogue(file.parent) as catalogue:
        assert catalogue.taggings.card("tagger") == "{}"


@contextmanager
def later_migration(migration: Callable[[Database], None]) -> Iterator[None]:
    """Register a migration for the block, as a later version of seealso would."""
    migrations._migrations.append(Migrations._Migration("later", migration))
    try:
        yield
    finally:
        del migrations._migrations[-1]


def add_and_fill_columns(db: Database) -> None:
    db.execute("ALTER TABLE papers ADD COLUMN basis TEXT")
    db.execute("ALTER TABLE papers ADD COLUMN rank INTEGER NOT NULL DEFAULT 7")
    db.execute("UPDATE papers SET basis = 'flag'")


def rebuild_a_table(db: Database) -> None:
    db.execute(
        "CREATE TABLE new_versions (paper INTEGER NOT NULL REFERENCES papers (number), "
        "version INTEGER NOT NULL, day TEXT, PRIMARY KEY (paper, version)) STRICT, WITHOUT ROWID"
    )
    db.execute("INSERT INTO new_versions SELECT paper, version, created FROM versions")
    db.execute("DROP TABLE versions")
    db.execute("ALTER TABLE new_versions RENAME TO versions")


def rename_and_drop_columns(db: Database) -> None:
    db.execute("ALTER TABLE papers RENAME COLUMN comment TO comments")
    db.execute("ALTER TABLE papers DROP COLUMN journal_ref")


def add_a_table(db: Database) -> None:
    db.execute("CREATE TABLE notes (paper INTEGER PRIMARY KEY, note TEXT) STRICT")
    db.execute("INSERT INTO notes VALUES (1, 'first')")


@pytest.mark.parametrize(
    "migration",
    [add_and_fill_columns, rebuild_a_table, rename_and_drop_columns, add_a_table],
    ids=lambda migration: migration.__name__,
)
def test_a_later_migration_raises_no_alarm_and_hides_no_damage(
    file: Path, migration: Callable[[Database], None]
) -> None:
    change(file, "UPDATE papers SET id = 'hep-th/9901002' WHERE number = 2")
    change(file, "UPDATE versions SET created = '2024-01-02' WHERE version = 1")
    before = damaged(file)
    assert [row.name for row in before] == ["papers hep-th/9901002", "versions 1 1"]
    with later_migration(migration):
        with open_catalogue(file.parent) as catalogue:
            if migration is add_a_table:
                catalogue._db.execute("INSERT INTO notes (paper, note) VALUES (2, 'second')")
        assert damaged(file) == before
        if migration is add_a_table:
            change(file, "UPDATE notes SET note = 'other'")
            assert [row.name for row in damaged(file)] == [
                "notes 1",
                "notes 2",
                *(row.name for row in before),
            ]


def test_a_migration_that_fails_changes_nothing(file: Path) -> None:
    def fail(db: Database) -> None:
        add_and_fill_columns(db)
        raise ZeroDivisionError

    before = file.read_bytes()
    with later_migration(fail), pytest.raises(ZeroDivisionError), open_catalogue(file.parent):
        pass
    assert file.read_bytes() == before


def test_rows_from_before_checksums_get_one_unless_their_text_is_damaged(tmp_path: Path) -> None:
    file = tmp_path / "catalogue.db"
    older = Migrations("seealso")
    names = [migration.name for migration in migrations._migrations]
    older._migrations = migrations._migrations[: names.index("row_checksums")]
    with closing(Database(sqlite3.connect(file))) as db:
        older.apply(db)
        for paper in (PAPER, OTHER):
            db.execute(
                "INSERT INTO papers (id, title, abstract, authors, categories, withdrawn, summary, "
                "text_hash) VALUES (?, ?, ?, '[]', 'cs.LG', 0, '', ?)",
                [paper.id, paper.title, paper.abstract, paper.text_hash],
            )
        db.execute("INSERT INTO versions VALUES (1, 1, '2024-01-01')")
        db.execute("UPDATE papers SET title = 'Strongs' WHERE id = ?", [OTHER.id])
    found = [f"papers {OTHER.id}"]
    assert [row.name for row in damaged(file)] == found
    for _ in range(2):
        with open_catalogue(tmp_path):
            pass
        assert [row.name for row in damaged(file)] == found
    change(file, "UPDATE versions SET created = '2024-01-03'")
    assert [row.name for row in damaged(file)] == [*found, "versions 1 1"]
