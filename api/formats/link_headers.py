"""The `Link` header: typed links between answers (RFC 8288)."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from fastapi import Request, Response

_MAX_LENGTH = 4_000  # characters; nginx accepts 4 to 8 kilobytes of headers, aiohttp 8


@dataclass(frozen=True, slots=True)
class Link:
    """A link: its target, its relation to the answer, and the target's media type if known.

    Example::

        str(Link("/openapi.json", "describedby"))  # '</openapi.json>; rel="describedby"'
    """

    target: str
    relation: str
    media_type: str | None = None

    def __str__(self) -> str:
        kind = f'; type="{self.media_type}"' if self.media_type else ""
        return f'<{self.target}>; rel="{self.relation}"{kind}'


def add_links(response: Response, links: Iterable[Link]) -> None:
    """Add links to an answer's `Link` header; drop the last ones if it would get too long.

    Links repeat the query, which may be a page of text, and clients accept few kilobytes.
    """
    kept = list(map(str, links))
    while kept and len(", ".join(kept)) > _MAX_LENGTH:
        kept.pop()
    if kept:
        response.headers.append("Link", ", ".join(kept))


def address_of(request: Request, suffix: str = "") -> str:
    """Return the request's URL without its query, with a suffix."""
    # request.url has the decoded path.
    path = quote(request.scope["path"])
    return f"{request.url.scheme}://{request.url.netloc}{path}{suffix}"


def next_page_link(request: Request, cursor: str) -> Link:
    """Return a link to the page of this cursor."""
    kept = [pair for pair in request.query_params.multi_items() if pair[0] != "cursor"]
    query = urlencode([*kept, ("cursor", cursor)])
    return Link(f"{address_of(request)}?{query}", "next")


def openapi_link(request: Request) -> Link:
    """Return a link to the OpenAPI description."""
    return Link(f"{request.base_url}openapi.json", "describedby", "application/json")


async def add_openapi_link(request: Request, response: Response) -> None:
    """Link an answer to the OpenAPI description; a dependency of the operations under /v1."""
    add_links(response, [openapi_link(request)])
