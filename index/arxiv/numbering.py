"""Find missing identifiers: runs of absent numbers that are too long to be chance.

arXiv numbers the papers of a month without gaps, in the order of announcement. Harvesters have
missed ranges of them for hours or days (2310.16116 to 2310.16350: scirate/scirate issue 500)
without any error from the server.
"""

import math
import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

_NEW_SCHEME = re.compile(r"(\d{4})\.(\d{4,6})", re.ASCII)
_LAST_MONTH_OF_FOUR_DIGITS = "1412"
# A geometric run exceeds six medians once in sixty times, so the cap costs little precision.
_MEDIANS = 6


@dataclass(frozen=True, slots=True, order=True)
class IdRange:
    """Consecutive identifiers of one month ("2310"), by number; first and last are included."""

    month: str
    first: int
    last: int

    def ids(self) -> list[str]:
        """Return the canonical ids, in order."""
        return [self._id(number) for number in range(self.first, self.last + 1)]

    def __len__(self) -> int:
        return self.last - self.first + 1

    def __str__(self) -> str:
        return f"{self._id(self.first)} to {self._id(self.last)}"

    def _id(self, number: int) -> str:
        digits = 4 if self.month <= _LAST_MONTH_OF_FOUR_DIGITS else 5
        return f"{self.month}.{number:0{digits}}"


def missing_ranges(
    month: str, held: Collection[int], first: int, last: int, *, chance: float
) -> list[IdRange]:
    """Return the runs of missing numbers, from first to last, that are unlikely to be chance.

    If each of n numbers is held independently with probability p, n·p·(1-p)^k runs of k or more
    missing numbers are expected. A run is returned if fewer than `chance` runs of its length are
    expected. With 20,000 numbers and a `chance` of 0.001, runs are returned from this length:

        share held    0.02   0.05   0.10   0.20   0.50   0.90   0.99   all but three
        length         639    270    138     69     24      8      4               2

    At a share of 0.05, finding the 235 numbers of scirate's issue takes a `chance` of 0.01, which
    gives a length of 225.

    Single missing numbers, which arXiv itself has, are never returned. If no number is held, all
    of them are missing. Papers of one category come in bursts, mostly at the start of a day's
    numbers, so one to three runs per month are false alarms.
    """
    present = sorted({number for number in held if first <= number <= last})
    if not present:
        return [IdRange(month, first, last)] if first <= last else []
    ends = [first - 1, *present, last + 1]
    runs = [after - before - 1 for before, after in pairwise(ends)]
    shortest = _shortest_beyond_chance(runs, last - first + 1, chance)
    return [
        IdRange(month, before + 1, before + run)
        for before, run in zip(ends, runs, strict=False)
        if run >= shortest
    ]


def month_and_number(paper_id: str) -> tuple[str, int] | None:
    """Return month and number of a canonical id, ("2310", 16116); None for the old scheme."""
    match = _NEW_SCHEME.fullmatch(paper_id)
    return (match[1], int(match[2])) if match else None


def _shortest_beyond_chance(runs: list[int], numbers: int, chance: float) -> float:
    """Return the least k with numbers·p·(1-p)^k < chance; infinity if no number is missing.

    `runs` are the lengths of all missing runs, 0 between neighbours that are both held. To
    estimate p, each length counts up to a cap only, as a survival time that is censored there.
    This is unbiased for chance runs, and a lost range of any length counts no more than the cap,
    so it cannot hide itself.
    """
    cap = _MEDIANS * median(runs) + 1
    counts = Counter(runs)
    missing = sum(min(run, cap) * count for run, count in counts.items())
    if not missing:
        return math.inf
    present = sum(count for run, count in counts.items() if run < cap)
    share = present / (present + missing)
    return math.floor(math.log(chance / (numbers * share)) / math.log1p(-share)) + 1
