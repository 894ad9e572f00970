"""The neighbourhood of a paper as a graph: JSON and a picture, under /v1."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.formats.link_headers import add_links, description
from api.openapi.examples import GRAPH, example
from api.rendering.graph_picture import picture
from api.rendering.templating import templates
from api.service import Session
from index.arxiv.identifier import canonical_id
from index.lists.neighbourhood import Neighbourhood, build_neighbourhood

router = APIRouter(tags=["papers"])


class Svg(Response):
    """A picture."""

    media_type = "image/svg+xml"


_PICTURE = {**example(GRAPH), 200: {"content": {Svg.media_type: {}}}}


# Both before the paper itself, whose path would match them too.
@router.get("/v1/papers/{paper_id:path}/graph", responses=example(GRAPH))
def graph(paper_id: str, session: Session) -> Neighbourhood:
    """Show the nearest papers, the nearest of those, and how near each two are."""
    return build_neighbourhood(session.catalogue, session.release, canonical_id(paper_id))


@router.get("/v1/papers/{paper_id:path}/graph.svg", response_class=Svg, responses=_PICTURE)
def graph_picture(paper_id: str, request: Request, session: Session) -> Response:
    """Draw the graph, every paper a link to its page; light or dark as the reader's screen is."""
    found = build_neighbourhood(session.catalogue, session.release, canonical_id(paper_id))
    context = {"picture": picture(found)}
    drawn = templates.TemplateResponse(request, "graph.html", context, media_type=Svg.media_type)
    add_links(drawn, [description(request)])
    return drawn
