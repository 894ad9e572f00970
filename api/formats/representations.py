"""The forms in which papers and lists of them can be had: JSON, text, citations, a feed."""

from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import cache
from typing import Annotated, Any, Protocol, cast
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from pydantic import TypeAdapter

from api.formats import atom, citations
from api.formats.link_headers import Link, add_links, address_of, description, next_page
from api.formats.negotiation import VARY, VARY_BY_ACCEPT, negotiate, negotiate_page
from api.parameters.fields import Include
from api.parameters.paging import PageEnd, Shape
from api.records.works import Work
from index.errors import BadInput

_CITATIONS = {form.suffix: form for form in citations.CITATION_FORMATS}
# By media type; JSON first, for it is what is sent where all are welcome.
SUFFIX_OF = {
    "application/json": "json",
    "text/plain": "txt",
    **{media: form.suffix for form in citations.CITATION_FORMATS for media in form.media_types},
    atom.MEDIA_TYPE: "atom",
}
_UNFOLLOWED = [media for media, suffix in SUFFIX_OF.items() if suffix != "atom"]
GET_MEDIA_TYPES = list(SUFFIX_OF)[1:]
"""The media types beside JSON, as an operation's description names them."""
POST_MEDIA_TYPES = _UNFOLLOWED[1:]
"""Those of an answer to POST."""
# Longer ones first, for an address that ends in .csl.json ends in .json too.
SUFFIXES = sorted(set(SUFFIX_OF.values()), key=len, reverse=True)


class Representation(Protocol):
    """What was asked for, to be written in the form that is wanted; no other form is made."""

    @property
    def name(self) -> str:
        """What a file of it is called, without a suffix."""

    @property
    def shape(self) -> Shape:
        """Which fields and which page are asked for."""

    @property
    def next_cursor(self) -> str | None:
        """What asks for the next page; None where there is none, or no page was asked for."""

    def json(self) -> Response:
        """Everything."""

    def text(self) -> str:
        """What a person reads."""

    def works(self) -> list[Work]:
        """What is cited."""


class FeedRepresentation(Representation, Protocol):
    """What has an address, and so can be followed too."""

    def feed(self) -> Response:
        """What is followed."""


def render(representation: FeedRepresentation, suffix: str) -> Response:
    """The form of a suffix; raises BadInput for fields or pages of what has none."""
    if suffix != "atom":
        return _render(representation, suffix)
    _refuse_fields(representation)
    if representation.shape.page:
        raise BadInput("a feed has no pages: ask for a longer one with limit, and no cursor")
    return representation.feed()


def _render(representation: Representation, suffix: str) -> Response:
    if suffix == "json":
        return representation.json()
    _refuse_fields(representation)
    if suffix == "txt":
        return PlainTextResponse(representation.text() + "\n")
    return render_citation(_CITATIONS[suffix], representation.works(), representation.name)


def _refuse_fields(representation: Representation) -> None:
    if representation.shape.fields:
        raise BadInput("fields choose from JSON; another form is always whole")


def render_citation(form: citations.CitationFormat, works: list[Work], name: str) -> Response:
    """Papers in a form of citation, as a file of this name and the form's suffix."""
    filename = f"{quote(name, safe='')}.{form.suffix}"
    return Response(
        form.write(works),
        headers={"Content-Disposition": f'inline; filename="{filename}"'},
        media_type=f"{form.media_types[0]}; charset=utf-8",
    )


def render_unless_page(request: Request, representation: FeedRepresentation) -> Response | None:
    """Render the format that Accept prefers; None if that is an HTML page."""
    wanted = negotiate_page(request, SUFFIX_OF)
    if wanted is None:
        return None
    response = render(representation, SUFFIX_OF[wanted])
    response.headers.update(VARY)
    return response


def respond(request: Request, representation: FeedRepresentation) -> Response:
    """The form that Accept likes most, JSON where it likes all; raises HTTPException, 406."""
    response = render(representation, SUFFIX_OF[negotiate(request, list(SUFFIX_OF))])
    response.headers.update(VARY_BY_ACCEPT)
    add_links(response, _links(request, representation))
    return response


def respond_to_post(request: Request, representation: Representation) -> Response:
    """The same for the answer to a POST, which nothing else can be linked to or follow."""
    response = _render(representation, SUFFIX_OF[negotiate(request, _UNFOLLOWED)])
    add_links(response, [*_following(request, representation), description(request)])
    return response


def _links(request: Request, representation: Representation) -> Iterator[Link]:
    """The next page, the description, and the answer's other forms."""
    yield from _following(request, representation)
    yield description(request)
    query = request.query_params.multi_items()
    asked = urlencode([pair for pair in query if pair[0] not in ("cursor", "fields")])
    for suffix in dict.fromkeys(SUFFIX_OF.values()):
        target = address_of(request, f".{suffix}") + (asked and f"?{asked}")
        yield Link(target, "alternate", media_type_of(suffix))


def _following(request: Request, representation: Representation) -> Iterator[Link]:
    if representation.next_cursor:
        yield next_page(request, representation.next_cursor)


def media_type_of(suffix: str) -> str:
    """The media type that a form is sent as."""
    return next(media for media, one in SUFFIX_OF.items() if one == suffix)


def add_suffix_routes(
    router: APIRouter, path: str, representation_of: Callable[..., FeedRepresentation]
) -> None:
    """Answer a path with each suffix behind it in the form that this names."""

    def route(suffix: str) -> None:
        @router.get(f"{path}.{suffix}", include_in_schema=False)
        def exported(
            request: Request,
            representation: Annotated[FeedRepresentation, Depends(representation_of)],
        ) -> Response:
            response = render(representation, suffix)
            add_links(response, _following(request, representation))
            return response

    for suffix in SUFFIXES:
        route(suffix)


def json_of(answer: Any, include: Include | None = None, end: PageEnd | None = None) -> Response:
    """An answer as JSON: what is included of it, and in its meta the end of a page."""
    adapter = _adapter(type(answer))
    if end is None:
        content = adapter.dump_json(answer, include=include)
        return Response(content, media_type="application/json")
    told = adapter.dump_python(answer, mode="json", include=include)
    told["meta"] |= asdict(end)
    return JSONResponse(told)


_adapter = cast(Callable[[type], TypeAdapter[Any]], cache(TypeAdapter))
