"""Papers and their related lists, under /v1."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Body, Depends, Request
from fastapi.responses import Response
from pydantic import Field
from starlette.exceptions import HTTPException

from api.formats.link_headers import add_links, openapi_link
from api.formats.paper_representations import (
    PaperRepresentation,
    RelatedRepresentation,
    paper_representation,
    related_representation,
)
from api.formats.representations import GET_MEDIA_TYPES, add_suffix_routes, json_response, respond
from api.middleware.problems import REFUSED_METHOD
from api.openapi.examples import BATCH, LISTING, PAPER, example
from api.parameters.bodies import StrictBody
from api.parameters.fields import FieldsParameter, included_fields
from api.records.paper import PaperRecord, paper_records
from api.service import Session
from index.arxiv.identifier import canonical_id
from index.errors import BadIdentifier
from index.lists.entries import Listing

router = APIRouter(tags=["papers"])
related_router = APIRouter(tags=["papers"])
"""The route of related lists. It comes first of all, since it is requested most."""
_MAX_BATCH = 500


@dataclass(frozen=True, slots=True)
class PaperBatch:
    """The requested papers in their order; null for an unknown paper and for a wrong identifier."""

    papers: list[PaperRecord | None]


class AskedBatch(StrictBody):
    """Papers to look up together."""

    ids: list[str] = Field(
        min_length=1, max_length=_MAX_BATCH, description="arXiv identifiers in any form"
    )


@router.post("/v1/papers/batch", response_model=PaperBatch, responses=example(BATCH))
def batch(
    body: Annotated[AskedBatch, Body(examples=[{"ids": [PAPER["id"], "2401.99999"]}])],
    request: Request,
    session: Session,
    fields: FieldsParameter,
) -> Response:
    """Look up at most 500 papers; the order is kept, and an unknown paper is null."""
    include = included_fields(fields, PaperRecord, PaperBatch)
    ids = [_canonical(text) for text in body.ids]
    records = paper_records(session, [paper_id for paper_id in ids if paper_id])
    papers = PaperBatch([records.get(paper_id) if paper_id else None for paper_id in ids])
    response = json_response(papers, include)
    add_links(response, [openapi_link(request)])
    return response


# Otherwise the route of a paper would take "batch" for an identifier.
@router.get("/v1/papers/batch", name=REFUSED_METHOD, include_in_schema=False)
def no_batch_by_get() -> Response:
    """Refuse GET: the identifiers of a batch are sent in the body of a POST."""
    raise HTTPException(HTTPStatus.METHOD_NOT_ALLOWED, "send the identifiers by POST, as JSON")


def _canonical(text: str) -> str | None:
    try:
        return canonical_id(text)
    except BadIdentifier:
        return None


# Routes of the paper itself come later: their path would match /related too.
add_suffix_routes(router, "/v1/papers/{paper_id:path}/related", related_representation)


@related_router.get(
    "/v1/papers/{paper_id:path}/related",
    response_model=Listing,
    responses=example(LISTING, GET_MEDIA_TYPES),
)
def related(
    request: Request,
    representation: Annotated[RelatedRepresentation, Depends(related_representation)],
) -> Response:
    """List the papers related to one, each with score, percentile, summary and reasons."""
    return respond(request, representation)


add_suffix_routes(router, "/v1/papers/{paper_id:path}", paper_representation)


@router.get(
    "/v1/papers/{paper_id:path}",
    response_model=PaperRecord,
    responses=example(PAPER, GET_MEDIA_TYPES),
)
def paper(
    request: Request, representation: Annotated[PaperRepresentation, Depends(paper_representation)]
) -> Response:
    """Look up a paper by any form of its arXiv identifier."""
    return respond(request, representation)
