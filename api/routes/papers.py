"""Papers and their related lists, under /v1."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Body, Depends, Request
from fastapi.responses import Response
from pydantic import Field

from api.formats.link_headers import add_links, description
from api.formats.paper_representations import (
    PaperRepresentation,
    RelatedRepresentation,
    paper_representation,
    related_representation,
)
from api.formats.representations import GET_MEDIA_TYPES, add_suffix_routes, json_of, respond
from api.openapi.examples import BATCH, LISTING, PAPER, example
from api.parameters.bodies import StrictBody
from api.parameters.fields import FieldsParameter, included
from api.records.paper import PaperRecord, paper_records
from api.service import Session
from index.arxiv.identifier import canonical_id
from index.errors import BadIdentifier
from index.lists.entries import Listing

router = APIRouter(tags=["papers"])
_MAX_BATCH = 500


@dataclass(frozen=True, slots=True)
class PaperBatch:
    """Papers in the order asked for, null for each that is not held or is no identifier."""

    papers: list[PaperRecord | None]


class AskedBatch(StrictBody):
    """Papers that are asked for together, in any form of their identifiers."""

    ids: list[str] = Field(min_length=1, max_length=_MAX_BATCH)


@router.post("/v1/papers/batch", response_model=PaperBatch, responses=example(BATCH))
def batch(
    asked: Annotated[AskedBatch, Body(examples=[{"ids": [PAPER["id"], "2401.99999"]}])],
    request: Request,
    session: Session,
    fields: FieldsParameter = None,
) -> Response:
    """Look up papers together, at most 500; the order is kept, what is unknown is null."""
    include = included(fields, PaperRecord, PaperBatch)
    ids = [_canonical(text) for text in asked.ids]
    records = paper_records(session, [paper_id for paper_id in ids if paper_id])
    found = PaperBatch([records.get(paper_id) if paper_id else None for paper_id in ids])
    response = json_of(found, include)
    add_links(response, [description(request)])
    return response


def _canonical(text: str) -> str | None:
    try:
        return canonical_id(text)
    except BadIdentifier:
        return None


# Before the paper itself: a path such as hep-th/9901001/related would match both.
add_suffix_routes(router, "/v1/papers/{paper_id:path}/related", related_representation)


@router.get(
    "/v1/papers/{paper_id:path}/related",
    response_model=Listing,
    responses=example(LISTING, GET_MEDIA_TYPES),
)
def related(
    request: Request,
    representation: Annotated[RelatedRepresentation, Depends(related_representation)],
) -> Response:
    """List the papers to read next, each with score, percentile, summary and reasons."""
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
