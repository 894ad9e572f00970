"""Lists as files for reference managers, and the links to them from pages."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.api.formats.test_exports import TYPES
from tests.api.pages.test_pages import BROWSER, Page, page
from tests.conftest import SURVEY
from tests.support.client import assert_problem, get_json, open_client

SUFFIXES = ["bib", "ris", "csl.json", "jsonld"]
TAG_PAGE = "/tags/efficient-foundation-models/model-compression"
LISTED = re.compile(r'<h[23]><a href="/papers/([^"]+)"')
SEARCH = "q=pruning+%26+%3Cb%3E&limit=4&since=2023-01-01"


@pytest.fixture(scope="module")
def client(built_data: Path) -> Iterator[TestClient]:
    with open_client(built_data) as client:
        yield client


def ids(client: TestClient, address: str) -> list[str]:
    """Return the ids in a list's CSL-JSON, in its order."""
    found = [item["id"].removeprefix("arXiv:") for item in json.loads(client.get(address).text)]
    assert found
    return found


def test_a_search_as_citations_has_its_results(client: TestClient) -> None:
    listed = get_json(client, f"/v1/search?{SEARCH}")["results"]
    assert ids(client, f"/search.csl.json?{SEARCH}") == [paper["id"] for paper in listed]


def test_a_tag_as_citations_has_the_papers_of_its_page(client: TestClient) -> None:
    shelf = get_json(client, "/v1/tags/model-compression/papers?limit=7")["papers"]
    assert ids(client, f"{TAG_PAGE}.csl.json?limit=7") == [paper["id"] for paper in shelf]
    shown = client.get(TAG_PAGE, headers=BROWSER).text
    assert ids(client, f"{TAG_PAGE}.csl.json") == LISTED.findall(shown)


def test_chosen_papers_keep_their_order(client: TestClient) -> None:
    [one, other] = [
        paper["id"] for paper in get_json(client, "/v1/search?q=pruning&limit=2")["results"]
    ]
    asked = f"/papers.csl.json?id=arXiv:{other}v2&id={one}&id=2401.99999"
    assert ids(client, asked) == [other, one]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_paper_chosen_twice_is_cited_once(client: TestClient, suffix: str) -> None:
    once = client.get(f"/papers.{suffix}?id={SURVEY}")
    twice = client.get(f"/papers.{suffix}?id={SURVEY}&id=arXiv:{SURVEY}v1")
    assert twice.status_code == 200
    assert twice.text == once.text


@pytest.mark.parametrize(
    "address",
    [f"/papers/{SURVEY}?", "/search?q=pruning&", f"{TAG_PAGE}?", f"/papers/{SURVEY}?limit=3&"],
)
def test_parameters_of_other_sites_are_not_copied_into_links(
    client: TestClient, address: str
) -> None:
    plain = client.get(address.rstrip("?&"), headers=BROWSER)
    shared = client.get(f"{address}utm_source=a&fbclid=b", headers=BROWSER)
    assert shared.status_code == 200
    assert shared.text == plain.text


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize(
    "stem", ["/search.%s?q=pruning", f"{TAG_PAGE}.%s", f"/papers.%s?id={SURVEY}"]
)
def test_a_list_has_a_file_name_and_media_type(client: TestClient, stem: str, suffix: str) -> None:
    response = client.get(stem % suffix)
    assert response.status_code == 200
    assert response.headers["content-type"] == TYPES[suffix]
    name = stem.partition("?")[0].rpartition("/")[2] % suffix
    assert response.headers["content-disposition"] == f'inline; filename="{name}"'


@pytest.mark.parametrize(
    "address", [f"/search?{SEARCH}", f"{TAG_PAGE}?limit=3", f"/papers/{SURVEY}?limit=3"]
)
def test_a_list_page_links_to_its_feed_and_exports(client: TestClient, address: str) -> None:
    client.headers.update(BROWSER)
    shown = page(client, address)
    listed = LISTED.findall(client.get(address).text)
    linked = {link for link in shown.links if link.startswith("/")}
    for suffix in SUFFIXES:
        (export,) = (
            link for link in linked if f".{suffix}" in link and f"{SURVEY}.{suffix}" not in link
        )
        assert client.get(export).headers["content-type"] == TYPES[suffix]
    (export,) = (link for link in linked if ".csl.json" in link and f"{SURVEY}.csl" not in link)
    assert ids(client, export) == listed
    told = [about for tag, about in shown.elements if tag == "link" and about["rel"] == "alternate"]
    (feed,) = (about["href"] for about in told if about["type"] == TYPES["atom"])
    assert feed in linked
    assert client.get(str(feed)).headers["content-type"] == TYPES["atom"]
    assert len(told) == 1 + len(SUFFIXES)
    (listing,) = (link for link in linked if link.startswith("/v1/") and "/graph" not in link)
    assert client.get(listing).headers["content-type"] == TYPES["json"]


def test_recommendations_for_a_library_can_be_exported(client: TestClient) -> None:
    mine = f"@article{{a, eprint = {{{SURVEY}}}, archiveprefix = {{arXiv}}}}\n"
    shown = Page(client.post("/library", files={"file": ("mine.bib", mine)}, headers=BROWSER).text)
    (export,) = (link for link in shown.links if link.startswith("/papers.csl.json?"))
    listed = [link for link in shown.links if link.startswith("/papers/")]
    assert [f"/papers/{one}" for one in ids(client, export)] == listed


def test_wrong_parameters_are_a_problem(built_data: Path) -> None:
    with open_client(built_data) as client:
        assert_problem(client.get("/search.bib"), 422, "q is missing")
        assert_problem(client.get("/papers.bib"), 422, "id ")
        assert_problem(client.get("/papers.bib?id=nonsense"), 400, "not an arXiv identifier")
        assert_problem(
            client.get("/papers.bib?" + "id=2401.08092&" * 501), 422, "id has 501 values"
        )
        assert_problem(client.get(f"{TAG_PAGE}x.bib"), 404, "did you mean model-compression")
        assert_problem(client.get("/tags/newts/frogs.bib"), 404, "no taxonomy 'newts'")
