"""The rows of a dump: current tags, and the same related lists as the API returns."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import faiss
import numpy as np

from index.arrays import Mask
from index.catalogue.catalogue import Catalogue
from index.catalogue.corrections import CORRECTED
from index.dumps.tables import Row
from index.lists.entries import score
from index.lists.finder import MEAN_SCORE_PAPERS
from index.lists.options import WeakMatches
from index.lists.ties import best_neighbours
from index.progress import CountProgress
from index.releases.release import Release
from index.search.match_strength import is_weak
from index.search.nearness import Neighbour, percentile

_BATCH = 2_000

"""Called with the number of papers done so far, and the number of all papers."""


def tag_rows(catalogue: Catalogue) -> Iterator[list[Row]]:
    """Yield the rows of "tags" in batches: by paper, most probable first; not withdrawn only."""
    rows: list[Row] = []
    for paper, taxonomy, label, probability, tagger in catalogue.tags.all():
        by = ("person", None) if tagger == CORRECTED else ("tagger", tagger)
        rows.append((paper, taxonomy, label, probability, *by))
        if len(rows) == _BATCH:
            yield rows
            rows = []
    yield rows


def related_rows(
    catalogue: Catalogue,
    release: Release,
    limit: int,
    weak: WeakMatches,
    progress: CountProgress | None,
) -> Iterator[list[Row]]:
    """Yield the related lists of papers that are not withdrawn, in batches, in release order."""
    nearness = release.nearness
    not_withdrawn = _not_withdrawn(catalogue, release)
    withdrawn = np.flatnonzero(~not_withdrawn)

    def nearest(row: int) -> list[Neighbour]:
        # The same depth as `RelatedFinder` uses, so the lists are equal.
        seed, depth = nearness.seed(row), max(limit, MEAN_SCORE_PAPERS)
        return nearness.nearest(seed, depth, np.append(withdrawn, row), with_ties=True)

    def listed(hits: list[Neighbour], ids: dict[int, str]) -> list[Neighbour]:
        hits = best_neighbours(release, hits, limit, lambda _: ids)
        if weak == "include":
            return hits
        return [hit for hit in hits if not is_weak(hit.similarity, is_text=False)]

    # One FAISS thread per worker; by default FAISS starts several in each.
    with ThreadPoolExecutor(os.cpu_count(), "dump", faiss.omp_set_num_threads, (1,)) as pool:
        for start in range(0, len(not_withdrawn), _BATCH):
            if progress:
                progress(start, len(not_withdrawn))
            rows = start + np.flatnonzero(not_withdrawn[start : start + _BATCH])
            lists = dict(zip(rows.tolist(), pool.map(nearest, rows.tolist()), strict=True))
            mentioned = {*lists, *(neighbour.row for hits in lists.values() for neighbour in hits)}
            ids = catalogue.ids_not_withdrawn([release.number(row) for row in mentioned])
            yield [
                (
                    ids[release.number(row)],
                    ids[release.number(neighbour.row)],
                    rank,
                    score(neighbour.similarity),
                    percentile(neighbour.similarity, release.random_similarities),
                    is_weak(neighbour.similarity, is_text=False),
                )
                for row, hits in lists.items()
                for rank, neighbour in enumerate(listed(hits, ids), 1)
            ]
    if progress:
        progress(len(not_withdrawn), len(not_withdrawn))


def _not_withdrawn(catalogue: Catalogue, release: Release) -> Mask:
    """Return a mask of the rows whose papers are in the catalogue and not withdrawn."""
    not_withdrawn = np.zeros(len(release.nearness), bool)
    for start in range(0, len(not_withdrawn), _BATCH):
        rows = range(start, min(start + _BATCH, len(not_withdrawn)))
        numbers = [release.number(row) for row in rows]
        ids = catalogue.ids_not_withdrawn(numbers)
        not_withdrawn[start : start + len(numbers)] = [number in ids for number in numbers]
    return not_withdrawn
