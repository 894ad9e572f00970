"""The page of a reading list: its papers, what can be done with them, and how to change it."""

from dataclasses import replace
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Query, Request, UploadFile
from fastapi.responses import PlainTextResponse, RedirectResponse, Response

from api.formats.citations import CITATION_FORMATS
from api.formats.negotiation import VARY, negotiate_page
from api.pages.open_list import show_as_open
from api.parameters.reading_list import (
    MAX_LISTED,
    MAX_TITLE,
    PAGE,
    ReadingList,
    read_beginning,
    read_list,
)
from api.reading_lists.better_bibtex import SUFFIX
from api.reading_lists.record import OpenedFile, listed_papers, open_file
from api.reading_lists.representation import ReadingListRepresentation
from api.rendering.templating import templates
from api.service import ReadSession, Session
from index.errors import BadInput

router = APIRouter(include_in_schema=False)
_OFFERS = ["text/plain"]


@router.get(PAGE)
def reading_list_page(
    request: Request,
    session: Session,
    papers: Annotated[tuple[str, ...], Query()] = (),
    title: str = "",
    add: Annotated[tuple[str, ...], Query()] = (),
    remove: Annotated[tuple[str, ...], Query()] = (),
    back: str = "",
) -> Response:
    """Show the list of the address, or change it and lead to its new address or back."""
    as_text = negotiate_page(request, _OFFERS)
    mine = read_beginning(",".join(papers), title)
    if as_text and not mine.faults:
        text = ReadingListRepresentation(request, session, mine).text()
        return PlainTextResponse(f"{text}\n", headers=VARY)
    if not (add or remove):
        return _page(request, session, mine)
    try:
        added, removed = read_list("\n".join(add)), read_list("\n".join(remove))
        changed = mine.removing(removed.ids).adding(added.ids)
    except BadInput as error:
        return _page(request, session, _with_fault(mine, error), typed="\n".join(add))
    if faults := (*mine.faults, *added.faults):
        faulty = replace(changed, faults=faults)
        return _page(request, session, faulty, typed="\n".join(add))
    if back and (changed.carried or not changed.ids):
        return RedirectResponse(
            _returning(back, changed, (*added.ids, *removed.ids)), HTTPStatus.SEE_OTHER
        )
    # That the list is empty now is in the address too, so that the browser need not guess it.
    address = changed.address() if changed.ids else f"{PAGE}?{changed.query or 'papers='}"
    return RedirectResponse(address, HTTPStatus.SEE_OTHER)


@router.post(PAGE)
def open_list_file(
    request: Request,
    session: Session,
    file: Annotated[UploadFile, File()],
    papers: Annotated[str, Form()] = "",
    title: Annotated[str, Form()] = "",
) -> Response:
    """Add the papers of a file to the list; the file is not stored.

    What is wrong with the file is said on the page of the list, which is as it was before.
    """
    mine = read_beginning(papers, title)
    content = file.file.read()
    try:
        if not content:
            raise BadInput(
                "the file is missing or empty: choose one in Better BibTeX JSON, BibTeX, RIS or "
                "CSL-JSON"
            )
        opened = open_file(session, mine, file.filename or "", content)
    except BadInput as error:
        return _page(request, session, _with_fault(mine, error), status=error.status)
    if not (mine.faults or opened.left_out or opened.remarks):
        return RedirectResponse(opened.reading_list.address(), HTTPStatus.SEE_OTHER)
    return _page(request, session, opened.reading_list, opened)


def _page(
    request: Request,
    session: ReadSession,
    mine: ReadingList,
    opened: OpenedFile | None = None,
    typed: str = "",
    status: int = HTTPStatus.BAD_REQUEST,
) -> Response:
    """Show a list; `status` is that of a list with faults."""
    show_as_open(request, mine)
    papers = listed_papers(session, mine.ids)
    context: dict[str, Any] = {
        "taxonomies": session.taxonomies,
        "mine": mine,
        "others": ReadingList(mine.others),
        "papers": papers,
        "harvested": sum(one.harvested for one in papers),
        "opened": opened,
        "typed": typed,
        "forms": CITATION_FORMATS,
        "file_suffix": SUFFIX,
        "max_listed": MAX_LISTED,
        "max_title": MAX_TITLE,
        "meta": session.meta,
    }
    shown = status if mine.faults else HTTPStatus.OK
    return templates.TemplateResponse(request, "reading_list.html", context, shown, VARY)


def _with_fault(mine: ReadingList, error: BadInput) -> ReadingList:
    return replace(mine, faults=(*mine.faults, str(error)))


def _returning(back: str, changed: ReadingList, papers: tuple[str, ...]) -> str:
    """Return the address of the page on which a list was changed, with the list as it is now.

    Raises BadInput unless it is a path of this server: other sites may link here.
    """
    # A browser drops some control characters, and reads a backslash as a slash.
    foreign = back.startswith("//") or "\\" in back or not (back.isascii() and back.isprintable())
    if not back.startswith("/") or foreign:
        raise BadInput("back: it is not a path on this server, such as /search?q=pruning")
    address = back.partition("#")[0]
    joined = "&" if "?" in address else "?"
    query = f"{joined}{changed.carried}" if changed.ids else ""
    # One paper was changed at its button; all papers of a page at the top of its list.
    return f"{address}{query}{f'#list-{papers[0]}' if len(papers) == 1 else ''}"
