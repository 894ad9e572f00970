"""The page of recommendations for the liked and disliked papers that its address names."""

from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response

from api.formats.citations import CITATION_FORMATS
from api.formats.negotiation import VARY, negotiate_page
from api.formats.plain_text import recommendations_text
from api.pages.filters import FilterForm, suggest_filters
from api.parameters.known_parameters import known_query
from api.parameters.liked_papers import FEED, PAGE, LikedParameter
from api.parameters.list_options import Options
from api.parameters.reading_list import ReadingList
from api.rendering.templating import templates
from api.service import ReadSession, Session
from index.lists.recommend import recommend

router = APIRouter(include_in_schema=False)
_OFFERS = ["text/plain"]
_NAMED = 20  # papers of each kind whose titles are shown
_FILTERS = (("without weak matches", "weak", "exclude"),)


@router.get(PAGE)
def recommended_page(
    request: Request, session: Session, options: Options, papers: LikedParameter
) -> Response:
    """Show recommendations; every entry links to those with one more paper."""
    recommended = recommend(
        session.finder,
        papers.liked,
        papers.disliked,
        options=options,
        embedder=session.embedder_for(options),
    )
    if negotiate_page(request, _OFFERS):
        return PlainTextResponse(recommendations_text(recommended) + "\n", headers=VARY)
    filters = FilterForm(known_query(request))
    context = {
        "taxonomies": session.taxonomies,
        "recommended": recommended,
        "entries": recommended.related,
        "papers": papers,
        "liked": _named(session, papers.liked),
        "as_list": ReadingList(papers.liked).address(),
        "disliked": _named(session, papers.disliked),
        "forms": CITATION_FORMATS,
        "feed": f"{FEED}?{filters.query}",
        "chosen": urlencode([("id", entry.id) for entry in recommended.related]),
        "filters": filters,
        "offers": suggest_filters(filters, _FILTERS),
        "options": options,
        "meta": recommended.meta,
    }
    return templates.TemplateResponse(request, "recommended.html", context, headers=VARY)


def _named(session: ReadSession, ids: tuple[str, ...]) -> list[tuple[str, str | None]]:
    """Return the first ids with their titles, None for a paper that is not in the catalogue."""
    shown = ids[:_NAMED]
    numbers = session.catalogue.numbers_of(shown)
    entries = session.catalogue.entries(list(numbers.values()))
    titles = {entry.paper.id: entry.paper.title for entry in entries.values()}
    return [(one, titles.get(one)) for one in shown]
