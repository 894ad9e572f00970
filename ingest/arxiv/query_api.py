"""arXiv's query API, through the `arxiv` package: searches and lookups of single papers.

The package has no timeout and no back-off, and it ignores `Retry-After`. If the first page is
empty because of an outage, it reports zero results (arxiv.py issues 119, 129, 157). It retries a
refused query and loses the reason, and it accepts a truncated response as complete. An entry with
a date that it cannot parse ends the iteration. This module and `ArxivSession` fix these faults.
"""

import html
import logging
import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any, cast

import arxiv
import requests
from lxml import etree

from index.arxiv.identifier import parse_identifier
from index.arxiv.paper import Paper, Version, to_single_line, with_withdrawal
from index.catalogue.rejections import RejectedRecord
from index.errors import BadIdentifier, BadInput, UpstreamError
from ingest.arxiv.session import ArxivSession, RequestPolicy
from ingest.author_names import listed_authors
from ingest.bounds import MAX_RECORD, within_bounds
from ingest.reading import reading_one_record

_PAGE_SIZE = 100
_TRIES = 3
_ATOM = "{http://www.w3.org/2005/Atom}"
_ANY_TIME = "1970-01-01T00:00:00Z"  # replaces one that the package cannot parse
_REFUSAL = re.compile(rb"<id>[^<]*/api/errors#.*?<summary>(.*?)</summary>", re.DOTALL)
MAX_RESULTS = 30_000  # arXiv refuses to page deeper into one query


class QueryApi:
    """Client of arXiv's query API; all its requests share one session and its refusals.

        api = QueryApi("https://export.arxiv.org", RequestPolicy.from_settings(settings))
        for paper in api.look_up(["2401.08092", "hep-th/9901001"]):
            print(paper.title)

    Raises BadInput for an invalid address or a pause that is too short.
    """

    def __init__(self, address: str, policy: RequestPolicy) -> None:
        self._address = address
        self._session = _ApiSession(address, policy)

    def search(self, query: str, limit: int) -> Iterator[Paper | RejectedRecord]:
        """Yield the papers that match a query in arXiv's syntax, newest submission first.

        An entry that cannot be read is a RejectedRecord. Raises BadInput if arXiv refuses the
        query, UpstreamError if arXiv fails or returns nothing: an empty response cannot be
        distinguished from an outage.
        """
        if not 1 <= limit <= MAX_RESULTS:
            raise BadInput(f"limit={limit}: arXiv returns 1 to {MAX_RESULTS} results per query")
        search = arxiv.Search(
            query=query, max_results=limit, sort_by=arxiv.SortCriterion.SubmittedDate
        )
        yield from self._results(search, limit, repr(query))

    def look_up(self, ids: Sequence[str]) -> Iterator[Paper | RejectedRecord]:
        """Yield the papers with these canonical ids; arXiv omits those that it does not have.

        An entry that cannot be read is a RejectedRecord. Raises UpstreamError if arXiv fails, or
        returns nothing for a request of up to 100 ids.
        """
        for some in (ids[start : start + _PAGE_SIZE] for start in range(0, len(ids), _PAGE_SIZE)):
            search = arxiv.Search(id_list=list(some), max_results=len(some))
            yield from self._results(search, len(some), ", ".join(some[:3]))

    def _results(
        self, search: arxiv.Search, limit: int, wanted: str
    ) -> Iterator[Paper | RejectedRecord]:
        count = 0
        try:
            for result in self._client(limit).results(search):
                count += 1
                yield self._session.read(result)
        except arxiv.HTTPError as error:
            raise UpstreamError(f"arXiv answered HTTP {error.status} for {error.url}") from error
        except (arxiv.ArxivError, requests.RequestException) as error:
            raise UpstreamError(f"arXiv's API failed after {count} papers: {error}") from error
        if not count:
            raise UpstreamError(
                f"arXiv's API returned nothing for {wanted}: either there is no such paper or the "
                "API is unavailable. Check the query or the identifiers, or try again later"
            )

    def _client(self, limit: int) -> arxiv.Client:
        # The session paces and retries requests; the package retries only an empty page.
        client = arxiv.Client(page_size=min(_PAGE_SIZE, limit), delay_seconds=0, num_retries=_TRIES)
        client.query_url_format = self._address + "/api/query?{}"
        client._session = self._session
        logging.getLogger("arxiv").setLevel(logging.ERROR)
        return client


