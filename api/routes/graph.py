"""The graph of a paper's neighbourhood, as JSON and as SVG, under /v1."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.formats.link_headers import add_links, openapi_link
from api.openapi.examples import GRAPH, example
from api.parameters.json_schemas import PaperId
from api.rendering.graph_picture import draw_graph
from api.rendering.templating import templates
from api.service import Session
from index.arxiv.identifier import canonical_id
from index.lists.neighbourhood import Neighbourhood, build_neighbourhood

router = APIRouter(tags=["papers"])


class Svg(Response):
    """An SVG picture."""

    media_type = "image/svg+xml"


_PICTURE: dict[int | str, dict[str, Any]] = {200: {"content": {Svg.media_type: {}}}}


# Routes of the paper itself come later: their path would match these too.
@router.get("/v1/papers/{paper_id:path}/graph", responses=example(GRAPH))
def graph(paper_id: PaperId, session: Session) -> Neighbourhood:
    """Show the nearest papers, papers near those, and the similarity scores between them."""
    return build_neighbourhood(session.catalogue, session.release, canonical_id(paper_id))


@router.get("/v1/papers/{paper_id:path}/graph.svg", response_class=Svg, responses=_PICTURE)
def graph_picture(paper_id: PaperId, request: Request, session: Session) -> Response:
    """Draw the graph; each paper links to its page, and colours follow the light or dark theme."""
    found = build_neighbourhood(session.catalogue, session.release, canonical_id(paper_id))
    context = {"picture": draw_graph(found)}
    svg = templates.TemplateResponse(request, "graph.html", context, media_type=Svg.media_type)
    add_links(svg, [openapi_link(request)])
    return svg
