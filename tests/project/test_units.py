"""Unit files and cron lines: systemd accepts them, and they fit arXiv's week and the exit codes."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from configparser import ConfigParser
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

import index.errors
from index.arxiv.calendar import read_calendar
from index.errors import SeeAlsoError, Unavailable
from index.settings import load_settings
from ingest.arxiv.pacing import lock_path
from scripts.cli.main import cli

SCRIPTS = Path(__file__).parents[2] / "scripts"
UNITS = SCRIPTS / "systemd"
PROGRAM = "/opt/seealso/.venv/bin/seealso"
ANALYZE = shutil.which("systemd-analyze")
SERVICES = sorted(unit.name for unit in UNITS.glob("*.service"))
LATEST_START = timedelta(minutes=20)


def _version() -> int:
    if not ANALYZE:
        return 0
    ended = subprocess.run([ANALYZE, "--version"], capture_output=True, text=True, check=False)
    found = re.match(r"systemd (\d+)", ended.stdout)
    return int(found[1]) if found else 0


needs_systemd = pytest.mark.skipif(
    _version() < 250, reason="needs systemd-analyze 250 or later: install systemd"
)


def read(name: str) -> ConfigParser:
    unit = ConfigParser(interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(UNITS / name)
    return unit


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """The units, with a path to a program that exists here."""
    for unit in UNITS.iterdir():
        here = unit.read_text().replace(PROGRAM, str(Path(sys.executable).with_name("seealso")))
        (tmp_path / unit.name).write_text(here)
    return tmp_path


def analyze(*arguments: str | Path) -> str:
    assert ANALYZE
    ended = subprocess.run([ANALYZE, *arguments], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout + ended.stderr


@needs_systemd
@pytest.mark.parametrize("unit", [unit.name for unit in UNITS.iterdir()])
def test_systemd_accepts_the_units(units: Path, unit: str) -> None:
    assert analyze("verify", "--recursive-errors=yes", units / unit) == ""


@needs_systemd
@pytest.mark.parametrize("unit", SERVICES)
def test_a_service_is_sandboxed(units: Path, unit: str) -> None:
    assert "OK" in analyze("security", "--offline=true", "--threshold=50", units / unit)


@needs_systemd
def test_the_timer_omits_the_weekend() -> None:
    when = read("seealso-nightly.timer")["Timer"]["OnCalendar"]
    output = analyze("calendar", "--iterations=6", "--base-time=2026-11-05 12:00:00 UTC", when)
    days = [
        date.fromisoformat(day) for day in re.findall(r": \w{3} (\d{4}-\d\d-\d\d) 05:00", output)
    ]
    assert [day.day for day in days] == [6, 9, 10, 11, 12, 13]


def starts_by_timer() -> tuple[set[int], time]:
    """Return days of the week, 0 for Monday, and the time of day, in UTC."""
    when = read("seealso-nightly.timer")["Timer"]["OnCalendar"]
    found = re.fullmatch(r"Mon\.\.Fri \*-\*-\* (\d\d:\d\d:\d\d) UTC", when)
    assert found
    return set(range(5)), time.fromisoformat(found[1])


def cron_lines() -> list[tuple[list[str], str]]:
    """Return the five fields of the time and the command of each line."""
    lines = (SCRIPTS / "crontab.example").read_text().splitlines()
    found = [line.split(None, 5) for line in lines if re.match(r"[\d*]", line)]
    return [(fields, command) for *fields, command in found]


def starts_by_cron() -> tuple[set[int], time]:
    assert "CRON_TZ=UTC" in (SCRIPTS / "crontab.example").read_text().splitlines()
    (minute, hour, *every, days), _ = cron_lines()[0]
    assert (every, days) == (["*", "*"], "1-5")
    return set(range(5)), time(int(hour), int(minute))


def two_years() -> Iterator[date]:
    return (date(2026, 1, 1) + timedelta(days=count) for count in range(730))


@pytest.mark.parametrize("starts", [starts_by_timer, starts_by_cron])
def test_every_announcement_is_harvested_on_its_day(
    starts: Callable[[], tuple[set[int], time]],
) -> None:
    weekdays, at = starts()
    calendar = read_calendar()
    for day in two_years():
        start = datetime.combine(day, at, UTC)
        if calendar.announced_on(day):
            assert day.weekday() in weekdays
            assert timedelta(hours=1) < start - calendar.due(day)
        # Half a day after an announcement came due, answers say that they are stale.
        assert start + LATEST_START - calendar.due(day) < timedelta(hours=4)
    assert {day.weekday() for day in two_years() if calendar.announced_on(day)} == weekdays


def exit_codes(error: type[SeeAlsoError] = SeeAlsoError) -> set[int]:
    return {error.exit_code}.union(*map(exit_codes, error.__subclasses__()))


def test_only_temporary_failures_are_retried() -> None:
    service = read("seealso-nightly.service")
    never = {int(code) for code in service["Service"]["RestartPreventExitStatus"].split()}
    assert index.errors.Busy.exit_code == Unavailable.exit_code == 75
    assert never == exit_codes() - {Unavailable.exit_code}
    assert service["Service"]["Restart"] == "on-failure"
    assert service["Service"]["RestartSec"] == "1h"
    # The limit is forgotten before the next day's start.
    assert service["Unit"]["StartLimitIntervalSec"] == "20h"
    assert int(service["Unit"]["StartLimitBurst"]) > 1


def test_all_processes_share_the_rate_limit() -> None:
    service = read("seealso-nightly.service")["Service"]
    assert service["PrivateTmp"] == "no"
    assert service["ProtectSystem"] == "strict"
    assert str(lock_path({}).parents[1]) in service["ReadWritePaths"].split()


def test_the_server_is_restarted_unless_a_setting_is_invalid() -> None:
    service = read("seealso.service")["Service"]
    assert service["Restart"] == "always"
    assert service["RestartPreventExitStatus"] == str(index.errors.BadInput.exit_code)
    assert read("seealso.service")["Unit"]["StartLimitIntervalSec"] == "0"


def test_the_server_can_finish_its_requests() -> None:
    service = read("seealso.service")["Service"]
    assert service["KillMode"] == "mixed"
    assert int(service["TimeoutStopSec"]) > load_settings({}).request_timeout


def test_the_commands_exist() -> None:
    commands = [read(unit)["Service"]["ExecStart"] for unit in SERVICES]
    commands += [command for _, command in cron_lines()]
    for command in commands:
        found = re.search(rf"{PROGRAM} (\w+)", command)
        assert found
        assert found[1] in cli.commands


@pytest.mark.parametrize(
    ("does", "printed"),
    [
        ("echo 'the announcement is here'; echo embed >&2", ""),
        (
            "echo half; echo 'seealso: no answer' >&2; exit 75",
            "exit code 75: half\nseealso: no answer\n",
        ),
    ],
)
def test_cron_sends_mail_only_if_the_run_fails(tmp_path: Path, does: str, printed: str) -> None:
    program = tmp_path / "seealso"
    program.write_text(f'#!/bin/sh\n[ "$1" = nightly ] || exit 9\n{does}\n')
    program.chmod(0o755)
    lines = cron_lines()
    assert len(lines) == 2
    for _, command in lines:
        assert "%" not in command  # which cron takes for the end of a line
        here = command.replace(PROGRAM, str(program))
        ended = subprocess.run(["/bin/sh", "-c", here], capture_output=True, text=True, check=False)
        assert ended.stdout + ended.stderr == printed
