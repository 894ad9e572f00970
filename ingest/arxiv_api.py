"""The API source: arXiv's query API through the `arxiv` package, for topical queries.

The package lacks a timeout, and an outage that blanks the first page looks to it like zero
results (arxiv.py issues 119, 129, 157); it retries a refusal, whose reason it drops, and takes an
answer that breaks off for a whole one. All that is mended here.
"""

import html
import logging
import re
from collections.abc import Iterator
from typing import Any, cast
from urllib.parse import urlsplit

import arxiv
import requests

from index.errors import BadInput, UpstreamError
from index.identifier import parse_identifier
from index.paper import Paper, Version, one_line, says_withdrawn
from index.settings import Settings

_PAGE_SIZE = 100
_SECONDS_BETWEEN_REQUESTS = 3.0  # arXiv's terms of use of its API
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_REFUSAL = re.compile(rb"<id>[^<]*/api/errors#.*?<summary>(.*?)</summary>", re.DOTALL)
MOST_RESULTS = 30_000  # arXiv refuses to go deeper into one query


def search_api(settings: Settings, query: str, limit: int) -> Iterator[Paper]:
    """Papers that match a query in arXiv's syntax, newest submission first.

    Raises BadInput for a query that arXiv calls wrong, UpstreamError where arXiv fails or answers
    nothing: an empty answer cannot be told from an outage.
    """
    if not 1 <= limit <= MOST_RESULTS:
        raise BadInput(f"limit={limit}: arXiv gives from 1 to {MOST_RESULTS} results of one query")
    search = arxiv.Search(query=query, max_results=limit, sort_by=arxiv.SortCriterion.SubmittedDate)
    found = 0
    try:
        for result in _client(settings, limit).results(search):
            found += 1
            yield _paper(result)
    except arxiv.HTTPError as error:
        raise UpstreamError(f"arXiv answered HTTP {error.status} for {error.url}") from error
    except (arxiv.ArxivError, requests.RequestException) as error:
        raise UpstreamError(f"arXiv's API failed after {found} papers: {error}") from error
    if not found:
        raise UpstreamError(
            f"arXiv's API gave nothing for {query!r}: the query matches no paper, or arXiv is "
            "out of order; try again later, or a wider query"
        )


class _TimedSession(requests.Session):
    """A session that gives up on a server that does not answer, and says who is asking.

    It raises BadInput for a query that arXiv refuses, ConnectionError, which `arxiv` retries, for
    an answer that breaks off.
    """

    def __init__(self, timeout: int, contact: str) -> None:
        super().__init__()
        self._timeout = timeout
        self._agent = "seealso/0.1" + (f" (mailto:{contact})" if contact else "")

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        kwargs.setdefault("timeout", self._timeout)
        kwargs["headers"] = {**(kwargs.get("headers") or {}), "user-agent": self._agent}
        response = super().request(*args, **kwargs)
        refusal = _REFUSAL.search(response.content)
        if refusal or response.status_code == requests.codes.bad_request:
            reason = html.unescape(refusal[1].decode()) if refusal else "HTTP 400"
            raise BadInput(f"arXiv refuses the query: {reason}")
        if response.ok and not response.content.rstrip().endswith(b"</feed>"):
            raise requests.ConnectionError("the answer is no whole feed")
        return response


def _pause(base: str) -> float:
    # A server on this machine is not arXiv's.
    return 0.0 if urlsplit(base).hostname in _LOOPBACK else _SECONDS_BETWEEN_REQUESTS


def _client(settings: Settings, limit: int) -> arxiv.Client:
    client = arxiv.Client(
        page_size=min(_PAGE_SIZE, limit),
        delay_seconds=_pause(settings.arxiv_api),
        num_retries=3,
    )
    client.query_url_format = settings.arxiv_api + "/api/query?{}"
    client._session = _TimedSession(settings.timeout, settings.contact)
    logging.getLogger("arxiv").setLevel(logging.ERROR)
    return client


def _paper(result: arxiv.Result) -> Paper:
    identifier = parse_identifier(result.entry_id)
    abstract = one_line(result.summary)
    comment = one_line(result.comment) or None
    updated = result.updated.date()
    number = identifier.version or 1
    submitted = result.published.date()
    history = {1: submitted, number: updated}
    categories = cast("list[str]", result.categories)
    return Paper(
        id=identifier.id,
        title=one_line(result.title),
        abstract=abstract,
        authors=tuple(one_line(author.name) for author in result.authors),
        categories=tuple(dict.fromkeys([result.primary_category, *categories])),
        version=number,
        versions=tuple(Version(n, created) for n, created in sorted(history.items())),
        submitted=submitted,
        updated=updated,
        doi=result.doi or None,
        journal_ref=one_line(result.journal_ref) or None,
        comment=comment,
        withdrawn=says_withdrawn(comment, abstract),
    )
