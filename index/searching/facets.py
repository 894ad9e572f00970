"""Facets: how many papers of a list have which year, category and tag."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from index.arrays import Rows
from index.arxiv.categories import CATEGORIES
from index.catalogue.catalogue import Catalogue
from index.catalogue.tags import TagKey
from index.releases.release import Release

MAX_COUNTED = 10_000
"""Papers that facets count: the newest, if a list by date has more."""
_SHOWN = 12
_FIRST_YEAR = np.datetime64("0001-01-01")
_UNIX_YEAR = 1970


@dataclass(frozen=True, slots=True)
class Facets:
    """The years (newest first), categories and tags (most papers first) of `papers` papers.

    Each has at most twelve values with the number of papers. A paper counts once for each
    of its categories and tags, and for no year if its day of submission is unknown.
    """

    papers: int
    years: list[tuple[int, int]]
    categories: list[tuple[str, int]]
    tags: list[tuple[TagKey, int]]


def count_facets(release: Release, catalogue: Catalogue, rows: Rows) -> Facets:
    """Count the facets of these rows, of the 10,000 newest if there are more."""
    days = release.attributes.days[rows]
    if len(rows) > MAX_COUNTED:
        newest = np.argsort(-days, kind="stable")[:MAX_COUNTED]
        rows, days = rows[newest], days[newest]
    numbers = [release.number(row) for row in rows.tolist()]
    return Facets(
        papers=len(rows),
        years=_years(days[days > 0]),
        categories=_most(release.attributes.count_categories(rows)),
        tags=catalogue.tags.count_tags(numbers)[:_SHOWN],
    )


def _years(days: np.ndarray) -> list[tuple[int, int]]:
    dates = _FIRST_YEAR + (days.astype(np.int64) - 1)
    years, counts = np.unique(dates.astype("datetime64[Y]").astype(int), return_counts=True)
    pairs = zip((years + _UNIX_YEAR).tolist(), counts.tolist(), strict=True)
    return sorted(pairs, reverse=True)[:_SHOWN]


def _most(counts: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    official = {name.lower(): name for name in CATEGORIES}
    most = sorted(counts, key=lambda one: (-one[1], one[0]))[:_SHOWN]
    return [(official.get(name, name), count) for name, count in most]
