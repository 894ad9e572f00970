"""Completions of a query, under /v1."""

from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Query, Response

from api.openapi.examples import example
from api.openapi.search_examples import COMPLETE
from api.rendering.prose import MAX_TITLE_LENGTH, to_plain_text
from api.service import Session
from index.searching.completion import MAX_TYPED, Completer, Completion

router = APIRouter()
_MAX_COMPLETIONS = 20
_CACHED = "public, max-age=300"  # new papers may appear five minutes later


@dataclass(frozen=True, slots=True)
class Completions:
    """The completions of a query that is being typed: titles, authors, tags, categories."""

    query: str
    completions: list[Completion]


@router.get("/v1/complete", tags=["search"], responses=example(COMPLETE))
def complete(
    response: Response,
    session: Session,
    q: Annotated[
        str,
        Query(
            examples=["efficient lang"],
            max_length=MAX_TYPED,
            description="A query that is being typed. If it ends with author:, title:, tag: or "
            "cat: and part of a value, that value is completed",
        ),
    ],
    limit: Annotated[
        int, Query(ge=1, le=_MAX_COMPLETIONS, description="Maximum number of each kind")
    ] = 5,
) -> Completions:
    """Complete a query that is being typed, by titles, authors and tags."""
    response.headers["Cache-Control"] = _CACHED
    taxonomies = session.taxonomies

    def tags() -> dict[str, str]:
        return {
            f"{taxonomy.name}/{label.id}": label.title
            for taxonomy in taxonomies
            for label in taxonomy.labels
        }

    found = Completer(session.catalogue, tags).complete(q, limit)
    return Completions(
        q, [replace(one, text=to_plain_text(one.text, MAX_TITLE_LENGTH)) for one in found]
    )
