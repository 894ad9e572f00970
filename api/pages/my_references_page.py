"""The page "for my library": drop a file of references, get what to read next."""

from collections.abc import Sequence
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, File, Request, UploadFile
from fastapi.responses import Response

from api.formats.citations import CITATION_FORMATS
from api.formats.feeds import MAX_LIKED
from api.parameters.list_options import Options
from api.rendering.templating import templates
from api.service import Session
from index.errors import BadInput
from index.lists.recommend import recommend
from index.lists.reference_matching import match_references
from index.lists.references import parse_references

router = APIRouter(include_in_schema=False)


@router.get("/library")
def library_form(request: Request, session: Session) -> Response:
    """A form for a reader's references."""
    return templates.TemplateResponse(request, "library.html", {"meta": session.meta})


@router.post("/library")
def for_my_library(
    request: Request, session: Session, options: Options, file: Annotated[UploadFile, File()]
) -> Response:
    """What to read next for who has these references; they are read and forgotten."""
    content = file.file.read()
    if not content:
        raise BadInput("choose a file of references first: BibTeX, RIS or CSL-JSON")
    matched = match_references(session.catalogue, parse_references(file.filename or "", content))
    found = recommend(session.finder, options=options, references=matched)
    context = {
        "taxonomies": session.taxonomies,
        "found": found,
        "entries": found.related,
        "forms": CITATION_FORMATS,
        "feed": _feed_of(found.liked),
        "chosen": urlencode([("id", entry.id) for entry in found.related]),
        "meta": found.meta,
    }
    return templates.TemplateResponse(request, "library.html", context)


def _feed_of(liked: Sequence[str]) -> str | None:
    """Where what is new for these papers can be followed; None for more than an address holds."""
    if len(liked) > MAX_LIKED:
        return None
    return f"/feeds/recommended.atom?{urlencode([('liked', one) for one in liked])}"
