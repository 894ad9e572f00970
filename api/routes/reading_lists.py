"""Reading lists in every format, at the address of their page and under /v1."""

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Query, Request
from fastapi.responses import Response
from pydantic import Field, WithJsonSchema

from api.formats.link_headers import add_links, openapi_link
from api.formats.representations import (
    POST_MEDIA_TYPES,
    SUFFIXES,
    content_disposition,
    render_without_feed,
    respond_without_feed,
)
from api.openapi.examples import example
from api.openapi.list_examples import READING_LIST, READING_LIST_FILE
from api.parameters.bodies import LibraryFile, StrictBody
from api.parameters.list_options import IdParameter
from api.parameters.reading_list import (
    MAX_LISTED,
    MAX_TITLE,
    PAGE,
    PAPER,
    PAPERS,
    ReadingList,
    read_list,
)
from api.reading_lists.better_bibtex import SUFFIX, better_bibtex_json
from api.reading_lists.record import ReadingListRecord, open_file, works_of_list
from api.reading_lists.representation import ReadingListRepresentation
from api.service import Session
from index.arxiv.identifier import canonical_id
from index.errors import BadIdentifier, BadInput

router = APIRouter()
_API = f"/v1{PAGE}"


async def list_in_address(
    request: Request,
    session: Session,
    papers: Annotated[
        str,
        Query(
            description=f"arXiv identifiers with commas, at most {MAX_LISTED} different papers",
            json_schema_extra=PAPERS,
        ),
    ],
    title: Annotated[str, Query(max_length=MAX_TITLE, description="The title of the list")] = "",
) -> ReadingListRepresentation:
    """Return the list that an address holds; raises BadInput if a part is no identifier."""
    found = read_list(papers, title)
    if found.faults:
        raise BadInput(f"papers: {'; '.join(found.faults)}")
    if not found.ids:
        raise BadInput("papers: no paper was given: add one, as in papers=2401.08092,2306.00978")
    return ReadingListRepresentation(request, session, found)


Listed = Annotated[ReadingListRepresentation, Depends(list_in_address)]


class OpenedList(StrictBody):
    """A file of references whose papers make a list, or are added to one."""

    library: LibraryFile = Field(description="The file; its papers come after `papers`")
    papers: list[Annotated[IdParameter, WithJsonSchema(PAPER)]] = Field(
        default_factory=list, max_length=MAX_LISTED, description="arXiv identifiers in any form"
    )
    title: str = Field(
        "", max_length=MAX_TITLE, description="The title; by default that of the file, if any"
    )


@router.get(
    _API,
    tags=["lists"],
    response_model=ReadingListRecord,
    responses=example(READING_LIST, POST_MEDIA_TYPES),
)
def reading_list(request: Request, representation: Listed) -> Response:
    """Show the papers of a reading list, and the addresses of what can be had from it."""
    return respond_without_feed(request, representation)


@router.post(
    _API,
    tags=["lists"],
    response_model=ReadingListRecord,
    responses=example(READING_LIST, POST_MEDIA_TYPES),
)
def open_reading_list(
    body: Annotated[OpenedList, Body(examples=[READING_LIST_FILE])],
    request: Request,
    session: Session,
) -> Response:
    """Make a reading list of a file of references; neither is stored."""
    try:
        ids = [canonical_id(one) for one in body.papers]
    except BadIdentifier as error:
        raise BadInput(f"papers: {error}") from error
    mine = ReadingList().adding(ids).titled(body.title)
    content = body.library.content.encode("utf-8", "surrogatepass")
    opened = open_file(session, mine, body.library.name, content)
    representation = ReadingListRepresentation(
        request, session, opened.reading_list, opened.left_out, opened.remarks
    )
    return respond_without_feed(request, representation)


def _add_routes(path: str) -> None:
    # Before the others: a path with this suffix also ends in .json.
    @router.get(f"{path}.{SUFFIX}", include_in_schema=False)
    def zotero_file(representation: Listed) -> Response:
        """Return the list as a file for Zotero, and for opening it here again."""
        mine = representation.reading_list
        filename = f"{representation.name}.json"
        return Response(
            better_bibtex_json(works_of_list(representation.session, mine.ids), mine.title),
            headers={"Content-Disposition": content_disposition("attachment", filename)},
            media_type="application/json",
        )

    def add(suffix: str) -> None:
        @router.get(f"{path}.{suffix}", include_in_schema=False)
        def exported(request: Request, representation: Listed) -> Response:
            response = render_without_feed(representation, suffix)
            add_links(response, [openapi_link(request)])
            return response

    for suffix in SUFFIXES:
        if suffix != "atom":
            add(suffix)


_add_routes(PAGE)
_add_routes(_API)
