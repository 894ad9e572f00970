"""The rows of a dump: current tags, and the same related lists as the API returns."""

from collections.abc import Iterator, Sequence
from itertools import islice
from operator import eq

import numpy as np

from index.arrays import Mask, Rows
from index.catalogue.catalogue import Catalogue
from index.catalogue.corrections import CORRECTED
from index.dumps.list_computation import list_computation
from index.dumps.tables import Row
from index.lists.entries import score
from index.lists.finder import MEAN_SCORE_PAPERS
from index.lists.options import WeakMatches
from index.lists.ties import best_neighbours
from index.progress import CountProgress
from index.releases.release import Release
from index.search.match_strength import is_weak
from index.search.nearness import Neighbour, percentiles

_BATCH = 2_048
_GROUP = 16  # blocks of lists that are written together


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
    not_withdrawn = _not_withdrawn(catalogue, release)

    def listed(hits: list[Neighbour], ids: dict[int, str]) -> list[Neighbour]:
        similarities = [hit.similarity for hit in hits]
        if any(map(eq, similarities, similarities[1:])):
            hits = best_neighbours(release, hits, limit, lambda _: ids)
        hits = hits[:limit]
        if weak == "include":
            return hits
        return [hit for hit in hits if not is_weak(hit.similarity, is_text=False)]

    def group_rows(group: Sequence[tuple[Rows, list[list[Neighbour]]]]) -> list[Row]:
        lists = {
            row: hits for rows, of in group for row, hits in zip(rows.tolist(), of, strict=True)
        }
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
        return [
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

    depth = max(limit, MEAN_SCORE_PAPERS)
    with list_computation(release, depth, np.flatnonzero(~not_withdrawn)) as lists_of:
        blocks = lists_of(np.flatnonzero(not_withdrawn))
        while group := list(islice(blocks, _GROUP)):
            if progress:
                progress(int(group[0][0][0]), len(not_withdrawn))
            yield group_rows(group)
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
