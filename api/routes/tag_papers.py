"""The papers that carry a tag, in every format, under /v1."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from api.formats.representations import GET_MEDIA_TYPES, add_suffix_routes, respond
from api.formats.tag_representation import TagRepresentation, tag_representation
from api.openapi.examples import TAG_PAPERS, example
from api.records.tagged_paper import TaggedPapers

router = APIRouter(tags=["tags"])
_PATH = "/v1/tags/{tag}/papers"

add_suffix_routes(router, _PATH, tag_representation)


@router.get(_PATH, response_model=TaggedPapers, responses=example(TAG_PAPERS, GET_MEDIA_TYPES))
def tagged_papers(
    request: Request, representation: Annotated[TagRepresentation, Depends(tag_representation)]
) -> Response:
    """List the papers that carry a tag or a tag below it, the newest first."""
    return respond(request, representation)
