"""Papers and errors as Semantic Scholar's APIs write them.

The APIs are described at https://api.semanticscholar.org/api-docs/graph and …/recommendations.
Titles and abstracts are plain text, with TeX decoded.
Values that seealso does not know (citations, fields of study, authors' pages) are null, never zero
or empty. `paperId` is `arXiv:` with arXiv's id, which Semantic Scholar accepts too; its own hashes
are not known here.
"""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

from fastapi import Query
from fastapi.responses import JSONResponse, Response

from api.middleware.problems import MEDIA_TYPE, problem_document
from api.rendering.prose import to_plain_text
from index.arxiv.date_precision import DatePrecision
from index.arxiv.identifier import year_of_id
from index.arxiv.paper import Paper
from index.catalogue.rows import Entry
from index.errors import BadInput

Record = dict[str, object]
_BAD_REQUESTS = (
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.CONFLICT,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.REQUEST_URI_TOO_LONG,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
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
    """The fields that a request selects of a paper and of each of its authors."""

    paper: frozenset[str]
    author: frozenset[str]


def parse_fields(
    fields: Annotated[
        str | None, Query(description="Like title,authors.name; paperId is always returned")
    ] = None,
) -> Fields:
    """Return the fields that a request selects, by default id and title; raises BadInput."""
    names = set(filter(None, map(str.strip, (fields or "").split(",")))) or {"title"}
    if unknown := sorted(names - _FIELDS):
        raise BadInput(f"Unrecognized or unsupported fields: [{', '.join(unknown)}]")
    author = {field.removeprefix("authors.") for field in names if field.startswith("authors.")}
    return Fields(
        paper=frozenset({"paperId", *(field.partition(".")[0] for field in names)}),
        author=frozenset({"authorId", *author, *(["name"] if "authors" in names else [])}),
    )


def record(entry: Entry, fields: Fields) -> Record:
    """Return a paper with the selected fields, in Semantic Scholar's order."""
    paper = entry.paper
    known: Record = {
        "paperId": f"arXiv:{paper.id}",
        "externalIds": {"ArXiv": paper.id, "DOI": _doi(paper)},
        "url": paper.url,
        "title": to_plain_text(paper.title),
        "abstract": to_plain_text(paper.abstract) or None,
        "venue": "arXiv.org",
        "year": paper.submitted.year if paper.submitted else year_of_id(paper.id),
        "isOpenAccess": not paper.withdrawn,
        "openAccessPdf": None if paper.withdrawn else _pdf(paper),
        "publicationDate": _publication_date(paper),
        "journal": _journal(paper),
        "authors": [_author(name, fields.author) for name in paper.authors],
        "tldr": _tldr(entry),
        "textAvailability": "abstract" if paper.abstract else "none",
    }
    return {field: known.get(field) for field in _PAPER if field in fields.paper}


def not_offered(path: str, request_id: str, instead: str) -> Response:
    """Return a 404 for an operation of Semantic Scholar that seealso does not have.

    It is a problem document that its clients understand too, by `error`.
    """
    detail = f"not offered here: {instead}"
    document = problem_document(HTTPStatus.NOT_FOUND, detail, "Not offered here", path, request_id)
    content = {**document, "error": detail}
    return JSONResponse(content, HTTPStatus.NOT_FOUND, media_type=MEDIA_TYPE)


def error_response(status: int, detail: str) -> Response:
    """Return an error as Semantic Scholar writes it.

    Its clients understand 400 and 404 with `error`, and 429 and 500 with `message`. They take any
    other 4xx for an empty answer, and after a 503 the Python client retries without end.
    """
    text = detail.encode("utf-8", "replace").decode()  # an id may contain surrogates
    if status in _BAD_REQUESTS:
        status = HTTPStatus.BAD_REQUEST
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return JSONResponse({"message": text, "code": str(status)}, status)
    if status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return JSONResponse({"error": text}, status)
    return JSONResponse({"error": text, "message": text}, HTTPStatus.INTERNAL_SERVER_ERROR)


def _publication_date(paper: Paper) -> str | None:
    """Return the day of submission; None if it is unknown, since the form has no months."""
    exact = paper.submitted_precision is DatePrecision.DAY
    return paper.submitted.isoformat() if paper.submitted and exact else None


def _tldr(entry: Entry) -> Record | None:
    """Return the summary; None if it is empty or the whole abstract."""
    if not entry.summary or entry.summary_is_abstract:
        return None
    return {"model": "seealso", "text": to_plain_text(entry.summary)}


def _doi(paper: Paper) -> str:
    """Return the publisher's DOI if known, else the DOI that arXiv assigns to the paper."""
    return next(iter((paper.doi or "").split()), f"10.48550/arXiv.{paper.id}")


def _pdf(paper: Paper) -> Record:
    address = f"https://arxiv.org/pdf/{paper.id}"
    return {"url": address, "status": "GREEN", "license": paper.license}


def _journal(paper: Paper) -> Record:
    if paper.journal_ref:
        return {"name": to_plain_text(paper.journal_ref)}
    return {"name": "ArXiv", "volume": f"abs/{paper.id}"}


def _author(name: str, fields: frozenset[str]) -> Record:
    return {field: name if field == "name" else None for field in _AUTHOR if field in fields}
