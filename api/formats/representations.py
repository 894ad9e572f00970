"""Rendering of papers and lists in each format: JSON, plain text, citations, an Atom feed."""

import re
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import asdict
from functools import cache
from typing import Annotated, Any, Protocol, cast
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from pydantic import TypeAdapter

from api.formats import atom, citations
from api.formats.link_headers import (
    Link,
    add_links,
    address_of,
    next_page_link,
    openapi_link,
)
from api.formats.negotiation import VARY, VARY_BY_ACCEPT, negotiate, negotiate_page
from api.parameters.fields import Include
from api.parameters.paging import Excerpt, PageEnd
from api.records.works import Work
from index.errors import Contradiction

_CITATIONS = {one.suffix: one for one in citations.CITATION_FORMATS}
# JSON comes first: the first type is sent to a client that accepts any.
SUFFIX_OF = {
    "application/json": "json",
    "text/plain": "txt",
    **{media: one.suffix for one in citations.CITATION_FORMATS for media in one.media_types},
    atom.MEDIA_TYPE: "atom",
}
_OF_JSON = ("cursor", "fields", "facets")  # parameters that other formats may refuse
# The first media type of each suffix.
_MEDIA_TYPES = {suffix: media for media, suffix in reversed(SUFFIX_OF.items())}
_MEDIA_TYPES = {suffix: _MEDIA_TYPES[suffix] for suffix in SUFFIX_OF.values()}
_POSTED = [media for media, suffix in SUFFIX_OF.items() if suffix != "atom"]
GET_MEDIA_TYPES = list(SUFFIX_OF)[1:]
"""The media types of an answer to GET other than JSON, for OpenAPI."""
POST_MEDIA_TYPES = _POSTED[1:]
"""The media types of an answer to POST other than JSON; there is no feed, which needs a URL."""
# Longer suffixes come first: a path that ends in .csl.json also ends in .json.
SUFFIXES = sorted(set(SUFFIX_OF.values()), key=len, reverse=True)


class Representation(Protocol):
    """An answer that can be rendered in several formats; only the requested one is computed.

    A class with these members gets all formats, by suffix and by Accept. This one lists a single
    paper::

        @dataclass(frozen=True)
        class Single:
            session: ReadSession
            number: int
            name = "single"
            excerpt = WHOLE
            next_cursor = None

            def json(self) -> Response:
                return json_response(tagged_papers(self.session, [self.number])[0])

            def text(self) -> str:
                return self.works()[0].paper.title

            def works(self) -> list[Work]:
                return works_of(self.session, [self.number])

        respond_without_feed(request, Single(session, 7))  # BibTeX, if Accept prefers that
    """

    @property
    def name(self) -> str:
        """The file name of a download, without suffix."""

    @property
    def excerpt(self) -> Excerpt:
        """The fields and the page that the request selects."""

    @property
    def next_cursor(self) -> str | None:
        """The cursor of the next page; None if this is the last, or if there are no pages."""

    def json(self) -> Response:
        """Return the answer as JSON."""

    def text(self) -> str:
        """Return the answer as plain text."""

    def works(self) -> list[Work]:
        """Return the papers to cite."""


class FeedRepresentation(Representation, Protocol):
    """An answer to GET: it has a URL, so that a feed reader can follow it."""

    def feed(self) -> Response:
        """Return the answer as an Atom feed."""


def render(representation: FeedRepresentation, suffix: str) -> Response:
    """Return an answer in the format of a suffix.

    Raises Contradiction if the request has `fields` and the format is not JSON, or if it has
    `cursor` and the format is Atom.
    """
    if suffix != "atom":
        return render_without_feed(representation, suffix)
    _refuse_fields(representation)
    if representation.excerpt.page:
        raise Contradiction(
            "a feed has no pages: leave out cursor, and set limit for a longer feed"
        )
    return representation.feed()


def render_without_feed(representation: Representation, suffix: str) -> Response:
    """Return an answer in the format of a suffix other than that of a feed."""
    if suffix == "json":
        return representation.json()
    _refuse_fields(representation)
    if suffix == "txt":
        return PlainTextResponse(representation.text() + "\n")
    return render_citation(_CITATIONS[suffix], representation.works(), representation.name)


