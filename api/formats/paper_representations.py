"""The forms of a paper and of its related list, wherever they are asked for."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import Response

from api.formats.feeds import feed_options, related_feed
from api.formats.plain_text import listing_text, paper_text
from api.formats.ranked import RankedRepresentation
from api.formats.representations import json_of
from api.parameters.fields import FieldsParameter, included
from api.parameters.list_options import Options
from api.parameters.paging import WHOLE, Shape, ShapeParameter
from api.records.paper import PaperRecord, record_of
from api.records.works import Work, works_by_id
from api.service import Session
from index.arxiv.identifier import canonical_id
from index.lists.entries import Listing, RankedHits
from index.lists.options import DEFAULT_OPTIONS, ListOptions


@dataclass(frozen=True)
class RelatedRepresentation(RankedRepresentation[Listing]):
    """The papers related to one."""

    paper_id: str
    listing = Listing

    def rank(self, options: ListOptions) -> RankedHits[Listing]:
        """The nearest papers, not yet described."""
        return self.session.finder.ranked_related(self.paper_id, options)

    @property
    def name(self) -> str:
        """What a file of the list is called."""
        return f"{self.paper_id} related"

    def text(self) -> str:
        """The list for a terminal."""
        return listing_text(self.answer)

    def feed(self) -> Response:
        """The list with what is new first."""
        options = feed_options(self.request, self.options)
        return related_feed(self.request, self.session, self.paper_id, options)


@dataclass(frozen=True, slots=True)
class PaperRepresentation:
    """A paper; in text, and in a feed, with its related papers."""

    related: RelatedRepresentation
    next_cursor: None = None

    @property
    def name(self) -> str:
        """What a file of the paper is called."""
        return self.related.paper_id

    @property
    def shape(self) -> Shape:
        """Which fields are asked for."""
        return self.related.shape

    def json(self) -> Response:
        """All that is held of the paper."""
        include = included(self.shape.fields, PaperRecord)
        return json_of(record_of(self.related.session, self.name), include)

    def text(self) -> str:
        """The paper's page for a terminal."""
        entry = self.related.session.catalogue.entry(self.name)
        return paper_text(entry, self.related.answer)

    def works(self) -> list[Work]:
        """The paper to cite; raises UnknownPaper."""
        paper = self.related.session.catalogue.entry(self.name).paper
        return works_by_id(self.related.session, [paper.id])

    def feed(self) -> Response:
        """The paper's related papers."""
        return self.related.feed()


def related_representation(
    paper_id: str, request: Request, session: Session, options: Options, shape: ShapeParameter
) -> RelatedRepresentation:
    """A related list in the shape that is asked for; raises BadIdentifier."""
    return RelatedRepresentation(request, session, options, shape, canonical_id(paper_id))


def paper_representation(
    paper_id: str, request: Request, session: Session, fields: FieldsParameter = None
) -> PaperRepresentation:
    """A paper, in JSON with the fields that are asked for; raises BadIdentifier."""
    paper = canonical_id(paper_id)
    return PaperRepresentation(
        RelatedRepresentation(request, session, DEFAULT_OPTIONS, Shape(fields), paper)
    )


def unpaged_related_representation(
    paper_id: str, request: Request, session: Session, options: Options
) -> RelatedRepresentation:
    """A related list in one piece, as the pages lead to it; raises BadIdentifier."""
    return RelatedRepresentation(request, session, options, WHOLE, canonical_id(paper_id))


def unpaged_paper_representation(
    related: Annotated[RelatedRepresentation, Depends(unpaged_related_representation)],
) -> PaperRepresentation:
    """A paper with such a list; raises BadIdentifier."""
    return PaperRepresentation(related)


UnpagedPaper = Annotated[PaperRepresentation, Depends(unpaged_paper_representation)]
UnpagedRelated = Annotated[RelatedRepresentation, Depends(unpaged_related_representation)]
