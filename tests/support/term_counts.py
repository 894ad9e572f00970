"""Comparison of term counts."""

from dataclasses import fields

import numpy as np

from index.search.term_counts import TermCounts


def assert_same_counts(actual: TermCounts, expected: TermCounts) -> None:
    """Assert that vocabularies, arrays and types of arrays are equal."""
    for field in fields(TermCounts):
        values, expected_values = getattr(actual, field.name), getattr(expected, field.name)
        np.testing.assert_array_equal(
            values[:], expected_values[:], strict=field.name != "vocabulary"
        )
