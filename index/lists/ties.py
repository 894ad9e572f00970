"""The order of lists: by similarity, then newest, then id.

Papers of equal text and day have exactly equal similarities. Each page and each limit is ranked
anew, so their order must not depend on either.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from index.arrays import Floats, Mask, Rows
from index.releases.release import Release
from index.search.nearness import Neighbour


def best_neighbours(
    release: Release,
    neighbours: Sequence[Neighbour],
    limit: int,
    ids: Callable[[list[int]], Mapping[int, str]],
) -> list[Neighbour]:
    """Return the best `limit` neighbours, best first; `ids` is that of `best_first`."""
    rows = np.array([one.row for one in neighbours], np.int64)
    similarities = np.array([one.similarity for one in neighbours], np.float32)
    return [neighbours[i] for i in best_first(release, rows, similarities, limit, ids)]


def best_first(
    release: Release,
    rows: Rows,
    similarities: Floats,
    limit: int,
    ids: Callable[[list[int]], Mapping[int, str]],
    last: Mask | None = None,
) -> list[int]:
    """Return the positions of the best `limit` rows, best first; those marked `last` at the end.

    `ids` returns the ids of papers by catalogue number. It is called only if several rows have one
    similarity and one day.
    """
    days = release.attributes.days[rows].astype(np.float64)
    marks = np.zeros(len(rows)) if last is None else last.astype(np.float64)
    order = np.lexsort((-days, -similarities, marks)).tolist()
    keys = np.stack([marks, -similarities.astype(np.float64), -days])[:, order]
    same = (keys[:, 1:] == keys[:, :-1]).all(axis=0)
    if same.any():
        numbers = [release.number(row) for row in rows.tolist()]
        groups = np.cumsum(np.append(0, ~same)).tolist()
        tied = np.append(same, False) | np.append(False, same)
        id_of = ids([numbers[order[place]] for place in np.flatnonzero(tied).tolist()])
        group_of = dict(zip(order, groups, strict=True))
        order.sort(key=lambda position: (group_of[position], id_of.get(numbers[position], "")))
    best: list[int] = order[:limit]
    return best