def _refuse_fields(representation: Representation) -> None:
    if representation.excerpt.fields:
        raise Contradiction("`fields` is supported for JSON only: omit it, or request JSON")


def render_citation(
    citation_format: citations.CitationFormat, works: list[Work], name: str
) -> Response:
    """Return papers in a citation format, as a file of this name with the format's suffix."""
    filename = f"{name}.{citation_format.suffix}"
    return Response(
        citation_format.write(works),
        headers={"Content-Disposition": content_disposition("inline", filename)},
        media_type=f"{citation_format.media_types[0]}; charset=utf-8",
    )


def content_disposition(kind: str, filename: str) -> str:
    """Return the header that names a file, by RFC 6266: with escapes if the name needs them."""
    if re.fullmatch(r"[\w.,() -]+", filename, re.ASCII):
        return f'{kind}; filename="{filename}"'
    return f"{kind}; filename*=UTF-8''{quote(filename, safe='')}"


def render_unless_page(request: Request, representation: FeedRepresentation) -> Response | None:
    """Return an answer in the format that Accept prefers; None if that is an HTML page."""
    wanted = negotiate_page(request, SUFFIX_OF)
    if wanted is None:
        return None
    response = render(representation, SUFFIX_OF[wanted])
    response.headers.update(VARY)
    return response


def respond(request: Request, representation: FeedRepresentation) -> Response:
    """Return an answer to GET in the format that Accept prefers, by default JSON.

    It links to the next page, to the OpenAPI description and to its other formats. Raises
    HTTPException (406) if Accept allows no format.
    """
    response = render(representation, SUFFIX_OF[negotiate(request, list(SUFFIX_OF))])
    response.headers.update(VARY_BY_ACCEPT)
    add_links(response, _links(request, representation))
    return response


def respond_without_feed(request: Request, representation: Representation) -> Response:
    """Return an answer in the format that Accept prefers, as `respond` does, but not as a feed.

    An answer to POST has no address that a feed reader could follow. There are no links to other
    formats.
    """
    response = render_without_feed(representation, SUFFIX_OF[negotiate(request, _POSTED)])
    add_links(response, [*_next_page(request, representation), openapi_link(request)])
    return response


def _links(request: Request, representation: Representation) -> Iterator[Link]:
    """Yield links to the next page, the OpenAPI description and the answer's other formats."""
    yield from _next_page(request, representation)
    yield openapi_link(request)
    pairs = request.query_params.multi_items()
    query = urlencode([pair for pair in pairs if pair[0] not in _OF_JSON])
    address, query = address_of(request), query and f"?{query}"
    for suffix, media_type in _MEDIA_TYPES.items():
        yield Link(f"{address}.{suffix}{query}", "alternate", media_type)


def _next_page(request: Request, representation: Representation) -> Iterator[Link]:
    if representation.next_cursor:
        yield next_page_link(request, representation.next_cursor)


def media_type_of(suffix: str) -> str:
    """Return the media type that the format of a suffix is sent as."""
    return _MEDIA_TYPES[suffix]


_Made = FeedRepresentation | Awaitable[FeedRepresentation]


def add_suffix_routes(
    router: APIRouter, path: str, representation_of: Callable[..., _Made]
) -> None:
    """Add a route for a path with each suffix, as in `related.bib`, that returns that format."""

    def route(suffix: str) -> None:
        @router.get(f"{path}.{suffix}", include_in_schema=False)
        def exported(
            request: Request,
            representation: Annotated[FeedRepresentation, Depends(representation_of)],
        ) -> Response:
            response = render(representation, suffix)
            add_links(response, _next_page(request, representation))
            return response

    for suffix in SUFFIXES:
        route(suffix)


def json_response(
    answer: Any, include: Include | None = None, end: PageEnd | None = None
) -> Response:
    """Return a record as JSON, with the included fields, and the end of a page in its meta."""
    adapter = _adapter(type(answer))
    if end is None:
        json = adapter.dump_json(answer, include=include)
        return Response(json, media_type="application/json")
    content = adapter.dump_python(answer, mode="json", include=include)
    content["meta"] |= asdict(end)
    return JSONResponse(content)


_adapter = cast(Callable[[type], TypeAdapter[Any]], cache(TypeAdapter))
