"""Completions of a query, under /v1."""

from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi.responses import JSONResponse

from api.openapi.examples import example
from api.openapi.search_examples import COMPLETE
from api.rendering.prose import MAX_TITLE_LENGTH, to_plain_text
from api.service import ReadSession, Session
from index.searching.completion import MAX_TYPED, Completer, Completion

router = APIRouter()
_MAX_COMPLETIONS = 20
_SUGGESTED = 4  # of each kind, in an address bar
_SUGGESTIONS = "application/x-suggestions+json"
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
    return Completions(q, _completions(session, q, limit))


@router.get("/opensearch/suggestions", include_in_schema=False)
def suggestions(
    session: Session, q: Annotated[str, Query(max_length=MAX_TYPED)] = ""
) -> JSONResponse:
    """Complete a query in the form that browsers read for their address bar (OpenSearch)."""
    found = list(dict.fromkeys(one.query for one in _completions(session, q, _SUGGESTED)))
    return JSONResponse([q, found], headers={"Cache-Control": _CACHED}, media_type=_SUGGESTIONS)


def _completions(session: ReadSession, q: str, limit: int) -> list[Completion]:
    taxonomies = session.taxonomies

    def tags() -> dict[str, str]:
        return {
            f"{taxonomy.name}/{label.id}": label.title
            for taxonomy in taxonomies
            for label in taxonomy.labels
        }

    found = Completer(session.catalogue, tags).complete(q, limit)
    return [replace(one, text=to_plain_text(one.text, MAX_TITLE_LENGTH)) for one in found]
