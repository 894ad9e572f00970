"""kill -9 at random moments loses nothing: the long form is scripts/trials/kill_trials.py."""

from pathlib import Path

import pytest

from scripts.trials.kill_trials import first_load, night, try_kills

pytestmark = pytest.mark.process


def test_a_killed_run_repeated_ends_as_an_undisturbed_one(
    small_snapshot: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    smaller = tmp_path / "smaller.jsonl"
    smaller.write_text("".join(small_snapshot.read_text().splitlines(keepends=True)[::3]))
    well = try_kills(first_load(smaller), 2, seed=1, work=tmp_path)
    assert well, capsys.readouterr().out


def test_a_killed_night_repeated_ends_as_an_undisturbed_one(
    built_data_copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with night(60, base=built_data_copy) as job:
        well = try_kills(job, 2, seed=1, work=tmp_path)
    assert well, capsys.readouterr().out
