"""The times since which papers are new, as users write them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from index.digests.since import parse_since
from index.errors import BadInput

NOW = datetime(2024, 3, 1, 7, 30, tzinfo=UTC)  # a Friday, the day after a 29 February


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("today", datetime(2024, 3, 1)),
        ("yesterday", datetime(2024, 2, 29)),
        (" Yesterday ", datetime(2024, 2, 29)),
        ("2024-02-17", datetime(2024, 2, 17)),
        ("2024/2/17", datetime(2024, 2, 17)),
        ("2024-02", datetime(2024, 2, 1)),
        ("2024", datetime(2024, 1, 1)),
        ("7d", datetime(2024, 2, 23, 7, 30)),
        ("1 day", datetime(2024, 2, 29, 7, 30)),
        ("36h", datetime(2024, 2, 28, 19, 30)),
        ("2 weeks ago", datetime(2024, 2, 16, 7, 30)),
        ("2024-02-29T06:00", datetime(2024, 2, 29, 6)),
        ("2024-02-29 06:00:30Z", datetime(2024, 2, 29, 6, 0, 30)),
        ("2024-02-29T06:00+09:00", datetime(2024, 2, 28, 21)),
        ("99999w", datetime(1991, 8, 14)),
        ("1066-10-14", datetime(1991, 8, 14)),
    ],
)
def test_a_time_is_read_in_utc(text: str, expected: datetime) -> None:
    assert parse_since(text, NOW) == expected.replace(tzinfo=UTC)


def test_a_day_is_that_of_utc_wherever_the_machine_is() -> None:
    in_tokyo = NOW.astimezone(timezone(timedelta(hours=9)))
    assert parse_since("today", in_tokyo) == datetime(2024, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is no time: write yesterday"),
        ("soon", "is no time"),
        ("0d", "is no time"),
        ("-3d", "is no time"),
        ("7 fortnights", "is no time"),
        ("２d", "is no time"),
        ("2024-02-30", "did you mean 2024-02-29?"),
        ("17.2.2024", "did you mean 2024-02-17?"),
        ("2024-02-29T25:00", "is no time"),
        ("2024-02-29T06:00+99:00", "is no time"),
        ("tomorrow", "is no time"),
        ("2024-03-02", "is in the future"),
        ("2024-03-01T08:00", "is in the future"),
        ("2025", "is in the future"),
        ("x" * 5000, "is no time"),
    ],
)
def test_anything_else_is_refused_with_what_would_be_right(text: str, message: str) -> None:
    with pytest.raises(BadInput, match="since") as raised:
        parse_since(text, NOW)
    assert message in str(raised.value)
    assert len(str(raised.value)) < 300
