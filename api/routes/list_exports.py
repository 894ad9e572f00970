"""Exports of the lists on pages: search results, papers of a tag, and selected papers."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from api.formats.citations import CITATION_FORMATS, CitationFormat
from api.formats.representations import add_suffix_routes, render_citation
from api.formats.search_representation import search_representation
from api.formats.tag_representation import unpaged_tag_representation
from api.records.works import works_by_id
from api.service import Session
from index.arxiv.identifier import canonical_id
from index.lists.options import MAX_LIMIT

router = APIRouter(include_in_schema=False)


add_suffix_routes(router, "/search", search_representation)
add_suffix_routes(router, "/tags/{taxonomy}/{tag}", unpaged_tag_representation)


def _add_route(citation_format: CitationFormat) -> None:
    @router.get(f"/papers.{citation_format.suffix}")
    def chosen_papers(
        session: Session,
        identifiers: Annotated[list[str], Query(alias="id", min_length=1, max_length=MAX_LIMIT)],
    ) -> Response:
        """Cite the papers with these identifiers, each once, without unknown ones."""
        ids = dict.fromkeys(canonical_id(one) for one in identifiers)
        return render_citation(citation_format, works_by_id(session, list(ids)), "papers")


for one in CITATION_FORMATS:
    _add_route(one)
