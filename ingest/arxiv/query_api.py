"""The API source: arXiv's query API through the `arxiv` package, for topics and single papers.

The package lacks a timeout, a back-off and an ear for `Retry-After`; an outage that blanks the
first page looks to it like zero results (arxiv.py issues 119, 129, 157); it retries a refusal,
whose reason it drops, and takes an answer that breaks off for a whole one. All that is mended here
and in the session.
"""

import html
import logging
import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, cast

import arxiv
import requests

from index.arxiv.identifier import parse_identifier
from index.arxiv.paper import Paper, Version, states_withdrawal, to_single_line
from index.errors import BadInput, UpstreamError
from index.settings import Settings
from ingest.arxiv.session import ArxivSession

_PAGE_SIZE = 100
_TRIES = 3
_REFUSAL = re.compile(rb"<id>[^<]*/api/errors#.*?<summary>(.*?)</summary>", re.DOTALL)
MAX_RESULTS = 30_000  # arXiv refuses to go deeper into one query


def search_api(settings: Settings, query: str, limit: int) -> Iterator[Paper]:
    """Papers that match a query in arXiv's syntax, newest submission first.

    Raises BadInput for a query that arXiv calls wrong, UpstreamError where arXiv fails or answers
    nothing: an empty answer cannot be told from an outage.
    """
    if not 1 <= limit <= MAX_RESULTS:
        raise BadInput(f"limit={limit}: arXiv gives from 1 to {MAX_RESULTS} results of one query")
    search = arxiv.Search(query=query, max_results=limit, sort_by=arxiv.SortCriterion.SubmittedDate)
    yield from _results(settings, search, limit, repr(query))


def look_up(settings: Settings, ids: Sequence[str]) -> Iterator[Paper]:
    """The papers of these canonical ids; arXiv leaves out those that it does not know.

    Raises UpstreamError where arXiv fails, or gives nothing for a hundred ids in a row.
    """
    for some in (ids[start : start + _PAGE_SIZE] for start in range(0, len(ids), _PAGE_SIZE)):
        search = arxiv.Search(id_list=list(some), max_results=len(some))
        yield from _results(settings, search, len(some), ", ".join(some[:3]))


def submitted_between(query: str, first: date | None, last: date | None) -> str:
    """A query narrowed to days of submission, in arXiv's syntax; the bounds belong to it.

    The blanks are encoded once, on the way out: a `+` written here would be a plus.
    """
    if first is None and last is None:
        return query
    first, last = first or date(1986, 1, 1), last or date(2099, 12, 31)
    if first > last:
        raise BadInput(f"from {first} to {last}: the first day must not be after the last")
    return f"({query}) AND submittedDate:[{first:%Y%m%d}0000 TO {last:%Y%m%d}2359]"


def _results(settings: Settings, search: arxiv.Search, limit: int, asked: str) -> Iterator[Paper]:
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
            f"arXiv's API gave nothing for {asked}: there is no such paper, or arXiv is "
            "out of order; try again later, or ask for something else"
        )


class _ApiSession(ArxivSession):
    """A session that knows arXiv's feeds: a refusal, and one that breaks off."""

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        for _ in range(_TRIES):
            response = super().request(*args, **kwargs)
            refusal = _REFUSAL.search(response.content)
            if refusal or response.status_code == requests.codes.bad_request:
                reason = html.unescape(refusal[1].decode()) if refusal else "HTTP 400"
                raise BadInput(f"arXiv refuses the query: {reason}")
            if not response.ok or response.content.rstrip().endswith(b"</feed>"):
                return response
        raise UpstreamError("arXiv's API answered something that is no whole feed")


def _client(settings: Settings, limit: int) -> arxiv.Client:
    # The session keeps the pace and tries again; the package only where a page came empty.
    client = arxiv.Client(page_size=min(_PAGE_SIZE, limit), delay_seconds=0, num_retries=_TRIES)
    client.query_url_format = settings.arxiv_api + "/api/query?{}"
    client._session = _ApiSession(settings, settings.arxiv_api)
    logging.getLogger("arxiv").setLevel(logging.ERROR)
    return client


def _paper(result: arxiv.Result) -> Paper:
    identifier = parse_identifier(result.entry_id)
    abstract = to_single_line(result.summary)
    comment = to_single_line(result.comment) or None
    updated = result.updated.date()
    number = identifier.version or 1
    submitted = result.published.date()
    history = {1: submitted, number: updated}
    categories = cast("list[str]", result.categories)
    return Paper(
        id=identifier.id,
        title=to_single_line(result.title),
        abstract=abstract,
        authors=tuple(to_single_line(author.name) for author in result.authors),
        categories=tuple(dict.fromkeys([result.primary_category, *categories])),
        version=number,
        versions=tuple(Version(n, created) for n, created in sorted(history.items())),
        submitted=submitted,
        updated=updated,
        doi=result.doi or None,
        journal_ref=to_single_line(result.journal_ref) or None,
        comment=comment,
        withdrawn=states_withdrawal(comment, abstract),
    )
