"""A paper, and its related list, in the form that its address ends in or that Accept names."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response

from api import atom, citations, papers
from api.feeds import FeedOptions, related_feed
from api.list_query import Options
from api.negotiation import VARY, media_type_wanted
from api.plain_text import listing_text, paper_text
from api.service import Answers, RequestAnswers
from api.works import works_named
from index.identifier import canonical_id
from index.list_options import ListOptions

router = APIRouter(prefix="/papers", include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Asked:
    """What an export answers: a paper by canonical id, how its list is to be, and for whom."""

    paper_id: str
    request: Request
    answers: RequestAnswers
    options: ListOptions
    feed_options: ListOptions


def asked_of(
    paper_id: str, request: Request, answers: Answers, options: Options, feed_options: FeedOptions
) -> Asked:
    """What an address under /papers asks for; raises BadIdentifier."""
    return Asked(canonical_id(paper_id), request, answers, options, feed_options)


AskedPaper = Annotated[Asked, Depends(asked_of)]
Export = Callable[[Asked], Response]


def _json_of(asked: Asked) -> Response:
    return JSONResponse(jsonable_encoder(papers.paper(asked.paper_id, asked.answers)))


def _json_of_related(asked: Asked) -> Response:
    return JSONResponse(
        jsonable_encoder(papers.related(asked.paper_id, asked.answers, asked.options))
    )


def _text_of(asked: Asked) -> Response:
    entry = asked.answers.catalogue.entry(asked.paper_id)
    listing = papers.related(asked.paper_id, asked.answers, asked.options)
    return PlainTextResponse(paper_text(entry, listing) + "\n")


def _text_of_related(asked: Asked) -> Response:
    listing = papers.related(asked.paper_id, asked.answers, asked.options)
    return PlainTextResponse(listing_text(listing) + "\n")


def _feed_of(asked: Asked) -> Response:
    return related_feed(asked.request, asked.paper_id, asked.answers, asked.feed_options)


def _cited(form: citations.Form, asked: Asked, ids: list[str], name: str) -> Response:
    works = works_named(asked.answers, ids)
    return Response(
        form.write(works),
        headers={"Content-Disposition": f'inline; filename="{quote(name, safe="")}.{form.suffix}"'},
        media_type=f"{form.media_types[0]}; charset=utf-8",
    )


def _citation_of(form: citations.Form) -> Export:
    def export(asked: Asked) -> Response:
        paper = asked.answers.catalogue.entry(asked.paper_id).paper
        return _cited(form, asked, [paper.id], paper.id)

    return export


def _citations_of_related(form: citations.Form) -> Export:
    def export(asked: Asked) -> Response:
        listing = papers.related(asked.paper_id, asked.answers, asked.options)
        ids = [one.id for one in listing.related]
        return _cited(form, asked, ids, f"{asked.paper_id} related")

    return export


# By suffix; longer ones first, for an address that ends in .csl.json ends in .json too.
_PAPER: dict[str, Export] = {
    **{form.suffix: _citation_of(form) for form in citations.FORMS},
    "json": _json_of,
    "txt": _text_of,
    "atom": _feed_of,
}
_RELATED: dict[str, Export] = {
    **{form.suffix: _citations_of_related(form) for form in citations.FORMS},
    "json": _json_of_related,
    "txt": _text_of_related,
    "atom": _feed_of,
}
_SUFFIX_OF = {
    **{media: form.suffix for form in citations.FORMS for media in form.media_types},
    "application/json": "json",
    "text/plain": "txt",
    atom.MEDIA_TYPE: "atom",
}


def negotiated(asked: Asked, exports: dict[str, Export] = _PAPER) -> Response | None:
    """The form that Accept names; None where a page is wanted."""
    wanted = media_type_wanted(asked.request, _SUFFIX_OF)
    if wanted is None:
        return None
    response = exports[_SUFFIX_OF[wanted]](asked)
    response.headers.update(VARY)
    return response


def _route(path: str, export: Export) -> None:
    @router.get(path)
    def exported(asked: AskedPaper) -> Response:
        return export(asked)


# Lists before papers, and both before the page: its path would match all of them.
for suffix, export in _RELATED.items():
    _route(f"/{{paper_id:path}}/related.{suffix}", export)
for suffix, export in _PAPER.items():
    _route(f"/{{paper_id:path}}.{suffix}", export)


@router.get("/{paper_id:path}/related")
def related(asked: AskedPaper) -> Response:
    """The related list in the form that Accept names; a browser is led to the paper's page."""
    query = f"?{asked.request.url.query}" if asked.request.url.query else ""
    page = RedirectResponse(f"/papers/{asked.paper_id}{query}#related", 303, headers=VARY)
    return negotiated(asked, _RELATED) or page
