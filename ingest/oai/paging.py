"""Walking one of OAI-PMH's lists to its end, whatever the server does on the way."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from index.catalogue.harvests import HarvestCheckpoint
from index.errors import UpstreamError
from ingest.oai.client import ExpiredToken, OaiClient, Page
from ingest.oai.records import Format

EARLIEST = date(2005, 9, 16)
"""The first datestamp that arXiv's server knows; it refuses to list from before."""

_MAX_RESTARTS = 3
_MAX_EMPTY = 3


@dataclass(frozen=True, slots=True)
class RecordsQuery:
    """What to list: a selection (an OAI set, or "" for everything) between two datestamps."""

    selection: str
    format: Format
    first_day: date
    last_day: date | None = None

    def arguments(self, first_day: date) -> dict[str, str]:
        """The query as OAI-PMH arguments, from this day on."""
        found = {"metadataPrefix": self.format, "from": max(first_day, EARLIEST).isoformat()}
        if self.last_day:
            found["until"] = max(self.last_day, EARLIEST).isoformat()
        if self.selection:
            found["set"] = self.selection
        return found


def walk(
    client: OaiClient, verb: str, query: RecordsQuery, checkpoint: HarvestCheckpoint | None = None
) -> Iterator[tuple[Page, HarvestCheckpoint]]:
    """Every page of a list, each with where the walk stands after it; from a stand, or anew.

    Where a token has expired, or the pages go round, the list is asked for again from the latest
    day seen. Pages shift while one reads, so a record may come twice, or not at all: compare with
    ListIdentifiers. Raises UpstreamError where there is no getting on.
    """
    token = checkpoint.token if checkpoint else None
    seen: set[bytes] = set()
    restarts = empty = 0
    while True:
        reached = checkpoint.newest if checkpoint else query.first_day
        try:
            page = client.page(
                verb, {"resumptionToken": token} if token else query.arguments(reached)
            )
            problem = "the pages go round in circles" if _mark(page) in seen else None
        except ExpiredToken as error:
            problem = f"the server does not know its token: {error}"
        if problem:
            restarts += 1
            if restarts > _MAX_RESTARTS:
                raise UpstreamError(f"{verb} does not get beyond {reached}: {problem}")
            token = None
            seen.clear()
            continue
        seen.add(_mark(page))
        empty = 0 if page.records or page.headers else empty + 1
        if page.token and empty > _MAX_EMPTY:
            raise UpstreamError(f"{verb} gives tokens but no records beyond {reached}")
        checkpoint = after(page, query, checkpoint)
        restarts = 0 if checkpoint.newest > reached else restarts
        yield page, checkpoint
        token = page.token
        if token is None:
            return


def after(
    page: Page, query: RecordsQuery, checkpoint: HarvestCheckpoint | None
) -> HarvestCheckpoint:
    """Where a walk stands after a page."""
    began = checkpoint.began if checkpoint else page.response_date
    first = checkpoint or HarvestCheckpoint(
        query.format, query.first_day, began, query.first_day, None
    )
    # A datestamp may be 1970 or lie in the future; neither must move the walk.
    latest = page.response_date.date() + timedelta(days=1)
    days = [header.datestamp for header in page.headers]
    days += [record.header.datestamp for record in page.records if record.header]
    newest = max([first.newest, *(day for day in days if day <= latest)])
    return replace(first, newest=newest, token=page.token)


def _mark(page: Page) -> bytes:
    """A page's fingerprint: the same records and the same token make the same page."""
    ids = [header.paper_id for header in page.headers]
    ids += [record.header.paper_id if record.header else "" for record in page.records]
    return hashlib.sha256(repr((ids, page.token)).encode()).digest()
