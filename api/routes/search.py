"""Search, and the status, under /v1."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from api.formats.representations import GET_MEDIA_TYPES, add_suffix_routes, respond
from api.formats.search_representation import SearchRepresentation, search_representation
from api.openapi.examples import STATUS, example
from api.openapi.search_examples import SEARCH
from api.records.status import status_record
from api.service import Session
from index.health.status import Status
from index.searching.results import SearchResults

router = APIRouter()

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
    """Find papers by words, a question or a paragraph, best first."""
    return respond(request, representation)


@router.get("/v1/status", tags=["status"], responses=example(STATUS))
def status(session: Session) -> Status:
    """Report what the catalogue contains, which release is in use, and what is wrong."""
    return status_record(session)
