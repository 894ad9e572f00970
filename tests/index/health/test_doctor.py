"""The doctor finds what is wrong and says what to do, and that repairs it."""

import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from index.catalogue.catalogue import open_catalogue
from index.catalogue.protection.backup import back_up, next_backup_path, restore
from index.errors import Damaged
from index.health.doctor import DoctorContext, run_checks
from index.health.findings import Finding
from index.releases.folder import current_name
from index.settings import load_settings
from tests.conftest import SURVEY, Seealso
from tests.ingest.test_run_lock import hanging_run
from tests.support.catalogue_files import DAMAGE, forget_in_full_text, papers
from tests.support.damage import flip_bytes
from tests.support.processes import run_main

NOW = datetime.now(UTC)
TAGGER = ("efficient-foundation-models", "0123456789ab")


def findings(
    data: Path,
    at: datetime | None = None,
    tagger: tuple[str, str] | None = None,
    *,
    exclusive: bool = True,
    remote_source: bool = True,
    **environment: str,
) -> dict[str, Finding]:
    """Return the findings for a data folder by subject; the worst one of each subject."""
    settings = load_settings(
        {f"SEEALSO_{k.upper()}": v for k, v in environment.items()}, data=str(data)
    )
    found = run_checks(
        settings, at or datetime.now(UTC), DoctorContext(exclusive, tagger, remote_source)
    )
    for finding in found:
        assert (finding.do == "") == (finding.state == "well"), finding
    order = ["well", "warning", "broken"]
    return {
        finding.subject: finding
        for finding in sorted(found, key=lambda finding: order.index(finding.state))
    }


def not_well(found: dict[str, Finding]) -> dict[str, str]:
    return {subject: one.state for subject, one in found.items() if one.state != "well"}


def current(data: Path) -> Path:
    return data / "releases" / str(current_name(data))


def test_an_intact_folder_is_well(built_data_copy: Path, seealso: Seealso) -> None:
    assert not_well(findings(built_data_copy)) == {}
    result = seealso(built_data_copy, "doctor")
    assert result.exit_code == 0
    assert {line.split()[0] for line in result.stdout.splitlines()} == {"well"}
    report = json.loads(seealso(built_data_copy, "doctor", "--json").stdout)
    assert report["well"] is True
    subjects = [finding["subject"] for finding in report["findings"]]
    for subject in "catalogue vectors tags release model disk clock runs pause".split():
        assert subject in subjects
    assert set(report["findings"][0]) == {"subject", "state", "what", "do"}


def test_a_missing_folder_is_not_broken_and_is_not_created(
    tmp_path: Path, seealso: Seealso
) -> None:
    result = seealso(tmp_path / "new", "doctor")
    assert result.exit_code == 0
    assert "warning  catalogue  no catalogue in" in result.stdout
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("damage", DAMAGE, ids=lambda damage: damage.__name__)
def test_a_damaged_catalogue_is_broken_until_its_backup_is_restored(
    built_data_copy: Path, damage: Callable[[Path], None], seealso: Seealso
) -> None:
    file = built_data_copy / "catalogue.db"
    kept = back_up(built_data_copy, next_backup_path(built_data_copy, NOW)).path
    damage(file)
    broken = file.read_bytes()
    ended = run_main(built_data_copy, "doctor")
    assert ended.returncode == Damaged.exit_code
    assert ended.stderr == "seealso: checks failed: catalogue\n"
    assert "Traceback" not in ended.stdout
    assert file.read_bytes() == broken
    found = findings(built_data_copy)
    assert not_well(found) == {"catalogue": "broken"}
    assert f"`seealso restore {kept}`" in found["catalogue"].do
    restore(built_data_copy, kept, NOW)
    assert not_well(findings(built_data_copy)) == {"leftovers": "warning"}


def test_a_damaged_catalogue_without_a_backup_needs_a_new_ingest(built_data_copy: Path) -> None:
    (built_data_copy / "catalogue.db").write_bytes(b"")
    assert "`seealso ingest`" in findings(built_data_copy)["catalogue"].do


def test_a_missing_catalogue_is_broken(built_data_copy: Path) -> None:
    (built_data_copy / "catalogue.db").unlink()
    found = findings(built_data_copy)["catalogue"]
    assert (found.state, found.what) == ("broken", f"{built_data_copy}/catalogue.db is missing")


