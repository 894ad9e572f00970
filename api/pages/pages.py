"""The pages of search and papers; a terminal gets plain text instead of HTML."""

from collections.abc import Iterator, Sequence

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from jinja2 import pass_context
from jinja2.runtime import Context

from api.formats.citations import CITATION_FORMATS, cited_doi, doi_address, publication_date
from api.formats.link_headers import add_links
from api.formats.negotiation import VARY
from api.formats.paper_representations import UnpagedPaper
from api.formats.plain_text import (
    author_name,
    authors_text,
    day_text,
    freshness_text,
    submission_day_text,
)
from api.formats.representations import render_unless_page
from api.formats.signposting import signposts
from api.pages.filters import FilterForm, suggest_filters
from api.parameters.known_parameters import known_query
from api.parameters.liked_papers import LikedPapers
from api.parameters.list_options import Options
from api.records.paper_tags import explain_tags_for_page
from api.rendering.graph_picture import PAGE_HEIGHT, WIDTH
from api.rendering.templating import templates
from api.service import Session
from classifier.taxonomies.followed import Taxonomies
from index.arxiv.paper import Paper
from index.catalogue.tags import Tag

router = APIRouter(include_in_schema=False)
_OFFERED = 3  # categories and tags that a list can be filtered by with one click


@pass_context
def _tag_title(context: Context, tag: Tag) -> str:
    taxonomies: Taxonomies = context["taxonomies"]
    return taxonomies.label_of(tag).title


templates.env.filters.update(
    day=day_text,
    submission_day=submission_day_text,
    authors=authors_text,
    author_name=author_name,
    tag_title=_tag_title,
    freshness=freshness_text,
    cited_doi=cited_doi,
    doi_address=doi_address,
    publication_date=publication_date,
)


@router.get("/papers/{paper_id:path}")
def paper_page(
    request: Request,
    paper_id: str,
    session: Session,
    options: Options,
    representation: UnpagedPaper,
) -> Response:
    """Show a paper and its related papers, or another representation by the Accept header."""
    canonical = representation.name
    if canonical != paper_id:
        parameters = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"/papers/{canonical}{parameters}", 308)
    if other := render_unless_page(request, representation):
        return other
    entry = session.catalogue.entry(canonical)
    finder = session.finder
    query = finder.related_query(entry)
    ranked = finder.ranked_around(query, options)
    listing = finder.describe(ranked, options, session.embedder_for(options))
    tags = session.catalogue.tags.of([entry.number])[entry.number]
    filters = FilterForm(known_query(request))
    context = {
        "taxonomies": session.taxonomies,
        "paper": entry.paper,
        "forms": CITATION_FORMATS,
        "summary": entry.summary,
        "summary_is_abstract": entry.summary_is_abstract,
        "earlier_texts": session.catalogue.earlier_texts(entry.number),
        "tags": tags,
        "explained": explain_tags_for_page(session, entry, tags),
        "listing": listing,
        "entries": listing.related,
        "has_graph": query.row is not None and bool(ranked.nearest),
        "graph_size": (WIDTH, PAGE_HEIGHT),
        "meta": listing.meta,
        "filters": filters,
        "offers": suggest_filters(filters, _filter_offers(session.taxonomies, entry.paper, tags)),
        "feedback": LikedPapers((entry.paper.id,)),
        "options": options,
    }
    page = templates.TemplateResponse(request, "paper.html", context, headers=VARY)
    add_links(page, signposts(entry.paper, str(request.base_url)))
    return page


def _filter_offers(
    taxonomies: Taxonomies, paper: Paper, tags: Sequence[Tag]
) -> Iterator[tuple[str, str, str]]:
    """Yield filters that suit a paper's list: text, parameter, value."""
    if paper.submitted is not None:
        yield "newer than this paper", "when", "newer"
        yield "older than this paper", "when", "older"
    for category in paper.categories[:_OFFERED]:
        yield category, "category", category
    for tag in tags[:_OFFERED]:
        yield taxonomies.label_of(tag).title, "tag", f"{tag.taxonomy}/{tag.label}"
    yield "without weak matches", "weak", "exclude"
