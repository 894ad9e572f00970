"""Terms and counts are what they were before they were packed."""

import numpy as np
import pytest

from index.search.packed_terms import (
    MAX_COUNTED,
    PackedCounts,
    PackedTerms,
    high_bits,
    high_type,
    low_bits,
)


@pytest.mark.parametrize(
    ("words", "size"),
    [(1, 1), (65_536, 1), (1 << 21, 1), ((1 << 21) + 1, 2), (1 << 27, 2)],
)
def test_the_largest_terms_and_counts_are_kept(words: int, size: int) -> None:
    terms = np.array([0, words // 2, words - 1] * 2, np.int32)
    counts = np.array([1, 2, MAX_COUNTED, MAX_COUNTED, 3, 1], np.uint8)
    low, high = low_bits(terms), high_bits(terms, counts, high_type(words))
    assert (low.itemsize, high.itemsize) == (2, size)
    packed, packed_counts = PackedTerms(low, high), PackedCounts(high)
    assert len(packed) == len(packed_counts) == 6
    positions = np.array([5, 0, 2])
    for values, original in ((packed, terms), (packed_counts, counts)):
        np.testing.assert_array_equal(values[:], original, strict=True)
        np.testing.assert_array_equal(values[1:3], original[1:3], strict=True)
        np.testing.assert_array_equal(values[positions], original[positions], strict=True)
        np.testing.assert_array_equal(values.take(positions), original[positions], strict=True)
