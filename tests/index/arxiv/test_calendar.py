"""arXiv's announcements in UTC: the week, its holidays, and the hour at which records appear."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from index.arxiv.calendar import Calendar, read_calendar
from index.errors import BadInput

NO_HOLIDAYS = Calendar(frozenset())
BUNDLED = read_calendar()


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _day(text: str) -> date:
    return date.fromisoformat(text)


def test_a_week_without_holidays_announces_on_five_days() -> None:
    monday = _day("2026-03-16")
    week = NO_HOLIDAYS.days(monday, monday + timedelta(days=6))
    assert week == [monday + timedelta(days=count) for count in range(5)]


def test_a_range_includes_both_ends_and_may_be_empty() -> None:
    tuesday = _day("2026-03-17")
    assert NO_HOLIDAYS.days(tuesday, tuesday) == [tuesday]
    assert NO_HOLIDAYS.days(tuesday, tuesday - timedelta(days=1)) == []


def test_an_evening_off_is_the_next_utc_day_off() -> None:
    calendar = Calendar(frozenset({_day("2026-03-18")}))
    assert calendar.announced_on(_day("2026-03-18"))
    assert not calendar.announced_on(_day("2026-03-19"))


def test_a_friday_off_leaves_the_sunday_nothing_to_announce() -> None:
    calendar = Calendar(frozenset({_day("2026-03-20")}))
    days = calendar.days(_day("2026-03-20"), _day("2026-03-24"))
    assert days == [_day("2026-03-20"), _day("2026-03-24")]


def test_a_saturday_off_changes_nothing() -> None:
    calendar = Calendar(frozenset({_day("2026-03-21")}))
    assert calendar.announced_on(_day("2026-03-23"))


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [
        # Seen in dated listings: 2606.20563 ends Friday the 19th, 2606.20571 opens the 23rd.
        ("2026-06-18", "2026-06-24", [18, 19, 23, 24]),
        # Seen: nothing dated 26 and 31 December 2025 and 2 January 2026.
        ("2025-12-24", "2025-12-31", [24, 25, 29, 30]),
        ("2026-01-01", "2026-01-07", [1, 5, 6, 7]),
        # Thanksgiving, Thursday 26 November.
        ("2026-11-23", "2026-11-30", [23, 24, 25, 26, 30]),
        # Independence Day, a Saturday observed on the Friday.
        ("2026-07-01", "2026-07-08", [1, 2, 3, 7, 8]),
        ("2026-12-24", "2026-12-31", [24, 25, 29, 31]),
        ("2027-01-01", "2027-01-06", [5, 6]),
        ("2023-12-25", "2023-12-29", [25, 27, 29]),
    ],
)
def test_the_bundled_holidays_make_these_weeks(first: str, last: str, days: list[int]) -> None:
    found = BUNDLED.days(_day(first), _day(last))
    assert [day.day for day in found] == days


def _nth(year: int, month: int, weekday: int, count: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (count - 1))


def _observed(day: date) -> date:
    return day + timedelta(days={5: -1, 6: 1}.get(day.weekday(), 0))


@pytest.mark.parametrize("year", [2026, 2027])
def test_the_bundled_holidays_follow_the_rules(year: int) -> None:
    rules = {
        date(year, 1, 1),
        _nth(year, 1, 0, 3),
        _observed(date(year, 6, 19)),
        _observed(date(year, 7, 4)),
        _nth(year, 9, 0, 1),
        _nth(year, 11, 3, 4),
        _observed(date(year, 12, 25)),
    }
    listed = {day for day in BUNDLED.holidays if day.year == year}
    assert rules <= listed
    assert all(day.month == 12 and day.day > 25 for day in listed - rules)


def test_no_bundled_holiday_is_a_slip_onto_a_saturday() -> None:
    assert [day for day in BUNDLED.holidays if day.strftime("%a") == "Sat"] == []


@pytest.mark.parametrize(
    ("day", "due"),
    [
        ("2026-03-06", "2026-03-06 03:30"),  # Thursday evening, winter
        ("2026-03-09", "2026-03-09 02:30"),  # the Sunday on which summer time begins
        ("2026-10-30", "2026-10-30 02:30"),  # Thursday evening, summer
        ("2026-11-02", "2026-11-02 03:30"),  # the Sunday on which it ends
        ("2027-01-05", "2027-01-05 03:30"),
    ],
)
def test_due_is_half_past_ten_in_new_york(day: str, due: str) -> None:
    moment = BUNDLED.due(_day(day))
    assert moment == _utc(due)
    assert moment.tzinfo is UTC


@pytest.mark.parametrize(
    ("after", "due"),
    [
        ("2026-03-05 03:29:59", "2026-03-05 03:30"),
        ("2026-03-05 03:30:00", "2026-03-06 03:30"),  # later than the moment itself
        ("2026-03-06 03:30:00", "2026-03-09 02:30"),  # over a weekend and into summer time
        ("2026-10-30 02:30:00", "2026-11-02 03:30"),
        ("2026-11-26 12:00:00", "2026-11-30 03:30"),  # over Thanksgiving and the weekend
        ("2026-12-31 03:30:00", "2027-01-05 03:30"),  # New Year's Eve, and a Friday off
    ],
)
def test_the_next_due(after: str, due: str) -> None:
    assert BUNDLED.next_due(_utc(after)) == _utc(due)


@pytest.mark.parametrize(
    ("at", "newest"),
    [
        ("2026-03-05 03:29:59", "2026-03-04"),
        ("2026-03-05 03:30:00", "2026-03-05"),
        ("2026-03-08 23:00:00", "2026-03-06"),
        ("2026-03-09 02:30:00", "2026-03-09"),
        ("2026-11-02 03:29:59", "2026-10-30"),
        ("2026-11-30 03:29:59", "2026-11-26"),
        ("2027-01-05 03:29:59", "2026-12-31"),
    ],
)
def test_the_newest_due(at: str, newest: str) -> None:
    assert BUNDLED.newest_due(_utc(at)) == _day(newest)


def test_moments_may_come_in_any_time_zone() -> None:
    evening = datetime(2026, 3, 4, 22, 30, tzinfo=ZoneInfo("America/New_York"))
    assert BUNDLED.newest_due(evening) == _day("2026-03-05")
    assert BUNDLED.next_due(evening) == _utc("2026-03-06 03:30")


def test_a_moment_without_time_zone_is_refused() -> None:
    naive = datetime(2026, 3, 4, 22, 30)
    with pytest.raises(ValueError, match="time zone"):
        BUNDLED.newest_due(naive)
    with pytest.raises(ValueError, match="time zone"):
        BUNDLED.next_due(naive)


def test_next_and_newest_agree_over_two_years() -> None:
    moment, end = _utc("2026-01-01"), _utc("2028-01-01")
    walked = []
    while (moment := BUNDLED.next_due(moment)) < end:
        assert BUNDLED.newest_due(moment) == moment.date()
        assert BUNDLED.newest_due(moment - timedelta(seconds=1)) < moment.date()
        walked.append(moment.date())
    assert walked == BUNDLED.days(_day("2026-01-01"), _day("2027-12-31"))


def _holiday_file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "holidays.txt"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_custom_file_replaces_the_bundled_one(tmp_path: Path) -> None:
    path = _holiday_file(tmp_path, "\ufeff# ours\n\n  2026-11-26  # Thanksgiving\n2026-12-25\r\n")
    assert read_calendar(path) == Calendar(frozenset({_day("2026-11-26"), _day("2026-12-25")}))


def test_an_empty_file_is_a_year_without_holidays(tmp_path: Path) -> None:
    assert read_calendar(_holiday_file(tmp_path, "")) == NO_HOLIDAYS


@pytest.mark.parametrize(
    "line", ["26 November 2026", "2026-11-31", "20261126", "2026-W48-4", "2026-11-26 Thanksgiving"]
)
def test_the_error_names_a_broken_line_and_the_right_form(tmp_path: Path, line: str) -> None:
    path = _holiday_file(tmp_path, f"# holidays\n2026-07-03\n{line}\n")
    with pytest.raises(BadInput) as refusal:
        read_calendar(path)
    message = str(refusal.value)
    assert f"{path}, line 3: '{line}'" in message
    assert "one ISO date per line, such as 2026-11-26" in message


def test_the_error_does_not_repeat_a_whole_file(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as refusal:
        read_calendar(_holiday_file(tmp_path, "x" * 100_000))
    assert len(str(refusal.value)) < 300 + len(str(tmp_path))


def test_the_error_names_a_file_that_is_not_text(tmp_path: Path) -> None:
    binary = tmp_path / "binary"
    binary.write_bytes(b"\xff\xfe\x00")
    for path in (binary, tmp_path / "absent", tmp_path):
        with pytest.raises(BadInput, match=path.name):
            read_calendar(path)
