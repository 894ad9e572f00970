"""The base of ranked lists in every format: related papers, search results, recommendations."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import ClassVar, Generic

from fastapi import Request
from fastapi.responses import Response

from api.cached_attribute import cached_attribute
from api.formats.plain_summaries import with_plain_summaries
from api.formats.representations import json_response
from api.parameters.fields import included_fields
from api.parameters.paging import Excerpt, PageEnd
from api.records.works import Work, works_of_hits
from api.service import ReadSession
from index.lists.entries import Answer, FoundPaper, RankedHits, RelatedPaper
from index.lists.options import MAX_LIMIT, ListOptions


@dataclass(frozen=True)
class RankedRepresentation(ABC, Generic[Answer]):
    """A ranked list in any format.

    The list is ranked once. Its entries are built only for formats that show them: citations need
    the papers alone. A subclass names the `listing` and ranks it, as SearchRepresentation does.
    """

    request: Request
    session: ReadSession
    options: ListOptions
    excerpt: Excerpt
    entry: ClassVar[type[FoundPaper]] = RelatedPaper
    """The record of a paper in the list."""

    @property
    @abstractmethod
    def listing(self) -> type[Answer]:
        """The record of the list in JSON."""

    @abstractmethod
    def rank(self, options: ListOptions) -> RankedHits[Answer]:
        """Rank the papers, without building entries."""

    @cached_attribute
    def _page(self) -> tuple[RankedHits[Answer], PageEnd | None]:
        page = self.excerpt.page
        if page is None:
            return self.rank(self.options), None
        # Every page is cut from the same ranking.
        ranked = self.rank(replace(self.options, limit=MAX_LIMIT))
        places, end = page.bounds([one.neighbour.row for one in ranked.hits], self.options.limit)
        return replace(ranked, hits=ranked.hits[places]), end

    @property
    def next_cursor(self) -> str | None:
        """The cursor of the next page; None without one."""
        return self._page[1].next_cursor if self.excerpt.page and self._page[1] else None

    @property
    def answer(self) -> Answer:
        """The list with its entries, built at each access."""
        embedder = self.session.embedder_for(self.options)
        return self.session.finder.describe(self._page[0], self.options, embedder)

    def json(self) -> Response:
        """Return the list as JSON."""
        include = included_fields(self.excerpt.fields, self.entry, self.listing)
        return json_response(with_plain_summaries(self.answer), include, self._page[1])

    def works(self) -> list[Work]:
        """Return the papers of the list."""
        return works_of_hits(self.session, self._page[0].hits)
