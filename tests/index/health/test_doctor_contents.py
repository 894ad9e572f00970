"""The doctor's checks of leftovers, settings, disk, clock, runs and freshness."""

import os
import shutil
from collections import namedtuple
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from index.arxiv.calendar import read_calendar
from index.arxiv.numbering import IdRange
from index.catalogue.catalogue import Catalogue, open_catalogue
from index.catalogue.harvests import Day
from index.catalogue.protection.backup import back_up, restore
from index.catalogue.rejections import RejectedRecord
from index.errors import Damaged
from index.releases.folder import current_name
from ingest.run_lock import run_lock
from tests.conftest import Seealso
from tests.index.health.test_doctor import current, findings, not_well
from tests.support.damage import flip_bytes
from tests.support.processes import run_main

NOW = datetime.now(UTC)
DAY = timedelta(days=1)
Usage = namedtuple("Usage", "total used free")


def follow(data: Path, complete: datetime) -> None:
    """Store a finished harvest of all of arXiv."""
    with open_catalogue(data) as catalogue:
        catalogue.harvests.finish("", date(2026, 1, 1), complete, read_calendar())


def test_files_left_by_killed_runs_are_reported_once_they_are_old(
    built_data_copy: Path, tmp_path: Path
) -> None:
    (built_data_copy / "backups").mkdir()
    left = [
        built_data_copy / "releases" / ".20260101T000000Z-0.part",
        built_data_copy / "backups" / ".catalogue.db.part",
        built_data_copy / ".catalogue.db.part",
    ]
    for path in left:
        path.mkdir()
    assert not_well(findings(built_data_copy)) == {}
    for path in left:
        os.utime(path, times=(NOW.timestamp() - 90_000,) * 2)
    found = findings(built_data_copy)
    assert not_well(found) == {"leftovers": "warning"}
    command = found["leftovers"].do.partition(": ")[2]
    assert command.startswith("rm -r ")
    assert set(command.split()[2:]) == {str(path) for path in left}
    kept = back_up(built_data_copy, tmp_path / "kept.db").path
    aside = restore(built_data_copy, kept, NOW).aside
    assert str(aside) in findings(built_data_copy)["leftovers"].do


def test_releases_beyond_the_number_to_keep_are_reported(
    built_data_copy: Path, seealso: Seealso
) -> None:
    first = current_name(built_data_copy)
    for _ in range(2):
        seealso(built_data_copy, "release", "build")
    second = sorted(
        path.name for path in (built_data_copy / "releases").iterdir() if path.is_dir()
    )[0]
    assert not_well(findings(built_data_copy)) == {}
    found = findings(built_data_copy, keep_releases="1")
    assert not_well(found) == {"releases": "warning"}
    assert second in found["releases"].what
    assert str(current_name(built_data_copy)) not in found["releases"].what
    assert first is not None


def test_nightly_requests_without_a_contact_are_a_warning(built_data_copy: Path) -> None:
    assert not_well(findings(built_data_copy)) == {}
    follow(built_data_copy, NOW)
    assert not_well(findings(built_data_copy)) == {"contact": "warning"}
    assert not_well(findings(built_data_copy, contact="me@example.org")) == {}
    assert not_well(findings(built_data_copy, remote_source=False)) == {}


def test_a_pause_shorter_than_arxiv_requires_is_broken(built_data: Path) -> None:
    ended = run_main(built_data, "doctor", environment={"SEEALSO_PAUSE": "1"})
    assert ended.returncode == Damaged.exit_code
    assert "broken   pause      SEEALSO_PAUSE=1: arXiv requires at least 3 seconds" in ended.stdout
    assert "-> unset SEEALSO_PAUSE" in ended.stdout
    near = {"SEEALSO_PAUSE": "1", "SEEALSO_OAI": "http://127.0.0.1:9/oai"}
    near |= {"SEEALSO_ARXIV_API": "http://localhost:9"}
    assert run_main(built_data, "doctor", environment=near).returncode == 0


def test_a_missing_or_incomplete_model_is_broken(built_data: Path, tmp_path: Path) -> None:
    for name in ("modules.json", "config.json", "model.safetensors"):
        found = findings(built_data, model=str(tmp_path))["model"]
        assert found.state == "broken"
        assert f"has no {name}" in found.what
        (tmp_path / name).write_text("[{}, {}]")
    (tmp_path / "modules.json").write_text('[{"type": "sentence_transformers.a", "path": "a"}] * 2')
    assert findings(built_data, model=str(tmp_path))["model"].state == "broken"


def test_a_file_of_holidays_that_cannot_be_read_is_broken(built_data: Path, tmp_path: Path) -> None:
    file = tmp_path / "holidays.txt"
    for content in (None, "2026-11-26\nThanksgiving\n"):
        if content:
            file.write_text(content)
        found = findings(built_data, holidays=str(file))
        assert not_well(found) == {"holidays": "broken"}
        assert str(file) in found["holidays"].what
    file.write_text("2026-11-26  # Thanksgiving\n")
    assert findings(built_data, holidays=str(file))["holidays"].what == "1 holidays"


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def flip(file: Path) -> None:
    flip_bytes(file, file.stat().st_size * 2 // 3)


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("weights.safetensors", cut),
        ("weights.safetensors", Path.unlink),
        *((name, flip) for name in ("weights.safetensors", "card.md", "SHA256SUMS", "../current")),
    ],
)
def test_a_damaged_tagger_is_broken_until_it_is_trained_again(
    built_data_copy: Path, name: str, damage: Callable[[Path], None], seealso: Seealso
) -> None:
    (weights,) = (built_data_copy / "taggers").glob("*/*/weights.safetensors")
    damage(weights.parent / name)
    ended = run_main(built_data_copy, "doctor")
    assert ended.returncode == Damaged.exit_code
    assert ended.stderr == "seealso: checks failed: tagger\n"
    assert "broken   tagger     " in ended.stdout
    assert "-> `seealso update`" in ended.stdout
    seealso(built_data_copy, "update")
    assert "tagger     all checksums match" in seealso(built_data_copy, "doctor").stdout


