"""Rates of steps, the time left, and durations as text."""

import pytest

from index.progress import Pace, duration_text, seconds_left


def test_the_rate_leaves_out_what_was_done_before_and_the_time_of_other_steps() -> None:
    pace = Pace()
    assert pace.report("embed", 1_000, 5.0) is None
    assert pace.report("embed", 1_080, 7.0) == 40
    assert pace.report("release", 0, 7.0) is None
    assert pace.report("release", 1, 107.0) == 0.01
    assert pace.report("embed", 1_080, 107.0) == 40
    assert pace.report("embed", 1_160, 111.0) == 160 / 6


@pytest.mark.parametrize(
    ("done", "total", "rate", "expected"),
    [(0, 100, None, None), (20, 100, 4.0, 20), (100, 100, None, 0), (7, 0, 4.0, None)],
)
def test_the_time_left(done: int, total: int, rate: float | None, expected: int | None) -> None:
    assert seconds_left(done, total, rate) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, "0 s"),
        (119, "119 s"),
        (120, "2 min"),
        (3_599, "1 h 0 min"),
        (3_600, "1 h 0 min"),
        (50_700, "14 h 5 min"),
    ],
)
def test_durations_as_text(seconds: int, expected: str) -> None:
    assert duration_text(seconds) == expected
