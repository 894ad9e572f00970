"""kill -9 at random moments loses nothing: a short run of scripts/trials/kill_trials.py."""

from pathlib import Path

import pytest

from scripts.trials.kill_trials import first_load_job, nightly_job, run_trials

pytestmark = pytest.mark.process


def test_a_killed_first_load_gives_the_same_result_when_repeated(
    small_snapshot: Path, empty_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # The model is exported already: an export takes longer than all other steps together, and the
    # kills would mostly hit it. tests/index/embedding/test_embedder.py kills an export.
    smaller = tmp_path / "smaller.jsonl"
    smaller.write_text("".join(small_snapshot.read_text().splitlines(keepends=True)[::3]))
    all_equal = run_trials(first_load_job(smaller, empty_data), 2, seed=1, work=tmp_path)
    assert all_equal, capsys.readouterr().out


def test_a_killed_nightly_run_gives_the_same_result_when_repeated(
    built_data_copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with nightly_job(60, base=built_data_copy) as job:
        all_equal = run_trials(job, 2, seed=1, work=tmp_path)
    assert all_equal, capsys.readouterr().out


def test_a_load_killed_between_instalments_gives_the_same_result_when_repeated(
    small_snapshot: Path, empty_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    job = first_load_job(small_snapshot, empty_data, instalment=64)
    all_equal = run_trials(job, 2, seed=3, work=tmp_path)
    assert all_equal, capsys.readouterr().out
