"""The parts of the simulation: waiting for shards, and ranking candidates again."""

import numpy as np
import pytest

from scripts.planning.simulate_shards import (
    code_size,
    hedged,
    nearest,
    ranked_again,
    recall,
    service_times,
    sigma,
    waiting_times,
)


def random() -> np.random.Generator:
    return np.random.default_rng(5)


def vectors() -> np.ndarray:
    rows = random().normal(size=(600, 16)).astype(np.float32)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def test_sigma_is_zero_if_all_times_are_equal() -> None:
    assert sigma(3, 3) == 0


def test_drawn_times_have_the_given_percentiles() -> None:
    for shared in (0.0, 0.5, 1.0):
        first, replica = service_times(random(), (40_000, 1), shared)
        for times in (first, replica):
            assert np.percentile(times, [50, 99]) == pytest.approx([1.9, 8.0], rel=0.05)


def test_a_slow_query_is_slow_on_every_shard() -> None:
    first, replica = service_times(random(), (100, 8), 1.0)
    assert first == pytest.approx(np.broadcast_to(first[:, :1], first.shape))
    assert replica == pytest.approx(first)
    first, replica = service_times(random(), (20_000, 2), 0.0)
    assert abs(np.corrcoef(np.log(first[:, 0]), np.log(replica[:, 0]))[0, 1]) < 0.05


def test_the_earlier_answer_counts() -> None:
    first, replica = np.array([[1, 9, 9]], np.float32), np.array([[7, 2, 8]], np.float32)
    assert hedged(first, replica, 3).tolist() == [[1, 5, 9]]


def test_more_shards_take_longer_and_hedging_reduces_the_slowest_times() -> None:
    few, many = (waiting_times(random(), shards, 0.0) for shards in (2, 32))
    for fewer, more in zip(few, many, strict=True):
        assert more > fewer
    _, plain, _, with_hedging = many
    assert with_hedging < plain
    assert waiting_times(random(), 32, 0.0) == many


def test_recall_is_the_share_of_true_rows_in_any_order() -> None:
    found, true = np.array([[1, 2, 3], [4, 5, 6]]), np.array([[3, 2, 1], [6, 7, 8]])
    assert recall(found, true) == pytest.approx((1 + 1 / 3) / 2)


def test_candidates_ranked_again_are_in_the_order_of_full_vectors() -> None:
    corpus = vectors()
    queries = corpus[:20]
    true = nearest("Flat", corpus, queries, 5)
    assert true[:, 0].tolist() == list(range(20))
    candidates = nearest("PQ4x4", corpus, queries, 600)
    ranked = ranked_again(corpus, queries, candidates, 5)
    assert ranked.tolist() == true.tolist()
    assert recall(candidates[:, :5], true) < 0.9


def test_smaller_codes_lose_more() -> None:
    corpus = vectors()
    queries, sizes, recalls = corpus[:100], [], []
    for factory in ("SQ8", "SQ4", "PQ2x4"):
        sizes.append(code_size(factory, 16))
        true = nearest("Flat", corpus, queries, 10)
        recalls.append(recall(nearest(factory, corpus, queries, 10), true))
    assert sizes == [16, 8, 1]
    assert recalls == sorted(recalls, reverse=True)
    assert recalls[0] > 0.95 > 0.6 > recalls[-1]
