"""Weak matches in every format: marked, excluded on request, and left out of feeds."""

import re
from collections.abc import Iterator
from pathlib import Path

import feedparser
import pytest
from fastapi.testclient import TestClient

from index.search import match_strength
from index.search.match_strength import PAPER_LINE, TEXT_LINE, MatchLine
from scripts.write_openapi import openapi_text
from tests.conftest import SURVEY, Seealso
from tests.support.client import RELATED, get_json, open_client

FEED = f"/feeds/related/{SURVEY}.atom"
PAGE = f"/papers/{SURVEY}"
HTML = {"Accept": "text/html"}
ALL_WEAK = "No paper is closely related: all entries are weak matches."
NONE_LEFT = "No paper is closely related. Weak matches were left out."
HEADING = "Less closely related"


@pytest.fixture
def client(built_data: Path) -> Iterator[TestClient]:
    with open_client(built_data) as client:
        yield client


@pytest.fixture
def fourth(built_data: Path, monkeypatch: pytest.MonkeyPatch) -> float:
    """Draw the line at the score of the fourth related paper of the survey."""
    with open_client(built_data) as other:  # a server keeps its answers
        score: float = get_json(other, RELATED)["related"][3]["score"]
    monkeypatch.setattr(match_strength, "PAPER_LINE", MatchLine(score / 100, 0.5))
    return score


@pytest.fixture
def all_weak(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PAPER_LINE", "TEXT_LINE"):
        monkeypatch.setattr(match_strength, name, MatchLine(0.99, 0.5))


def test_json_marks_weak_matches_and_excludes_them_on_request(
    client: TestClient, fourth: float
) -> None:
    entries = get_json(client, RELATED)["related"]
    assert [one["weak"] for one in entries] == [one["score"] < fourth for one in entries]
    strong = get_json(client, RELATED, weak="exclude")["related"]
    assert strong == [one for one in entries if not one["weak"]]
    assert get_json(client, RELATED, weak="exclude", fields="weak")["related"][0].keys() == {
        "id",
        "weak",
    }
    body = {"liked": [SURVEY]}
    recommended = client.post("/v1/recommend?weak=exclude", json=body).json()["related"]
    assert [one["id"] for one in recommended] == [one["id"] for one in strong]
    assert client.get(f"{RELATED}?weak=yes").status_code == 422


def test_a_page_of_a_list_has_the_note_of_the_whole_list(client: TestClient, fourth: float) -> None:
    first = get_json(client, RELATED, limit=3, cursor="*")
    second = get_json(client, RELATED, limit=3, cursor=first["meta"]["next_cursor"])
    third = get_json(client, RELATED, limit=3, cursor=second["meta"]["next_cursor"])
    assert all(one["weak"] for one in third["related"])
    assert third["note"] is None


@pytest.mark.parametrize("address", [f"{RELATED}?", "/v1/search?q=pruning&"])
def test_json_says_that_no_match_is_strong(
    client: TestClient, all_weak: None, address: str
) -> None:
    assert get_json(client, address)["note"] == ALL_WEAK
    strong = get_json(client, f"{address}weak=exclude")
    assert (strong["note"], strong.get("related", strong.get("results"))) == (NONE_LEFT, [])


def test_text_marks_weak_matches(client: TestClient, fourth: float) -> None:
    text = client.get(f"{RELATED}.txt").text
    assert text.count("] (weak match)\n") == sum(
        one["weak"] for one in get_json(client, RELATED)["related"]
    )
    assert "(weak match)" not in client.get(f"{RELATED}.txt?weak=exclude").text


def test_text_and_the_command_line_say_that_no_match_is_strong(
    client: TestClient, all_weak: None, built_data: Path, seealso: Seealso
) -> None:
    assert ALL_WEAK in client.get(f"{RELATED}.txt").text
    assert ALL_WEAK in client.get("/search?q=pruning", headers={"Accept": "text/plain"}).text
    assert ALL_WEAK in seealso(built_data, "related", SURVEY).stdout
    left = seealso(built_data, "related", SURVEY, "--weak", "exclude").stdout
    assert NONE_LEFT in left
    assert NONE_LEFT in seealso(built_data, "search", "pruning", "--weak", "exclude").stdout


def test_a_feed_leaves_weak_matches_out_unless_they_are_included(
    client: TestClient, fourth: float
) -> None:
    entries = get_json(client, RELATED, limit=100)["related"]
    strong = {one["url"] for one in entries if not one["weak"]}
    assert 0 < len(strong) < 100
    assert {one.id for one in feedparser.parse(client.get(FEED).content).entries} == strong
    every = feedparser.parse(client.get(f"{FEED}?weak=include").content).entries
    assert {one.id for one in every} == {one["url"] for one in entries}


@pytest.mark.parametrize(
    "address", [FEED, "/feeds/search.atom?q=pruning", f"/feeds/recommended.atom?liked={SURVEY}"]
)
def test_a_feed_without_a_strong_match_says_so(
    client: TestClient, all_weak: None, address: str
) -> None:
    found = feedparser.parse(client.get(address).content)
    assert found.entries == []
    assert found.feed.subtitle.startswith(NONE_LEFT)


@pytest.mark.parametrize("sort", ["score", "date"])
def test_a_page_sets_weak_matches_apart_in_any_order(
    client: TestClient, fourth: float, sort: str
) -> None:
    page = client.get(f"{PAGE}?sort={sort}", headers=HTML).text
    listed = get_json(client, RELATED, sort=sort)["related"]
    heading = page.index(HEADING)
    shown = re.findall(r'<h3><a href="/papers/([^"]+)"', page)
    assert shown == [one["id"] for one in sorted(listed, key=lambda one: one["weak"])]
    for one in listed:
        assert (page.index(f'<h3><a href="/papers/{one["id"]}"') > heading) == one["weak"]
    assert ALL_WEAK not in page
    strong = client.get(f"{PAGE}?weak=exclude&sort={sort}", headers=HTML).text
    assert HEADING not in strong
    assert 'name="weak" value="exclude" checked' in strong


@pytest.mark.parametrize("address", [f"{PAGE}?", "/search?q=pruning&"])
def test_a_page_says_first_that_no_match_is_strong(
    client: TestClient, all_weak: None, address: str
) -> None:
    page = client.get(address, headers=HTML).text
    assert page.index(ALL_WEAK) < page.index("<ol>")
    assert HEADING not in page
    empty = client.get(f"{address}weak=exclude", headers=HTML).text
    assert NONE_LEFT in empty
    assert "matches these filters" in empty


def test_my_references_says_first_that_no_match_is_strong(
    client: TestClient, all_weak: None
) -> None:
    bib = f"@misc{{one, eprint = {{{SURVEY}}}}}"
    for query, note in (("", ALL_WEAK), ("?weak=exclude", NONE_LEFT)):
        page = client.post(f"/library{query}", files={"file": ("my.bib", bib)}).text
        assert note in page
        assert "has no other paper" not in page


def test_the_line_and_its_precision_are_documented() -> None:
    description = openapi_text()
    for line in (PAPER_LINE, TEXT_LINE):
        assert f"below {line.score:g}" in description
        assert f"{line.percent} %" in description
