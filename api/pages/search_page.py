"""The search page: results with facets and pages; a wrong value keeps the form."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import PlainTextResponse, RedirectResponse, Response
from fastapi.routing import APIRoute
from starlette.datastructures import QueryParams

from api.formats.citations import CITATION_FORMATS
from api.formats.negotiation import VARY, negotiate_page
from api.formats.plain_text import results_text
from api.middleware.invalid_values import fault_in_request
from api.middleware.problems import gets_pages
from api.pages.filters import FilterForm
from api.pages.open_list import open_list
from api.pages.search_facets import condition_chips, facet_groups
from api.parameters.known_parameters import known_query
from api.parameters.liked_papers import LikedPapers
from api.parameters.list_options import Options
from api.rendering.templating import templates
from api.service import ReadSession, Session
from index.errors import BadInput, BadQuery, UnknownTag, UnknownTaxonomy
from index.lists.finder import MAX_TEXT_LENGTH
from index.lists.options import MAX_LIMIT, ListOptions
from index.queries.syntax import parse_query
from index.searching.search import whole_list

_OFFERS = ["text/plain"]
_PAGE_SIZES = (10, 20, 50, 100)
HELP = (
    ("pruning of language models", "the papers nearest to words, a question or a paragraph"),
    ("atention all need", "a half-remembered title: its paper comes first"),
    ('"mixture of experts"', "a phrase that must occur in title or abstract"),
    ("Mengwei Xu", "the name of an author: the author's papers, newest first"),
    ('author:"Mengwei Xu"', "papers by an author; also author:Xu, author:M. Xu"),
    ("title:pruning, abs:pruning", "a word or a quoted phrase in the title or in the abstract"),
    ("cat:cs.CL", "a category of arXiv, or an archive such as cat:math"),
    ("tag:model-compression", "a tag, or one below it"),
    ("since:2024-05 until:2025", "the day of submission: a year, a month or a day; also year:2024"),
    ("-title:survey -benchmark", "a hyphen excludes what matches an operator, a word or a phrase"),
    ("cat:cs.CL OR cat:cs.LG", "one of several; without OR, all must match"),
    ("2401.08092", "an arXiv identifier or address opens the paper"),
)
"""Examples of queries with what each finds, for the search page."""


@dataclass(frozen=True, slots=True)
class _Fault:
    """What is wrong with a search, and the query string of a search that is right; "" if none."""

    message: str
    corrected: str = ""
    suggestion: str = ""


class _FormKeptRoute(APIRoute):
    """Answers a wrong value with the page's form as it was filled in, for browsers."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler of the route with this behaviour."""
        handle = super().get_route_handler()

        async def handle_keeping_form(request: Request) -> Response:
            try:
                return await handle(request)
            except (RequestValidationError, BadInput, UnknownTag, UnknownTaxonomy) as error:
                if negotiate_page(request, _OFFERS) or not gets_pages(request):
                    raise
                return _form_with_fault(request, error)

        return handle_keeping_form


router = APIRouter(include_in_schema=False, route_class=_FormKeptRoute)


@router.get("/search")
def search_page(
    request: Request,
    session: Session,
    options: Options,
    q: Annotated[str, Query(max_length=MAX_TEXT_LENGTH)] = "",
    page: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 1,
) -> Response:
    """Show the papers that match a query; redirect to the paper that it identifies."""
    as_text = negotiate_page(request, _OFFERS)
    if as_text:
        results = session.search.search(session.embedder, q, options)
        return PlainTextResponse(results_text(results) + "\n", headers=VARY)
    if not q.strip():
        return _page(request, {"query": q, "meta": session.meta})
    if (known := session.finder.identified_paper(q)) and known.paper:
        carried = open_list(request).carried
        address = f"/papers/{known.paper.id}{'?' if carried else ''}{carried}"
        return RedirectResponse(address, 303, headers=VARY)
    return _results_page(request, session, options, q, page)


