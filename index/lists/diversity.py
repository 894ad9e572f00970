"""Re-rank papers by maximal marginal relevance (MMR)."""

from collections.abc import Sequence

import numpy as np

from index.search.nearness import Nearness, Neighbour
from index.work_limit import check_work

POOL_FACTOR = 5
"""The number of candidates that MMR chooses from, as a multiple of the length of the list."""


def rerank_by_mmr(
    neighbours: Sequence[Neighbour], limit: int, diversity: float, nearness: Nearness
) -> list[Neighbour]:
    """Choose up to `limit` papers, in the order in which MMR selects them.

    Each step selects the paper with the largest (1 - diversity) · similarity - diversity · largest
    similarity to a paper selected before (Carbonell and Goldstein, 1998).
    """
    rows = np.array([neighbour.row for neighbour in neighbours], np.int64)
    vectors = nearness.vectors.vectors(rows)
    relevance = np.array([neighbour.similarity for neighbour in neighbours], np.float32)
    redundancy = np.zeros(len(neighbours), np.float32)
    remaining = np.ones(len(neighbours), bool)
    selected: list[Neighbour] = []
    while len(selected) < limit and remaining.any():
        check_work()
        gain = np.where(remaining, (1 - diversity) * relevance - diversity * redundancy, -np.inf)
        best = int(np.argmax(gain))
        selected.append(neighbours[best])
        remaining[best] = False
        seed = nearness.plain_seed(neighbours[best].row, vectors[best])
        redundancy = np.maximum(redundancy, nearness.similarities(seed, rows, vectors))
    return selected
