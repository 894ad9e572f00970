"""The simulation's own parts: waiting for shards, and ranking candidates again."""

import numpy as np
import pytest

from scripts.planning.simulate_shards import (
    bytes_of,
    candidates,
    hedged,
    ranked_again,
    recall,
    service_times,
    sigma,
    tail,
)


def random() -> np.random.Generator:
    return np.random.default_rng(5)


def vectors() -> np.ndarray:
    found = random().normal(size=(600, 16)).astype(np.float32)
    return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), np.float32)


def test_sigma_is_none_where_all_times_are_alike() -> None:
    assert sigma(3, 3) == 0


def test_times_have_the_percentiles_that_they_are_drawn_for() -> None:
    for own in (0.0, 0.5, 1.0):
        first, again = service_times(random(), (40_000, 1), own)
        for times in (first, again):
            assert np.percentile(times, [50, 99]) == pytest.approx([1.9, 8.0], rel=0.05)


def test_a_question_that_is_slow_in_itself_is_slow_everywhere() -> None:
    first, again = service_times(random(), (100, 8), 1.0)
    assert first == pytest.approx(np.broadcast_to(first[:, :1], first.shape))
    assert again == pytest.approx(first)
    first, again = service_times(random(), (20_000, 2), 0.0)
    assert abs(np.corrcoef(np.log(first[:, 0]), np.log(again[:, 0]))[0, 1]) < 0.05


def test_the_earlier_answer_counts() -> None:
    first, again = np.array([[1, 9, 9]], np.float32), np.array([[7, 2, 8]], np.float32)
    assert hedged(first, again, 3).tolist() == [[1, 5, 9]]


def test_more_shards_are_waited_for_longer_and_hedging_helps_the_slowest() -> None:
    few, many = (tail(random(), shards, 0.0) for shards in (2, 32))
    for fewer, more in zip(few, many, strict=True):
        assert more > fewer
    _, plain, _, with_hedging = many
    assert with_hedging < plain
    assert tail(random(), 32, 0.0) == many


def test_recall_is_the_share_of_what_is_true_in_any_order() -> None:
    found, true = np.array([[1, 2, 3], [4, 5, 6]]), np.array([[3, 2, 1], [6, 7, 8]])
    assert recall(found, true) == pytest.approx((1 + 1 / 3) / 2)


def test_candidates_ranked_again_are_in_the_order_of_whole_vectors() -> None:
    held = vectors()
    queries = held[:20]
    true = candidates("Flat", held, queries, 5)
    assert true[:, 0].tolist() == list(range(20))
    rough = candidates("PQ4x4", held, queries, 600)
    again = ranked_again(held, queries, rough, 5)
    assert again.tolist() == true.tolist()
    assert recall(rough[:, :5], true) < 0.9


def test_smaller_codes_lose_more() -> None:
    held = vectors()
    queries, sizes, shares = held[:100], [], []
    for factory in ("SQ8", "SQ4", "PQ2x4"):
        sizes.append(bytes_of(factory, 16))
        true = candidates("Flat", held, queries, 10)
        shares.append(recall(candidates(factory, held, queries, 10), true))
    assert sizes == [16, 8, 1]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] > 0.95 > 0.6 > shares[-1]
