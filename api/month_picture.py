"""The picture of papers a month: a bar for each of the latest three years' months."""

from collections.abc import Mapping
from dataclasses import dataclass

_MONTHS = 36
_BAR, _GAP, _HEIGHT = 15.0, 4.0, 90.0


@dataclass(frozen=True, slots=True)
class Bar:
    """A month, like 2026-11, with its papers; `left`, `top` and `height` place it."""

    month: str
    papers: int
    left: float
    top: float
    height: float


@dataclass(frozen=True, slots=True)
class MonthPicture:
    """The bars, the oldest first, in a box of this size; `most` papers reach its top."""

    bars: list[Bar]
    width: float
    height: float
    most: int
    bar: float = _BAR


def month_picture(papers: Mapping[str, int]) -> MonthPicture | None:
    """Draw papers by month up to the newest one; None where there are none."""
    if not papers:
        return None
    months = _months_to(max(papers))
    most = max(papers.get(month, 0) for month in months)
    bars = []
    for place, month in enumerate(months):
        height = round(_HEIGHT * papers.get(month, 0) / most, 1)
        bars.append(
            Bar(month, papers.get(month, 0), place * (_BAR + _GAP), _HEIGHT - height, height)
        )
    return MonthPicture(bars, _MONTHS * (_BAR + _GAP) - _GAP, _HEIGHT, most)


def _months_to(newest: str) -> list[str]:
    year, month = map(int, newest.split("-"))
    last = 12 * year + month - 1
    return [f"{n // 12:04}-{n % 12 + 1:02}" for n in range(last - _MONTHS + 1, last + 1)]
