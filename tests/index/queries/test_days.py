"""Days of the operators since:, until: and year:."""

from datetime import date

import pytest

from index.queries.days import days_of, days_of_years, nearest_day


@pytest.mark.parametrize(
    ("value", "first", "last"),
    [
        ("2024", date(2024, 1, 1), date(2024, 12, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2024-05-17", date(2024, 5, 17), date(2024, 5, 17)),
        ("2024/5/7", date(2024, 5, 7), date(2024, 5, 7)),
        ("9999", date(9999, 1, 1), date(9999, 12, 31)),
    ],
)
def test_a_period_has_a_first_and_a_last_day(value: str, first: date, last: date) -> None:
    assert days_of(value) == (first, last)
    assert days_of_years(value) == (first, last)


@pytest.mark.parametrize(
    "value", ["2023-02-30", "2024-13", "0000", "24", "yesterday", "", "2024-5/7", "٢٠٢٤"]
)
def test_other_values_are_none(value: str) -> None:
    assert days_of(value) is None
    assert days_of_years(value) is None


@pytest.mark.parametrize(
    ("value", "first", "last"),
    [
        ("2020-2022", date(2020, 1, 1), date(2022, 12, 31)),
        ("2020..2022", date(2020, 1, 1), date(2022, 12, 31)),
        ("2020-", date(2020, 1, 1), date.max),
        ("-2020", date.min, date(2020, 12, 31)),
        ("[20230105 TO 202312310600]", date(2023, 1, 5), date(2023, 12, 31)),
        ("[2022 TO 2023]", date(2022, 1, 1), date(2023, 12, 31)),
    ],
)
def test_years_may_be_a_range(value: str, first: date, last: date) -> None:
    assert days_of_years(value) == (first, last)


@pytest.mark.parametrize(
    ("value", "nearest"),
    [
        ("2023-02-30", "2023-02-28"),
        ("2024-13-01", "2024"),
        ("2024-13", "2024"),
        ("17.5.2024", "2024-05-17"),
        ("20240517", "2024-05-17"),
        ("2024-01-01T00:00", "2024"),
        ("2024-05-0", "2024-05-01"),
        ("0000", ""),
        ("yesterday", ""),
        ("May-2024", "2024-05"),
        ("september 2023", "2023-09"),
        ("2024/Dec", "2024-12"),
        ("Mayor-2024x", ""),
        ("'98", "1998"),
        ("07", "2007"),
    ],
)
def test_the_nearest_day_of_a_wrong_one(value: str, nearest: str) -> None:
    assert nearest_day(value) == nearest
    assert not nearest or days_of(nearest)
