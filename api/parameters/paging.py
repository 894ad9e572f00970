"""Paging through lists: `cursor=*` requests the first page, `meta.next_cursor` the next.

A cursor is valid for one query and one release. A ranked list has pages up to its 500th paper:
each page ranks the whole list again, which gives the same order, and builds the entries of one
page. The papers of a tag have pages to the last; a page starts after the day and id of the paper
before it.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import Depends, Query, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import WithJsonSchema

from api.parameters.fields import FieldNames, join_fields
from api.parameters.json_schemas import JsonSchema
from api.service import ReadSession, Session
from index.errors import BadInput, Contradiction
from index.lists.options import MAX_LIMIT

_START = "*"
_START_OVER = "start over with cursor=*"
_PER_PAGE = ("cursor", "limit", "fields", "reasons")  # these may change from page to page

# The query's hash, the release, and the place in the list. A cursor of this form can be read, even
# if it was issued for another query.
_CURSOR = r"[0-9a-f]{16}\.[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}\.[0-9A-Za-z~./-]{1,150}"
_CURSOR_EXAMPLE = "6f1c0f4e2b7a9d35.20260102T030405Z-1a2b3c4d.10~0e1f2a3b4c5d6e7f"
CURSOR_SCHEMA: JsonSchema = {
    "type": "string",
    "pattern": rf"^(?:\*|{_CURSOR})$",
    "examples": [_START, _CURSOR_EXAMPLE],
}
"""The form of a cursor, for descriptions."""

CursorParameter = Annotated[
    str | None,
    Query(
        max_length=500,
        description="`*` for the first page, then `meta.next_cursor` of the page before; "
        "without it the list has no pages",
    ),
    WithJsonSchema(CURSOR_SCHEMA),
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

        Raises Contradiction if the list is not the one that the cursor was issued for, or if it
        ends before the page.
        """
        order = hashlib.sha256(repr(rows).encode()).hexdigest()[:16]
        start = 0
        if self.after:
            place, _, issued_for = self.after.partition(" ")
            if issued_for != order:
                raise Contradiction(
                    f"the list has changed since this cursor was issued: {_START_OVER}"
                )
            start = int(place) if place.isdecimal() else len(rows)
            if start >= len(rows):
                raise Contradiction(
                    f"the cursor is past the end of the list, which has {len(rows)} papers; a "
                    f"ranked list has at most {MAX_LIMIT} papers: add filters to reach other "
                    f"papers, or {_START_OVER}"
                )
        end = start + limit
        next_cursor = self.cursor(f"{end} {order}") if end < len(rows) else None
        return slice(start, end), PageEnd(len(rows), next_cursor)

    def cursor(self, place: str) -> str:
        """Return the cursor of the page after this place."""
        return ".".join((self.query, self.release, place.replace(" ", "~")))


def parse_cursor(
    request: Request, session: ReadSession, cursor: str | None, body: str = ""
) -> Page | None:
    """Return the page that a cursor requests; None without a cursor.

    Raises BadInput for a cursor that cannot be read, and Contradiction for one that belongs to
    another query, or whose release is no longer in use.
    """
    if cursor is None:
        return None
    release = session.release.manifest.name
    first = Page(_query_hash(request, body), release)
    if cursor == _START:
        return first
    if not re.fullmatch(_CURSOR, cursor):
        raise BadInput(f"the cursor {cursor[:40]!r} cannot be read: {_START_OVER}")
    query, cursor_release, place = cursor.split(".", 2)
    if query != first.query:
        raise Contradiction(f"the cursor belongs to another query: {_START_OVER}")
    if cursor_release != release:
        raise Contradiction(
            f"the cursor belongs to release {cursor_release!r}, no longer in use: {_START_OVER}"
        )
    return Page(query, release, place.replace("~", " "))


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


async def _excerpt_of_request(
    request: Request, session: Session, cursor: CursorParameter = None, fields: FieldNames = ()
) -> Excerpt:
    """Return the excerpt; one dependency for both, since FastAPI solves each for every request."""
    page = None
    if cursor is not None:
        page = await run_in_threadpool(parse_cursor, request, session, cursor)
    return Excerpt(join_fields(fields), page)


ExcerptParameter = Annotated[Excerpt, Depends(_excerpt_of_request)]
