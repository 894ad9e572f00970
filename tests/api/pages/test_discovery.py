"""OpenSearch, robots.txt, sitemaps, and the files that pages load."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.pages import discovery
from tests.api.pages.test_pages import BROWSER, Page
from tests.conftest import SURVEY
from tests.support.client import assert_problem, open_client

OPENSEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


@pytest.fixture(scope="module")
def client(built_data: Path) -> Iterator[TestClient]:
    with open_client(built_data) as client:
        yield client


@pytest.fixture(scope="module")
def indexed(built_data: Path) -> Iterator[TestClient]:
    with open_client(built_data, sitemap="on") as client:
        yield client


def test_the_search_of_a_browser_is_described(client: TestClient) -> None:
    [link] = [about for tag, about in page_of(client) if about.get("rel") == "search"]
    answer = client.get(str(link["href"]))
    assert answer.headers["content-type"].startswith("application/opensearchdescription+xml")
    described = ET.fromstring(answer.content)
    templates = {url.attrib["type"]: url.attrib for url in described.iter(f"{OPENSEARCH}Url")}
    search = templates["text/html"]["template"].replace("{searchTerms}", "pruning")
    assert client.get(search, headers=BROWSER).status_code == 200
    typed = templates["application/x-suggestions+json"]["template"]
    suggested = client.get(typed.replace("{searchTerms}", "mengwei x"))
    assert suggested.headers["content-type"] == "application/x-suggestions+json"
    query, texts = suggested.json()
    assert query == "mengwei x"
    assert 'author:"Mengwei Xu"' in texts
    assert client.get(typed.replace("{searchTerms}", "")).json() == ["", []]
    feed = templates["application/atom+xml"]["template"].replace("{searchTerms}", "pruning")
    assert client.get(feed).headers["content-type"].startswith("application/atom+xml")


def page_of(client: TestClient) -> list[tuple[str, dict[str, str | None]]]:
    return Page(client.get("/", headers=BROWSER).text).elements


def rules(client: TestClient) -> dict[str, list[str]]:
    """The rules of robots.txt by user agent."""
    answer = client.get("/robots.txt")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    found: dict[str, list[str]] = {}
    for group in answer.text.split("\n\n"):
        lines = group.split("\n")
        agents = [line.removeprefix("User-agent: ") for line in lines if "User-agent" in line]
        for agent in agents:
            found[agent] = [line for line in lines if line.startswith(("Allow", "Disallow"))]
    return found


def test_crawlers_are_asked_to_stay_away_by_default(client: TestClient) -> None:
    assert rules(client)["*"] == ["Disallow: /"]
    assert rules(client)["Twitterbot"] == ["Allow: /papers/", "Disallow: /"]  # link previews
    assert_problem(client.get("/sitemap.xml"), 404, "SEEALSO_SITEMAP=on")
    assert_problem(client.get("/sitemap/1.xml"), 404, "SEEALSO_SITEMAP=on")


def test_robots_txt_needs_no_catalogue(tmp_path: Path) -> None:
    with open_client(tmp_path) as empty:
        assert rules(empty)["*"] == ["Disallow: /"]


def locations(client: TestClient, address: str) -> list[str]:
    found = ET.fromstring(client.get(address).content)
    return [one.text or "" for one in found.iter(f"{SITEMAP}loc")]


def test_a_sitemap_lists_every_paper(indexed: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discovery, "_PAPERS_PER_SITEMAP", 100)
    assert "Allow: /papers/" in rules(indexed)["*"]
    [address] = re.findall("^Sitemap: (.+)$", indexed.get("/robots.txt").text, re.MULTILINE)
    parts = [
        one.text or "" for one in ET.fromstring(indexed.get(address).content).iter(f"{SITEMAP}loc")
    ]
    listed = [
        one.text or ""
        for part in parts
        for one in ET.fromstring(indexed.get(part).content).iter(f"{SITEMAP}loc")
    ]
    papers = indexed.get("/v1/status").json()["papers"]
    assert len(parts) == -(-papers // 100)
    assert len(set(listed)) == len(listed) == papers
    assert f"http://testserver/papers/{SURVEY}" in listed
    for number in (0, len(parts) + 1):
        assert_problem(indexed.get(f"/sitemap/{number}.xml"), 404, "no sitemap")


def test_files_of_pages_may_be_kept_by_their_address(client: TestClient) -> None:
    loaded = [
        about.get("href") or about.get("src") or ""
        for tag, about in page_of(client)
        if tag == "script" or about.get("rel") in ("stylesheet", "icon")
    ]
    assert len(loaded) >= 3
    for address in loaded:
        answer = client.get(address)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        older = client.get(f"{address[:-3]}xxx")
        assert older.headers["cache-control"] == "no-cache"
    assert_problem(
        client.get("/static/nothing.js", headers={"accept": "*/*"}), 404, "the files are"
    )
    assert client.get("/static/../base.html").status_code == 404
