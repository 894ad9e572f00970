"""A list that repeats itself less: each paper is weighed against those taken before it."""

from collections.abc import Sequence

import numpy as np

from index.search.nearness import Near, Nearness

POOL_FACTOR = 5
"""How many times as many papers as wanted are chosen from."""


def rerank_by_mmr(
    near: Sequence[Near], limit: int, diversity: float, nearness: Nearness
) -> list[Near]:
    """So many of these papers, in the order in which they are taken.

    Each time the one with the largest (1 - diversity) · similarity - diversity · similarity to
    the most similar one taken: maximal marginal relevance (Carbonell and Goldstein, 1998).
    """
    rows = np.array([one.row for one in near], np.int64)
    vectors = nearness.vectors.vectors(rows)
    relevance = np.array([one.similarity for one in near], np.float32)
    repeated = np.zeros(len(near), np.float32)
    left = np.ones(len(near), bool)
    taken: list[Near] = []
    while len(taken) < limit and left.any():
        gain = np.where(left, (1 - diversity) * relevance - diversity * repeated, -np.inf)
        best = int(np.argmax(gain))
        taken.append(near[best])
        left[best] = False
        seed = nearness.seed(near[best].row, vectors[best])
        repeated = np.maximum(repeated, nearness.similarities(seed, rows, vectors))
    return taken