def _results_page(
    request: Request, session: ReadSession, options: ListOptions, q: str, page: int
) -> Response:
    # Every page is cut from the same ranking. A diverse list is too much work for more than one.
    found = session.search.find(session.embedder, q, whole_list(options))
    hits = found.ranked.hits
    pages = max(1, -(-len(hits) // options.limit))
    if page > pages:
        raise BadInput(f"page={page}: the list has {pages} page{'s' if pages > 1 else ''}")
    start = (page - 1) * options.limit
    shown = replace(found.ranked, hits=hits[start : start + options.limit])
    results = session.finder.describe(shown, options, session.embedder_for(options))
    form, parsed = _form(request), parse_query(q)
    facets = session.search.facets(found)
    left = parsed.without_conditions
    context = {
        "taxonomies": session.taxonomies,
        "query": q,
        "parts": results.parts,
        "entries": results.results,
        "found_by_words": results.found_by_words if page == 1 else [],
        "note": results.note,
        "suggestion": results.suggestion,
        "filters": form,
        "chips": [*condition_chips(parsed, form), *form.chips],
        "without_chips": FilterForm(QueryParams(form.cleared)).with_query(left) if left else "",
        "facets": facet_groups(facets, parsed, form, session.taxonomies),
        "counted": facets.papers,
        "options": options,
        "first": start + 1,
        "total": len(hits),
        "all_found": len(found.rows) if results.parts.kind != "text" else len(hits),
        "page": page,
        "pages": pages,
        "sizes": _page_sizes(form, options.limit, len(hits)),
        "exported": form.setting("limit", str(_shown(options, page))) if page > 1 else form.query,
        "previous": form.setting("page", str(page - 1)) if page > 1 else "",
        "next": form.setting("page", str(page + 1)) if page < pages else "",
        "literal": form.with_query(_as_words(q, results.parts.name)),
        "feedback": LikedPapers(),
        "forms": CITATION_FORMATS,
        "meta": results.meta,
    }
    return _page(request, context)


def _shown(options: ListOptions, page: int) -> int:
    """Return the number of papers up to the end of a page, which its exports have."""
    return min(page * options.limit, MAX_LIMIT)


def _as_words(q: str, name: str) -> str:
    """Return a query in which a name is only words of texts."""
    return q.replace(name, " ".join(f"all:{word}" for word in name.split()), 1)


def _form_with_fault(request: Request, error: Exception) -> Response:
    form = _form(request)
    context = {
        "query": request.query_params.get("q", ""),
        "filters": form,
        "fault": _fault(request, form, error),
    }
    return _page(request, context, HTTPStatus.BAD_REQUEST)


def _fault(request: Request, form: FilterForm, error: Exception) -> _Fault:
    if isinstance(error, BadQuery):
        corrected = form.with_query(error.suggestion) if error.suggestion else ""
        return _Fault(error.fault, corrected, error.suggestion)
    if isinstance(error, RequestValidationError):
        wrong = {str(one["loc"][-1]) for one in error.errors()}
        return _Fault("; ".join(map(fault_in_request, error.errors())), form.without(wrong))
    names = {name for name, _ in request.query_params.multi_items() if name != "q"}
    return _Fault(str(error), form.without(names) if names else "")


def _page(request: Request, context: dict[str, Any], status: int = HTTPStatus.OK) -> Response:
    context = {"help": HELP, **context}
    return templates.TemplateResponse(request, "search.html", context, status, headers=VARY)


def _form(request: Request) -> FilterForm:
    """Return the form with the parameters that links to other lists keep, and that exports take."""
    return FilterForm(QueryParams(FilterForm(known_query(request)).without({"page"})))


def _page_sizes(form: FilterForm, size: int, total: int) -> list[tuple[int, str]]:
    """Return other numbers of papers per page, each with the query string of the first page."""
    if total <= min(size, *_PAGE_SIZES):
        return []
    return [(one, form.setting("limit", str(one))) for one in _PAGE_SIZES if one != size]
