"""Semantic Scholar's API at its paths, so that its clients only need another base URL.

`api.semantic_scholar.records` describes what a paper contains. Recommendations have no scores,
because Semantic Scholar's have none. Filters by what seealso does not know (citations, venues,
fields of study) are refused, not ignored.
"""

from collections.abc import Sequence
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, FastAPI, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from api.middleware.problems import use_error_writer
from api.semantic_scholar.dates import intersection, parse_date_range
from api.semantic_scholar.records import (
    Fields,
    Record,
    error_response,
    not_offered,
    parse_fields,
    record,
)
from api.service import ReadSession, Session
from index.arxiv.bibliographic_text import dois_in
from index.arxiv.identifier import canonical_id
from index.catalogue.rows import Entry
from index.errors import BadIdentifier, BadInput, NotFound
from index.lists.entries import Hit
from index.lists.filters import Filters
from index.lists.finder import MAX_TEXT_LENGTH
from index.lists.options import MAX_LIMIT, ListOptions
from index.lists.recommend import MAX_PAPERS, ranked_recommendations

router = APIRouter(include_in_schema=False)
_NO_CITATIONS = (
    "seealso knows no citations. GET /recommendations/v1/papers/forpaper/{id} lists related papers"
)
_NO_AUTHORS = (
    "authors have no records. GET /v1/search?q=…&author=NAME lists the papers of an author"
)
_NOT_OFFERED = {
    "/graph/v1/paper/search/bulk": "GET /graph/v1/paper/search lists the best 500 papers, and "
    "`seealso dump` writes all",
    "/graph/v1/paper/search/match": "GET /graph/v1/paper/search?query=TITLE&limit=1 finds the "
    "paper of a title",
    "/graph/v1/paper/autocomplete": "GET /v1/complete?q=… completes titles, authors and tags",
    "/graph/v1/snippet/search": "GET /v1/search?q=…&reasons=full shows similar sentences",
    "/graph/v1/paper/{paper_id:path}/citations": _NO_CITATIONS,
    "/graph/v1/paper/{paper_id:path}/references": _NO_CITATIONS,
    "/graph/v1/paper/{paper_id:path}/authors": "GET /graph/v1/paper/{id}?fields=authors lists the "
    "names of the authors",
    "/graph/v1/author/{rest:path}": _NO_AUTHORS,
    "/datasets/v1/{rest:path}": "`seealso dump` writes all papers of a server",
}
_PATH_PREFIXES = ("/graph/v1/", "/recommendations/v1/")
FieldsParameter = Annotated[Fields, Depends(parse_fields)]
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT)]
_MAX_IDS, _MAX_PAGE = 500, 100
_UNSUPPORTED = ("fieldsOfStudy", "minCitationCount", "publicationTypes", "venue")


def add_semantic_scholar(app: FastAPI) -> None:
    """Add these operations to the application, with errors as Semantic Scholar writes them."""
    app.include_router(router)
    for prefix in _PATH_PREFIXES:
        use_error_writer(app, prefix, error_response)


# These routes come first: the route of a paper would match most of their paths.
def _add_not_offered(path: str, instead: str) -> None:
    @router.api_route(path, methods=["GET", "POST"])
    def refuse(request: Request) -> Response:
        """Say that this is not offered here, and what to use instead."""
        return not_offered(request.url.path, request.state.request_id, instead)


for _path, _instead in _NOT_OFFERED.items():
    _add_not_offered(_path, _instead)


class Batch(BaseModel):
    """Papers to look up together."""

    ids: list[str] = Field(min_length=1, max_length=_MAX_IDS)


class Examples(BaseModel):
    """Papers that recommendations should resemble, and papers that they should not."""

    positive: list[str] | None = Field(None, alias="positivePaperIds", max_length=MAX_PAPERS)
    negative: list[str] | None = Field(None, alias="negativePaperIds", max_length=MAX_PAPERS)


@router.get("/recommendations/v1/papers/forpaper/{paper_id:path}")
def recommended_for_paper(
    paper_id: str,
    session: Session,
    fields: FieldsParameter,
    limit: Limit = 100,
    pool: Annotated[Literal["recent", "all-cs"], Query(alias="from")] = "recent",
) -> dict[str, list[Record]]:
    """List the papers related to one.

    Semantic Scholar's pool `recent` has the papers of the last months. Here it has all papers,
    so that an old catalogue gives a list too. The pool `all-cs` is computer science.
    """
    filters = Filters(categories=("cs",) if pool == "all-cs" else ())
    options = ListOptions(limit=limit, filters=filters)
    hits = session.finder.ranked_related(_held(session, [paper_id])[0], options).hits
    return {"recommendedPapers": _records(session, hits, fields)}


