"""Re-rank papers by maximal marginal relevance (MMR)."""

from collections.abc import Sequence

import numpy as np

from index.search.nearness import Near, Nearness

POOL_FACTOR = 5
"""The number of candidates that MMR chooses from, as a multiple of the length of the list."""


def rerank_by_mmr(
    near: Sequence[Near], limit: int, diversity: float, nearness: Nearness
) -> list[Near]:
    """Choose up to `limit` papers, in the order in which MMR selects them.

    Each step selects the paper with the largest (1 - diversity) · similarity - diversity · largest
    similarity to a paper selected before (Carbonell and Goldstein, 1998).
    """
    rows = np.array([one.row for one in near], np.int64)
    vectors = nearness.vectors.vectors(rows)
    relevance = np.array([one.similarity for one in near], np.float32)
    redundancy = np.zeros(len(near), np.float32)
    remaining = np.ones(len(near), bool)
    selected: list[Near] = []
    while len(selected) < limit and remaining.any():
        gain = np.where(remaining, (1 - diversity) * relevance - diversity * redundancy, -np.inf)
        best = int(np.argmax(gain))
        selected.append(near[best])
        remaining[best] = False
        seed = nearness.seed(near[best].row, vectors[best])
        redundancy = np.maximum(redundancy, nearness.similarities(seed, rows, vectors))
    return selected
