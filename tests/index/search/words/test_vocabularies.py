"""Vocabularies are joined, searched and filtered as Python's own types would be."""

import numpy as np
import pyarrow

from index.search.words.vocabularies import joined, numbers_in, without

WORDS = ["newt", "eft", "ähnlich", "zebra", "数学", "a", "é", "𝔸b", "Z9", "ﬁn"]


def _array(words: list[str]) -> pyarrow.Array:
    return pyarrow.array(words, pyarrow.large_string())


def test_joined_words_are_distinct_and_in_the_order_of_python() -> None:
    together = joined([_array(WORDS[:6]), _array(WORDS[4:]), _array([])])
    assert together.to_pylist() == sorted(WORDS)
    assert joined([]).to_pylist() == []


def test_words_are_found_by_their_number() -> None:
    vocabulary = _array(sorted(WORDS))
    found = numbers_in(vocabulary, _array([*WORDS, "unknown"]))
    assert found.dtype == np.int32
    assert found.tolist() == [*map(sorted(WORDS).index, WORDS), -1]


def test_short_words_and_those_to_leave_out_are_missing() -> None:
    kept = without(_array(WORDS), frozenset(["newt", "zebra", "absent"]))
    assert kept.to_pylist() == ["eft", "ähnlich", "数学", "𝔸b", "Z9", "ﬁn"]
