"""Hostile papers from ingest to each page, feed and export."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import feedparser
import html5lib
import pytest
from click.testing import CliRunner
from fastapi.testclient import TestClient
from playwright.sync_api import Browser

from index.catalogue.catalogue import read_catalogue
from index.lists.references import parse_references
from scripts.cli.main import cli
from tests.api.pages.test_pages import BROWSER, CURL
from tests.support.browser import NEEDS_CHROMIUM, Visit, chromium
from tests.support.client import open_client
from tests.support.data_folders import copy_data
from tests.support.processes import served
from tests.support.snapshots import record, snapshot_of

ABOUT = (
    "We quantize and prune the weights of large language models so that the compressed language "
    "model needs four bits for a weight and runs on a phone. "
)
TITLES = {
    "2701.00661": "<script>alert(1)</script> Pruning large language models",
    "2701.00662": "]]> --> <!-- <![CDATA[ &amp; &lt;b&gt; <?xml version='1.0'?> <!DOCTYPE> </p>",
    "2701.00663": '"><img src=x onerror=alert(1)> \' onmouseover=alert(1) x=" </style></textarea>',
    "2701.00664": "bidi \u202eesrever\u202c \u2066one\u2069 \u200f\u061c zero\u200b\u2060\ufeff",
    "2701.00665": "control \x00 \x08 \x1b[31m \x7f \x9f \ufffe \u2028 lines\r\nSet-Cookie: a=b",
    "2701.00666": "javascript:alert(1) data:text/html,<script>alert(1)</script>",
    "2701.00667": "long " * 2_000,
    "2701.00668": "unbroken" * 1_250,
    "2701.00669": r"$\href{javascript:alert(1)}{x}$ \url{javascript:alert(1)} $\def\a{\a}\a$ $<b>$",
    "2701.00670": "$" * 5_000 + r"\text{" * 800,
    "2701.00671": "lone \ud800 surrogate \udfff",
    "2701.00672": "{{ 7*7 }} {% include 'base.html' %} ${7*7} #{7*7} <%= 7*7 %>",
}
IDS = list(TITLES)
LABEL = "/tags/efficient-foundation-models/model-compression"
PAGES = ["/", "/search?q=pruning&limit=500", f"{LABEL}?limit=500", "/tags", "/status", "/library"]
FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)
ELSEWHERE = re.compile(r"https?://(?:arxiv\.org/|creativecommons\.org/|doi\.org/|testserver/)")


@pytest.fixture(scope="module")
def data(built_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile-papers")
    own = copy_data(built_data, folder / "data")
    records = [
        record(
            paper_id,
            title=title,
            abstract=ABOUT + title,
            authors_parsed=[[title[:9_000], "", ""], ["javascript:alert(1)", "\u202e", "\r\n"]],
            comments=title[:9_000],
            license="javascript:alert(1)",
            doi='10.1/"><script>',
            **{"journal-ref": "</a><script>alert(1)</script>"},
            categories='cs.<i>LG" cs.CL',
        )
        for paper_id, title in TITLES.items()
    ]
    path = snapshot_of(folder, *records)
    for arguments in (["ingest", "snapshot", str(path)], ["update"]):
        result = CliRunner().invoke(cli, ["--data", str(own), *arguments], catch_exceptions=False)
        assert result.exit_code == 0, result.output
    with read_catalogue(own) as catalogue:
        assert set(IDS) <= set(catalogue.numbers_of(IDS))
    return own


@pytest.fixture(scope="module")
def client(data: Path) -> Iterator[TestClient]:
    with open_client(data) as client:
        client.headers.update(BROWSER)
        yield client


def assert_harmless(source: str) -> None:
    """Check that a page has no foreign scripts or active elements, and only expected links."""
    for element in html5lib.parse(source, namespaceHTMLElements=False).iter():
        if element.tag == "script":
            assert element.get("src", "").startswith("/static/")
        if element.tag == "img":
            assert re.fullmatch(r"/v1/papers/[^/?]+/graph\.svg", element.get("src", ""))
        assert element.tag not in ("iframe", "object", "embed", "base", "i", "b")
        for name, value in element.attrib.items():
            assert not str(name).startswith("on"), element.attrib
            if name in ("href", "src", "action", "formaction"):
                assert re.match(rf"[/?#]|data:,$|{ELSEWHERE.pattern}", value), value
    assert not FORBIDDEN.search(source)


@pytest.mark.parametrize("address", [*PAGES, *(f"/papers/{paper_id}" for paper_id in IDS)])
def test_every_page_is_harmless(client: TestClient, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 200, response.text
    assert_harmless(response.text)
    assert len(response.content) < 1_500_000


def test_a_template_in_a_title_is_text(client: TestClient) -> None:
    tree = html5lib.parse(client.get("/papers/2701.00672").text, namespaceHTMLElements=False)
    (heading,) = tree.iter("h1")
    assert heading.text == TITLES["2701.00672"]


def test_lists_contain_all_hostile_papers(client: TestClient) -> None:
    """Check that the tests above meet the hostile papers at all."""
    shown = client.get(f"{LABEL}?limit=500").text
    assert sum(f'href="/papers/{paper_id}"' in shown for paper_id in IDS) > 6
    found = client.get("/search?q=quantize+prune+weights+phone&limit=500").text
    assert all(f'href="/papers/{paper_id}"' in found for paper_id in IDS)
    assert_harmless(found)


@pytest.mark.parametrize("paper_id", IDS)
def test_a_long_title_does_not_fill_its_page(client: TestClient, paper_id: str) -> None:
    tree = html5lib.parse(client.get(f"/papers/{paper_id}").text, namespaceHTMLElements=False)
    for name in ("title", "h1"):
        (element,) = tree.iter(name)
        assert 0 < len("".join(element.itertext())) < 520


@pytest.mark.parametrize(
    "address",
    [f"/feeds{LABEL[5:].replace('efficient-foundation-models/', 'tags/')}.atom?limit=500",
     "/feeds/search.atom?q=quantize+prune+weights+phone&limit=500",
     *(f"/feeds/related/{paper_id}.atom?limit=3" for paper_id in IDS)],
)  # fmt: skip
def test_each_feed_is_valid(client: TestClient, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 200, response.text
    found = feedparser.parse(response.content)
    assert not found.bozo, found.get("bozo_exception")
    assert found.entries
    for entry in found.entries:
        assert entry.title_detail.type == "text/plain"
        assert all(link.href.startswith("http") for link in entry.links)
    assert not FORBIDDEN.search(response.text)


@pytest.mark.parametrize("suffix", ["bib", "ris", "csl.json", "jsonld"])
@pytest.mark.parametrize(
    "address",
    [f"{LABEL}.%s?limit=500", "/search.%s?q=quantize+prune+weights+phone&limit=500",
     f"/papers/{IDS[0]}/related.%s?limit=500", f"/papers.%s?id={'&id='.join(IDS)}"],
)  # fmt: skip
def test_each_export_is_valid(client: TestClient, address: str, suffix: str) -> None:
    response = client.get(address % suffix)
    assert response.status_code == 200, response.text
    sent = response.content.decode()
    assert not FORBIDDEN.search(sent.replace("\r\n", "\n"))
    if suffix.endswith(("json", "jsonld")):
        json.loads(sent)
        assert "<" not in sent
    else:
        assert len(parse_references(f"my.{suffix}", sent.encode())) > 6


@pytest.mark.parametrize("paper_id", IDS)
def test_a_terminal_gets_no_control_characters(client: TestClient, paper_id: str) -> None:
    response = client.get(f"/papers/{paper_id}", headers=CURL)
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert not FORBIDDEN.search(response.text)
    assert len(response.content) < 100_000


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


class TestInABrowser:
    pytestmark = NEEDS_CHROMIUM

    def test_nothing_is_run_or_asked_of_others(self, browser: Browser, data: Path) -> None:
        addresses = [*PAGES, *(f"/papers/{paper_id}" for paper_id in IDS)]
        patient = {"SEEALSO_REQUEST_TIMEOUT": "600"}
        with served(data, environment=patient) as server:
            page = browser.new_page(base_url=server.address, viewport={"width": 390, "height": 844})
            visit = Visit(page, server.address)
            for address in addresses:
                page.goto(address)
                width: Any = page.evaluate("document.documentElement.scrollWidth")
                assert width <= 390, address
            page.close()
        visit.assert_clean()
