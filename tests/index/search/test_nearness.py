"""Nearness against brute force over the real corpus: same papers, same order, fixed scale."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

import index.search.nearness
from index.arrays import Floats, Rows, unit
from index.releases.release import Release
from index.search.nearness import Nearness, Seed, percentile
from index.search.row_filter import RowFilter
from index.search.tfidf import words

NOTHING = np.array([], np.int64)


@pytest.fixture
def nearness(release: Release) -> Nearness:
    return release.nearness


def _full_ranking(nearness: Nearness, seed: Seed) -> list[int]:
    rows = np.arange(len(nearness))
    return [int(row) for row in np.lexsort((rows, -nearness.similarities(seed, rows)))]


def _rows(found: Sequence[index.search.nearness.Near]) -> list[int]:
    return [near.row for near in found]


def _survey_share(nearness: Nearness, vectors: Floats) -> Floats:
    return nearness._survey_bias.survey_component(vectors)


def test_similarity_is_of_vectors_words_and_time_without_the_shared_form(
    nearness: Nearness,
) -> None:
    every = nearness.vectors.vectors(np.arange(len(nearness)))
    for row in (0, 17, 101):
        seed = nearness.seed(row)
        in_words = []
        for other in range(len(nearness)):
            theirs = nearness.words.row(other)
            _, a, b = np.intersect1d(seed.terms.terms, theirs.terms, return_indices=True)
            in_words.append(seed.terms.weights[a] @ theirs.weights[b])
        in_meaning = every @ every[row]
        form = _survey_share(nearness, every) * _survey_share(nearness, every[row])
        apart = np.abs(nearness._days - nearness._days[row])
        known = (nearness._days > 0) & (nearness._days[row] > 0)
        in_time = np.where(known, np.exp(-((apart / 365.25) ** 2) / 2), 0)
        sides = in_meaning - form + 0.5 * np.array(in_words) + 0.05 * in_time
        expected = np.clip(sides / 1.55, 0, 1)
        found = nearness.similarities(seed, np.arange(len(nearness)))
        np.testing.assert_allclose(found, expected, atol=1e-6)


def test_the_list_is_the_full_rankings_though_few_are_looked_at(
    nearness: Nearness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index.search.nearness, "_DEPTH", 24)
    looked_at: list[int] = []
    whole = nearness._best

    def counted(seed: Seed, rows: Rows, limit: int) -> list[index.search.nearness.Near]:
        looked_at.append(len(rows))
        return whole(seed, rows, limit)

    monkeypatch.setattr(nearness, "_best", counted)
    same = []
    for row in range(len(nearness)):
        seed = nearness.seed(row)
        expected = [other for other in _full_ranking(nearness, seed) if other != row]
        for limit in (1, 3, 6):
            found = _rows(nearness.nearest(seed, limit, np.array([row])))
            same += [one == other for one, other in zip(found, expected, strict=False)]
    assert np.mean(same) > 0.99
    assert max(looked_at) < len(nearness) / 3


def test_a_similarity_does_not_depend_on_what_else_is_looked_at(nearness: Nearness) -> None:
    seed, rows = nearness.seed(3), np.arange(len(nearness))
    every = nearness.similarities(seed, rows)
    for some in (rows[:1], rows[5:9], rows[::7]):
        np.testing.assert_array_equal(nearness.similarities(seed, some), every[some])


def test_candidates_come_from_both_sides(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forty are nearer in meaning, forty others in words, than what is nearest of all."""
    monkeypatch.setattr(index.search.nearness, "_DEPTH", 8)
    kinds = [
        (1, 1.0, "newt heron pond tadpole"),
        (40, 0.6, "galaxy quark"),
        (40, 0.0, "newt heron pond galaxy"),
        (1, 0.5, "newt heron pond tadpole"),  # leads in words alone
        (1, 0.9, "galaxy quark"),  # leads in meaning alone
    ]
    cosines = np.repeat([cosine for _, cosine, _ in kinds], [n for n, _, _ in kinds])
    vectors = np.stack([cosines, np.sqrt(1 - cosines**2)], axis=1).astype(np.float32)
    papers = [(title, "") for count, _, title in kinds for _ in range(count)]
    mixed = Nearness.build(vectors, papers, np.zeros(len(papers)), 100)
    assert sorted(_rows(mixed.nearest(mixed.seed(0), 2, np.array([0])))) == [81, 82]


def test_the_excluded_are_left_out_and_the_next_take_their_place(nearness: Nearness) -> None:
    seed = nearness.seed(4)
    ranking = _full_ranking(nearness, seed)
    found = nearness.nearest(seed, 5, np.array(ranking[1:40]))
    assert _rows(found) == [ranking[0], *ranking[40:44]]


