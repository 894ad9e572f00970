"""Which media type an Accept header selects: from the API, from a page, and in a terminal."""

import pytest
from fastapi import Request
from starlette.exceptions import HTTPException

from api.formats.negotiation import negotiate, negotiate_page
from api.formats.representations import SUFFIX_OF

OFFERED = list(SUFFIX_OF)
JSON, TEXT, BIBTEX, ATOM = (
    "application/json",
    "text/plain",
    "application/x-bibtex",
    "application/atom+xml",
)
JSON_LD, REFUSED, PAGE = "application/ld+json", "406", None
CHROME = "text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8"
FEED_READER = "application/atom+xml,application/rss+xml,text/xml;q=0.2,*/*;q=0.1"
JAVA = "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"

# Accept, then the type that the API sends, that a page's address sends to a browser, to curl
TABLE: list[tuple[str | None, str | None, str | None, str | None]] = [
    # common clients
    (None, JSON, PAGE, TEXT),
    ("", JSON, PAGE, TEXT),
    ("*/*", JSON, PAGE, TEXT),
    (CHROME, JSON, PAGE, PAGE),
    (JAVA, JSON, PAGE, PAGE),
    (FEED_READER, ATOM, ATOM, ATOM),
    ("application/json, text/plain, */*", JSON, JSON, JSON),
    ("application/json, */*;q=0.5", JSON, JSON, JSON),
    # one type
    ("text/html", REFUSED, PAGE, PAGE),
    ("application/json", JSON, JSON, JSON),
    ("application/json;charset=utf-8", JSON, JSON, JSON),
    ("Application/X-BibTeX", BIBTEX, BIBTEX, BIBTEX),
    ("text/x-bibtex", "text/x-bibtex", "text/x-bibtex", "text/x-bibtex"),
    ("application/pdf", REFUSED, REFUSED, REFUSED),
    # ranges
    ("text/*", TEXT, PAGE, TEXT),
    ("application/*", JSON, JSON, JSON),
    ("image/*", REFUSED, REFUSED, REFUSED),
    ("image/png, */*", JSON, PAGE, TEXT),
    # weights
    ("application/json;q=0.5, application/x-bibtex", BIBTEX, BIBTEX, BIBTEX),
    ("text/html, application/ld+json;q=0.2", JSON_LD, PAGE, PAGE),
    ("text/html;q=0.5, application/json;q=0.9", JSON, JSON, JSON),
    ("application/json; q=0.4 , text/plain ; q=0.5", TEXT, TEXT, TEXT),
    ("text/plain, text/html;q=0.9", TEXT, TEXT, TEXT),
    ("text/*;q=0.5, application/json;q=0.1", TEXT, PAGE, TEXT),
    # equal weights: the most specific range, then the page, then the first offered
    ("text/html, text/plain", TEXT, PAGE, PAGE),
    ("text/plain, text/html", TEXT, PAGE, PAGE),
    ("text/plain, application/json", JSON, JSON, JSON),
    ("text/*, application/json", JSON, JSON, JSON),
    ("*/*, text/plain", TEXT, TEXT, TEXT),
    ("application/atom+xml, application/rss+xml, */*", ATOM, ATOM, ATOM),
    # q=0 excludes, and the most specific range decides
    ("*/*;q=0", REFUSED, REFUSED, REFUSED),
    ("application/json;q=0", REFUSED, REFUSED, REFUSED),
    ("application/json;q=0, */*;q=0.1", TEXT, PAGE, TEXT),
    ("text/html;q=0, */*", JSON, JSON, JSON),
    ("text/*;q=0, */*", JSON, JSON, JSON),
    ("*/*, application/json;q=0.5", TEXT, PAGE, TEXT),
    # malformed ranges are skipped; an empty or very long header counts as absent
    ("application/json;q=high", REFUSED, REFUSED, REFUSED),
    ("application/json;q=5, text/plain", TEXT, TEXT, TEXT),
    ("nonsense", REFUSED, REFUSED, REFUSED),
    ("nonsense, application/json", JSON, JSON, JSON),
    ('application/ld+json;profile="http://x,y"', JSON_LD, JSON_LD, JSON_LD),
    (";;,;", JSON, PAGE, TEXT),
    ("a/b," * 2_000, JSON, PAGE, TEXT),
    ('a/b;x="' + '\\";' * 20_000, JSON, PAGE, TEXT),
]


def _request(accept: str | None, agent: str) -> Request:
    headers = [(b"user-agent", agent.encode())]
    if accept is not None:
        headers.append((b"accept", accept.encode()))
    return Request({"type": "http", "method": "GET", "path": "/", "headers": headers})


def _from_api(accept: str | None) -> str | None:
    try:
        return negotiate(_request(accept, "Mozilla/5.0"), OFFERED)
    except HTTPException:
        return REFUSED


@pytest.mark.parametrize(("accept", "api", "page", "terminal"), TABLE)
def test_accept_selects(
    accept: str | None, api: str | None, page: str | None, terminal: str | None
) -> None:
    assert _from_api(accept) == api
    assert _from_page(accept, "Mozilla/5.0") == page
    assert _from_page(accept, "curl/8.5.0") == terminal


def test_a_terminal_gets_the_page_if_there_is_no_text() -> None:
    assert negotiate_page(_request("*/*", "curl/8.5.0"), [JSON]) is PAGE


def _from_page(accept: str | None, agent: str) -> str | None:
    try:
        return negotiate_page(_request(accept, agent), OFFERED)
    except HTTPException as error:
        offers = "this is available as text/html, application/json"
        return REFUSED if error.status_code == 406 and offers in error.detail else error.detail
