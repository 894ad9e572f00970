"""The same answers in Semantic Scholar's form, at its addresses, for the clients that know them.

A client needs no more than another base address. What `api.semantic_scholar_form` has to say of a
paper stands there; recommendations have no score here because theirs have none. Conditions that
ask for what is not known here (citations, venues, fields of study) are refused, not passed over.
"""

import re
from collections.abc import Sequence
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, FastAPI, Query, Request
from pydantic import BaseModel, Field

from api.middleware.problems import use_error_writer
from api.semantic_scholar.dates import days_between, overlap
from api.semantic_scholar.records import Fields, Record, fields_of, record, refusal
from api.service import ReadSession, Session
from index.arxiv.bibliographic_text import dois_in
from index.arxiv.identifier import canonical_id
from index.catalogue.rows import Entry
from index.errors import BadIdentifier, BadInput, NotFound
from index.lists.entries import Hit
from index.lists.finder import MAX_TEXT_LENGTH
from index.lists.options import MAX_LIMIT, ListOptions
from index.lists.recommend import MAX_PAPERS, ranked_recommendations
from index.lists.selection import Selection

router = APIRouter(include_in_schema=False)
_PREFIXES = ("/graph/v1/", "/recommendations/v1/")
FieldsParameter = Annotated[Fields, Depends(fields_of)]
Most = Annotated[int, Query(ge=1, le=MAX_LIMIT)]
_MAX_IDS, _MAX_PAGE = 500, 100
_NAMED = re.compile(r"\s*(?:URL|DOI):", re.IGNORECASE)
_UNKNOWN_HERE = ("fieldsOfStudy", "minCitationCount", "publicationTypes", "venue")


def add_semantic_scholar(app: FastAPI) -> None:
    """Add these operations to the application, with errors as Semantic Scholar writes them."""
    app.include_router(router)
    for prefix in _PREFIXES:
        use_error_writer(app, prefix, refusal)


class Batch(BaseModel):
    """Papers that are asked for together."""

    ids: list[str] = Field(min_length=1, max_length=_MAX_IDS)


class Examples(BaseModel):
    """What recommendations should be like, and unlike."""

    positive: list[str] | None = Field(None, alias="positivePaperIds", max_length=MAX_PAPERS)
    negative: list[str] | None = Field(None, alias="negativePaperIds", max_length=MAX_PAPERS)


@router.get("/recommendations/v1/papers/forpaper/{paper_id:path}")
def recommended_for_paper(
    paper_id: str,
    session: Session,
    fields: FieldsParameter,
    limit: Most = 100,
    pool: Annotated[Literal["recent", "all-cs"], Query(alias="from")] = "recent",
) -> dict[str, list[Record]]:
    """List the papers related to one.

    Their pools are the last months' papers and computer science; here the first is all that is
    held, for a list should not be empty because a catalogue is old.
    """
    selection = Selection(categories=("cs",) if pool == "all-cs" else ())
    options = ListOptions(limit=limit, selection=selection)
    found = session.finder.ranked_related(_held(session, [paper_id])[0], options).hits
    return {"recommendedPapers": _listed(session, found, fields)}


@router.post("/recommendations/v1/papers")
@router.post("/recommendations/v1/papers/")
def recommended_for_lists(
    examples: Examples, session: Session, fields: FieldsParameter, limit: Most = 100
) -> dict[str, list[Record]]:
    """List papers near the positive examples and far from the negative ones."""
    found = ranked_recommendations(
        session.finder,
        _held(session, examples.positive or []),
        _held(session, examples.negative or []),
        options=ListOptions(limit=limit),
    ).hits
    return {"recommendedPapers": _listed(session, found, fields)}


# Before the paper itself, whose address would match too.
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
    """Find papers by words, page by page; `total` counts at most the 500 best."""
    if unknown := [f"{k}={v}" for k, v in request.query_params.items() if k in _UNKNOWN_HERE]:
        raise BadInput(f"Unacceptable query params: [{', '.join(unknown)}]")
    ranges = [days_between(text, by) for text, by in ((year, "-"), (days, ":")) if text]
    since, until = overlap(ranges)
    options = ListOptions(limit=MAX_LIMIT, selection=Selection(since=since, until=until))
    found = session.finder.ranked_search(session.embedder, query, options).hits
    if offset and offset >= len(found):
        raise BadInput("Requested data for this limit and/or offset is not available")
    page = found[offset : offset + limit]
    # Who sees no `next` stops; who sees no `data` would ask again.
    following = {"next": offset + limit} if offset + limit < len(found) else {}
    data = _listed(session, page, fields)
    return {"total": len(found), "offset": offset, **following, "data": data}


@router.post("/graph/v1/paper/batch")
def papers(batch: Batch, session: Session, fields: FieldsParameter) -> list[Record | None]:
    """Look up papers, null for each that is not held, as long as one is."""
    asked = _canonical(session, batch.ids)
    entries = _entries(session, [paper_id for paper_id in asked if paper_id])
    if not entries:
        raise BadInput("No valid paper ids given")
    return [record(entries[i], fields) if i in entries else None for i in asked]


@router.get("/graph/v1/paper/{paper_id:path}")
def paper(paper_id: str, session: Session, fields: FieldsParameter) -> Record:
    """Look up a paper by any form of its identifier."""
    return record(session.catalogue.entry(_held(session, [paper_id])[0]), fields)


def _canonical(session: ReadSession, given: Sequence[str]) -> list[str | None]:
    """The arXiv ids that these name, held here or not; None for what names none.

    A DOI that is not arXiv's own names the one paper here that bears it.
    """
    named = [_NAMED.sub("", text) for text in given]
    dois = {doi for text in named for doi in dois_in(text)}
    bearing = session.catalogue.known_works.ids_by_doi(dois)

    def one(text: str) -> str | None:
        try:
            return canonical_id(text)
        except BadIdentifier:
            papers = {paper_id for doi in dois_in(text) for paper_id in bearing.get(doi, [])}
            return papers.pop() if len(papers) == 1 else None

    return [one(text) for text in named]


def _entries(session: ReadSession, ids: Sequence[str]) -> dict[str | None, Entry]:
    numbers = session.catalogue.numbers_of(ids)
    found = session.catalogue.entries(list(numbers.values()))
    return {entry.paper.id: entry for entry in found.values()}


def _held(session: ReadSession, given: Sequence[str]) -> list[str]:
    """The ids of these papers; raises NotFound, with what was given, where one is not held."""
    ids = _canonical(session, given)
    held = session.catalogue.numbers_of([paper_id for paper_id in ids if paper_id])
    if missing := [text for text, i in zip(given, ids, strict=True) if i not in held]:
        shown = ", ".join(text[:80] for text in missing[:10])
        raise NotFound(f"Paper with id {shown} not found")
    return [paper_id for paper_id in ids if paper_id]


def _listed(session: ReadSession, found: Sequence[Hit], fields: Fields) -> list[Record]:
    """Of a ranked list what they show, which has neither scores nor reasons."""
    numbers = [session.release.number(one.near.row) for one in found]
    entries = session.catalogue.entries(numbers)
    return [record(entries[number], fields) for number in numbers]
