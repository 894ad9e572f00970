"""Search by words, and the status, as JSON under /v1."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.examples import SEARCH, STATUS, example
from api.papers import Limit
from api.service import Answers
from index.related import LONGEST_TEXT, SearchResults
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
    limit: Limit = 10,
) -> SearchResults:
    """Find papers by words, best first."""
    return answers.finder.search(answers.embedder, q, limit)


@router.get("/v1/status", tags=["status"], responses=example(STATUS))
def status(answers: Answers) -> Status:
    """Say what is held, which release answers, and whether anything is wrong."""
    service = answers.service
    return status_of(service.settings.data, answers.catalogue, service.current)
