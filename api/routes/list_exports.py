"""The lists of the pages in every form: a search's answers, a tag's papers; and named papers."""

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


def _route(form: CitationFormat) -> None:
    @router.get(f"/papers.{form.suffix}")
    def named(
        session: Session,
        asked: Annotated[list[str], Query(alias="id", min_length=1, max_length=MAX_LIMIT)],
    ) -> Response:
        """These papers, each once; those that are not held are left out."""
        ids = dict.fromkeys(canonical_id(one) for one in asked)
        return render_citation(form, works_by_id(session, list(ids)), "papers")


for form in CITATION_FORMATS:
    _route(form)
