"""Search by words, and the status, under /v1."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from api.formats.plain_text import results_text
from api.formats.ranked import RankedRepresentation
from api.formats.representations import GET_MEDIA_TYPES, add_suffix_routes, respond
from api.openapi.examples import SEARCH, STATUS, example
from api.parameters.list_options import Options
from api.parameters.paging import ShapeParameter
from api.routes.feeds import newest_of_many, search_feed
from api.service import Session
from index.health.status import Status, status_of
from index.lists.entries import RankedHits, SearchResults
from index.lists.finder import MAX_TEXT_LENGTH
from index.lists.options import ListOptions

router = APIRouter()


@dataclass(frozen=True)
class SearchRepresentation(RankedRepresentation[SearchResults]):
    """What answers a query."""

    query: str
    listing = SearchResults
    name = "search"

    def rank(self, options: ListOptions) -> RankedHits[SearchResults]:
        """The papers that answer the query, not yet described."""
        return self.session.finder.ranked_search(self.session.embedder, self.query, options)

    def text(self) -> str:
        """The answers for a terminal."""
        return results_text(self.answer)

    def feed(self) -> Response:
        """The answers with what is new first."""
        options = newest_of_many(self.request, self.options)
        return search_feed(self.request, self.session, self.query, options)


def search_representation(
    request: Request,
    session: Session,
    q: Annotated[
        str,
        Query(
            max_length=MAX_TEXT_LENGTH,
            description='Words, a question, a paragraph; "quoted phrases" must stand in the text',
        ),
    ],
    options: Options,
    shape: ShapeParameter,
) -> SearchRepresentation:
    """The answers to a query in the shape that is asked for."""
    return SearchRepresentation(request, session, options, shape, q)


add_suffix_routes(router, "/v1/search", search_representation)


@router.get(
    "/v1/search",
    tags=["search"],
    response_model=SearchResults,
    responses=example(SEARCH, GET_MEDIA_TYPES),
)
def search(
    request: Request,
    representation: Annotated[SearchRepresentation, Depends(search_representation)],
) -> Response:
    """Find papers by words, best first."""
    return respond(request, representation)


@router.get("/v1/status", tags=["status"], responses=example(STATUS))
def status(session: Session) -> Status:
    """Say what is held, which release answers, and whether anything is wrong."""
    service = session.service
    return status_of(service.settings.data, session.catalogue, service.current)
