"""Codes of unit vectors: 8 bits for each number."""

import numpy as np
import pytest

from index.arrays import Floats, unit
from index.search.codes import decode, encode


@pytest.fixture(scope="module")
def vectors() -> Floats:
    return unit(np.random.default_rng(6).normal(size=(500, 384)).astype(np.float32))


def test_cosines_of_decoded_vectors_are_nearly_those_of_the_vectors(vectors: Floats) -> None:
    decoded = decode(encode(vectors))
    assert decoded.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(decoded, axis=1), 1, atol=1e-6)
    differences = decoded @ decoded.T - vectors @ vectors.T
    assert differences.std() < 6e-4
    assert abs(differences).max() < 4e-3


def test_a_code_does_not_depend_on_the_other_vectors(vectors: Floats) -> None:
    codes = encode(vectors)
    np.testing.assert_array_equal(encode(vectors[40:43]), codes[40:43])
    np.testing.assert_array_equal(decode(codes, np.array([7, 3])), decode(codes)[[7, 3]])
    np.testing.assert_array_equal(decode(codes, slice(5, 9)), decode(codes)[5:9])


def test_encoding_a_decoded_vector_changes_nothing(vectors: Floats) -> None:
    codes = encode(vectors)
    np.testing.assert_array_equal(encode(decode(codes)), codes)


def test_the_precision_of_the_vectors_hardly_matters(vectors: Floats) -> None:
    half = encode(vectors.astype(np.float16))
    assert abs(half.astype(int) - encode(vectors)).max() <= 1


@pytest.mark.parametrize("bad", [np.nan, np.inf, 0.0, 0.5])
def test_vectors_that_are_not_of_length_one_are_rejected(vectors: Floats, bad: float) -> None:
    broken = vectors.copy()
    broken[3] = bad
    with pytest.raises(ValueError, match="finite and of length one"):
        encode(broken)