def test_a_lost_wal_is_found_through_the_release(built_data_copy: Path, seealso: Seealso) -> None:
    file = built_data_copy / "catalogue.db"
    with open_catalogue(built_data_copy) as writer:  # the -wal exists while it is open
        writer.withdraw([next(iter(writer.ids_of_month("2310")))[0]])
        seealso(built_data_copy, "update")
        assert not_well(findings(built_data_copy)) == {}
        without = file.read_bytes()
    file.write_bytes(without)
    assert not (built_data_copy / "catalogue.db-wal").exists()
    found = findings(built_data_copy)
    assert not_well(found) == {"release": "warning"}
    assert found["release"].do == "`seealso update`"


def test_a_dangling_foreign_key_is_broken(built_data_copy: Path) -> None:
    with closing(sqlite3.connect(built_data_copy / "catalogue.db")) as db:
        db.execute("INSERT INTO versions (paper, version, created) VALUES (99999, 1, '2024-01-01')")
        db.commit()
    found = findings(built_data_copy)["catalogue"]
    assert found.state == "broken"
    assert "of versions refers to no row of papers" in found.what


def test_full_text_that_does_not_match_is_broken_until_it_is_repaired(
    built_data_copy: Path, seealso: Seealso
) -> None:
    with closing(sqlite3.connect(built_data_copy / "catalogue.db")) as db:
        forget_in_full_text(db, 7)
        db.commit()
    found = findings(built_data_copy)
    assert not_well(found) == {"full text": "broken"}
    assert found["full text"].do == "`seealso doctor --repair`"
    with pytest.raises(Damaged, match="full text"):
        seealso(built_data_copy, "doctor")
    seealso(built_data_copy, "doctor", "--repair")
    assert not_well(findings(built_data_copy)) == {}


DAMAGED_VALUES = {
    "title": ("papers {id}", "SELECT title FROM papers WHERE id = ?"),
    "authors": ("papers {id}", "SELECT authors FROM papers WHERE id = ?"),
    "doi": ("papers ", "SELECT doi FROM papers WHERE doi IS NOT NULL AND id <> ?"),
    "vector": ("vectors 1 ", "SELECT vector FROM vectors WHERE text_hash <> ?"),
    "model card": ("taggers ", "SELECT card FROM taggers WHERE card <> ?"),
    "taxonomy": ("taxonomies ", "SELECT source FROM taxonomies WHERE source <> ?"),
}


