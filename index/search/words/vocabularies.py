"""Sorted vocabularies as Arrow arrays, which are joined and compared in compiled code."""

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pyarrow


def joined(parts: Sequence["pyarrow.Array"]) -> "pyarrow.Array":
    """Return the different words of all parts, sorted by their characters as Python does."""
    import pyarrow
    from pyarrow import compute

    words = compute.unique(pyarrow.chunked_array(parts, pyarrow.large_string()))
    return words.take(compute.sort_indices(words))


def numbers_in(vocabulary: "pyarrow.Array", words: "pyarrow.Array") -> np.ndarray:
    """Return the number of each word in the vocabulary, -1 if it lacks the word, as int32."""
    from pyarrow import compute

    numbers: np.ndarray = compute.index_in(words, vocabulary).fill_null(-1).to_numpy()
    return numbers


def without(words: "pyarrow.Array", left_out: Collection[str]) -> "pyarrow.Array":
    """Return the words of two or more characters, without those that are to be left out."""
    import pyarrow
    from pyarrow import compute

    short = compute.less(compute.utf8_length(words), 2)
    unwanted = compute.is_in(words, pyarrow.array(sorted(left_out), words.type))
    return words.filter(compute.invert(compute.or_(short, unwanted)))
