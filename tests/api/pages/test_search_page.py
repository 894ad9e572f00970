"""The search page: facets, filters in use, pages, and a form that is kept if a value is wrong."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, quote_plus, urlsplit

import pytest
from fastapi.testclient import TestClient

from tests.api.pages.test_pages import BROWSER, CURL, Page
from tests.conftest import SURVEY
from tests.support.client import open_client


@pytest.fixture(scope="module")
def client(built_data: Path) -> Iterator[TestClient]:
    with open_client(built_data) as client:
        client.headers.update(BROWSER)
        yield client


def shown(client: TestClient, address: str, status: int = 200) -> Page:
    response = client.get(address)
    assert response.status_code == status, response.text
    return Page(response.text)


def queries(page: Page) -> list[dict[str, list[str]]]:
    """Return the parameters of all links to searches."""
    return [
        parse_qs(urlsplit(link).query) for link in page.links if link.startswith(("/search?", "?"))
    ]


def papers(page: Page) -> list[str]:
    return [link for link in page.links if link.startswith("/papers/")]


def value_of_box(page: Page) -> list[str | None]:
    return [about.get("value") for tag, about in page.elements if about.get("name") == "q"]


def test_the_page_says_what_a_query_was_understood_as(client: TestClient) -> None:
    page = shown(client, "/search?q=Mengwei+Xu")
    assert page.shows("author matches “Mengwei Xu” (1 paper); newest first.") or page.shows(
        "match “Mengwei Xu”"
    )
    assert f"/papers/{SURVEY}" in papers(page)
    [instead] = [one["q"] for one in queries(page) if "all:" in one.get("q", [""])[0]]
    assert instead == ["all:Mengwei all:Xu"]


def test_facets_add_an_operator_and_say_how_many_papers_have_it(client: TestClient) -> None:
    page = shown(client, "/search?q=cat:cs")
    added = [one["q"][0] for one in queries(page) if one.get("q", [""])[0].startswith("cat:cs ")]
    for start in ("cat:cs cat:cs.", "cat:cs year:20", "cat:cs tag:"):
        query = next(one for one in added if one.startswith(start))
        narrowed = shown(client, f"/search?q={quote_plus(query)}")
        assert papers(narrowed)
        assert {"q": ["cat:cs"]} in queries(narrowed)  # the chip that removes it


def test_the_count_of_a_facet_is_that_of_the_list(client: TestClient) -> None:
    source = client.get("/search?q=cat:cs.CV").text
    [count] = {
        int(part.partition(" ")[2].partition("<")[0].replace(",", ""))
        for part in source.split('year%3A2023">2023<span class="quiet">')[1:]
    }
    listed = client.get("/v1/search?q=cat:cs.CV+year:2023&limit=500", headers={"accept": "*/*"})
    assert count == len(listed.json()["results"])


def test_filters_in_use_can_be_removed_one_by_one(client: TestClient) -> None:
    page = shown(client, "/search?q=pruning+cat:cs.CL+since:2020&sort=date&without=survey")
    left = queries(page)
    assert {"q": ["pruning since:2020"], "sort": ["date"], "without": ["survey"]} in left
    assert {"q": ["pruning cat:cs.CL"], "sort": ["date"], "without": ["survey"]} in left
    assert {"q": ["pruning cat:cs.CL since:2020"], "sort": ["date"]} in left


def test_phrases_and_excluded_words_can_be_removed_one_by_one(client: TestClient) -> None:
    page = shown(client, '/search?q=pruning+"language+models"+-survey&sort=date')
    for text in ("“language models”", "-survey"):
        assert page.shows(text) or page.shows(text.replace("“", '"').replace("”", '"'))
    left = queries(page)
    assert {"q": ["pruning -survey"], "sort": ["date"]} in left
    assert {"q": ['pruning "language models"'], "sort": ["date"]} in left
    assert {"q": ["pruning"], "sort": ["date"]} in left  # removes all


def test_defaults_are_left_out_of_addresses(client: TestClient) -> None:
    page = shown(
        client, "/search?q=pruning&when=any&diversity=0&sort=score&limit=10&min_score=0.0&page=1"
    )
    links = [link for link in page.links if "q=pruning" in link]
    assert "/feeds/search.atom?q=pruning" in links
    for name in ("when", "diversity", "sort=score", "limit=10", "min_score", "page=1"):
        assert not any(f"{name}" in link for link in links if "limit=100" not in link), name


def test_pages_have_all_papers_once_and_in_order(client: TestClient) -> None:
    found: list[str] = []
    address: str | None = "/search?q=cat:cs.LG&limit=20"
    while address:
        page = shown(client, address)
        found += papers(page)
        following = [
            about for tag, about in page.elements if tag == "a" and about.get("rel") == "next"
        ]
        address = following[0]["href"] if following else None
    whole = client.get("/v1/search?q=cat:cs.LG&limit=500", headers={"accept": "*/*"})
    assert found == [f"/papers/{one['id']}" for one in whole.json()["results"]]
    assert len(found) > 40


def test_exports_and_feeds_of_a_page_are_those_of_the_list(client: TestClient) -> None:
    page = shown(client, "/search?q=pruning&page=2&limit=5&utm_source=mail")
    for link in page.links:
        if link.startswith(("/search.", "/feeds/search", "/v1/search")):
            assert "page=" not in link
            assert client.get(link, headers={"accept": "*/*"}).status_code == 200
    assert page.shows("papers 1 to 10 as")
    [bibtex] = [link for link in page.links if link.startswith("/search.bib")]
    assert client.get(bibtex).text.count("@misc") == 10


def test_a_list_has_links_to_longer_pages(client: TestClient) -> None:
    page = shown(client, "/search?q=pruning&sort=date&page=3")
    sizes = [one for one in queries(page) if "limit" in one and "page" not in one]
    assert sizes == [
        {"q": ["pruning"], "sort": ["date"], "limit": [n]} for n in ("20", "50", "100")
    ]
    longer = shown(client, "/search?q=pruning&limit=20")
    assert len(papers(longer)) == 20
    [bibtex] = [link for link in longer.links if link.startswith("/search.bib")]
    assert client.get(bibtex).text.count("@misc") == 20
    assert not shown(client, "/search?q=Mengwei+Xu").shows("papers per page")


def test_empty_fields_of_the_form_are_not_in_links(client: TestClient) -> None:
    page = shown(client, "/search?q=pruning&since=&until=&tag=&author=&sort=date")
    links = [link for link in page.links if "q=pruning" in link]
    assert links
    assert not any("since=" in link or "author=&" in link for link in links)


@pytest.mark.parametrize(
    ("address", "message", "link"),
    [
        ("q=x+cat:cs.CLL", "did you mean cs.CL", "q=x+cat%3Acs.CL"),
        ("q=x+since:2024-13-01&sort=date", "no year, month or day", "q=x+since%3A2024&sort=date"),
        ("q=x+author:", "has no value", "q=x"),
        ("q=x+since:tomorrow+author:", "is no year, month or day", "q=x"),
        ("q=since:tomorrow+author:", "has no value: write author:Hinton", None),
        ("q=x&since=2024-13-45&sort=date", "since:", "q=x&sort=date"),
        ("q=x&since=nonsense", "is 'nonsense': write an existing day", "q=x"),
        ("q=x&limit=0", "is '0': it must be at least 1", "q=x"),
        ("q=x&sort=size", "it must be 'score' or 'date'", "q=x"),
        ("q=x&page=0", "is '0': it must be at least 1", "q=x"),
        ("q=x&page=abc", "it must be a whole number", "q=x"),
        ("q=pruning&page=400", "the list has", "q=pruning"),
        ("q=x&category=cs.CLL", "did you mean cs.CL", "q=x"),
        ("q=x&tag=model-compresion", "did you mean model-compression", "q=x"),
        ("q=cat:cs.CL&diversity=0.3", "need words", "q=cat%3Acs.CL"),
        ("q=%22%22", "no words", None),
        ("q=arXiv:2401.999999", "not an arXiv identifier", None),
        ("q=" + "x" * 20_001, "more than 20000 characters", None),
    ],
)
def test_a_wrong_value_keeps_the_form_and_offers_a_correction(
    client: TestClient, address: str, message: str, link: str | None
) -> None:
    page = shown(client, f"/search?{address}", 400)
    assert page.shows(message)
    assert value_of_box(page)[0] == parse_qs(address)["q"][0]
    if link:
        wanted = parse_qs(link)
        [corrected] = [
            one
            for one in page.links
            if one.startswith("/search?") and parse_qs(urlsplit(one).query) == wanted
        ]
        assert client.get(corrected).status_code == 200
    refused = client.get(f"/search?{address}", headers=CURL)
    assert refused.status_code in (400, 404, 409, 422) or "page=" in address
    assert refused.status_code == 200 or refused.headers["content-type"].startswith(
        "application/problem+json"
    )


def test_the_page_without_a_query_explains_the_syntax(client: TestClient) -> None:
    page = shown(client, "/search")
    assert page.shows('author:"Mengwei Xu"')
    assert papers(page) == []
    assert client.get("/search", headers=CURL).status_code == 400
