"""The pages of home, API, search and papers; a terminal gets plain text instead of HTML."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import PlainTextResponse, RedirectResponse, Response
from jinja2 import pass_context
from jinja2.runtime import Context

from api.formats.citations import CITATION_FORMATS
from api.formats.link_headers import add_links
from api.formats.negotiation import VARY, negotiate_page
from api.formats.paper_representations import UnpagedPaper
from api.formats.plain_text import (
    all_authors_text,
    authors_text,
    day_text,
    freshness_text,
    results_text,
)
from api.formats.representations import render_unless_page
from api.formats.signposting import signposts
from api.pages.filters import FilterForm
from api.parameters.known_parameters import known_query
from api.parameters.list_options import Options
from api.records.paper_tags import explain_tags_for_page
from api.rendering.graph_picture import draw_graph
from api.rendering.templating import templates
from api.service import Session
from classifier.taxonomies.followed import Taxonomies
from classifier.taxonomies.taxonomy import Label
from index.catalogue.tagging_log import TaggingRecord
from index.catalogue.tags import Tag
from index.lists.finder import MAX_TEXT_LENGTH
from index.lists.neighbourhood import neighbourhood_of

router = APIRouter(include_in_schema=False)
_SEARCH_OFFERS = ["text/plain"]


@pass_context
def _tag_title(context: Context, tag: Tag) -> str:
    taxonomies: Taxonomies = context["taxonomies"]
    return taxonomies.label_of(tag).title


templates.env.filters.update(
    day=day_text,
    authors=authors_text,
    everybody=all_authors_text,
    tag_title=_tag_title,
    freshness=freshness_text,
)


@router.get("/")
def home(request: Request, session: Session) -> Response:
    """Show the home page: what the service does, and the labels given in the latest run."""
    log = session.catalogue.taggings
    latest = [record for taxonomy in session.taxonomies for record in log.latest(taxonomy.name, 1)]
    context = {
        "new": [(record, _label_counts(session.taxonomies, record)) for record in latest],
        "meta": session.meta,
    }
    return templates.TemplateResponse(request, "home.html", context)


def _label_counts(taxonomies: Taxonomies, record: TaggingRecord) -> list[tuple[Label, int]]:
    """Return the labels given in a run with counts, most frequent first, except removed labels."""
    known = {label.id: label for label in taxonomies.get(record.taxonomy).labels}
    counts = [(known[name], count) for name, count in record.labels.items() if name in known]
    return sorted(counts, key=lambda label_count: (-label_count[1], label_count[0].title))


@router.get("/docs")
def api_page(request: Request, session: Session) -> Response:
    """List the REST operations, without scripts from other hosts."""
    operations = [
        {
            "path": path,
            "method": method.upper(),
            "summary": operation["summary"],
            "text": operation.get("description", ""),
        }
        for path, methods in request.app.openapi()["paths"].items()
        for method, operation in methods.items()
    ]
    context = {"operations": operations, "meta": session.meta}
    return templates.TemplateResponse(request, "api.html", context)


@router.get("/search")
def search_page(
    request: Request,
    session: Session,
    q: Annotated[str, Query(max_length=MAX_TEXT_LENGTH)],
    options: Options,
) -> Response:
    """Show the papers that match a query; redirect to the paper that it identifies."""
    as_text = negotiate_page(request, _SEARCH_OFFERS)
    if not as_text and (known := session.finder.identified_paper(q)) and known.paper:
        return RedirectResponse(f"/papers/{known.paper.id}", 303, headers=VARY)
    results = session.finder.search(session.embedder, q, options)
    if as_text:
        return PlainTextResponse(results_text(results) + "\n", headers=VARY)
    context = {
        "taxonomies": session.taxonomies,
        "query": q,
        "entries": results.results,
        "note": results.note,
        "suggestion": results.suggestion,
        "filters": FilterForm(known_query(request)),
        "forms": CITATION_FORMATS,
        "meta": results.meta,
    }
    return templates.TemplateResponse(request, "search.html", context, headers=VARY)


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
    query = finder.entry_query(entry)
    ranked = finder.ranked_around(query, options)
    listing = finder.describe(ranked, options, session.embedder_for(options))
    context = {
        "taxonomies": session.taxonomies,
        "paper": entry.paper,
        "forms": CITATION_FORMATS,
        "summary": entry.summary,
        "summary_is_abstract": entry.summary_is_abstract,
        "earlier_texts": session.catalogue.earlier_texts(entry.number),
        "tags": query.tags,
        "explained": explain_tags_for_page(session, entry, query.tags),
        "listing": listing,
        "entries": listing.related,
        "picture": draw_graph(neighbourhood_of(finder, query, ranked.nearest)),
        "meta": listing.meta,
        "filters": FilterForm(known_query(request)),
        "sort": options.sort,
    }
    page = templates.TemplateResponse(request, "paper.html", context, headers=VARY)
    add_links(page, signposts(entry.paper, str(request.base_url)))
    return page
