"""Pairs of sentences that share the strongest terms, for many pairs of texts at once."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

_MAX_CELLS = 1 << 18  # numbers that are computed at once


class ComparedSentences(NamedTuple):
    """The sentences of two texts and the terms that these share.

    `ours` and `theirs` have which sentences have each term, 0 or 1, shape (terms, sentences).
    `telling` has which terms explain a pair of sentences even alone. Lengths are in words.
    """

    ours: np.ndarray
    theirs: np.ndarray
    contributions: Sequence[float]
    telling: Sequence[bool]
    our_lengths: Sequence[int]
    their_lengths: Sequence[int]


def strongest_pairs(compared: Iterable[ComparedSentences]) -> list[tuple[int, int] | None]:
    """Return the places of the two sentences with the strongest shared terms; None without any.

    The sum of the contributions is divided by the square root of both lengths, as in a cosine, so
    long sentences have no advantage. A pair must share a telling term, or several other terms. Of
    equal pairs the first one is chosen.
    """
    texts = list(compared)
    terms = max((len(one.ours) for one in texts), default=0)
    ours = max((one.ours.shape[1] for one in texts), default=0)
    theirs = max((one.theirs.shape[1] for one in texts), default=0)
    if not (terms and ours and theirs):
        return [None] * len(texts)
    step = max(1, _MAX_CELLS // (terms * (ours + theirs)))
    shape = terms, ours, theirs
    parts = (texts[start : start + step] for start in range(0, len(texts), step))
    return [pair for part in parts for pair in _strongest(part, shape)]


def _strongest(
    texts: Sequence[ComparedSentences], shape: tuple[int, int, int]
) -> list[tuple[int, int] | None]:
    """Return the pairs of texts with at most this many terms, sentences and sentences."""
    terms, our_count, their_count = shape
    ours = np.zeros((len(texts), 1, our_count, terms))
    theirs = np.zeros((len(texts), 1, terms, their_count))
    # A pair is explained if the second weights of its terms add up to 2.
    weights = np.zeros((len(texts), 2, 1, terms))
    our_lengths = np.ones((len(texts), our_count, 1))
    their_lengths = np.ones((len(texts), 1, their_count))
    for place, one in enumerate(texts):
        count, own = one.ours.shape
        others = one.theirs.shape[1]
        ours[place, 0, :own, :count] = one.ours.T
        theirs[place, 0, :count, :others] = one.theirs
        weights[place, 0, 0, :count] = one.contributions
        weights[place, 1, 0, :count] = one.telling
        our_lengths[place, :own, 0] = np.maximum(one.our_lengths, 1)
        their_lengths[place, 0, :others] = np.maximum(one.their_lengths, 1)
    weights[:, 1] += 1
    # Sums of so few numbers in single precision are exact in double, whatever their order.
    sums = (ours * weights) @ theirs
    explained = sums[:, 1] >= 2
    strengths = np.where(explained, sums[:, 0] / np.sqrt(our_lengths * their_lengths), 0)
    strengths = strengths.reshape(len(texts), -1)
    best = strengths.argmax(axis=1).tolist()
    found = strengths.max(axis=1).tolist()
    return [
        divmod(place, their_count) if strength > 0 else None
        for place, strength in zip(best, found, strict=True)
    ]
