"""Recommendations for likes and dislikes, as JSON under /v1."""

from typing import Annotated

from fastapi import APIRouter, Body
from pydantic import BaseModel, ConfigDict, Field

from api.examples import RECOMMEND_REQUEST, RECOMMENDATIONS, example
from api.list_query import Options
from api.service import Answers
from index.library import match_library, read_library
from index.recommend import Recommendations
from index.recommend import recommend as recommend_for

router = APIRouter(tags=["papers"])


class LibraryFile(BaseModel):
    """A reader's references, in BibTeX, RIS or CSL-JSON."""

    model_config = ConfigDict(extra="forbid")
    name: str = Field(description="The file's name; its end tells the format")
    content: str = Field(description="The file's text")


class RecommendRequest(BaseModel):
    """What is liked and what is not, by arXiv identifiers in any form; at least one like."""

    model_config = ConfigDict(extra="forbid")
    liked: list[str] = []
    disliked: list[str] = []
    text: str | None = Field(None, description="A paragraph that counts as one more liked paper")
    library: LibraryFile | None = None


@router.post("/v1/recommend", responses=example(RECOMMENDATIONS))
def recommend(
    request: Annotated[RecommendRequest, Body(examples=[RECOMMEND_REQUEST])],
    answers: Answers,
    options: Options,
) -> Recommendations:
    """List papers near what is liked and far from what is not; what is unknown is named."""
    library = request.library
    content = library.content.encode("utf-8", "surrogatepass") if library else b""
    references = read_library(library.name, content) if library else []
    matched = match_library(answers.catalogue, references)
    return recommend_for(
        answers.finder,
        request.liked,
        request.disliked,
        request.text,
        options,
        answers.embedder if request.text is not None else answers.embedder_for(options),
        matched,
    )
