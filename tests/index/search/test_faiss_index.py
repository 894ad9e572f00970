"""FAISS indexes, exact and partitioned, of real vectors and mixtures of them."""

from pathlib import Path

import faiss
import numpy as np
import pytest

import index.search.faiss_index
from index.arrays import Floats, unit
from index.releases.release import Release
from index.search.codes import decode, encode
from index.search.faiss_index import FaissIndex, PreviousIndex
from index.search.row_filter import RowFilter


@pytest.fixture
def vectors(release: Release) -> Floats:
    return release.nearness.vectors.vectors(np.arange(len(release.nearness)))


@pytest.fixture
def many(vectors: Floats) -> Floats:
    """Six thousand vectors, each between the vectors of two real papers."""
    random = np.random.default_rng(1)
    first, second = random.integers(0, len(vectors), (2, 6000))
    share = random.random((6000, 1), np.float32)
    return unit(share * vectors[first] + (1 - share) * vectors[second])


def test_a_small_corpus_is_searched_exactly(vectors: Floats) -> None:
    index = FaissIndex.build(vectors, exact_up_to=len(vectors))
    assert (index.kind, len(index)) == ("exact", len(vectors))
    decoded = decode(encode(vectors))
    for row in (0, 10, 100):
        rows, cosines = index.search(vectors[row], 20)
        expected = np.sort(decoded @ vectors[row])[::-1][:20]
        np.testing.assert_allclose(cosines, expected, atol=1e-6)
        np.testing.assert_allclose(decoded[rows] @ vectors[row], expected, atol=1e-6)


def test_a_limit_above_the_number_of_vectors_returns_all(vectors: Floats) -> None:
    rows, cosines = FaissIndex.build(vectors[:5], 100).search(vectors[0], 50)
    assert sorted(rows) == [0, 1, 2, 3, 4]
    assert len(cosines) == 5


def test_a_partitioned_index_has_high_recall(many: Floats) -> None:
    index = FaissIndex.build(many, exact_up_to=len(many) - 1)
    assert index.kind == "partitioned"
    assert _recall(index, many) > 0.97


def test_a_partitioned_index_ranks_by_the_cosines_of_the_codes(many: Floats) -> None:
    """Also in the order of rows if cosines are equal: rows 10 to 19 are the same vector."""
    many[10:20] = many[10]
    index = FaissIndex.build(many, exact_up_to=100)
    rows, cosines = index.search(many[10], 40)
    assert rows[:10].tolist() == list(range(10, 20))
    assert (cosines[:10] == cosines[0]).all()
    assert (np.diff(cosines) <= 0).all()
    decoded = decode(encode(many))
    np.testing.assert_allclose(cosines, decoded[rows] @ many[10], atol=1e-6)
    alone = [index.search(many[10], 1 + place)[1][-1] for place in (9, 20, 39)]
    np.testing.assert_array_equal(alone, cosines[[9, 20, 39]])


@pytest.mark.parametrize("share", [0.5, 0.01])
def test_a_partitioned_index_finds_the_nearest_allowed(many: Floats, share: float) -> None:
    index, mask = FaissIndex.build(many, 100), np.random.default_rng(5).random(6000) < share
    found = 0
    for row in range(0, 6000, 300):
        rows, _ = index.search(many[row], 10, RowFilter(mask))
        assert mask[rows].all()
        best = np.argsort(-np.where(mask, many @ many[row], -2), kind="stable")[:10]
        found += len(np.intersect1d(best, rows))
    assert found / 200 > 0.97


def _recall(index: FaissIndex, vectors: Floats) -> float:
    """Return the share of the true ten nearest that is found, for every thirtieth vector."""
    rows = range(0, len(vectors), 30)
    found = 0
    for row in rows:
        best = np.argsort(-(vectors @ vectors[row]), kind="stable")[:10]
        found += len(np.intersect1d(best, index.search(vectors[row], 10)[0]))
    return found / (10 * len(rows))


