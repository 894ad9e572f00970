"""What a dump holds, row by row: tags as they stand, related lists as the service gives them."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import faiss
import numpy as np

from index.arrays import Mask
from index.catalogue.catalogue import Catalogue
from index.catalogue.corrections import CORRECTED
from index.dumps.tables import Row
from index.lists.entries import score
from index.lists.finder import MEAN_SCORE_PAPERS
from index.releases.release import Release
from index.search.nearness import Near, percentile

_BATCH = 2_000

Progress = Callable[[int, int], None]
"""Told the papers that are done, and all of them."""


def tag_rows(catalogue: Catalogue) -> Iterator[list[Row]]:
    """Every tag of the papers that stand, by paper, the surest first: the rows of "tags"."""
    rows: list[Row] = []
    for paper, taxonomy, label, probability, tagger in catalogue.tags.all():
        by = ("person", None) if tagger == CORRECTED else ("tagger", tagger)
        rows.append((paper, taxonomy, label, probability, *by))
        if len(rows) == _BATCH:
            yield rows
            rows = []
    yield rows


def related_rows(
    catalogue: Catalogue, release: Release, limit: int, progress: Progress | None
) -> Iterator[list[Row]]:
    """The list of every paper that stands, by row of the release: the rows of "related"."""
    nearness = release.nearness
    not_withdrawn = _not_withdrawn(catalogue, release)
    gone = np.flatnonzero(~not_withdrawn)

    def nearest(row: int) -> list[Near]:
        # As many are looked for as for a page, so that the list is the page's.
        seed, most = nearness.seed(row), max(limit, MEAN_SCORE_PAPERS)
        return nearness.nearest(seed, most, np.append(gone, row))[:limit]

    # FAISS would start threads of its own in each of these.
    with ThreadPoolExecutor(os.cpu_count(), "dump", faiss.omp_set_num_threads, (1,)) as pool:
        for start in range(0, len(not_withdrawn), _BATCH):
            if progress:
                progress(start, len(not_withdrawn))
            rows = start + np.flatnonzero(not_withdrawn[start : start + _BATCH])
            lists = dict(zip(rows.tolist(), pool.map(nearest, rows.tolist()), strict=True))
            named = {*lists, *(near.row for found in lists.values() for near in found)}
            ids = catalogue.ids_not_withdrawn([release.number(row) for row in named])
            yield [
                (
                    ids[release.number(row)],
                    ids[release.number(near.row)],
                    rank,
                    score(near.similarity),
                    percentile(near.similarity, release.random_similarities),
                )
                for row, found in lists.items()
                for rank, near in enumerate(found, 1)
            ]
    if progress:
        progress(len(not_withdrawn), len(not_withdrawn))


def _not_withdrawn(catalogue: Catalogue, release: Release) -> Mask:
    """Which rows are of papers that are held and not withdrawn."""
    not_withdrawn = np.zeros(len(release.nearness), bool)
    for start in range(0, len(not_withdrawn), _BATCH):
        rows = range(start, min(start + _BATCH, len(not_withdrawn)))
        numbers = [release.number(row) for row in rows]
        held = catalogue.ids_not_withdrawn(numbers)
        not_withdrawn[start : start + len(numbers)] = [number in held for number in numbers]
    return not_withdrawn