@router.post("/recommendations/v1/papers")
@router.post("/recommendations/v1/papers/")
def recommended_for_lists(
    examples: Examples, session: Session, fields: FieldsParameter, limit: Limit = 100
) -> dict[str, list[Record]]:
    """List papers similar to the positive examples and unlike the negative ones."""
    hits = ranked_recommendations(
        session.finder,
        _held(session, examples.positive or []),
        _held(session, examples.negative or []),
        options=ListOptions(limit=limit),
    ).hits
    return {"recommendedPapers": _records(session, hits, fields)}


# The route of a paper comes later: its path would match this one.
@router.get("/graph/v1/paper/search")
def search_papers(
    request: Request,
    session: Session,
    fields: FieldsParameter,
    query: Annotated[str, Query(max_length=MAX_TEXT_LENGTH)],
    offset: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=_MAX_PAGE)] = _MAX_PAGE,
    year: str | None = None,
    days: Annotated[str | None, Query(alias="publicationDateOrYear")] = None,
) -> dict[str, object]:
    """Find papers by words, in pages up to the 500th; `total` counts all that may be listed."""
    if unsupported := [f"{k}={v}" for k, v in request.query_params.items() if k in _UNSUPPORTED]:
        raise BadInput(f"Unacceptable query params: [{', '.join(unsupported)}]")
    ranges = ((year, "-"), (days, ":"))
    since, until = intersection([parse_date_range(text, sep) for text, sep in ranges if text])
    options = ListOptions(limit=MAX_LIMIT, filters=Filters(since=since, until=until))
    found = session.search.find(session.embedder, query, options)
    hits = found.ranked.hits
    if offset and offset >= len(hits):
        raise BadInput("Requested data for this limit and/or offset is not available")
    page = hits[offset : offset + limit]
    # A client stops when `next` is missing; if `data` were missing, it would retry.
    next_offset = {"next": offset + limit} if offset + limit < len(hits) else {}
    data = _records(session, page, fields)
    # A list that is not full has left out the papers that were withdrawn after the release.
    total = found.matching if len(hits) == options.limit else len(hits)
    return {"total": total, "offset": offset, **next_offset, "data": data}


@router.post("/graph/v1/paper/batch")
def papers(batch: Batch, session: Session, fields: FieldsParameter) -> list[Record | None]:
    """Look up papers; null for an unknown one, an error if all are unknown."""
    ids = _canonical_ids(session, batch.ids)
    entries = _entries(session, [paper_id for paper_id in ids if paper_id])
    if not entries:
        raise BadInput("No valid paper ids given")
    return [record(entries[i], fields) if i in entries else None for i in ids]


@router.get("/graph/v1/paper/{paper_id:path}")
def paper(paper_id: str, session: Session, fields: FieldsParameter) -> Record:
    """Look up a paper by any form of its identifier."""
    return record(session.catalogue.entry(_held(session, [paper_id])[0]), fields)


def _canonical_ids(session: ReadSession, identifiers: Sequence[str]) -> list[str | None]:
    """Return the arXiv id of each identifier, or None if it is not an identifier of one paper.

    An arXiv id need not be in the catalogue. A DOI that arXiv did not assign is looked up in the
    catalogue, and must belong to exactly one paper.
    """
    dois = {doi for text in identifiers for doi in dois_in(text)}
    by_doi = session.catalogue.known_works.ids_by_doi(dois)

    def one(text: str) -> str | None:
        try:
            return canonical_id(text)
        except BadIdentifier:
            papers = {paper_id for doi in dois_in(text) for paper_id in by_doi.get(doi, [])}
            return papers.pop() if len(papers) == 1 else None

    return [one(text) for text in identifiers]


def _entries(session: ReadSession, ids: Sequence[str]) -> dict[str | None, Entry]:
    numbers = session.catalogue.numbers_of(ids)
    entries = session.catalogue.entries(list(numbers.values()))
    return {entry.paper.id: entry for entry in entries.values()}


def _held(session: ReadSession, identifiers: Sequence[str]) -> list[str]:
    """Return the ids of these papers; raises NotFound, which names the unknown ones as given."""
    ids = _canonical_ids(session, identifiers)
    held = session.catalogue.numbers_of([paper_id for paper_id in ids if paper_id])
    if missing := [text for text, i in zip(identifiers, ids, strict=True) if i not in held]:
        shown = ", ".join(text[:80] for text in missing[:10])
        raise NotFound(f"Paper with id {shown} not found")
    return [paper_id for paper_id in ids if paper_id]


def _records(session: ReadSession, hits: Sequence[Hit], fields: Fields) -> list[Record]:
    """Return the papers of a ranked list, without scores and reasons."""
    numbers = [session.release.number(hit.neighbour.row) for hit in hits]
    entries = session.catalogue.entries(numbers)
    return [record(entries[number], fields) for number in numbers]
