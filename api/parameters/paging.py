"""Paging through lists: `cursor=*` requests the first page, `meta.next_cursor` the next.

A cursor is valid for one query and one release. A ranked list has pages up to its 500th paper:
each page ranks the whole list again, which gives the same order, and builds the entries of one
page. The papers of a tag have pages to the last; a page starts after the day and id of the paper
before it.
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
_START_OVER = "start over with cursor=*"
_PER_PAGE = ("cursor", "limit", "fields", "reasons")  # these may change from page to page

CursorParameter = Annotated[
    str | None,
    Query(
        max_length=500,
        description="`*` for the first page, then `meta.next_cursor` of the page before; "
        "without it the list has no pages",
    ),
]


@dataclass(frozen=True, slots=True)
class PageEnd:
    """The length of a whole list, and the cursor of the next page; both are added to meta."""

    count: int
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a query's result in a release; it starts after `after`, "" for the first page.

    Example, for a ranked list of five rows in pages of two::

        page = Page(query="6f1c", release="20260102T030405Z-1a2b3c4d")
        places, end = page.bounds([7, 2, 9, 4, 1], limit=2)  # slice(0, 2)
        end.next_cursor  # what `cursor=` takes for slice(2, 4)
    """

    query: str
    release: str
    after: str = ""

    def bounds(self, rows: Sequence[int], limit: int) -> tuple[slice, PageEnd]:
        """Return the page's places in a ranked list, given by its rows in the release.

        Raises BadInput if the list is not the one that the cursor was issued for, or if it ends
        before the page.
        """
        order = hashlib.sha256(repr(rows).encode()).hexdigest()[:16]
        start = 0
        if self.after:
            place, _, issued_for = self.after.partition(" ")
            if issued_for != order:
                raise BadInput(f"the list has changed since this cursor was issued: {_START_OVER}")
            start = int(place) if place.isdecimal() else len(rows)
            if start >= len(rows):
                raise BadInput(
                    f"the cursor is past the end of the list, which has {len(rows)} papers; a "
                    f"ranked list has at most {MAX_LIMIT} papers: add filters to reach other "
                    f"papers, or {_START_OVER}"
                )
        end = start + limit
        next_cursor = self.cursor(f"{end} {order}") if end < len(rows) else None
        return slice(start, end), PageEnd(len(rows), next_cursor)

    def cursor(self, place: str) -> str:
        """Return the cursor of the page after this place."""
        content = "\n".join((self.query, self.release, place))
        return base64.urlsafe_b64encode(content.encode()).decode().rstrip("=")


def parse_cursor(
    request: Request, session: ReadSession, cursor: str | None, body: str = ""
) -> Page | None:
    """Return the page that a cursor requests; None without a cursor.

    Raises BadInput for a cursor that cannot be read, that belongs to another query, or whose
    release is no longer in use.
    """
    if cursor is None:
        return None
    release = session.release.manifest.name
    first = Page(_query_hash(request, body), release)
    if cursor == _START:
        return first
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        content = base64.b64decode(padded, altchars=b"-_", validate=True).decode()
        query, cursor_release, after = content.split("\n")
    except ValueError:
        raise BadInput(f"the cursor {cursor[:40]!r} cannot be read: {_START_OVER}") from None
    if query != first.query:
        raise BadInput(f"the cursor belongs to another query: {_START_OVER}")
    if cursor_release != release:
        raise BadInput(
            f"the cursor belongs to release {cursor_release!r}, no longer in use: {_START_OVER}"
        )
    return Page(query, release, after)


def _page_of_request(
    request: Request, session: Session, cursor: CursorParameter = None
) -> Page | None:
    return parse_cursor(request, session, cursor)


PageParameter = Annotated[Page | None, Depends(_page_of_request)]


def _query_hash(request: Request, body: str) -> str:
    """Return a hash of a request's path, body and parameters, except those that select a page."""
    query = parse_qsl(request.url.query, keep_blank_values=True)
    kept = sorted(pair for pair in query if pair[0] not in _PER_PAGE)
    content = repr((request.url.path, kept, body))
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The part of an answer that a request selects: fields by name, and a page.

    None selects all fields, or the list without pages.
    """

    fields: str | None = None
    page: Page | None = None


WHOLE = Excerpt()


async def _excerpt_of_request(page: PageParameter, fields: FieldsParameter = None) -> Excerpt:
    return Excerpt(fields, page)


ExcerptParameter = Annotated[Excerpt, Depends(_excerpt_of_request)]
