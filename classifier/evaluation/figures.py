"""How good given tags are, label by label: precision and recall, confusion, honesty."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from index.arrays import Floats

BINS = 15
NO_LEAF = "none"


@dataclass(frozen=True, slots=True)
class LabelFigures:
    """Of one leaf: the papers that stand on it, those given it, those that are both.

    `precision` is the share of the given ones that are right, `recall` of the standing ones that
    were given it; None where there are none.
    """

    label: str
    papers: int
    given: int
    right: int
    precision: float | None
    recall: float | None


@dataclass(frozen=True, slots=True)
class Confusion:
    """`counts[i][j]` papers are `labels[i]` and were given `labels[j]`; the last is no leaf.

    A paper on several leaves is that one of them that it was given, else its first.
    """

    labels: list[str]
    counts: list[list[int]]


@dataclass(frozen=True, slots=True)
class Bin:
    """Papers given about the same probability: its mean, and the share that was right."""

    papers: int
    confidence: float
    right: float


def label_figures(
    leaves: Sequence[str], truth: Sequence[Sequence[str]], given: Sequence[Sequence[str]]
) -> list[LabelFigures]:
    """Figures of every leaf, for papers that stand on the leaves `truth` and were given `given`."""
    found = []
    for leaf in leaves:
        stands = [leaf in labels for labels in truth]
        got = [leaf in labels for labels in given]
        right = sum(a and b for a, b in zip(stands, got, strict=True))
        papers, count = sum(stands), sum(got)
        found.append(
            LabelFigures(leaf, papers, count, right, _ratio(right, count), _ratio(right, papers))
        )
    return found


def confusion(
    leaves: Sequence[str], truth: Sequence[Sequence[str]], given: Sequence[Sequence[str]]
) -> Confusion:
    """Which leaves are taken for which; of several given ones the first, the surest, counts."""
    place = {leaf: number for number, leaf in enumerate([*leaves, NO_LEAF])}
    counts = np.zeros((len(place), len(place)), int)
    for stands, got in zip(truth, given, strict=True):
        told = next((label for label in got if label in place), NO_LEAF)
        counts[place[told if told in stands else next(iter(stands), NO_LEAF)], place[told]] += 1
    return Confusion(list(place), counts.tolist())


def reliability(confidence: Floats, right: np.ndarray) -> list[Bin]:
    """Papers by the probability given, in bins of equal width; empty ones are left out."""
    bin_of = np.minimum((confidence * BINS).astype(int), BINS - 1)
    return [
        Bin(
            int((bin_of == b).sum()),
            round(float(confidence[bin_of == b].mean()), 4),
            round(float(right[bin_of == b].mean()), 4),
        )
        for b in np.unique(bin_of)
    ]


def calibration_error(bins: Sequence[Bin]) -> float:
    """Naeini, Cooper and Hauskrecht, 2015: mean gap of confidence and accuracy over the bins."""
    papers = sum(one.papers for one in bins)
    gaps = sum(one.papers * abs(one.confidence - one.right) for one in bins)
    return round(gaps / papers, 4) if papers else 0.0


def _ratio(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
