"""Progress without a terminal: a line per step, and one every minute in between."""

import re
import time

import pytest

from scripts.cli.progress import show_steps


def test_a_log_gets_lines_and_no_carriage_return(capfd: pytest.CaptureFixture[str]) -> None:
    with show_steps(lambda: "embed: 640 of 2,000", interval=0.01) as report:
        report("embed", 0, 2000)
        report("embed", 640, 2000)
        lines = ""
        while lines.count("embed: 640 of 2,000\n") < 2:  # also while nothing is reported
            time.sleep(0.01)
            lines += capfd.readouterr().err
        report("embed", 2000, 2000)
    lines += capfd.readouterr().err
    assert "\r" not in lines
    assert re.search(r"^embed: 2000$", lines, re.M)


def test_without_a_description_the_counts_are_shown(capfd: pytest.CaptureFixture[str]) -> None:
    with show_steps(interval=0.01) as report:
        report("copy", 1200, 0)
        lines = ""
        while not lines:
            time.sleep(0.01)
            lines += capfd.readouterr().err
    assert lines.startswith("copy: 1,200\n")


def test_a_terminal_gets_one_line_that_changes(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with show_steps(lambda: "x" * 500) as report:
        report("embed", 640, 2000)
        report("embed", 2000, 2000)
    first, second = capfd.readouterr().err.removeprefix("\r\x1b[K").split("\r\x1b[K")
    assert set(first) == {"x"}
    assert second == first + "\n"
    assert len(first) < 500
