"""A list page by page: `cursor=*` begins, `meta.next_cursor` goes on, null ends it.

A cursor is good for one question to one release. A ranked list is paged through its first 500
places: the whole of them is ranked for each page, always alike, and one page is described. A tag's
papers go on to the last, each page after the day and the id of the one before.
"""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import Depends, Query, Request

from api.parameters.fields import FieldsParameter
from api.service import ReadSession, Session
from index.errors import BadInput
from index.lists.options import MAX_LIMIT

_START = "*"
_OVER = "start over with cursor=*"
_SAME_QUESTION = ("cursor", "limit", "fields", "reasons")  # these may change from page to page

CursorParameter = Annotated[
    str | None,
    Query(max_length=500, description="* for the first page, then meta.next_cursor of the last"),
]


@dataclass(frozen=True, slots=True)
class PageEnd:
    """What a page's meta says besides: how long the list is, and what asks for the next page."""

    count: int
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the answer to a question, of a release; it begins after a place, "" for none."""

    question: str
    release: str
    after: str = ""

    def span(self, rows: Sequence[int], limit: int) -> tuple[slice, PageEnd]:
        """Where in a ranked list the page stands, the list given by its rows in the release.

        Raises BadInput where the list is another than the page before was of, or ends before.
        """
        order = hashlib.sha256(repr(rows).encode()).hexdigest()[:16]
        start = 0
        if self.after:
            place, _, told = self.after.partition(" ")
            if told != order:
                raise BadInput(f"the list has changed since this cursor was given: {_OVER}")
            start = int(place) if place.isdecimal() else len(rows)
            if start >= len(rows):
                raise BadInput(
                    f"the list ends at place {len(rows)}; a ranked list goes to {MAX_LIMIT} at "
                    f"most: narrow the question, or {_OVER}"
                )
        end = start + limit
        following = self.cursor(f"{end} {order}") if end < len(rows) else None
        return slice(start, end), PageEnd(len(rows), following)

    def cursor(self, place: str) -> str:
        """What asks for the page after this place."""
        told = "\n".join((self.question, self.release, place))
        return base64.urlsafe_b64encode(told.encode()).decode().rstrip("=")


def page_of(
    request: Request, session: ReadSession, cursor: str | None, body: str = ""
) -> Page | None:
    """The page that a cursor asks for; None without one.

    Raises BadInput for one that is garbled, of another question, or of a release that is gone.
    """
    if cursor is None:
        return None
    release = session.release.manifest.name
    first = Page(_question(request, body), release)
    if cursor == _START:
        return first
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        told = base64.b64decode(padded, altchars=b"-_", validate=True).decode()
        question, of_release, after = told.split("\n")
    except ValueError:
        raise BadInput(f"the cursor {cursor[:40]!r} is garbled: {_OVER}") from None
    if question != first.question:
        raise BadInput(f"the cursor is of another question than this one: {_OVER}")
    if of_release != release:
        raise BadInput(f"the cursor is of release {of_release!r}, no longer in use: {_OVER}")
    return Page(question, release, after)


def _asked_page(request: Request, session: Session, cursor: CursorParameter = None) -> Page | None:
    return page_of(request, session, cursor)


PageParameter = Annotated[Page | None, Depends(_asked_page)]


def _question(request: Request, body: str) -> str:
    query = parse_qsl(request.url.query, keep_blank_values=True)
    asked = sorted(pair for pair in query if pair[0] not in _SAME_QUESTION)
    told = repr((request.url.path, asked, body))
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Shape:
    """The fields as the address names them, and the page; None for all fields, and for no page."""

    fields: str | None = None
    page: Page | None = None


WHOLE = Shape()


async def _asked_shape(page: PageParameter, fields: FieldsParameter = None) -> Shape:
    return Shape(fields, page)


ShapeParameter = Annotated[Shape, Depends(_asked_shape)]
