"""Nearness equals brute force over the real corpus: the same papers in the same order."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

import index.search.nearness
from index.arrays import Floats, unit
from index.releases.release import Release
from index.search.nearness import Nearness, Seed, percentile
from index.search.ranking_weights import RankingWeights
from index.search.row_filter import RowFilter
from index.search.tfidf import words

NOTHING = np.array([], np.int64)


@pytest.fixture
def nearness(release: Release) -> Nearness:
    return release.nearness


def _full_ranking(nearness: Nearness, seed: Seed) -> list[int]:
    rows = np.arange(len(nearness))
    return [int(row) for row in np.lexsort((rows, -nearness.similarities(seed, rows)))]


def _rows(nearest: Sequence[index.search.nearness.Neighbour]) -> list[int]:
    return [neighbour.row for neighbour in nearest]


def _expansion(nearness: Nearness, vectors: Floats, cosines: Floats, row: int) -> Floats:
    """The mean direction of the ten papers nearest by vector and words, without the paper."""
    by_vector = [int(other) for other in np.argsort(-(vectors @ vectors[row])) if other != row]
    nearest = sorted(
        by_vector[:32], key=lambda other: -(vectors[other] @ vectors[row] + 0.5 * cosines[other])
    )
    return unit(vectors[nearest[:10]].sum(axis=0))


def test_the_similarity_is_the_weighted_sum_of_the_signals(nearness: Nearness) -> None:
    weights = RankingWeights.read()
    vectors = nearness.vectors.vectors(np.arange(len(nearness)))
    for row in (0, 17, 101):
        seed = nearness.seed(row)
        word_cosines = []
        for other in range(len(nearness)):
            terms = nearness.words.row(other)
            _, a, b = np.intersect1d(seed.terms.terms, terms.terms, return_indices=True)
            word_cosines.append(seed.terms.weights[a] @ terms.weights[b])
        expansion = _expansion(nearness, vectors, np.array(word_cosines), row)
        np.testing.assert_allclose(seed.expansion, expansion, atol=1e-6)
        days_apart = np.abs(nearness.days - nearness.days[row])
        known = (nearness.days > 0) & (nearness.days[row] > 0)
        closeness = np.where(known, np.exp(-((days_apart / 365.25) ** 2) / 2), 0)
        density = nearness._density.values.astype(np.float32) - weights.usual_density
        total = (
            weights.vector * (vectors @ vectors[row])
            + weights.expansion * (vectors @ expansion)
            + weights.words * np.array(word_cosines)
            + weights.time * closeness
            + weights.density * density
        )
        positive = weights.vector + weights.expansion + weights.words + weights.time
        similarities = nearness.similarities(seed, np.arange(len(nearness)))
        np.testing.assert_allclose(similarities, np.clip(total / positive, 0, 1), atol=1e-5)


def test_a_similarity_does_not_depend_on_the_other_rows_or_on_a_filter(nearness: Nearness) -> None:
    seed = nearness.seed(5)
    everything = nearness.similarities(seed, np.arange(len(nearness)))
    mask = np.zeros(len(nearness), bool)
    mask[::3] = True
    for near in nearness.nearest(seed, 20, NOTHING, RowFilter(mask)):
        assert near.similarity == everything[near.row]
        assert near.similarity == nearness.similarities(seed, np.array([near.row]))[0]


def test_a_list_equals_the_full_ranking_although_few_papers_are_ranked(
    nearness: Nearness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index.search.nearness, "MIN_CANDIDATES", 48)
    ranked = []
    same = []
    for row in range(len(nearness)):
        seed = nearness.seed(row)
        assert seed.near is not None
        ranked.append(len(seed.near.rows))
        expected = [other for other in _full_ranking(nearness, seed) if other != row]
        for limit in (1, 3, 6):
            nearest = _rows(nearness.nearest(seed, limit, np.array([row])))
            same += [actual == best for actual, best in zip(nearest, expected, strict=False)]
    assert np.mean(same) > 0.99
    assert max(ranked) < len(nearness) / 2


def test_a_copy_of_a_seed_is_compared_anew(nearness: Nearness) -> None:
    seed = nearness.seed(3)
    assert seed.near is not None
    later = replace(seed, day=seed.day + 1_000)
    assert later.near is None
    nearest = nearness.nearest(later, 10, NOTHING)
    assert _rows(nearest) == _full_ranking(nearness, later)[:10]
    rows = np.array(_rows(nearest))
    expected = nearness.similarities(later, rows).tolist()
    assert [neighbour.similarity for neighbour in nearest] == expected


def test_a_text_can_have_a_day(nearness: Nearness) -> None:
    vector = nearness.seed(3).vector
    assert nearness.text_seed(vector, "pruning of neural networks").day == 0
    dated = nearness.text_seed(vector, "pruning of neural networks", day=738_000)
    assert _rows(nearness.nearest(dated, 5, NOTHING)) == _full_ranking(nearness, dated)[:5]


def test_a_similarity_does_not_depend_on_the_other_rows(nearness: Nearness) -> None:
    seed, rows = nearness.seed(3), np.arange(len(nearness))
    similarities = nearness.similarities(seed, rows)
    for subset in (rows[:1], rows[5:9], rows[::7]):
        np.testing.assert_array_equal(nearness.similarities(seed, subset), similarities[subset])


def test_candidates_come_from_vectors_and_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of the two nearest papers is a candidate of only one of the searches."""
    monkeypatch.setattr(index.search.nearness, "MIN_CANDIDATES", 8)
    kinds = [
        (1, 1.0, "newt heron pond tadpole"),
        (40, 0.6, "galaxy quark"),
        (40, 0.0, "newt heron pond galaxy"),
        (1, 0.5, "newt heron pond tadpole"),  # first by words only
        (1, 0.9, "galaxy quark"),  # first by vector only
    ]
    cosines = np.repeat([cosine for _, cosine, _ in kinds], [n for n, _, _ in kinds])
    vectors = np.stack([cosines, np.sqrt(1 - cosines**2)], axis=1).astype(np.float32)
    papers = [(title, "") for count, _, title in kinds for _ in range(count)]
    mixed = Nearness.build(vectors, papers, np.zeros(len(papers)), 100)
    assert sorted(_rows(mixed.nearest(mixed.seed(0), 2, np.array([0])))) == [81, 82]


