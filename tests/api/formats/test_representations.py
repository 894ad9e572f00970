"""Papers and lists under /v1 in every format, by suffix and by Accept, and 406 for others."""

import json
from collections.abc import Iterator
from pathlib import Path

import feedparser
import pytest
from fastapi.testclient import TestClient

from tests.api.formats.test_exports import TYPES, bibtex_entries
from tests.conftest import SURVEY
from tests.support.client import ENDPOINTS, RELATED, assert_problem, get_json, open_client

PAPER = f"/v1/papers/{SURVEY}"
SEARCH = "/v1/search"
TAG = "/v1/tags/model-compression/papers"
QUERIES = {PAPER: "", RELATED: "?limit=3", SEARCH: "?q=pruning&limit=3", TAG: "?limit=3"}


@pytest.fixture(scope="module")
def client(built_data: Path) -> Iterator[TestClient]:
    with open_client(built_data) as client:
        yield client


@pytest.mark.parametrize(("address", "query"), QUERIES.items())
@pytest.mark.parametrize("suffix", TYPES)
def test_suffix_and_accept_select_the_same_format(
    client: TestClient, address: str, query: str, suffix: str
) -> None:
    by_suffix = client.get(f"{address}.{suffix}{query}")
    accept = TYPES[suffix].partition(";")[0]
    by_accept = client.get(f"{address}{query}", headers={"accept": accept})
    for response in (by_suffix, by_accept):
        assert response.status_code == 200
        assert response.headers["content-type"] == TYPES[suffix]
    assert by_accept.headers["vary"] == "Accept"
    if suffix != "atom":  # a feed contains its own URL
        assert by_suffix.content == by_accept.content
    assert by_accept.links["alternate"]
    assert f'<http://testserver{address}.{suffix}{query}>; rel="alternate"' in str(
        by_accept.headers["link"]
    )


@pytest.mark.parametrize(("address", "entries"), [(SEARCH, "results"), (TAG, "papers")])
def test_every_format_has_the_same_papers(client: TestClient, address: str, entries: str) -> None:
    query = QUERIES[address]
    ids = [one["id"] for one in get_json(client, address + query)[entries]]
    render_citation = bibtex_entries(client.get(f"{address}.bib{query}").text)
    assert [entry.key for entry in render_citation] == [f"arXiv:{one}" for one in ids]
    items = json.loads(client.get(f"{address}.csl.json{query}").text)
    assert [item["number"] for item in items] == [f"arXiv:{one}" for one in ids]
    text = client.get(f"{address}.txt{query}").text
    places = [text.index(f"https://arxiv.org/abs/{one}") for one in ids]
    assert places == sorted(places)
    feed = feedparser.parse(client.get(f"{address}.atom{query}").content)
    assert {entry.id for entry in feed.entries} == {f"https://arxiv.org/abs/{one}" for one in ids}


@pytest.mark.parametrize("accept", [None, "*/*", "application/*", "application/json;q=0.1", ""])
def test_json_is_the_default(client: TestClient, accept: str | None) -> None:
    headers = {"accept": accept, "user-agent": "curl/8"} if accept is not None else {}
    for address, query in QUERIES.items():
        response = client.get(address + query, headers=headers)
        assert response.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("text/*", "text/plain"),
        ("application/json;q=0.5, application/x-bibtex", "application/x-bibtex"),
        ("text/html, application/ld+json;q=0.2", "application/ld+json"),
        ("application/json;q=0, */*;q=0.1", "text/plain"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "application/json"),
        ("Application/X-BibTeX; charset=utf-8", "application/x-bibtex"),
    ],
)
def test_accept_is_weighed(client: TestClient, accept: str, kind: str) -> None:
    response = client.get(PAPER, headers={"accept": accept})
    assert response.headers["content-type"].partition(";")[0] == kind


@pytest.mark.parametrize(
    "accept", ["text/html", "application/pdf", "*/*;q=0", "application/json;q=0"]
)
@pytest.mark.parametrize("address", [one for one in ENDPOINTS if one.startswith("/v1/")])
def test_an_unacceptable_request_is_a_406_that_lists_the_formats(
    client: TestClient, address: str, accept: str
) -> None:
    response = client.get(address, headers={"accept": accept})
    own = "image/svg+xml" if address.endswith(".svg") else "application/json"
    assert_problem(response, 406, f"available as {own}")
    assert response.headers["vary"] == "Accept"


def test_post_is_negotiated_too(client: TestClient) -> None:
    for address, body in (
        ("/v1/papers/batch", {"ids": [SURVEY]}),
        ("/v1/recommend", {"liked": [SURVEY]}),
    ):
        response = client.post(address, json=body, headers={"accept": "text/html"})
        assert response.status_code == 406


def test_a_suffix_needs_no_accept(client: TestClient) -> None:
    response = client.get(f"{PAPER}.bib", headers={"accept": "text/html"})
    assert response.headers["content-type"] == TYPES["bib"]


def test_an_unknown_paper_is_a_problem_in_every_format(client: TestClient) -> None:
    for suffix in TYPES:
        for address in ("/v1/papers/2401.99999", "/v1/papers/2401.99999/related"):
            response = client.get(f"{address}.{suffix}")
            assert_problem(response, 404, "has not been harvested")
        assert_problem(client.get(f"/v1/tags/nothing/papers.{suffix}"), 404, "no label 'nothing'")