def test_a_disk_without_space_for_another_release_is_reported(
    built_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = sum(file.stat().st_size for file in current(built_data).iterdir())
    needed = release + (built_data / "catalogue.db").stat().st_size
    for free, state in [
        (2 * needed, None),
        (needed + 200_000, None),
        (needed - 1, "warning"),
        (release + 1, "warning"),
        (release, "broken"),
        (0, "broken"),
    ]:
        monkeypatch.setattr(shutil, "disk_usage", lambda _, free=free: Usage(10**12, 0, free))
        found = findings(built_data)
        assert not_well(found) == ({"disk": state} if state else {})
    assert found["disk"].do == f"free space on the disk of {built_data}"


def test_a_clock_behind_the_time_of_arxiv_is_broken(built_data_copy: Path) -> None:
    follow(built_data_copy, NOW + DAY)
    found = findings(built_data_copy, NOW, contact="me@example.org")
    assert not_well(found) == {"clock": "broken"}
    assert "earlier than arXiv's time" in found["clock"].what
    assert "timedatectl" in found["clock"].do
    follow(built_data_copy, NOW + DAY)
    assert "clock" not in not_well(findings(built_data_copy, NOW + DAY - timedelta(minutes=2)))


def test_a_clock_behind_the_last_run_or_far_ahead_of_it_is_a_warning(built_data: Path) -> None:
    found = findings(built_data, NOW - DAY)
    assert not_well(found) == {"clock": "warning"}
    assert "the clock is behind, or was ahead" in found["clock"].what
    assert "clock" not in not_well(findings(built_data, NOW + 399 * DAY))
    found = findings(built_data, NOW + 401 * DAY)
    assert found["clock"].state == "warning"
    assert "the clock may be ahead" in found["clock"].what


def interrupt(catalogue: Catalogue) -> None:
    catalogue.runs.start("nightly")


def interrupt_and_close(catalogue: Catalogue) -> None:
    catalogue.runs.start("nightly")
    catalogue.runs.close_interrupted()


def fail(catalogue: Catalogue) -> None:
    catalogue.runs.finish(catalogue.runs.start("nightly"), "HTTP 503 from arXiv", {})


def fail_before_an_update(catalogue: Catalogue) -> None:
    fail(catalogue)
    catalogue.runs.finish(catalogue.runs.start("update"), "done", {})


@pytest.mark.parametrize(
    ("happen", "message"),
    [
        (interrupt, "was interrupted"),
        (interrupt_and_close, "was interrupted"),
        (fail, "failed: HTTP 503 from arXiv"),
        (fail_before_an_update, "failed: HTTP 503 from arXiv"),
    ],
)
def test_an_unsuccessful_run_should_be_repeated(
    built_data_copy: Path, happen: Callable[[Catalogue], None], message: str
) -> None:
    with open_catalogue(built_data_copy) as catalogue:
        happen(catalogue)
    found = findings(built_data_copy)
    assert not_well(found) == {"runs": "warning"}
    assert message in found["runs"].what
    assert found["runs"].do.startswith("`seealso nightly` again")
    with open_catalogue(built_data_copy) as catalogue:
        catalogue.runs.close_interrupted()
        catalogue.runs.finish(catalogue.runs.start("nightly"), "done", {})
    assert not_well(findings(built_data_copy)) == {}


def test_a_run_in_progress_is_well(built_data_copy: Path) -> None:
    with open_catalogue(built_data_copy) as catalogue:
        catalogue.runs.start("nightly")
    with run_lock(built_data_copy):
        assert not_well(findings(built_data_copy, exclusive=False)) == {"full text": "warning"}
    # Without the lock, the folder is only read-only: no run is active.
    found = not_well(findings(built_data_copy, exclusive=False))
    assert found == {"full text": "warning", "runs": "warning"}


def test_rejected_records_late_days_and_gaps_are_reported(built_data_copy: Path) -> None:
    follow(built_data_copy, NOW - 10 * DAY)
    with open_catalogue(built_data_copy) as catalogue:
        catalogue.rejections.keep("oai", "1", [RejectedRecord("2401.00001", "no title", b"<x/>")])
        catalogue.harvests.save_days("", [Day(date(2026, 10, 1), 500, 3)])
        catalogue.harvests.save_missing_ranges(
            "", {IdRange("2310", 5, 9): 1, IdRange("2310", 70, 80): 3}
        )
    found = findings(built_data_copy, contact="me@example.org")
    assert not_well(found) == dict.fromkeys(["rejected", "freshness", "gaps"], "warning")
    assert found["rejected"].what.startswith("1 record")
    assert "`seealso ingest rejected`" in found["rejected"].do
    assert found["freshness"].do == "`seealso nightly`"
    assert "all of arXiv" in found["freshness"].what
    assert found["gaps"].what.endswith(": 2026-10-01, 2310.00005 to 2310.00009")
    assert found["gaps"].do == "`seealso nightly --catch-up`"


def test_a_broken_table_is_reported_not_raised(built_data_copy: Path) -> None:
    with open_catalogue(built_data_copy) as catalogue:
        catalogue._db.execute("UPDATE runs SET started = 'yesterday', finished = 'today'")
        catalogue._db.execute("DROP TABLE followed")
    found = findings(built_data_copy)
    assert not_well(found) == {"rows": "broken"}
    assert "sqlite_schema" in found["rows"].what
