"""A paper and its related list at the pages' URLs, in the format of a suffix or of Accept."""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from api.formats.negotiation import VARY
from api.formats.paper_representations import (
    UnpagedRelated,
    unpaged_paper_representation,
    unpaged_related_representation,
)
from api.formats.representations import add_suffix_routes, render_unless_page
from api.formats.signposting import MEDIA_TYPE, link_set
from api.service import Session
from index.arxiv.identifier import canonical_id

router = APIRouter(prefix="/papers", include_in_schema=False)

_PAPER = "/{paper_id:path}"


# Order matters: the paper's path would match the list's, and the page's path all of these.
@router.get(f"{_PAPER}/linkset.json")
def paper_link_set(paper_id: str, request: Request, session: Session) -> Response:
    """Return the typed links of a paper's page as a link set (RFC 9264)."""
    paper = session.catalogue.entry(canonical_id(paper_id)).paper
    return JSONResponse(link_set(paper, str(request.base_url)), media_type=MEDIA_TYPE)


add_suffix_routes(router, f"{_PAPER}/related", unpaged_related_representation)
add_suffix_routes(router, _PAPER, unpaged_paper_representation)


@router.get(f"{_PAPER}/related")
def related(request: Request, representation: UnpagedRelated) -> Response:
    """Return the related list in the format of Accept; redirect a browser to the paper's page."""
    query = f"?{request.url.query}" if request.url.query else ""
    page = RedirectResponse(f"/papers/{representation.paper_id}{query}#related", 303, headers=VARY)
    return render_unless_page(request, representation) or page
