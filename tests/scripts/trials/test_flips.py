"""Changed bytes are found or harmless: a short run of scripts/trials/flip_trials.py."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

import scripts.trials.flip_trials
from scripts.trials.flip_trials import run_trials


def test_every_changed_byte_is_found_or_harmless(
    built_data_copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (built_data_copy / "catalogue.db").read_bytes()
    assert run_trials(built_data_copy, 16, seed=1, paper_count=2) == 0, capsys.readouterr().out
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[-3:]] == ["catalogue", "release", "taggers"]
    assert sum(int(number) for line in lines[-3:] for number in line.split()[1:]) == 16
    assert (built_data_copy / "catalogue.db").read_bytes() == before


def test_damage_that_the_doctor_misses_is_reported(
    built_data_copy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without its checks, the doctor calls nothing broken; half of the bytes are vectors."""
    with closing(sqlite3.connect(built_data_copy / "catalogue.db")) as db:
        db.execute("VACUUM")  # no free pages
    monkeypatch.setattr(scripts.trials.flip_trials, "diagnose", lambda _: [])
    undetected = run_trials(built_data_copy, 8, seed=1, paper_count=2)
    assert undetected > 0
    assert "undetected. changed: [" in capsys.readouterr().out
