"""Where a match becomes weak: the similarities below which few listed papers are related."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MatchLine:
    """The similarity (0 to 1) below which a match is weak, and the precision at or above it.

    `precision` is the share of the matches at or above the line that share a public reading list
    with the seed. It is a lower bound, because lists are incomplete (docs/measured.md).
    """

    similarity: float
    precision: float

    @property
    def score(self) -> float:
        """The line as a score, 0 to 100 with one decimal, as lists show it."""
        return round(100 * self.similarity, 1)

    @property
    def percent(self) -> int:
        """The precision in per cent, as the documentation states it."""
        return round(100 * self.precision)


PAPER_LINE = MatchLine(similarity=0.45, precision=0.51)
"""The line of papers that are near a paper."""
TEXT_LINE = MatchLine(similarity=0.45, precision=0.22)
"""The line of papers that are near a text or match a query."""


def is_weak(similarity: float, is_text: bool) -> bool:
    """Return whether a match of this similarity to a paper or a text is weak.

    The similarity is compared as lists show it, as a score with one decimal.
    """
    line = TEXT_LINE if is_text else PAPER_LINE
    return round(100 * similarity, 1) < line.score