@pytest.fixture
def trained_on(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The number of vectors of each corpus for which partitions were trained."""
    sizes: list[int] = []
    train = index.search.faiss_index._train

    def counted(vectors: Floats) -> faiss.Index:
        sizes.append(len(vectors))
        return train(vectors)

    monkeypatch.setattr(index.search.faiss_index, "_train", counted)
    return sizes


def test_a_small_change_keeps_the_partitions_and_the_recall(
    many: Floats, tmp_path: Path, trained_on: list[int]
) -> None:
    """5,000 papers are reordered; 50 of them are removed, 248 are replaced, 1,050 are added."""
    random = np.random.default_rng(2)
    rows = np.append(random.permutation(5000)[:4950], np.full(1050, -1))
    rows[::20] = -1
    kept = rows >= 0
    before = unit(random.normal(size=(5000, many.shape[1])).astype(np.float32))
    before[rows[kept]] = many[kept]
    FaissIndex.build(before, 100).save(tmp_path)
    updated = FaissIndex.build(many, 100, PreviousIndex(tmp_path, rows))
    assert trained_on == [5000]
    assert (updated.kind, len(updated)) == ("partitioned", 6000)
    rows, _ = updated.search(many[0], 6000)
    assert len(np.unique(rows)) == len(rows)
    assert _recall(updated, many) > _recall(FaissIndex.build(many, 100), many) - 0.01


@pytest.mark.parametrize(("before", "retrained"), [(4800, []), (4700, [6000])])
def test_partitions_are_trained_again_when_the_corpus_has_grown_by_a_quarter(
    many: Floats, tmp_path: Path, trained_on: list[int], before: int, retrained: list[int]
) -> None:
    FaissIndex.build(many[:before], 100).save(tmp_path)
    rows = np.arange(6000)
    rows[before:] = -1
    FaissIndex.build(many, 100, PreviousIndex(tmp_path, rows))
    assert trained_on == [before, *retrained]


@pytest.mark.parametrize(("first", "then"), [(100, 10_000), (10_000, 100), (10_000, 10_000)])
def test_switching_between_kinds_gives_the_same_index_as_building_it(
    many: Floats, tmp_path: Path, first: int, then: int
) -> None:
    FaissIndex.build(many, first).save(tmp_path)
    again = FaissIndex.build(many, then, PreviousIndex(tmp_path, np.arange(6000)))
    expected = FaissIndex.build(many, then)
    assert again.kind == expected.kind
    results = zip(again.search(many[7], 30), expected.search(many[7], 30), strict=True)
    for array, expected_array in results:
        np.testing.assert_array_equal(array, expected_array)


def test_half_and_single_precision_give_equal_results(many: Floats) -> None:
    half = many.astype(np.float16)
    actual = FaissIndex.build(half, 10_000).search(many[7], 30)
    expected = FaissIndex.build(half.astype(np.float32), 10_000).search(many[7], 30)
    for array, expected_array in zip(actual, expected, strict=True):
        np.testing.assert_array_equal(array, expected_array)


@pytest.mark.parametrize("exact_up_to", [10_000, 100])
def test_a_saved_index_opens_as_memory_maps_and_gives_equal_results(
    many: Floats, tmp_path: Path, exact_up_to: int
) -> None:
    built = FaissIndex.build(many, exact_up_to)
    built.save(tmp_path)
    opened = FaissIndex.open(tmp_path)
    assert (opened.kind, len(opened)) == (built.kind, len(built))
    for array, expected in zip(opened.search(many[7], 30), built.search(many[7], 30), strict=True):
        np.testing.assert_array_equal(array, expected)
    maps = Path("/proc/self/maps").read_text()
    assert str(tmp_path / "vectors.npy") in maps
    # FAISS copies the lists of a partitioned index; mapped pages would count in addition.
    assert (str(tmp_path / "vectors.faiss") in maps) == (opened.kind == "exact")


def test_vectors_are_returned_with_the_accuracy_of_their_codes(vectors: Floats) -> None:
    index = FaissIndex.build(vectors, 10_000)
    returned = index.vectors(np.array([3, 1]))
    assert returned.dtype == np.float32
    np.testing.assert_array_equal(returned, decode(encode(vectors[[3, 1]])))


@pytest.mark.parametrize("bad", [np.nan, np.inf, 0.0, 0.5])
def test_vectors_that_are_not_of_length_one_are_rejected(vectors: Floats, bad: float) -> None:
    broken = vectors.copy()
    broken[3] = bad
    with pytest.raises(ValueError, match="finite and of length one"):
        FaissIndex.build(broken, 10_000)


def test_files_of_different_corpora_are_rejected(vectors: Floats, tmp_path: Path) -> None:
    FaissIndex.build(vectors, 10_000).save(tmp_path)
    np.save(tmp_path / "vectors.npy", encode(vectors[:-1]))
    with pytest.raises(ValueError, match="requires shape"):
        FaissIndex.open(tmp_path)


@pytest.mark.parametrize("kind", [np.float32, np.float16, np.uint8])
def test_vectors_of_another_type_are_rejected(
    vectors: Floats, tmp_path: Path, kind: type[np.generic]
) -> None:
    FaissIndex.build(vectors, 10_000).save(tmp_path)
    np.save(tmp_path / "vectors.npy", encode(vectors).astype(kind))
    with pytest.raises(ValueError, match="requires shape"):
        FaissIndex.open(tmp_path)
