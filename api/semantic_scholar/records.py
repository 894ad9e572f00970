"""A paper in the form that Semantic Scholar's APIs give it, field by field, and their errors.

Theirs are https://api.semanticscholar.org/api-docs/graph and …/recommendations. What they count or
classify and nobody counts here (citations, fields of study, authors' pages) is null, never zero or
empty. `paperId` is `arXiv:` and arXiv's id, since their own hashes are not known here; they take it
too.
"""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

from fastapi import Query
from fastapi.responses import JSONResponse, Response

from index.arxiv.identifier import year_of_id
from index.arxiv.paper import Paper
from index.catalogue.rows import Entry
from index.errors import BadInput

Record = dict[str, object]
_BAD_REQUESTS = (
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.REQUEST_URI_TOO_LONG,
    HTTPStatus.UNPROCESSABLE_ENTITY,
)
_AUTHOR = (
    "authorId externalIds url name affiliations homepage paperCount citationCount hIndex"
).split()
_PAPER = (
    "paperId corpusId externalIds url title abstract venue publicationVenue year referenceCount "
    "citationCount influentialCitationCount isOpenAccess openAccessPdf fieldsOfStudy "
    "s2FieldsOfStudy publicationTypes publicationDate journal citationStyles authors citations "
    "references embedding tldr textAvailability"
).split()
_PARTS = {
    "authors": _AUTHOR,
    "citations": _PAPER,
    "references": _PAPER,
    "citationStyles": ["bibtex"],
    "embedding": ["specter_v1", "specter_v2"],
}
_FIELDS = {*_PAPER, *(f"{field}.{part}" for field, parts in _PARTS.items() for part in parts)}


@dataclass(frozen=True, slots=True)
class Fields:
    """Which fields are asked for, of a paper and of each of its authors."""

    paper: frozenset[str]
    author: frozenset[str]


def fields_of(
    fields: Annotated[
        str | None, Query(description="Like title,authors.name; paperId comes with any")
    ] = None,
) -> Fields:
    """The fields that an address asks for, or else id and title; raises BadInput."""
    asked = set(filter(None, map(str.strip, (fields or "").split(",")))) or {"title"}
    if unknown := sorted(asked - _FIELDS):
        raise BadInput(f"Unrecognized or unsupported fields: [{', '.join(unknown)}]")
    author = {field.removeprefix("authors.") for field in asked if field.startswith("authors.")}
    return Fields(
        paper=frozenset({"paperId", *(field.partition(".")[0] for field in asked)}),
        author=frozenset({"authorId", *author, *(["name"] if "authors" in asked else [])}),
    )


def record(entry: Entry, fields: Fields) -> Record:
    """The fields of a paper that are asked for, in their order."""
    paper = entry.paper
    known: Record = {
        "paperId": f"arXiv:{paper.id}",
        "externalIds": {"ArXiv": paper.id, "DOI": _doi(paper)},
        "url": paper.url,
        "title": paper.title,
        "abstract": paper.abstract or None,
        "venue": "arXiv.org",
        "year": paper.submitted.year if paper.submitted else year_of_id(paper.id),
        "isOpenAccess": not paper.withdrawn,
        "openAccessPdf": None if paper.withdrawn else _pdf(paper),
        "publicationDate": paper.submitted.isoformat() if paper.submitted else None,
        "journal": _journal(paper),
        "authors": [_author(name, fields.author) for name in paper.authors],
        "tldr": {"model": "seealso", "text": entry.summary} if entry.summary else None,
        "textAvailability": "abstract" if paper.abstract else "none",
    }
    return {field: known.get(field) for field in _PAPER if field in fields.paper}


def refusal(status: int, detail: str) -> Response:
    """An error as they word one.

    Their clients know 400 and 404, which hold `error`, and 429 and 500, which hold `message`. What
    else is the client's fault they take for an empty answer; after a 503 the Python client asks
    again without an end.
    """
    told = detail.encode("utf-8", "replace").decode()  # an id may be halves of characters
    if status in _BAD_REQUESTS:
        status = HTTPStatus.BAD_REQUEST
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return JSONResponse({"message": told, "code": str(status)}, status)
    if status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return JSONResponse({"error": told}, status)
    return JSONResponse({"error": told, "message": told}, HTTPStatus.INTERNAL_SERVER_ERROR)


def _doi(paper: Paper) -> str:
    """The publisher's where it is known, or else the one that arXiv gives every paper."""
    return next(iter((paper.doi or "").split()), f"10.48550/arXiv.{paper.id}")


def _pdf(paper: Paper) -> Record:
    address = f"https://arxiv.org/pdf/{paper.id}"
    return {"url": address, "status": "GREEN", "license": paper.license}


def _journal(paper: Paper) -> Record:
    if paper.journal_ref:
        return {"name": paper.journal_ref}
    return {"name": "ArXiv", "volume": f"abs/{paper.id}"}


def _author(name: str, fields: frozenset[str]) -> Record:
    return {field: name if field == "name" else None for field in _AUTHOR if field in fields}
