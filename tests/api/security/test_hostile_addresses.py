"""Hostile URLs are answered or refused, without side effects."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from index.catalogue.catalogue import read_catalogue
from tests.api.pages.test_pages import BROWSER
from tests.conftest import SURVEY
from tests.support.client import get_json, open_client

LABEL_PAGE = "/tags/efficient-foundation-models/model-compression"
SYNTAX = [
    '" OR 1=1 --',
    "'; DROP TABLE papers; --",
    "') UNION SELECT sql FROM sqlite_master --",
    "NEAR(",
    "NEAR(a b, 99999999999999999999)",
    "*",
    "a*b OR NOT",
    "title: pruning",
    "col:^ + -",
    '"unbalanced',
    "%",
    "_",
    "\\",
    "\x00",
    "a\r\nSet-Cookie: a=b",
    "\u202e",
    "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
    "((((" * 200,
    "a AND " * 500,
]
PATHS = [
    "/papers/../../etc/passwd",
    "/papers/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "/papers/..%5c..%5cwindows",
    "/papers/%252e%252e%252fetc%252fpasswd",
    "/papers/..%2f..%2fetc%2fpasswd.bib",
    "/papers/..%2f..%2fetc%2fpasswd/related.ris",
    "/feeds/related/..%2f..%2fetc.atom",
    "/feeds/related/..%2f..%2fetc",
    "/feeds/tags/..%2f..%2fetc.atom",
    "/tags/..%2f..%2fetc/passwd",
    "/tags/efficient-foundation-models/..%2f..%2fetc%2fpasswd",
    "/tags/efficient-foundation-models/..%2fmodel-compression.bib",
    "/tags/..%2f/model-compression.csl.json",
    f"/papers/{SURVEY}%0d%0aSet-Cookie:%20a=b",
    f"/papers/{SURVEY}%0d%0aSet-Cookie:%20a=b.bib",
    f"/papers/{SURVEY}%0d%0a/related.bib",
    f"/papers/{SURVEY}%00",
    f"/papers/{SURVEY}%22;x=%22.bib",
    "/papers/%ff%fe",
    "/papers/" + "9" * 5_000,
    "/papers/" + "a/" * 2_000,
    f"{LABEL_PAGE}%0d%0aSet-Cookie:a=b.bib",
    "/papers.bib?id=..%2f..%2fetc%2fpasswd",
    f"/papers.bib?id={SURVEY}%0d%0aSet-Cookie:a=b",
    "/static/../../etc/passwd",
]


@pytest.fixture(scope="module")
def client(built_data: Path) -> Iterator[TestClient]:
    with open_client(built_data) as client:
        client.follow_redirects = False
        yield client


@pytest.fixture(scope="module", autouse=True)
def _unharmed(built_data: Path) -> Iterator[None]:
    """Check that the catalogue is byte-identical after all tests."""
    before = _contents(built_data)
    yield
    assert _contents(built_data) == before


def _contents(data: Path) -> tuple[int, bytes]:
    with read_catalogue(data) as catalogue:
        return catalogue.count(), (data / "catalogue.db").read_bytes()


def assert_answered(client: TestClient, address: str) -> None:
    """Check that the response is a page or a problem, without injected headers or files."""
    for headers in ({}, BROWSER):
        response = client.get(address, headers=headers)
        assert response.status_code in (200, 303, 308, 400, 404, 422), response.text
        assert "set-cookie" not in response.headers
        assert "root:" not in response.text
        for value in response.headers.values():
            assert "\r" not in value
            assert "\n" not in value
        if response.status_code >= 400 and not headers:
            assert response.headers["content-type"] == "application/problem+json"
            assert response.json()["status"] == response.status_code


@pytest.mark.parametrize("address", PATHS)
def test_no_path_escapes(client: TestClient, address: str) -> None:
    assert_answered(client, address)


@pytest.mark.parametrize("value", SYNTAX)
@pytest.mark.parametrize(
    "stem",
    ["/search?q=", "/search.bib?q=", "/feeds/search.atom?q=", "/search?q=pruning&author=",
     "/search?q=pruning&with=", "/search?q=pruning&without=", "/search?q=pruning&tag=",
     "/search?q=pruning&category=", "/search?q=pruning&licence=", "/search?q=pruning&since=",
     f"/papers/{SURVEY}?with=", f"{LABEL_PAGE}?limit=", "/papers.ris?id="],
)  # fmt: skip
def test_no_value_is_read_as_syntax(client: TestClient, stem: str, value: str) -> None:
    assert_answered(client, stem + quote(value, safe=""))
    assert_answered(client, stem + quote(value.encode("latin-1", "ignore"), safe=""))


def test_the_server_still_responds(client: TestClient) -> None:
    assert len(get_json(client, "/v1/search", q="pruning")["results"]) == 10
