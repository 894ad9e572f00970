"""Search by words, and the status, as JSON under /v1."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.examples import SEARCH, STATUS, example
from api.list_query import Options
from api.service import Answers
from index.listing import SearchResults
from index.related import LONGEST_TEXT
from index.status import Status, status_of

router = APIRouter()


@router.get("/v1/search", tags=["search"], responses=example(SEARCH))
def search(
    answers: Answers,
    q: Annotated[
        str,
        Query(
            max_length=LONGEST_TEXT,
            description='Words, a question, a paragraph; "quoted phrases" must stand in the text',
        ),
    ],
    options: Options,
) -> SearchResults:
    """Find papers by words, best first."""
    return answers.finder.search(answers.embedder, q, options)


@router.get("/v1/status", tags=["status"], responses=example(STATUS))
def status(answers: Answers) -> Status:
    """Say what is held, which release answers, and whether anything is wrong."""
    service = answers.service
    return status_of(service.settings.data, answers.catalogue, service.current)
