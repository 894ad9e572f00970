"""Dates known to the day or only to the month."""

from datetime import date

import pytest

from index.arxiv.date_precision import DatePrecision, format_date, last_day, parse_date


@pytest.mark.parametrize(
    ("day", "precision", "text", "last"),
    [
        (date(2024, 2, 16), DatePrecision.DAY, "2024-02-16", date(2024, 2, 16)),
        (date(2024, 2, 1), DatePrecision.DAY, "2024-02-01", date(2024, 2, 1)),
        (date(2024, 2, 1), DatePrecision.MONTH, "2024-02", date(2024, 2, 29)),
    ],
)
def test_a_date_is_written_as_exactly_as_it_is_known(
    day: date, precision: DatePrecision, text: str, last: date
) -> None:
    assert format_date(day, precision) == text
    assert parse_date(text) == (day, precision)
    assert last_day(day, precision) == last


@pytest.mark.parametrize("text", ["2024-13", "2024", "24-01-16", "soon"])
def test_other_texts_are_no_dates(text: str) -> None:
    with pytest.raises(ValueError, match=r"[Ii]nvalid|month must be"):
        parse_date(text)
