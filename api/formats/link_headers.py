"""Links between answers, as the header `Link` tells them (RFC 8288)."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from fastapi import Request, Response

_MAX_LENGTH = 4_000  # characters; nginx holds 4 to 8 kilobytes of headers, aiohttp 8


@dataclass(frozen=True, slots=True)
class Link:
    """Where something stands, what it is to what was asked for, and its media type if known."""

    target: str
    relation: str
    media_type: str | None = None

    def __str__(self) -> str:
        kind = f'; type="{self.media_type}"' if self.media_type else ""
        return f'<{self.target}>; rel="{self.relation}"{kind}'


def add_links(response: Response, links: Iterable[Link]) -> None:
    """Name these links in the answer's header, the first of them where they are too long for one.

    A question may be a page of text that stands in every link, and clients take few kilobytes.
    """
    told = list(map(str, links))
    while told and len(", ".join(told)) > _MAX_LENGTH:
        told.pop()
    if told:
        response.headers.append("Link", ", ".join(told))


def address_of(request: Request, suffix: str = "") -> str:
    """The address that was asked for, without its query, and with a suffix."""
    # Starlette's own address of a request holds the path as it reads once decoded.
    path = quote(request.scope["path"])
    return f"{request.url.scheme}://{request.url.netloc}{path}{suffix}"


def next_page(request: Request, cursor: str) -> Link:
    """The same question from this cursor on."""
    kept = [pair for pair in request.query_params.multi_items() if pair[0] != "cursor"]
    query = urlencode([*kept, ("cursor", cursor)])
    return Link(f"{address_of(request)}?{query}", "next")


def description(request: Request) -> Link:
    """Where the answers under /v1 are described."""
    return Link(f"{request.base_url}openapi.json", "describedby", "application/json")


async def describe(request: Request, response: Response) -> None:
    """Link an answer made by FastAPI to the description; a dependency of the JSON operations."""
    add_links(response, [description(request)])
