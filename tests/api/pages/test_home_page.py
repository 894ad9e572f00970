"""The home page: an example, the newest papers with a tag, and the latest days."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest
from fastapi.testclient import TestClient

from api.pages.home_page import recent_days
from tests.api.pages.test_pages import BROWSER, page
from tests.support.client import get_json, open_client


@pytest.fixture
def client(built_data: Path) -> TestClient:
    with open_client(built_data) as client:
        client.headers.update(BROWSER)
        return client


def test_home_shows_what_the_service_does(client: TestClient) -> None:
    shown = page(client, "/")
    papers = [link for link in shown.links if link.startswith("/papers/")]
    newest = page(client, papers[0])
    assert newest.shows("Related papers")
    assert len(papers) == 6  # the example and the five newest
    assert papers[0] == papers[1]
    example = papers[0].removeprefix("/papers/")
    for address in (f"/feeds/related/{example}.atom", f"/recommended?liked={example}", "/library"):
        assert address in shown.links
        assert client.get(address).status_code == 200
    days = [link for link in shown.links if link.startswith("/search?q=since:")]
    assert 0 < len(days) <= 7
    submitted = get_json(client, "/v1/status")["newest_announcement"]
    assert days[0] == f"/search?q=since:{submitted}+until:{submitted}"
    day = get_json(client, "/v1/search", q=f"since:{submitted} until:{submitted}")
    assert {one["submitted"] for one in day["results"]} == {submitted}


@pytest.mark.parametrize("address", ["/", "/tags", "/status", "/docs", "/library", "/nothing"])
def test_every_page_begins_with_the_navigation(client: TestClient, address: str) -> None:
    response = client.get(address)
    header = response.text.partition("</header>")[0]
    for target in ("/search", "/tags", "/library", "/status", "/docs"):
        assert f'<a href="{target}"' in header
    assert (f'<a href="{address}" aria-current="page">' in header) == (
        address not in ("/", "/nothing")
    )
    assert '<input name="q"' in header


def test_recent_days_are_counted_from_the_newest() -> None:
    newest = date(2026, 11, 27)
    ago = [0, 0, 3, 3, 3, 90]
    days = np.array([newest.toordinal() - n for n in ago] + [0, 0])
    assert recent_days(days, 7) == [(newest, 2), (date(2026, 11, 24), 3)]
    assert recent_days(days, 1) == [(newest, 2)]
    assert recent_days(np.array([0, 0]), 7) == []
    assert recent_days(np.array([], np.int64), 7) == []
