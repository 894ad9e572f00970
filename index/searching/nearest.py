"""The papers nearest to the words of a query, after those that the words name."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from index.lists.entries import Query
from index.lists.filters import Filters
from index.lists.finder import RelatedFinder
from index.search.nearness import Neighbour
from index.search.row_filter import RowFilter
from index.searching.conditions import ConditionReader, QueryConditions
from index.searching.names import NameMatch
from index.searching.titles import COMPARED, TitleFinder

_MAX_BY_NAME = 3  # papers by authors whose name is part of a query, which come first
_NONE = np.array([], np.int64)


@dataclass(frozen=True, slots=True)
class NearestPapers:
    """Papers in the order of a list, best first.

    The rows of `first` come first, whatever their similarity: those of `titled`, whose title the
    query nearly is, then those by authors whose name is part of the query.
    """

    neighbours: list[Neighbour]
    first: frozenset[int]
    titled: frozenset[int]


class NearestFinder:
    """Finds the papers nearest to a text, and those that the text names by title or author.

    nearest = NearestFinder(finder, conditions).find(query, "atention all need", None, None, 10)
    nearest.neighbours[0]  # the paper with this title
    """

    def __init__(self, finder: RelatedFinder, conditions: ConditionReader) -> None:
        self._finder = finder
        self._catalogue, self._release = finder.catalogue, finder.release
        self._conditions = conditions
        self._titles = TitleFinder(self._catalogue, self._release)

    def find(
        self,
        query: Query,
        title: str,
        name: NameMatch | None,
        allowed: RowFilter | None,
        depth: int,
    ) -> NearestPapers:
        """Return at least `depth` allowed papers, if there are so many.

        `title` is compared with the titles of papers. `name` is left out of the query's text.
        """
        depth = max(depth, COMPARED)
        nearest = self._finder.nearest_not_withdrawn(query.seed, depth, _NONE, allowed)
        titled = self._titled(query, title, nearest, allowed)
        by_name = self._by_authors(query, name, allowed) if name else []
        first = {one.row: one for one in (*titled, *by_name)}
        others = [one for one in nearest if one.row not in first]
        rows = frozenset(one.row for one in titled)
        return NearestPapers([*first.values(), *others], frozenset(first), rows)

    def _by_authors(
        self, query: Query, name: NameMatch, allowed: RowFilter | None
    ) -> list[Neighbour]:
        """Return the papers by authors of a name that are about the other words of a query."""
        conditions = self._conditions.of_authors(QueryConditions(Filters()), name)
        by_name = conditions.allowed(self._catalogue, self._release)
        if by_name is not None and allowed is not None:
            by_name = RowFilter(by_name.mask & allowed.mask)
        nearest = self._finder.nearest_not_withdrawn(query.seed, _MAX_BY_NAME, _NONE, by_name)
        return [one for one in nearest if not query.is_weak_match(one.similarity)]

    def _titled(
        self,
        query: Query,
        title: str,
        nearest: Sequence[Neighbour],
        allowed: RowFilter | None,
    ) -> list[Neighbour]:
        """Return the papers whose title a text nearly is, closest first."""
        matches = [
            one.row
            for one in self._titles.matches(title, nearest)
            if allowed is None or allowed.mask[one.row]
        ]
        known = {one.row: one for one in nearest}
        missing = self._not_withdrawn(row for row in matches if row not in known)
        if missing:
            rows = np.array(missing, np.int64)
            similarities = self._release.nearness.similarities(query.seed, rows)
            pairs = zip(missing, similarities.tolist(), strict=True)
            known |= {row: Neighbour(row, similarity) for row, similarity in pairs}
        return [known[row] for row in matches if row in known]

    def _not_withdrawn(self, rows: Iterable[int]) -> list[int]:
        numbers = {row: self._release.number(row) for row in rows}
        held = self._catalogue.ids_not_withdrawn(list(numbers.values())) if numbers else {}
        return [row for row, number in numbers.items() if number in held]
