"""Terms and their counts in three bytes instead of five: the form of saved counts.

The first file has the lower 16 bits of each term. The second has its higher bits, above three bits
for the count: one byte for up to two million words, two for a larger vocabulary.
"""

from typing import TypeAlias

import numpy as np

from index.arrays import Rows

MAX_COUNTED = 7
"""The largest count. A word that a text contains more often has this count."""
_COUNT_BITS, _LOW_BITS = 3, 16
_WORDS_OF_ONE_BYTE = 1 << (_LOW_BITS + 8 - _COUNT_BITS)


def low_bits(terms: np.ndarray) -> np.ndarray:
    """Return the content of the first file."""
    low: np.ndarray = terms.astype(np.uint16)
    return low


def high_bits(terms: np.ndarray, counts: np.ndarray, kind: np.dtype) -> np.ndarray:
    """Return the content of the second file."""
    high: np.ndarray = (terms >> _LOW_BITS << _COUNT_BITS | counts).astype(kind)
    return high


def high_type(words: int) -> np.dtype:
    """Return the type of the second file for a vocabulary of so many words."""
    return np.dtype(np.uint8 if words <= _WORDS_OF_ONE_BYTE else np.uint16)


class PackedTerms:
    """The terms of all texts, unpacked when they are read; indexed like an array."""

    def __init__(self, low: np.ndarray, high: np.ndarray) -> None:
        self.files = (low, high)

    def __len__(self) -> int:
        return len(self.files[0])

    def __getitem__(self, key: slice | Rows) -> np.ndarray:
        low, high = self.files
        return _terms(low[key], high[key])

    def take(self, positions: Rows) -> np.ndarray:
        """Return the terms at these positions, 32-bit integers."""
        low, high = self.files
        return _terms(low.take(positions), high.take(positions))


class PackedCounts:
    """The counts of all terms, unpacked when they are read; indexed like an array."""

    def __init__(self, high: np.ndarray) -> None:
        self.files = (high,)

    def __len__(self) -> int:
        return len(self.files[0])

    def __getitem__(self, key: slice | Rows) -> np.ndarray:
        return _counts(self.files[0][key])

    def take(self, positions: Rows) -> np.ndarray:
        """Return the counts at these positions, 8-bit integers."""
        return _counts(self.files[0].take(positions))


Terms: TypeAlias = np.ndarray | PackedTerms
Counts: TypeAlias = np.ndarray | PackedCounts


def _terms(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    terms = high.astype(np.int32)
    terms >>= _COUNT_BITS
    terms <<= _LOW_BITS
    terms |= low
    return terms


def _counts(high: np.ndarray) -> np.ndarray:
    counts: np.ndarray = (high & MAX_COUNTED).astype(np.uint8)
    return counts
