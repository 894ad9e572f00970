"""Recommendations for likes and dislikes, as JSON under /v1."""

from typing import Annotated

from fastapi import APIRouter, Body, Request
from fastapi.responses import Response
from pydantic import Field

from api.examples import RECOMMEND_REQUEST, RECOMMENDATIONS, example
from api.fields import AskedFields, included
from api.forms import json_of
from api.links import add_links, description, next_page
from api.list_query import Options
from api.paging import AskedCursor, page_of
from api.service import Answers, RequestAnswers
from api.shape import page_of_ranked, paged_options
from api.strict_body import StrictBody
from index.library import match_library, read_library
from index.list_options import ListOptions
from index.listing import Ranked, RelatedPaper
from index.recommend import MOST_PAPERS, Recommendations, ranked_recommendations

router = APIRouter(tags=["papers"])


# Of bounded length, and so of whole characters: what is not held is named in the answer.
AskedId = Annotated[str, Field(max_length=1_000)]


class LibraryFile(StrictBody):
    """A reader's references, in BibTeX, RIS or CSL-JSON."""

    name: str = Field(description="The file's name; its end tells the format")
    content: str = Field(description="The file's text")


class RecommendRequest(StrictBody):
    """What is liked and what is not, by arXiv identifiers in any form; at least one like."""

    liked: list[AskedId] = Field([], max_length=MOST_PAPERS)
    disliked: list[AskedId] = Field([], max_length=MOST_PAPERS)
    text: str | None = Field(None, description="A paragraph that counts as one more liked paper")
    library: LibraryFile | None = None


@router.post("/v1/recommend", response_model=Recommendations, responses=example(RECOMMENDATIONS))
def recommend(
    asked: Annotated[RecommendRequest, Body(examples=[RECOMMEND_REQUEST])],
    request: Request,
    answers: Answers,
    options: Options,
    cursor: AskedCursor = None,
    fields: AskedFields = None,
) -> Response:
    """List papers near what is liked and far from what is not; what is unknown is named."""
    include = included(fields, RelatedPaper, Recommendations)
    page = page_of(request, answers, cursor, repr(asked))
    ranked = ranked_for(asked, answers, paged_options(options, page))
    shown, end = page_of_ranked(ranked, page, options.limit)
    embedder = answers.embedder_for(options)
    response = json_of(answers.finder.describe(shown, options, embedder), include, end)
    following = [next_page(request, end.next_cursor)] if end and end.next_cursor else []
    add_links(response, [*following, description(request)])
    return response


def ranked_for(
    asked: RecommendRequest, answers: RequestAnswers, options: ListOptions
) -> Ranked[Recommendations]:
    """What to read for these likes and dislikes, not yet described; raises as `recommend`."""
    library = asked.library
    content = library.content.encode("utf-8", "surrogatepass") if library else b""
    references = read_library(library.name, content) if library else []
    return ranked_recommendations(
        answers.finder,
        asked.liked,
        asked.disliked,
        asked.text,
        options,
        answers.embedder if asked.text is not None else None,
        match_library(answers.catalogue, references),
    )
