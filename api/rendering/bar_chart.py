"""Pictures of counts as bars: papers a month, papers a run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_MONTHS = 36
_BAR, _GAP, _HEIGHT = 15.0, 4.0, 90.0


@dataclass(frozen=True, slots=True)
class Bar:
    """A count with what it is of; `left`, `top` and `height` place it; `bad` asks for attention."""

    name: str
    count: int
    left: float
    top: float
    height: float
    bad: bool


@dataclass(frozen=True, slots=True)
class BarChart:
    """The bars, the first on the left, in a box of this size; `most` reaches its top."""

    bars: list[Bar]
    width: float
    height: float
    most: int
    bar: float = _BAR


def month_chart(papers: Mapping[str, int]) -> BarChart | None:
    """Papers by month (2026-11), three years up to the newest; None where there are none."""
    if not papers:
        return None
    return bar_chart([(month, papers.get(month, 0), False) for month in _months_to(max(papers))])


def bar_chart(counts: Sequence[tuple[str, int, bool]], lowest: float = 0.0) -> BarChart:
    """Name, count and whether it is bad, of each bar; none is lower than `lowest`."""
    most = max((count for _, count, _ in counts), default=0)
    bars = []
    for place, (name, count, bad) in enumerate(counts):
        height = max(round(_HEIGHT * count / max(most, 1), 1), lowest)
        bars.append(Bar(name, count, place * (_BAR + _GAP), _HEIGHT - height, height, bad))
    return BarChart(bars, max(len(bars), 1) * (_BAR + _GAP) - _GAP, _HEIGHT, most)


def _months_to(newest: str) -> list[str]:
    year, month = map(int, newest.split("-"))
    last = 12 * year + month - 1
    return [f"{n // 12:04}-{n % 12 + 1:02}" for n in range(last - _MONTHS + 1, last + 1)]