@pytest.mark.parametrize("value", DAMAGED_VALUES)
def test_one_damaged_byte_is_named_and_a_backup_repairs_it(
    built_data_copy: Path, value: str, seealso: Seealso
) -> None:
    name, query = DAMAGED_VALUES[value]
    file = built_data_copy / "catalogue.db"
    kept = back_up(built_data_copy, next_backup_path(built_data_copy, NOW)).path
    with closing(sqlite3.connect(file)) as db:
        content = db.execute(query, [SURVEY]).fetchone()[0]
    content = content if isinstance(content, bytes) else content.encode()
    flip_bytes(file, file.read_bytes().rindex(content[:200]) + len(content[:200]) // 2)
    with pytest.raises(Damaged, match="checks failed: "):
        seealso(built_data_copy, "doctor")
    found = findings(built_data_copy)
    # A DOI is also in an index, which then does not match the row.
    (subject,) = set(not_well(found)) - {"full text"}
    assert subject == ("catalogue" if value == "doi" else "rows")
    assert f"1 row does not match its checksum: {name.format(id=SURVEY)}" in found[subject].what
    if value == "title":  # rebuilding the full text would make the damage lasting
        assert found["full text"].state == "broken"
    for subject in not_well(found):
        assert found[subject].do == f"`seealso restore {kept}`, the newest backup"
    with pytest.raises(Damaged, match="no backup was made"):
        seealso(built_data_copy, "backup")
    restore(built_data_copy, kept, NOW)
    assert not_well(findings(built_data_copy)) == {"leftovers": "warning"}


def test_a_wrong_index_is_found(built_data_copy: Path) -> None:
    with closing(sqlite3.connect(built_data_copy / "catalogue.db")) as db:
        place, size = db.execute(
            "SELECT rootpage, page_size FROM sqlite_master, pragma_page_size "
            "WHERE name = 'papers_by_day'"
        ).fetchone()
    content = (built_data_copy / "catalogue.db").read_bytes()
    day = content.index(b"20", (place - 1) * size)
    flip_bytes(built_data_copy / "catalogue.db", day)
    found = findings(built_data_copy)
    assert not_well(found) == {"catalogue": "broken"}
    assert "papers_by_day" in found["catalogue"].what


def test_nothing_is_repaired_from_a_damaged_catalogue(
    built_data_copy: Path, seealso: Seealso
) -> None:
    with closing(sqlite3.connect(built_data_copy / "catalogue.db")) as db:
        forget_in_full_text(db, 7)
        db.execute("UPDATE papers SET title = 'Another' WHERE number = 8")
        db.commit()
    before = (built_data_copy / "catalogue.db").read_bytes()
    with pytest.raises(Damaged, match="rows"):
        seealso(built_data_copy, "doctor", "--repair")
    assert (built_data_copy / "catalogue.db").read_bytes() == before


@pytest.mark.process
def test_the_full_text_is_not_checked_during_a_run(built_data_copy: Path) -> None:
    with hanging_run(built_data_copy):
        ended = run_main(built_data_copy, "doctor", "--json")
    assert ended.returncode == 0, ended.stderr
    report = [
        (one["subject"], one["state"], one["what"]) for one in json.loads(ended.stdout)["findings"]
    ]
    (full_text,) = [one for one in report if one[0] == "full text"]
    assert full_text[1] == "warning"
    assert "another run is writing" in full_text[2]
    assert any(one[0] == "runs" and "has been running since" in one[2] for one in report)


def test_an_older_schema_needs_an_update(built_data_copy: Path) -> None:
    with open_catalogue(built_data_copy) as catalogue:
        catalogue._db.execute("DROP TABLE rejected")
        catalogue._db.execute("DROP TABLE earlier_texts")
        catalogue._db.execute("DROP TABLE bookmarks")
        catalogue._db.table("_sqlite_migrations").delete_where("name = 'records'")
    found = findings(built_data_copy)
    assert not_well(found) == {"schema": "warning"}
    assert found["schema"].what == "migrations are pending: records"


def test_pending_vectors_and_tags_need_an_update(built_data_copy: Path, seealso: Seealso) -> None:
    with open_catalogue(built_data_copy) as catalogue:
        catalogue.store(papers(1, 2))
    found = findings(built_data_copy, tagger=TAGGER)
    assert not_well(found) == dict.fromkeys(["vectors", "tags"], "warning")
    assert found["vectors"].what.startswith("2 of ")
    report = seealso(built_data_copy, "doctor").stdout
    assert "warning  tags       2 of " in report
    seealso(built_data_copy, "update")
    assert "warning" not in seealso(built_data_copy, "doctor").stdout


def test_a_new_model_is_named_with_what_to_do(built_data: Path) -> None:
    found = findings(built_data, max_length="16")["vectors"]
    assert found.state == "warning"
    assert " 16 " in found.what
    assert found.do is not None
    assert "seealso update --embed-again" in found.do


def cut_vectors(release: Path) -> None:
    os.truncate(release / "vectors.npy", 1000)


def flip_a_vector(release: Path) -> None:
    flip_bytes(release / "vectors.npy", (release / "vectors.npy").stat().st_size - 5)


def lose_the_manifest(release: Path) -> None:
    (release / "manifest.json").unlink()


def lose_the_folder(release: Path) -> None:
    shutil.rmtree(release)


@pytest.mark.parametrize(
    "damage",
    [cut_vectors, flip_a_vector, lose_the_manifest, lose_the_folder],
    ids=lambda damage: damage.__name__,
)
def test_a_damaged_release_is_broken_until_another_is_built(
    built_data_copy: Path, damage: Callable[[Path], None], seealso: Seealso
) -> None:
    damage(current(built_data_copy))
    found = findings(built_data_copy)
    assert not_well(found) == {"release": "broken"}
    assert found["release"].do == "`seealso release build`"
    seealso(built_data_copy, "release", "build")
    assert not_well(findings(built_data_copy)) == {}


def test_no_release_and_an_unreadable_pointer(built_data_copy: Path) -> None:
    pointer = built_data_copy / "releases" / "CURRENT"
    pointer.write_bytes(b"\xff\xfe\0")
    found = findings(built_data_copy)
    assert not_well(found) == {"release": "broken"}
    assert "UnicodeDecodeError" in found["release"].what
    pointer.unlink()
    assert not_well(findings(built_data_copy)) == {"release": "warning"}