def submitted_between(query: str, first: date | None, last: date | None) -> str:
    """Return the query restricted to days of submission, both included, in arXiv's syntax.

    The query is URL-encoded when it is sent, so spaces must be written as spaces, not as `+`.
    """
    if first is None and last is None:
        return query
    first, last = first or date(1986, 1, 1), last or date(2099, 12, 31)
    if first > last:
        raise BadInput(f"from {first} to {last}: the first day must not be after the last")
    return f"({query}) AND submittedDate:[{first:%Y%m%d}0000 TO {last:%Y%m%d}2359]"


class _ApiSession(ArxivSession):
    """Session that detects refusals, truncated Atom feeds and entries that cannot be read."""

    def __init__(self, address: str, policy: RequestPolicy) -> None:
        super().__init__(address, policy)
        self._entries: dict[str, bytes] = {}  # of the last page, by id
        self._unreadable: dict[str, str] = {}

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        for _ in range(_TRIES):
            response = super().request(*args, **kwargs)
            refusal = _REFUSAL.search(response.content)
            if refusal or response.status_code == requests.codes.bad_request:
                reason = html.unescape(refusal[1].decode()) if refusal else "HTTP 400"
                raise BadInput(f"arXiv refuses the query: {reason}")
            if not response.ok:
                return response
            if response.content.rstrip().endswith(b"</feed>"):
                response._content = self._note_entries(response.content)
                return response
        raise UpstreamError(f"arXiv's API returned an incomplete Atom feed {_TRIES} times")

    def read(self, result: arxiv.Result) -> Paper | RejectedRecord:
        """Return the paper of an entry of the last page, or why it cannot be read."""
        try:
            if reason := self._unreadable.get(result.entry_id):
                raise ValueError(reason)
            if len(self._entries.get(result.entry_id, b"")) > MAX_RECORD:
                raise ValueError("the entry is too long")
            with reading_one_record():
                return _paper(result)
        except ValueError as error:
            raw = self._entries.get(result.entry_id, b"")
            return RejectedRecord(_key(result.entry_id), str(error), raw)

    def _note_entries(self, feed: bytes) -> bytes:
        """Keep the entries of a page; return it without dates that the package cannot parse."""
        self._entries, self._unreadable = {}, {}
        root = _parse(feed)
        if root is not None and root.getroottree().docinfo.doctype:
            raise UpstreamError("arXiv's API returned a feed with a DOCTYPE, which it never uses")
        for entry in root.iterfind(f"{_ATOM}entry") if root is not None else ():
            entry_id = entry.findtext(f"{_ATOM}id") or ""
            self._entries[entry_id] = etree.tostring(entry, encoding="utf-8", with_tail=False)
            for name in ("updated", "published"):
                try:
                    datetime.fromisoformat((entry.findtext(_ATOM + name) or "").strip())
                except ValueError as error:
                    self._unreadable[entry_id] = f"the element {name} is no date: {error}"
                    found = entry.find(_ATOM + name)
                    found = etree.SubElement(entry, _ATOM + name) if found is None else found
                    found.text = _ANY_TIME
        return etree.tostring(root, encoding="utf-8") if self._unreadable else feed


def read_entry(raw: bytes) -> Paper:
    """Parse the paper of an Atom entry stored as bytes; raises ValueError with the reason."""
    from arxiv import _feed

    with reading_one_record():
        root = _parse(b'<feed xmlns="http://www.w3.org/2005/Atom">' + raw + b"</feed>")
        results = _feed.parse(etree.tostring(root)).results
        if not results:
            raise ValueError("it is no Atom entry with an id and dates")
        return _paper(results[0])


def _parse(feed: bytes) -> Any:
    """Parse a feed as the package does; None if it is no XML."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, recover=True)
    return etree.fromstring(feed, parser)


def _key(entry_id: str) -> str:
    try:
        return parse_identifier(entry_id).id
    except BadIdentifier:
        return to_single_line(entry_id) or "without identifier"


def _paper(result: arxiv.Result) -> Paper:
    identifier = parse_identifier(result.entry_id)
    title = to_single_line(result.title)
    if not title:
        raise ValueError("the title is empty")
    abstract = to_single_line(result.summary)
    comment = to_single_line(result.comment) or None
    updated = result.updated.date()
    number = identifier.version or 1
    submitted = result.published.date()
    history = {1: submitted, number: updated}
    categories = cast("list[str]", result.categories)
    paper = Paper(
        id=identifier.id,
        title=title,
        abstract=abstract,
        authors=listed_authors(author.name for author in result.authors),
        categories=tuple(dict.fromkeys([result.primary_category, *categories])),
        version=number,
        versions=tuple(Version(n, created) for n, created in sorted(history.items())),
        submitted=submitted,
        updated=updated,
        doi=result.doi or None,
        journal_ref=to_single_line(result.journal_ref) or None,
        comment=comment,
    )
    return within_bounds(with_withdrawal(paper))
