"""Facets: how many papers of a list have which year, category and tag."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from index.arrays import Rows
from index.arxiv.categories import CATEGORIES
from index.catalogue.catalogue import Catalogue
from index.catalogue.tags import TagKey
from index.releases.release import Release

TagNames = Mapping[str, frozenset[TagKey]]
"""The tags that each name selects, by the name in lower case: "label", "taxonomy/label", title."""

MAX_COUNTED = 10_000
"""Papers that facets count: the newest, if a list by date has more."""
_SHOWN = 12
_FIRST_YEAR = np.datetime64("0001-01-01")
_UNIX_YEAR = 1970


@dataclass(frozen=True, slots=True)
class FacetValue:
    """A value with the number of papers that have it, and the operator that selects them."""

    value: str
    papers: int
    operator: str


@dataclass(frozen=True, slots=True)
class Facets:
    """The years (newest first), categories and tags (most papers first) of `papers` papers.

    Each has at most twelve values. A paper counts once for each of its categories and tags, and
    for no year if its day of submission is unknown. A tag is written TAXONOMY/TAG; papers with a
    tag below it count too.
    """

    papers: int
    years: list[FacetValue]
    categories: list[FacetValue]
    tags: list[FacetValue]


def count_facets(release: Release, catalogue: Catalogue, rows: Rows, tag_names: TagNames) -> Facets:
    """Count the facets of these rows, of the 10,000 newest if there are more.

    Categories are arXiv's own: older records name classes of ACM and MSC beside them. Tags that
    have no name, because their taxonomy no longer has them, are left out.
    """
    days = release.attributes.days[rows]
    if len(rows) > MAX_COUNTED:
        newest = np.argsort(-days, kind="stable")[:MAX_COUNTED]
        rows, days = rows[newest], days[newest]
    numbers = [release.number(row) for row in rows.tolist()]
    official = {name.lower(): name for name in CATEGORIES}
    categories = [
        (official[name], count)
        for name, count in release.attributes.count_categories(rows)
        if name in official
    ]
    return Facets(
        papers=len(rows),
        years=_values("year", _years(days[days > 0])),
        categories=_values("cat", sorted(categories, key=lambda one: (-one[1], one[0]))),
        tags=_values("tag", _tags(catalogue, numbers, tag_names)),
    )


def _values(field: str, counts: Sequence[tuple[str, int]]) -> list[FacetValue]:
    return [FacetValue(value, count, f"{field}:{value}") for value, count in counts[:_SHOWN]]


def _tags(
    catalogue: Catalogue, numbers: Sequence[int], tag_names: TagNames
) -> list[tuple[str, int]]:
    counts = dict(catalogue.tags.count_tags(numbers))
    found = []
    for (taxonomy, label), count in counts.items():
        below = tag_names.get(f"{taxonomy}/{label}".lower(), frozenset())
        if len(below & counts.keys()) > 1:
            count = len(set(numbers).intersection(catalogue.tags.numbers_with_tags(below)))
        if below:
            found.append((f"{taxonomy}/{label}", count))
    return sorted(found, key=lambda one: (-one[1], one[0]))


def _years(days: np.ndarray) -> list[tuple[str, int]]:
    dates = _FIRST_YEAR + (days.astype(np.int64) - 1)
    years, counts = np.unique(dates.astype("datetime64[Y]").astype(int), return_counts=True)
    pairs: Iterable[tuple[int, int]] = zip(years.tolist(), counts.tolist(), strict=True)
    return [(f"{year + _UNIX_YEAR:04}", count) for year, count in sorted(pairs, reverse=True)]
