"""Bar charts of counts: papers per month, papers per run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_MONTHS = 36
_BAR, _GAP, _HEIGHT = 15.0, 4.0, 90.0


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its name and count, its position, and whether it is highlighted as failed."""

    name: str
    count: int
    left: float
    top: float
    height: float
    failed: bool


@dataclass(frozen=True, slots=True)
class BarChart:
    """Bars from left to right in a box of this size; `bar_width` is the width of each.

    A bar with the count `max_count` fills the whole height.
    """

    bars: list[Bar]
    width: float
    height: float
    max_count: int
    bar_width: float = _BAR


def monthly_chart(papers: Mapping[str, int]) -> BarChart | None:
    """Draw papers per month, given as 2026-11, for the 36 months up to the newest.

    Returns None if there are no papers.
    """
    if not papers:
        return None
    return bar_chart([(month, papers.get(month, 0), False) for month in _months_to(max(papers))])


def bar_chart(counts: Sequence[tuple[str, int, bool]], min_height: float = 0.0) -> BarChart:
    """Draw one bar for each (name, count, failed); no bar is lower than `min_height`."""
    max_count = max((count for _, count, _ in counts), default=0)
    bars = []
    for place, (name, count, failed) in enumerate(counts):
        height = max(round(_HEIGHT * count / max(max_count, 1), 1), min_height)
        bars.append(Bar(name, count, place * (_BAR + _GAP), _HEIGHT - height, height, failed))
    return BarChart(bars, max(len(bars), 1) * (_BAR + _GAP) - _GAP, _HEIGHT, max_count)


def _months_to(newest: str) -> list[str]:
    year, month = map(int, newest.split("-"))
    last = 12 * year + month - 1
    return [f"{n // 12:04}-{n % 12 + 1:02}" for n in range(last - _MONTHS + 1, last + 1)]
