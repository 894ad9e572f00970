"""Recommendations from liked and disliked papers, under /v1."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Body, Request
from fastapi.responses import Response
from pydantic import ConfigDict, Field, WithJsonSchema

from api.formats.plain_text import recommendations_text
from api.formats.ranked import RankedRepresentation
from api.formats.representations import POST_MEDIA_TYPES, respond_without_feed
from api.openapi.examples import RECOMMEND_REQUEST, RECOMMENDATIONS, example
from api.parameters.bodies import LibraryFile, StrictBody
from api.parameters.fields import FieldsParameter
from api.parameters.json_schemas import TEXT
from api.parameters.list_options import IdParameter, Options
from api.parameters.paging import CursorParameter, Excerpt, parse_cursor
from api.service import Session
from index.lists.entries import RankedHits
from index.lists.options import ListOptions
from index.lists.recommend import MAX_PAPERS, Recommendations, ranked_recommendations
from index.lists.reference_matching import match_references
from index.lists.references import parse_references

router = APIRouter(tags=["papers"])


class RecommendRequest(StrictBody):
    """Liked and disliked papers; at least one liked paper, a text or a library is required."""

    # A factory: generators take a member with a default for one that is always there.
    liked: list[IdParameter] = Field(
        default_factory=list, max_length=MAX_PAPERS, description="arXiv identifiers in any form"
    )
    disliked: list[IdParameter] = Field(
        default_factory=list, max_length=MAX_PAPERS, description="arXiv identifiers in any form"
    )
    text: Annotated[str, WithJsonSchema(TEXT)] | None = Field(
        None, description="A paragraph that counts as one more liked paper"
    )
    library: LibraryFile | None = Field(
        None, description="A file of references; its papers count as liked"
    )

    # `anyOf` would say the same, but client generators take it for a choice of types.
    model_config = ConfigDict(
        json_schema_extra={
            "not": {
                "properties": {
                    "liked": {"maxItems": 0},
                    "text": {"type": "null"},
                    "library": {"type": "null"},
                }
            }
        }
    )


@dataclass(frozen=True)
class RecommendationRepresentation(RankedRepresentation[Recommendations]):
    """The papers recommended from liked and disliked ones."""

    criteria: RecommendRequest
    listing = Recommendations
    name = "recommended"

    def rank(self, options: ListOptions) -> RankedHits[Recommendations]:
        """Rank the recommended papers."""
        library = self.criteria.library
        content = library.content.encode("utf-8", "surrogatepass") if library else b""
        references = parse_references(library.name, content) if library else []
        return ranked_recommendations(
            self.session.finder,
            self.criteria.liked,
            self.criteria.disliked,
            self.criteria.text,
            options,
            self.session.embedder if self.criteria.text is not None else None,
            match_references(self.session.catalogue, references),
        )

    def text(self) -> str:
        """Return the list as plain text."""
        return recommendations_text(self.answer)


@router.post(
    "/v1/recommend",
    response_model=Recommendations,
    responses=example(RECOMMENDATIONS, POST_MEDIA_TYPES),
)
def recommend(
    criteria: Annotated[RecommendRequest, Body(examples=[RECOMMEND_REQUEST])],
    request: Request,
    session: Session,
    options: Options,
    fields: FieldsParameter,
    cursor: CursorParameter = None,
) -> Response:
    """List papers similar to liked ones and unlike disliked ones; name those that are unknown."""
    excerpt = Excerpt(fields, parse_cursor(request, session, cursor, repr(criteria)))
    return respond_without_feed(
        request, RecommendationRepresentation(request, session, options, excerpt, criteria)
    )