def test_excluded_papers_are_replaced_by_the_next(nearness: Nearness) -> None:
    seed = nearness.seed(4)
    ranking = _full_ranking(nearness, seed)
    nearest = nearness.nearest(seed, 5, np.array(ranking[1:20]))
    assert _rows(nearest) == [ranking[0], *ranking[20:24]]


@pytest.mark.parametrize("max_ranked", [0, 20_000])
def test_only_allowed_papers_that_are_not_excluded_are_found(
    nearness: Nearness, monkeypatch: pytest.MonkeyPatch, max_ranked: int
) -> None:
    """With a search, and by ranking all allowed papers."""
    monkeypatch.setattr(index.search.nearness, "_MAX_RANKED", max_ranked)
    seed = nearness.seed(4)
    ranking = _full_ranking(nearness, seed)
    allowed = np.zeros(len(nearness), bool)
    allowed[ranking[10:20]] = True
    nearest = nearness.nearest(seed, 5, np.array([ranking[10]]), RowFilter(allowed))
    assert _rows(nearest) == ranking[11:16]
    assert nearness.nearest(seed, 5, NOTHING, RowFilter(np.zeros(len(nearness), bool))) == []


def test_a_filtered_search_equals_the_filtered_full_ranking(
    nearness: Nearness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index.search.nearness, "_MAX_RANKED", 0)
    random = np.random.default_rng(5)
    for row in range(0, len(nearness), 9):
        allowed = random.random(len(nearness)) < random.choice([0.05, 0.3, 0.9])
        seed = nearness.seed(row)
        expected = [other for other in _full_ranking(nearness, seed) if allowed[other]]
        assert _rows(nearness.nearest(seed, 10, NOTHING, RowFilter(allowed))) == expected[:10]


def test_a_limit_above_the_number_of_papers_returns_all(nearness: Nearness) -> None:
    nearest = nearness.nearest(nearness.seed(0), 500, np.array([0]))
    assert sorted(_rows(nearest)) == list(range(1, len(nearness)))


def test_similarities_are_between_0_and_1_in_descending_order(nearness: Nearness) -> None:
    for row in (0, 50, 200):
        nearest = nearness.nearest(nearness.seed(row), 500, NOTHING)
        similarities = [neighbour.similarity for neighbour in nearest]
        assert all(0 <= similarity <= 1 for similarity in similarities)
        assert similarities == sorted(similarities, reverse=True)
    seed = nearness.seed(0)
    unknown = nearness.words.weight_terms("zzyzx")
    opposite = replace(seed, vector=-seed.vector, expansion=-seed.expansion, terms=unknown)
    assert nearness.similarities(opposite, np.array([0])) == pytest.approx(0)


def test_a_seed_without_known_words_is_found_by_its_vector(nearness: Nearness) -> None:
    seed = replace(nearness.seed(9), terms=nearness.words.weight_terms("zzyzx"))
    assert nearness.nearest(seed, 1, NOTHING)[0].row == 9


def test_random_pairs_are_reproducible_pairs_of_different_papers(nearness: Nearness) -> None:
    first = nearness.random_similarities()
    np.testing.assert_array_equal(first, nearness.random_similarities())
    assert len(first) == 200 * min(250, len(nearness))
    assert (np.diff(first) >= 0).all()
    assert first[-1] < 0.99


def test_a_percentile_is_the_share_of_less_similar_pairs() -> None:
    pairs = np.array([0.1, 0.2, 0.2, 0.4], np.float32)
    shares = [percentile(similarity, pairs) for similarity in (0.0, 0.1, 0.2, 0.3, 0.4, 1.0)]
    assert shares == [0.0, 0.0, 25.0, 75.0, 75.0, 100.0]
    assert percentile(0.5, np.linspace(0, 1, 300, dtype=np.float32)) == 50.0


def test_parts_of_different_length_are_rejected(nearness: Nearness) -> None:
    vectors = nearness.vectors.vectors(np.arange(3))
    two = Nearness.build(vectors[:2], [("one", ""), ("two", "")], np.zeros(2), 100)
    three = Nearness.build(vectors, [("one", ""), ("two", ""), ("three", "")], np.zeros(3), 100)
    with pytest.raises(ValueError, match="2 vectors, 3 texts and 2 days, 2 densities"):
        Nearness(two.vectors, three.words, two._density, np.zeros(2))


def test_ties_go_to_the_earlier_row() -> None:
    vector = unit(np.ones((1, 8), np.float32))
    same = Nearness.build(np.repeat(vector, 6, axis=0), [("alike alike", "")] * 6, np.zeros(6), 100)
    assert words("alike") == ["alike"]
    assert _rows(same.nearest(same.seed(3), 4, np.array([3]))) == [0, 1, 2, 4]
