"""The papers that meet conditions: their number, and the newest."""

import numpy as np

from index.arrays import Rows
from index.catalogue.catalogue import Catalogue
from index.lists.ties import best_neighbours
from index.releases.release import Release
from index.search.nearness import Neighbour
from index.search.row_filter import RowFilter
from index.work_limit import check_work


def count_matching(release: Release, allowed: RowFilter | None) -> int:
    """Return the number of allowed rows that are not withdrawn; None allows all."""
    if allowed is None:
        return len(release.attributes) - len(release.withdrawn)
    return int(allowed.mask.sum()) - int(allowed.mask[release.withdrawn].sum())


def newest_papers(
    release: Release, catalogue: Catalogue, allowed: RowFilter | None, limit: int
) -> tuple[Rows, list[int]]:
    """Return all allowed rows that are not withdrawn, and the `limit` newest, newest first.

    Papers of one day are in the order of their ids. Papers with an unknown day come last. Papers
    withdrawn after the release are left out of the second list, and may be in the first.
    """
    rows = allowed.rows if allowed is not None else np.arange(len(release.attributes))
    rows = np.setdiff1d(rows, release.withdrawn)
    while True:
        check_work()
        days = release.attributes.days[rows]
        newest = rows
        if len(rows) > limit:
            newest = rows[days >= np.partition(days, len(days) - limit)[len(days) - limit]]
        numbers = {release.number(row): row for row in newest.tolist()}
        held = catalogue.ids_not_withdrawn(list(numbers))
        gone = [row for number, row in numbers.items() if number not in held]
        if not gone:
            break
        rows = np.setdiff1d(rows, gone)
    found = [Neighbour(row, 0.0) for row in newest.tolist()]
    best = best_neighbours(release, found, limit, lambda _: held)
    return rows, [one.row for one in best]
