"""The rows of a dump: current tags, and the same related lists as the API returns."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, repeat
from operator import eq

import faiss
import numpy as np

from index.arrays import Mask, Rows
from index.catalogue.catalogue import Catalogue
from index.catalogue.corrections import CORRECTED
from index.dumps.tables import Row
from index.lists.entries import score
from index.lists.finder import MEAN_SCORE_PAPERS
from index.lists.options import WeakMatches
from index.lists.ties import best_neighbours
from index.progress import CountProgress
from index.releases.release import Release
from index.search.block_ranking import MAX_LIMIT, BlockRanking
from index.search.faiss_index import FaissIndex
from index.search.match_strength import is_weak
from index.search.nearness import Nearness, Neighbour, percentiles

_BATCH = 2_048
_BLOCK = 128  # papers whose lists are computed together; more take longer (docs/measured.md)


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
    nearest = _list_computation(release.nearness, max(limit, MEAN_SCORE_PAPERS))
    not_withdrawn = _not_withdrawn(catalogue, release)
    withdrawn = np.flatnonzero(~not_withdrawn)

    def listed(hits: list[Neighbour], ids: dict[int, str]) -> list[Neighbour]:
        similarities = [hit.similarity for hit in hits]
        if any(map(eq, similarities, similarities[1:])):
            hits = best_neighbours(release, hits, limit, lambda _: ids)
        hits = hits[:limit]
        if weak == "include":
            return hits
        return [hit for hit in hits if not is_weak(hit.similarity, is_text=False)]

    # One FAISS thread per worker; by default FAISS starts several in each.
    with ThreadPoolExecutor(os.cpu_count(), "dump", faiss.omp_set_num_threads, (1,)) as pool:
        for start in range(0, len(not_withdrawn), _BATCH):
            if progress:
                progress(start, len(not_withdrawn))
            rows = start + np.flatnonzero(not_withdrawn[start : start + _BATCH])
            blocks = [rows[at : at + _BLOCK] for at in range(0, len(rows), _BLOCK)]
            computed = chain.from_iterable(pool.map(nearest, blocks, repeat(withdrawn)))
            lists = dict(zip(rows.tolist(), computed, strict=True))
            mentioned = list({*lists, *(hit.row for hits in lists.values() for hit in hits)})
            numbers = [release.number(row) for row in mentioned]
            ids = catalogue.ids_not_withdrawn(numbers)
            id_of = {row: ids[n] for row, n in zip(mentioned, numbers, strict=True) if n in ids}
            entries = [
                (id_of[row], id_of[hit.row], rank, hit.similarity)
                for row, hits in lists.items()
                for rank, hit in enumerate(listed(hits, ids), 1)
            ]
            shares = percentiles([one[-1] for one in entries], release.random_similarities)
            yield [
                (
                    paper,
                    related,
                    rank,
                    score(similarity),
                    share,
                    weak == "include" and is_weak(similarity, is_text=False),
                )
                for (paper, related, rank, similarity), share in zip(entries, shares, strict=True)
            ]
    if progress:
        progress(len(not_withdrawn), len(not_withdrawn))


def _list_computation(
    nearness: Nearness, depth: int
) -> Callable[[Rows, Rows], list[list[Neighbour]]]:
    """Return a function that computes the lists of a block of papers without excluded ones.

    `depth` is the one that `RelatedFinder` uses, so the lists are equal.
    """
    if isinstance(nearness.vectors, FaissIndex) and depth <= MAX_LIMIT:
        ranking = BlockRanking(nearness, nearness.vectors)
        return lambda rows, excluded: ranking.nearest(rows, depth, excluded)

    def nearest(row: int, excluded: Rows) -> list[Neighbour]:
        others = np.append(excluded, row)
        return nearness.nearest(nearness.seed(row), depth, others, with_ties=True)

    return lambda rows, excluded: [nearest(row, excluded) for row in rows.tolist()]


def _not_withdrawn(catalogue: Catalogue, release: Release) -> Mask:
    """Return a mask of the rows whose papers are in the catalogue and not withdrawn."""
    not_withdrawn = np.zeros(len(release.nearness), bool)
    for start in range(0, len(not_withdrawn), _BATCH):
        rows = range(start, min(start + _BATCH, len(not_withdrawn)))
        numbers = [release.number(row) for row in rows]
        ids = catalogue.ids_not_withdrawn(numbers)
        not_withdrawn[start : start + len(numbers)] = [number in ids for number in numbers]
    return not_withdrawn
