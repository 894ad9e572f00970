"""Papers that the release does not have yet: their lists, pages and tools say so."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.agents.server import Tools
from api.service import Service
from index.arxiv.paper import Paper
from index.catalogue.catalogue import open_catalogue
from index.settings import load_settings
from tests.api.pages.test_pages import BROWSER, page
from tests.conftest import Seealso
from tests.support.client import assert_problem, get_json, open_client

ID = "2402.00001"
TITLE = "Pruning language models with zyxomatic masks"
NOTE = "This paper is not in the release yet"


@pytest.fixture
def data(built_data_copy: Path) -> Path:
    with open_catalogue(built_data_copy) as catalogue:
        paper = Paper(ID, TITLE, abstract="We prune large language models.", categories=("cs.CL",))
        catalogue.store([paper])
    return built_data_copy


@pytest.fixture
def client(data: Path) -> Iterator[TestClient]:
    with open_client(data) as client:
        yield client


def test_the_related_list_is_that_of_the_text(client: TestClient) -> None:
    listing = get_json(client, f"/v1/papers/{ID}/related")
    assert listing["note"].startswith(NOTE)
    assert len(listing["related"]) == 10
    assert listing["meta"]["not_in_release"] == 1
    others = client.get(f"/v1/papers/{ID}/related.bib")
    assert others.status_code == 200


def test_the_page_shows_the_paper_without_a_neighbourhood(client: TestClient) -> None:
    client.headers.update(BROWSER)
    shown = page(client, f"/papers/{ID}")
    assert shown.shows(TITLE)
    assert shown.shows(NOTE)
    assert not shown.shows("Neighbourhood")
    found = client.get("/search", params={"q": f"arXiv:{ID}"}, follow_redirects=False)
    assert found.headers["location"] == f"/papers/{ID}"


def test_what_needs_the_release_reports_its_size(client: TestClient) -> None:
    assert_problem(
        client.get(f"/v1/papers/{ID}/graph"),
        503,
        "is not in the release yet, which has 266 of 267 papers: run `seealso update`",
    )


def test_the_command_gives_the_list(data: Path, seealso: Seealso) -> None:
    listing = json.loads(seealso(data, "related", ID, "--json").stdout)
    assert listing["note"].startswith(NOTE)
    assert NOTE in seealso(data, "related", ID).stdout


def test_a_search_finds_the_paper_by_its_words_and_says_so(client: TestClient) -> None:
    found = get_json(client, "/v1/search?q=zyxomatic+pruning&fields=title")
    assert found["found_by_words"] == [{"id": ID, "title": TITLE}]
    assert ID not in [one["id"] for one in found["results"]]
    assert get_json(client, "/v1/search?q=zyxomatic&category=math")["found_by_words"] == []
    client.headers.update(BROWSER)
    shown = page(client, "/search?q=zyxomatic+pruning")
    assert shown.shows("Found by their words")
    assert shown.shows(TITLE)
    assert not page(client, "/search?q=pruning+of+quaggles").shows("Found by their words")


def test_the_command_and_the_tool_of_agents_find_it_too(data: Path, seealso: Seealso) -> None:
    text = seealso(data, "search", "zyxomatic pruning").stdout
    assert "Found by their words, because the release does not have these papers yet" in text
    assert TITLE in text
    found = Tools(Service(load_settings({}, data=str(data)))).search_papers("zyxomatic pruning")
    assert [one.id for one in found.found_by_words] == [ID]
    assert found.found_by_words[0].score is None
