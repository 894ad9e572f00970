"""A paper, and the papers related to it, in every format: under /v1 and at the pages' URLs."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import Response

from api.formats.feeds import feed_options, related_feed
from api.formats.plain_text import listing_text, paper_text
from api.formats.ranked import RankedRepresentation
from api.formats.representations import json_response
from api.parameters.fields import FieldsParameter, included_fields
from api.parameters.json_schemas import PaperId
from api.parameters.list_options import Options
from api.parameters.paging import WHOLE, Excerpt, ExcerptParameter
from api.records.paper import PaperRecord, paper_record_by_id
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
        """Rank the related papers."""
        return self.session.finder.ranked_related(self.paper_id, options)

    @property
    def name(self) -> str:
        """The file name of the list, without a suffix."""
        return f"{self.paper_id} related"

    def text(self) -> str:
        """Return the list as plain text."""
        return listing_text(self.answer)

    def feed(self) -> Response:
        """Return the list as a feed, the newest papers first."""
        options = feed_options(self.request, self.options)
        return related_feed(self.request, self.session, self.paper_id, options)


@dataclass(frozen=True, slots=True)
class PaperRepresentation:
    """A paper; as text it comes with its related papers, and its feed consists of them."""

    related: RelatedRepresentation
    next_cursor: None = None

    @property
    def name(self) -> str:
        """The file name of the paper, without a suffix."""
        return self.related.paper_id

    @property
    def excerpt(self) -> Excerpt:
        """The fields that the request selects."""
        return self.related.excerpt

    def json(self) -> Response:
        """Return the paper's record as JSON; raises UnknownPaper."""
        include = included_fields(self.excerpt.fields, PaperRecord)
        return json_response(paper_record_by_id(self.related.session, self.name), include)

    def text(self) -> str:
        """Return the paper and its related papers as plain text."""
        entry = self.related.session.catalogue.entry(self.name)
        return paper_text(entry, self.related.answer)

    def works(self) -> list[Work]:
        """Return the paper alone; raises UnknownPaper."""
        paper = self.related.session.catalogue.entry(self.name).paper
        return works_by_id(self.related.session, [paper.id])

    def feed(self) -> Response:
        """Return a feed of the related papers."""
        return self.related.feed()


async def related_representation(
    paper_id: PaperId,
    request: Request,
    session: Session,
    options: Options,
    excerpt: ExcerptParameter,
) -> RelatedRepresentation:
    """Return the related list that a request under /v1 selects; raises BadIdentifier."""
    return RelatedRepresentation(request, session, options, excerpt, canonical_id(paper_id))


async def paper_representation(
    paper_id: PaperId, request: Request, session: Session, fields: FieldsParameter
) -> PaperRepresentation:
    """Return the paper that a request under /v1 selects; raises BadIdentifier."""
    paper = canonical_id(paper_id)
    return PaperRepresentation(
        RelatedRepresentation(request, session, DEFAULT_OPTIONS, Excerpt(fields), paper)
    )


async def unpaged_related_representation(
    paper_id: str, request: Request, session: Session, options: Options
) -> RelatedRepresentation:
    """Return a related list without pages, for the URLs of pages; raises BadIdentifier."""
    return RelatedRepresentation(request, session, options, WHOLE, canonical_id(paper_id))


async def unpaged_paper_representation(
    related: Annotated[RelatedRepresentation, Depends(unpaged_related_representation)],
) -> PaperRepresentation:
    """Return a paper with such a list."""
    return PaperRepresentation(related)


UnpagedPaper = Annotated[PaperRepresentation, Depends(unpaged_paper_representation)]
UnpagedRelated = Annotated[RelatedRepresentation, Depends(unpaged_related_representation)]
