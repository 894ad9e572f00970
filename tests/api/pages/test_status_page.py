"""The status page: the content of the JSON, also without a release."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.pages.status_page import run_chart
from index.catalogue.catalogue import open_catalogue
from index.catalogue.runs import Run
from tests.api.pages.test_pages import BROWSER, page
from tests.support.client import get_json, open_client


@pytest.fixture
def client(built_data_copy: Path) -> Iterator[TestClient]:
    with open_catalogue(built_data_copy) as catalogue:
        catalogue.runs.finish(catalogue.runs.start("nightly"), "arXiv <b>failed</b>", {"new": 7})
    with open_client(built_data_copy) as client:
        client.headers.update(BROWSER)
        yield client


def test_the_page_shows_the_content_of_the_json(client: TestClient) -> None:
    shown, status = page(client, "/status"), get_json(client, "/v1/status")
    assert shown.shows(f"{status['papers']:,} in the catalogue")
    assert shown.shows(f"{status['vectors']:,} of {status['papers']:,} papers embedded")
    assert shown.shows(status["release"])
    assert shown.shows(status["model"])
    assert shown.shows(", ".join(status["taken_from"]))
    last = status["tagging"][0]["last"]
    assert shown.shows(f"{last['judged'] - last['abstained']} of {last['judged']} papers tagged")
    assert shown.shows("arXiv <b>failed</b>; 7 new")
    bars = [about for tag, about in shown.elements if tag == "rect"]
    assert [about.get("class") for about in bars] == [None, "bad"]


def test_a_catalogue_without_a_release_has_a_status(tmp_path: Path) -> None:
    with open_catalogue(tmp_path), open_client(tmp_path) as client:
        client.headers.update(BROWSER)
        shown = page(client, "/status")
    assert shown.shows("Release none yet")
    assert shown.shows("Sources none yet")


def test_a_run_without_new_papers_has_a_bar() -> None:
    runs = [
        Run("nightly", "2026-11-03T04:00:00Z", None, "done", {"new": 0}),
        Run("update", "2026-11-02T05:00:00Z", None, "done", {"embedded": 9}),
        Run("nightly", "2026-11-02T04:00:00Z", None, "interrupted", {"new": 30}),
    ]
    drawn = run_chart(runs)
    assert [(bar.count, bar.failed) for bar in drawn.bars] == [(30, True), (0, False)]
    assert drawn.bars[0].height == drawn.height
    assert 0 < drawn.bars[1].height < 5
    assert drawn.bars[1].top + drawn.bars[1].height == drawn.height