@pytest.mark.parametrize("few", [0, 20_000])
def test_only_the_allowed_are_found_and_none_excluded(
    nearness: Nearness, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    """By looking at every one of a few, and by searching."""
    monkeypatch.setattr(index.search.nearness, "_FEW", few)
    seed = nearness.seed(4)
    ranking = _full_ranking(nearness, seed)
    allowed = np.zeros(len(nearness), bool)
    allowed[ranking[10:20]] = True
    found = nearness.nearest(seed, 5, np.array([ranking[10]]), RowFilter(allowed))
    assert _rows(found) == ranking[11:16]
    assert nearness.nearest(seed, 5, NOTHING, RowFilter(np.zeros(len(nearness), bool))) == []


def test_a_filter_finds_what_sifting_the_full_ranking_finds(
    nearness: Nearness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index.search.nearness, "_FEW", 0)
    random = np.random.default_rng(5)
    for row in range(0, len(nearness), 9):
        allowed = random.random(len(nearness)) < random.choice([0.05, 0.3, 0.9])
        seed = nearness.seed(row)
        expected = [other for other in _full_ranking(nearness, seed) if allowed[other]]
        assert _rows(nearness.nearest(seed, 10, NOTHING, RowFilter(allowed))) == expected[:10]


def test_more_than_there_are_gives_all(nearness: Nearness) -> None:
    found = nearness.nearest(nearness.seed(0), 500, np.array([0]))
    assert sorted(_rows(found)) == list(range(1, len(nearness)))


def test_similarities_lie_between_nought_and_one_and_fall(nearness: Nearness) -> None:
    for row in (0, 50, 200):
        found = [near.similarity for near in nearness.nearest(nearness.seed(row), 500, NOTHING)]
        assert all(0 <= similarity <= 1 for similarity in found)
        assert found == sorted(found, reverse=True)
    opposite = replace(nearness.seed(0), vector=-nearness.seed(0).vector)
    assert nearness.similarities(opposite, np.array([0])) == pytest.approx(0)


def test_a_paper_that_is_no_survey_is_wholly_like_itself(nearness: Nearness) -> None:
    every = nearness.vectors.vectors(np.arange(len(nearness)))
    row = int(np.argmin(_survey_share(nearness, every)))
    assert nearness.similarities(nearness.seed(row), np.array([row])) == pytest.approx(1, abs=1e-3)


def test_a_seed_without_known_words_is_found_by_its_vector(nearness: Nearness) -> None:
    seed = replace(nearness.seed(9), terms=nearness.words.weight_terms("zzyzx"))
    assert nearness.nearest(seed, 1, NOTHING)[0].row == 9


def test_random_pairs_are_the_same_every_time_and_never_a_paper_with_itself(
    nearness: Nearness,
) -> None:
    first = nearness.random_similarities(2000)
    np.testing.assert_array_equal(first, nearness.random_similarities(2000))
    assert len(first) == 2000
    assert (np.diff(first) >= 0).all()
    assert first[-1] < 0.99


def test_the_percentile_is_the_share_of_pairs_that_are_less_similar() -> None:
    pairs = np.array([0.1, 0.2, 0.2, 0.4], np.float32)
    shares = [percentile(similarity, pairs) for similarity in (0.0, 0.1, 0.2, 0.3, 0.4, 1.0)]
    assert shares == [0.0, 0.0, 25.0, 75.0, 75.0, 100.0]
    assert percentile(0.5, np.linspace(0, 1, 300, dtype=np.float32)) == 50.0


def test_sides_of_different_length_are_refused(nearness: Nearness) -> None:
    vectors = nearness.vectors.vectors(np.arange(3))
    two = Nearness.build(vectors[:2], [("one", ""), ("two", "")], np.zeros(2), 100)
    three = Nearness.build(vectors, [("one", ""), ("two", ""), ("three", "")], np.zeros(3), 100)
    with pytest.raises(ValueError, match="2 vectors, 3 texts and 2 days"):
        Nearness(two.vectors, three.words, two._survey_bias, np.zeros(2))


def test_ties_go_to_the_earlier_row() -> None:
    vector = unit(np.ones((1, 8), np.float32))
    same = Nearness.build(np.repeat(vector, 6, axis=0), [("alike alike", "")] * 6, np.zeros(6), 100)
    assert words("alike") == ["alike"]
    assert _rows(same.nearest(same.seed(3), 4, np.array([3]))) == [0, 1, 2, 4]
