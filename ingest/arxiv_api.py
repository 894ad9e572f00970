"""The API source: arXiv's query API through the `arxiv` package, for topical queries.

The package lacks a timeout, and an outage that blanks the first page looks to it like zero
results (arxiv.py issues 119, 129, 157); both are mended here.
"""

import logging
from collections.abc import Iterator
from typing import Any, cast

import arxiv
import requests

from index.errors import BadInput, UpstreamError
from index.identifier import parse_identifier
from index.paper import Paper, Version, one_line, says_withdrawn
from index.settings import Settings

_PAGE_SIZE = 100
_SECONDS_BETWEEN_REQUESTS = 3.0  # arXiv's terms of use of its API
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
            if "/api/errors" in result.entry_id:
                raise BadInput(f"arXiv refuses the query {query!r}: {result.summary}")
            found += 1
            yield _paper(result)
    except arxiv.HTTPError as error:
        if error.status == requests.codes.bad_request:
            raise BadInput(f"arXiv refuses the query {query!r} (HTTP 400)") from error
        raise UpstreamError(f"arXiv answered HTTP {error.status} for {error.url}") from error
    except (arxiv.ArxivError, requests.RequestException) as error:
        raise UpstreamError(f"arXiv's API failed after {found} papers: {error}") from error
    if not found:
        raise UpstreamError(
            f"arXiv's API gave nothing for {query!r}: the query matches no paper, or arXiv is "
            "out of order; try again later, or a wider query"
        )


class _TimedSession(requests.Session):
    """A session that gives up on a server that does not answer, and says who is asking."""

    def __init__(self, timeout: int, contact: str) -> None:
        super().__init__()
        self._timeout = timeout
        self._agent = "seealso/0.1" + (f" (mailto:{contact})" if contact else "")

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        kwargs.setdefault("timeout", self._timeout)
        kwargs["headers"] = {**(kwargs.get("headers") or {}), "user-agent": self._agent}
        return super().request(*args, **kwargs)


def _client(settings: Settings, limit: int) -> arxiv.Client:
    client = arxiv.Client(
        page_size=min(_PAGE_SIZE, limit), delay_seconds=_SECONDS_BETWEEN_REQUESTS, num_retries=3
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
