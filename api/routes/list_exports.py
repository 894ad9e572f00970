"""The lists of the pages in every form: a search's answers, a tag's papers; and named papers."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from api.formats.citations import FORMS, Form
from api.formats.representations import cited, with_suffixes
from api.parameters.list_options import Limit
from api.parameters.paging import WHOLE
from api.records.works import works_named
from api.routes.search import search_forms
from api.routes.tag_papers import TagForms
from api.service import Session
from index.arxiv.identifier import canonical_id
from index.lists.options import MAX_LIMIT

router = APIRouter(include_in_schema=False)


def shelf_forms(
    taxonomy: str, tag: str, request: Request, session: Session, limit: Limit = 30
) -> TagForms:
    """A tag's papers as its page lists them; raises UnknownTaxonomy, UnknownTag."""
    of = session.taxonomies.named(taxonomy)
    return TagForms(request, session, of, of.label(tag), limit, WHOLE)


with_suffixes(router, "/search", search_forms)
with_suffixes(router, "/tags/{taxonomy}/{tag}", shelf_forms)


def _route(form: Form) -> None:
    @router.get(f"/papers.{form.suffix}")
    def named(
        session: Session,
        asked: Annotated[list[str], Query(alias="id", min_length=1, max_length=MAX_LIMIT)],
    ) -> Response:
        """These papers, each once; those that are not held are left out."""
        ids = dict.fromkeys(canonical_id(one) for one in asked)
        return cited(form, works_named(session, list(ids)), "papers")


for form in FORMS:
    _route(form)
