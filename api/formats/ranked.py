"""The forms of a ranked list: of papers related to one or several, and of answers to a query."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import Generic

from fastapi import Request
from fastapi.responses import Response

from api.cached_attribute import cached_attribute
from api.formats.representations import json_of
from api.parameters.fields import included
from api.parameters.paging import PageEnd, Shape
from api.records.works import Work, works_of_hits
from api.service import ReadSession
from index.lists.entries import Answer, RankedHits, RelatedPaper
from index.lists.options import MAX_LIMIT, ListOptions


@dataclass(frozen=True)
class RankedRepresentation(ABC, Generic[Answer]):
    """A ranked list to be written in any form; ranked once, described where a form needs it."""

    request: Request
    session: ReadSession
    options: ListOptions
    shape: Shape

    @property
    @abstractmethod
    def listing(self) -> type[Answer]:
        """What the list is called in JSON's schema."""

    @abstractmethod
    def rank(self, options: ListOptions) -> RankedHits[Answer]:
        """The list, not yet described."""

    @cached_attribute
    def _page(self) -> tuple[RankedHits[Answer], PageEnd | None]:
        page = self.shape.page
        if page is None:
            return self.rank(self.options), None
        # Every page is one of the same whole.
        ranked = self.rank(replace(self.options, limit=MAX_LIMIT))
        span, end = page.span([one.near.row for one in ranked.hits], self.options.limit)
        return replace(ranked, hits=ranked.hits[span]), end

    @property
    def next_cursor(self) -> str | None:
        """What asks for the next page."""
        return self._page[1].next_cursor if self.shape.page and self._page[1] else None

    @property
    def answer(self) -> Answer:
        """The list with its entries."""
        embedder = self.session.embedder_for(self.options)
        return self.session.finder.describe(self._page[0], self.options, embedder)

    def json(self) -> Response:
        """The list with its reasons."""
        include = included(self.shape.fields, RelatedPaper, self.listing)
        return json_of(self.answer, include, self._page[1])

    def works(self) -> list[Work]:
        """The papers of the list."""
        return works_of_hits(self.session, self._page[0].hits)
