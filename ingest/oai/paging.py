"""Paging through an OAI-PMH list to its end, despite expired tokens and repeated pages."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from index.catalogue.harvests import HarvestCheckpoint
from index.errors import UpstreamError
from ingest.oai.client import ExpiredToken, OaiClient, Page
from ingest.oai.records import Format
from ingest.scope import EARLIEST

_MAX_RESTARTS = 3
_MAX_EMPTY = 3


@dataclass(frozen=True, slots=True)
class RecordsQuery:
    """What to list: a selection (an OAI set, or "" for all of arXiv) between two datestamps."""

    selection: str
    format: Format
    first_day: date
    last_day: date | None = None

    def arguments(self, first_day: date) -> dict[str, str]:
        """Return the query as OAI-PMH arguments, starting at this datestamp."""
        arguments = {"metadataPrefix": self.format, "from": max(first_day, EARLIEST).isoformat()}
        if self.last_day:
            arguments["until"] = max(self.last_day, EARLIEST).isoformat()
        if self.selection:
            arguments["set"] = self.selection
        return arguments


def list_pages(
    client: OaiClient, verb: str, query: RecordsQuery, checkpoint: HarvestCheckpoint | None = None
) -> Iterator[tuple[Page, HarvestCheckpoint]]:
    """Yield every page of a list with the checkpoint after it; start at a checkpoint, if given.

    If a token has expired or pages repeat, the list is requested again from the latest datestamp
    seen. Pages shift during the listing, so a record may appear twice or not at all: compare with
    ListIdentifiers. Raises UpstreamError if the list makes no progress.
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
            problem = "the server repeats its pages" if _fingerprint(page) in seen else None
        except ExpiredToken as error:
            problem = f"the server does not know its own token: {error}"
        if problem:
            restarts += 1
            if restarts > _MAX_RESTARTS:
                raise UpstreamError(f"{verb} makes no progress after {reached}: {problem}")
            token = None
            seen.clear()
            continue
        seen.add(_fingerprint(page))
        empty = 0 if page.records or page.headers else empty + 1
        if page.token and empty > _MAX_EMPTY:
            raise UpstreamError(f"{verb} returns resumption tokens but no records after {reached}")
        checkpoint = checkpoint_after(page, query, checkpoint)
        restarts = 0 if checkpoint.newest > reached else restarts
        yield page, checkpoint
        token = page.token
        if token is None:
            return


def checkpoint_after(
    page: Page, query: RecordsQuery, checkpoint: HarvestCheckpoint | None
) -> HarvestCheckpoint:
    """Return the checkpoint after a page; `checkpoint` is the one before it."""
    began = checkpoint.began if checkpoint else page.response_date
    first = checkpoint or HarvestCheckpoint(
        query.format, query.first_day, began, query.first_day, None
    )
    # A datestamp may be 1970 or in the future; neither may move the checkpoint.
    latest = page.response_date.date() + timedelta(days=1)
    days = [header.datestamp for header in page.headers]
    days += [record.header.datestamp for record in page.records if record.header]
    newest = max([first.newest, *(day for day in days if day <= latest)])
    return replace(first, newest=newest, token=page.token)


def _fingerprint(page: Page) -> bytes:
    """Return a hash that is equal for a repeated page, even if its token differs each time.

    An empty page is identified by its token.
    """
    keys = [header.paper_id for header in page.headers]
    keys += [repr(one.header.paper_id if one.header else one.paper) for one in page.records]
    return hashlib.sha256(repr(keys or page.token).encode()).digest()
