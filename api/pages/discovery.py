"""Files by which browsers and search engines find their way: OpenSearch, robots.txt, sitemaps."""

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response

from api.rendering.templating import templates
from api.service import Service, Session
from index.errors import NotFound

router = APIRouter(include_in_schema=False)
_PAPERS_PER_SITEMAP = 10_000
# Programs that load a page because a person shared its address, to show a preview.
_PREVIEWS = (
    "facebookexternalhit",
    "Twitterbot",
    "LinkedInBot",
    "Slackbot-LinkExpanding",
    "Discordbot",
    "TelegramBot",
    "WhatsApp",
)


@router.get("/opensearch.xml")
def opensearch(request: Request) -> Response:
    """Describe the search, so that a browser can offer it in its address bar (OpenSearch 1.1)."""
    return _xml(request, "opensearch.xml", {}, "application/opensearchdescription+xml")


@router.get("/robots.txt")
async def robots(request: Request) -> Response:
    """Tell crawlers what they may load: papers and tags with a sitemap, else nothing."""
    rules = [f"User-agent: {name}" for name in _PREVIEWS] + ["Allow: /papers/", "Disallow: /", ""]
    rules += ["User-agent: *"]
    if _has_sitemap(request):
        rules += [f"Allow: {path}" for path in ("/$", "/static/", "/tags", "/papers/")]
        rules += [f"Disallow: {path}" for path in ("/tags/*?", "/papers/*?", "/")]
        rules += ["", f"Sitemap: {request.base_url}sitemap.xml"]
    else:
        rules += ["Disallow: /"]
    return PlainTextResponse("\n".join(rules) + "\n")


@router.get("/sitemap.xml")
def sitemap_index(request: Request, session: Session) -> Response:
    """List the sitemaps; raises NotFound unless the setting `sitemap` is on."""
    _require_sitemap(request)
    count = -(-session.catalogue.count() // _PAPERS_PER_SITEMAP)
    return _xml(request, "sitemap_index.xml", {"numbers": range(1, count + 1)})


@router.get("/sitemap/{number}.xml")
def sitemap(request: Request, session: Session, number: int) -> Response:
    """List the pages of 10,000 papers; raises NotFound if there are none."""
    _require_sitemap(request)
    first = (number - 1) * _PAPERS_PER_SITEMAP + 1
    if not 1 <= first <= session.catalogue.count():
        raise NotFound(f"there is no sitemap {number}: /sitemap.xml lists them")
    ids = session.catalogue.ids_not_withdrawn(range(first, first + _PAPERS_PER_SITEMAP))
    return _xml(request, "sitemap.xml", {"ids": list(ids.values())})


def _has_sitemap(request: Request) -> bool:
    service: Service = request.app.state.service
    return service.settings.sitemap == "on"


def _require_sitemap(request: Request) -> None:
    if not _has_sitemap(request):
        raise NotFound("this server has no sitemap: set SEEALSO_SITEMAP=on to offer one")


def _xml(
    request: Request, name: str, context: dict[str, object], media_type: str = "application/xml"
) -> Response:
    return templates.TemplateResponse(request, name, context, media_type=media_type)
