"""Recommendations for likes and dislikes, under /v1."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Body, Request
from fastapi.responses import Response
from pydantic import Field

from api.formats.plain_text import recommendations_text
from api.formats.ranked import RankedRepresentation
from api.formats.representations import POST_MEDIA_TYPES, respond_to_post
from api.openapi.examples import RECOMMEND_REQUEST, RECOMMENDATIONS, example
from api.parameters.bodies import StrictBody
from api.parameters.fields import FieldsParameter
from api.parameters.list_options import IdParameter, Options
from api.parameters.paging import CursorParameter, Shape, page_of
from api.service import Session
from index.lists.entries import RankedHits
from index.lists.options import ListOptions
from index.lists.recommend import MAX_PAPERS, Recommendations, ranked_recommendations
from index.lists.reference_matching import match_references
from index.lists.references import parse_references

router = APIRouter(tags=["papers"])


class LibraryFile(StrictBody):
    """A reader's references, in BibTeX, RIS or CSL-JSON."""

    name: str = Field(description="The file's name; its end tells the format")
    content: str = Field(description="The file's text")


class RecommendRequest(StrictBody):
    """What is liked and what is not, by arXiv identifiers in any form; at least one like."""

    liked: list[IdParameter] = Field([], max_length=MAX_PAPERS)
    disliked: list[IdParameter] = Field([], max_length=MAX_PAPERS)
    text: str | None = Field(None, description="A paragraph that counts as one more liked paper")
    library: LibraryFile | None = None


@dataclass(frozen=True)
class RecommendationRepresentation(RankedRepresentation[Recommendations]):
    """What to read next for these likes and dislikes."""

    asked: RecommendRequest
    listing = Recommendations
    name = "recommended"

    def rank(self, options: ListOptions) -> RankedHits[Recommendations]:
        """The papers to read next, not yet described."""
        library = self.asked.library
        content = library.content.encode("utf-8", "surrogatepass") if library else b""
        references = parse_references(library.name, content) if library else []
        return ranked_recommendations(
            self.session.finder,
            self.asked.liked,
            self.asked.disliked,
            self.asked.text,
            options,
            self.session.embedder if self.asked.text is not None else None,
            match_references(self.session.catalogue, references),
        )

    def text(self) -> str:
        """The list for a terminal."""
        return recommendations_text(self.answer)


@router.post(
    "/v1/recommend",
    response_model=Recommendations,
    responses=example(RECOMMENDATIONS, POST_MEDIA_TYPES),
)
def recommend(
    asked: Annotated[RecommendRequest, Body(examples=[RECOMMEND_REQUEST])],
    request: Request,
    session: Session,
    options: Options,
    cursor: CursorParameter = None,
    fields: FieldsParameter = None,
) -> Response:
    """List papers near what is liked and far from what is not; what is unknown is named."""
    shape = Shape(fields, page_of(request, session, cursor, repr(asked)))
    return respond_to_post(
        request, RecommendationRepresentation(request, session, options, shape, asked)
    )
