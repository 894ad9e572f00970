"""The page "My references": upload a file of references, get papers to read next."""

from collections.abc import Sequence
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, File, Request, UploadFile
from fastapi.responses import Response

from api.formats.citations import CITATION_FORMATS
from api.parameters.liked_papers import LikedPapers, feed_of, fit_into_address
from api.parameters.list_options import Options
from api.parameters.reading_list import ReadingList
from api.rendering.templating import templates
from api.service import Session
from index.errors import BadInput
from index.lists.recommend import recommend
from index.lists.reference_matching import match_references
from index.lists.references import parse_references

router = APIRouter(include_in_schema=False)


@router.get("/library")
def my_references_form(request: Request, session: Session) -> Response:
    """Show the upload form."""
    return templates.TemplateResponse(request, "my_references.html", {"meta": session.meta})


@router.post("/library")
def recommend_from_references(
    request: Request, session: Session, options: Options, file: Annotated[UploadFile, File()]
) -> Response:
    """Recommend papers from the references in a file, which is not stored."""
    content = file.file.read()
    if not content:
        raise BadInput(
            "the file is missing or empty: choose one in BibTeX, RIS, CSL-JSON or Better BibTeX "
            "JSON"
        )
    references = match_references(session.catalogue, parse_references(file.filename or "", content))
    recommended = recommend(session.finder, options=options, references=references)
    context = {
        "taxonomies": session.taxonomies,
        "recommended": recommended,
        "entries": recommended.related,
        "forms": CITATION_FORMATS,
        "feedback": LikedPapers(),
        "feed": _feed_address(recommended.liked),
        "as_list": _list_address(recommended.liked),
        "chosen": urlencode([("id", entry.id) for entry in recommended.related]),
        "meta": recommended.meta,
    }
    return templates.TemplateResponse(request, "my_references.html", context)


def _feed_address(liked: Sequence[str]) -> str | None:
    """Return the address of the feed for these papers; None if they are too many for a URL."""
    return feed_of(liked) if fit_into_address(liked) else None


def _list_address(liked: Sequence[str]) -> str | None:
    """Return the address of a list of these papers; None if they are too many for a list."""
    return ReadingList(tuple(liked)).address() if fit_into_address(liked) else None
