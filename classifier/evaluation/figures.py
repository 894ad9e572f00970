"""Figures of assigned tags: precision and recall per leaf, confusion matrix, calibration."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from index.arrays import Floats

BINS = 15
NO_LEAF = "none"


@dataclass(frozen=True, slots=True)
class LabelFigures:
    """Counts of one leaf: `papers` that belong to it, papers `given` it, and `right` ones of these.

    `precision` is right / given and `recall` is right / papers; None if the divisor is 0.
    """

    label: str
    papers: int
    given: int
    right: int
    precision: float | None
    recall: float | None


@dataclass(frozen=True, slots=True)
class Confusion:
    """Confusion matrix: `counts[i][j]` papers belong to `labels[i]` and were given `labels[j]`.

    The last label is "no leaf". A paper with several correct leaves counts for the leaf that it was
    given if that is one of them, otherwise for its first leaf.
    """

    labels: list[str]
    counts: list[list[int]]


@dataclass(frozen=True, slots=True)
class Bin:
    """Papers with similar probabilities: their mean probability and the share that was right."""

    papers: int
    confidence: float
    right: float


def label_figures(
    leaves: Sequence[str], gold: Sequence[Sequence[str]], assigned: Sequence[Sequence[str]]
) -> list[LabelFigures]:
    """Return the figures of every leaf, from the correct and the assigned labels of each paper."""
    figures = []
    for leaf in leaves:
        is_gold = [leaf in labels for labels in gold]
        is_assigned = [leaf in labels for labels in assigned]
        right = sum(a and b for a, b in zip(is_gold, is_assigned, strict=True))
        papers, given = sum(is_gold), sum(is_assigned)
        figures.append(
            LabelFigures(leaf, papers, given, right, _ratio(right, given), _ratio(right, papers))
        )
    return figures


def confusion(
    leaves: Sequence[str], gold: Sequence[Sequence[str]], assigned: Sequence[Sequence[str]]
) -> Confusion:
    """Return the confusion matrix; the first of several assigned leaves counts.

    `assigned` is ordered by decreasing probability.
    """
    place = {leaf: number for number, leaf in enumerate([*leaves, NO_LEAF])}
    counts = np.zeros((len(place), len(place)), int)
    for correct, labels in zip(gold, assigned, strict=True):
        predicted = next((label for label in labels if label in place), NO_LEAF)
        actual = predicted if predicted in correct else next(iter(correct), NO_LEAF)
        counts[place[actual], place[predicted]] += 1
    return Confusion(list(place), counts.tolist())


def reliability(confidence: Floats, right: np.ndarray) -> list[Bin]:
    """Return bins of equal width in the probability; empty bins are left out."""
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
    """Return the expected calibration error (Naeini, Cooper and Hauskrecht, 2015).

    It is the mean difference between confidence and accuracy, weighted by the papers in each bin.
    """
    papers = sum(b.papers for b in bins)
    total = sum(b.papers * abs(b.confidence - b.right) for b in bins)
    return round(total / papers, 4) if papers else 0.0


def _ratio(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
