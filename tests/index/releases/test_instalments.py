"""When an update releases before everything is embedded: functions of counts and times."""

from datetime import UTC, datetime, timedelta

import pytest

from index.releases.instalments import Instalments, NextRelease

RULE = Instalments(first=10_000)
BEGAN = datetime(2026, 11, 29, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("embedded", "released", "papers", "after", "due"),
    [
        (9_999, 0, 142_605, timedelta(), False),
        (10_000, 0, 142_605, timedelta(), True),
        (10_064, 0, 142_605, timedelta(), True),
        (19_999, 10_000, 142_605, timedelta(minutes=8), False),
        (20_000, 10_000, 142_605, timedelta(minutes=8), True),
        (15_000, 10_000, 142_605, HOUR, True),  # an hour, before it has doubled
        (15_000, 10_000, 142_605, HOUR - timedelta(seconds=1), False),
        (3_600, 0, 142_605, HOUR, True),  # a slow machine
        (5_000, 0, 5_000, timedelta(), False),  # all are embedded: the update ends with a release
        (4_999, 0, 5_000, timedelta(minutes=59), False),
        (12_000, 0, 142_605, timedelta(), True),  # killed between the embedding and the release
        (3_000_900, 3_000_000, 3_001_500, timedelta(minutes=1), False),  # a nightly run
        (3_000_900, 3_000_000, 3_001_500, HOUR, True),
        (20_000, 142_605, 142_605, 9 * HOUR, False),  # another model: the release stays complete
        (9_000, 5_000, 142_605, timedelta(), False),  # never before the first 10,000
        (10_000, 4_000, 142_605, timedelta(), True),
    ],
)
def test_an_instalment_is_due_after_the_first_papers_then_at_each_doubling_or_hour(
    embedded: int, released: int, papers: int, after: timedelta, due: bool
) -> None:
    assert RULE.is_due(embedded, released, papers, BEGAN, BEGAN + after) is due


@pytest.mark.parametrize(
    ("released", "papers", "expected"),
    [
        (0, 142_605, 10_000),
        (10_000, 142_605, 20_000),
        (80_000, 142_605, 142_605),
        (0, 5_000, 5_000),
    ],
)
def test_the_next_release_is_announced(released: int, papers: int, expected: int) -> None:
    assert RULE.next_release(released, papers, BEGAN) == NextRelease(expected, BEGAN + HOUR)


def test_a_load_has_few_instalments() -> None:
    """With each doubling, 3,000,000 papers at 40 a second need nine releases and one an hour."""
    released, since, releases = 0, BEGAN, 0
    for embedded in range(64, 3_000_000, 64):
        now = BEGAN + timedelta(seconds=embedded / 40)
        if RULE.is_due(embedded, released, 3_000_000, since, now):
            released, since, releases = embedded, now, releases + 1
    assert releases == 24  # 10,000, 20,000, ... 160,000, then one an hour
