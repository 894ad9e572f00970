"""Content negotiation: choose the media type of an answer by Accept (RFC 9110, section 12.5.1)."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from http import HTTPStatus

from fastapi import Request
from starlette.exceptions import HTTPException
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header, parse_options_header

VARY_BY_ACCEPT = {"Vary": "Accept"}
VARY = {"Vary": "Accept, User-Agent"}
_TERMINALS = ("curl/", "wget/", "httpie/")
_HTML = "text/html"
_TEXT = "text/plain"
_JSON = "application/json"
_MAX_LENGTH = 2_000  # characters of Accept; matching many ranges would take long


def negotiate(request: Request, offered: Sequence[str]) -> str:
    """Return the offered media type that the request prefers.

    If the request prefers several types equally, the one that Accept names most specifically wins,
    and among those the first offered. A request without Accept gets the first. Example::

        # Accept: text/*;q=0.5, application/json
        negotiate(request, ["text/plain", "application/json"])  # "application/json"

    Raises HTTPException (406) if none is acceptable; its detail lists the offered types.
    """
    best = _best(request.headers.get("accept", ""), tuple(offered))
    if best is None:
        detail = f"this is available as {', '.join(offered)}; Accept allows none of them"
        raise HTTPException(HTTPStatus.NOT_ACCEPTABLE, detail, VARY_BY_ACCEPT)
    return best


def negotiate_page(request: Request, offered: Iterable[str]) -> str | None:
    """Return the media type that the request prefers to an HTML page; None for the page.

    The page counts as offered first. A terminal client gets plain text, if offered, instead of a
    page that its Accept does not name. Raises HTTPException (406) if nothing is acceptable.
    """
    offers = [_HTML, *offered]
    best = negotiate(request, offers)
    if best != _HTML:
        return best
    agent = request.headers.get("user-agent", "").lower()
    names_html = _HTML in request.headers.get("accept", "").lower()
    return _TEXT if agent.startswith(_TERMINALS) and _TEXT in offers and not names_html else None


async def require_html(request: Request) -> None:
    """Refuse a request that accepts no HTML; a dependency of pages; raises HTTPException (406)."""
    negotiate(request, [_HTML])


async def require_acceptable(request: Request) -> None:
    """Refuse a request that accepts no media type of its operation's description.

    A dependency of operations; raises HTTPException (406).
    """
    answer = request.scope["route"].responses.get(HTTPStatus.OK)
    if answer:
        negotiate(request, list(answer["content"]))


async def require_json_body(request: Request) -> None:
    """Refuse a body that is not declared to be JSON.

    A dependency of operations; raises HTTPException (415). Without it, FastAPI reports a body that
    it has not parsed as "not a valid dictionary".
    """
    if request.scope["route"].body_field is None:
        return
    given = request.headers.get("content-type", "")
    media_type = parse_options_header(given)[0].lower()
    if media_type == _JSON or (media_type.startswith("application/") and "+json" in media_type):
        return
    what = f"Content-Type is {given[:80]!r}" if given else "the header Content-Type is missing"
    detail = f"{what}: send the body as JSON, with the header `Content-Type: {_JSON}`"
    raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, detail, {"Accept-Post": _JSON})


@lru_cache(maxsize=256)  # clients send few different ones
def _best(accept: str, offered: tuple[str, ...]) -> str | None:
    """Return the best of these media types for an Accept header, None if it allows none.

    A range with a malformed weight is skipped. A header that is too long counts as absent.
    """
    if not accept.strip(" ,;") or len(accept) > _MAX_LENGTH:
        return offered[0]
    # Old Java clients send "q=.2", which RFC 9110 does not allow and werkzeug skips.
    ranges = parse_accept_header(accept.replace("q=.", "q=0."), MIMEAccept)
    # Parameters such as charset select nothing: every type is offered in one form.
    return MIMEAccept((one.partition(";")[0], weight) for one, weight in ranges).best_match(offered)
