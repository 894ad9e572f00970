"""Paging: every paper once, and an error for a cursor that does not fit the list."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi.testclient import TestClient

from index.catalogue.catalogue import open_catalogue
from tests.conftest import SURVEY, Seealso
from tests.support.client import RELATED, assert_problem, get_json, open_client

TAG = "/v1/tags/model-compression/papers"
LISTS = {
    RELATED: "related",
    f"{RELATED}?sort=date": "related",
    f"{RELATED}?min_score=20&category=cs.LG": "related",
    f"{RELATED}?diversity=0.3&category=cs.CV": "related",
    "/v1/search?q=pruning": "results",
    TAG: "papers",
}
LIKED = {"liked": [SURVEY]}


@pytest.fixture(scope="module")
def client(built_data: Path) -> Iterator[TestClient]:
    with open_client(built_data) as client:
        yield client


@pytest.fixture
def own_client(built_data_copy: Path) -> Iterator[TestClient]:
    with open_client(built_data_copy) as client:
        yield client


def with_query(address: str, query: str) -> str:
    return f"{address}{'&' if '?' in address else '?'}{query}"


def pages(client: TestClient, address: str, **body: Any) -> Iterator[httpx2.Response]:
    """Every page, by its Link header, which must agree with its meta."""
    following: str | None = with_query(address, "cursor=*")
    while following:
        page = client.request("POST" if body else "GET", following, **body)
        assert page.status_code == 200, page.text
        yield page
        cursor = page.json()["meta"]["next_cursor"]
        following = page.links.get("next", {}).get("url")
        assert (following is None) == (cursor is None)
        assert cursor is None or f"cursor={cursor}" in str(following)


def next_cursor(client: TestClient, address: str) -> str:
    return str(get_json(client, with_query(address, "cursor=*&limit=5"))["meta"]["next_cursor"])


@pytest.mark.parametrize(("address", "entries"), LISTS.items())
@pytest.mark.parametrize("limit", [7, 11])
def test_pages_hold_the_whole_list_once(
    client: TestClient, address: str, entries: str, limit: int
) -> None:
    whole = get_json(client, with_query(address, "limit=500"))
    found = [page.json() for page in pages(client, with_query(address, f"limit={limit}"))]
    assert [one for page in found for one in page[entries]] == whole[entries]
    assert len(found) == -(-len(whole[entries]) // limit) > 1
    for page in found:
        count = page["meta"].pop("count")
        page["meta"].pop("next_cursor")
        assert count == len(whole[entries])
        assert page["meta"] == whole["meta"]


def test_recommendations_have_pages(client: TestClient) -> None:
    whole = client.post("/v1/recommend?limit=500", json=LIKED).json()["related"]
    found = pages(client, "/v1/recommend?limit=90", json=LIKED)
    assert [one for page in found for one in page.json()["related"]] == whole
    [first, *_] = pages(client, "/v1/recommend?limit=90", json=LIKED)
    elsewhere = client.post(first.links["next"]["url"], json={"liked": ["2106.09685"]})
    assert elsewhere.status_code == 409
    assert "belongs to another query" in elsewhere.json()["detail"]


def test_pages_may_differ_in_length_and_fields(client: TestClient) -> None:
    whole = get_json(client, f"{RELATED}?limit=12&fields=title")["related"]
    cursor = next_cursor(client, RELATED)
    assert get_json(client, RELATED, cursor=cursor, limit=7, fields="title")["related"] == whole[5:]


def test_other_formats_have_pages_but_feeds_have_none(client: TestClient) -> None:
    whole = client.get(f"{RELATED}.bib?limit=10").text
    page = client.get(f"{RELATED}?cursor=*&limit=5", headers={"accept": "application/x-bibtex"})
    assert whole.startswith(page.text.rstrip())
    assert whole.count("@misc") == 2 * page.text.count("@misc") == 10
    second = client.get(page.links["next"]["url"], headers={"accept": "application/x-bibtex"})
    assert whole.rstrip().endswith(second.text.rstrip())
    by_suffix = client.get(f"{RELATED}.bib?cursor=*&limit=5")
    assert by_suffix.text == page.text
    assert client.get(by_suffix.links["next"]["url"]).text == second.text
    assert_problem(client.get(f"{RELATED}.atom?cursor=*"), 409, "a feed has no pages")


def test_an_empty_list_has_one_page(client: TestClient) -> None:
    meta = get_json(client, f"{RELATED}?until=1980-01-01&cursor=*")["meta"]
    assert (meta["count"], meta["next_cursor"]) == (0, None)


def test_without_a_cursor_there_are_no_pages(client: TestClient) -> None:
    response = client.get(RELATED)
    assert not {"count", "next_cursor"} & set(response.json()["meta"])
    assert "next" not in response.links


@pytest.mark.parametrize("cursor", ["x", "**", "%20", "Zm9v", "é", "a" * 400, ""])
def test_an_unreadable_cursor_is_refused(client: TestClient, cursor: str) -> None:
    for address in LISTS:
        response = client.get(with_query(address, f"cursor={cursor}"))
        assert_problem(response, 400, "cannot be read: start over with cursor=*")


def test_a_cursor_of_another_query_is_refused(client: TestClient) -> None:
    cursor = next_cursor(client, RELATED)
    for address in (
        f"{RELATED}?category=cs.LG",
        f"{RELATED}?sort=date",
        "/v1/search?q=pruning",
        TAG,
    ):
        response = client.get(with_query(address, f"cursor={cursor}"))
        assert_problem(response, 409, "belongs to another query: start over with cursor=*")


def test_a_place_beyond_the_list_is_refused(client: TestClient) -> None:
    cursor = next_cursor(client, RELATED)
    query, release, place = cursor.split(".")
    order = place.partition("~")[2]
    for deep in ("500", "9" * 90, "-1", "x"):
        forged = f"{query}.{release}.{deep}~{order}"
        response = client.get(f"{RELATED}?cursor={forged}")
        assert_problem(response, 409, "a ranked list has at most 500 papers")
    response = client.get(f"{RELATED}?cursor={query}.{release}.²~{order}")
    assert_problem(response, 400, "cannot be read: start over with cursor=*")


def test_a_cursor_of_an_old_release_is_refused(
    own_client: TestClient, built_data_copy: Path, seealso: Seealso
) -> None:
    cursors = {address: next_cursor(own_client, address) for address in LISTS}
    seealso(built_data_copy, "release", "build")
    for address, cursor in cursors.items():
        response = own_client.get(with_query(address, f"cursor={cursor}"))
        assert_problem(response, 409, "no longer in use: start over with cursor=*")


def test_a_cursor_of_a_list_that_lost_a_paper_is_refused(
    own_client: TestClient, built_data_copy: Path
) -> None:
    [first, *_] = get_json(own_client, RELATED)["related"]
    cursor = next_cursor(own_client, RELATED)
    with open_catalogue(built_data_copy) as catalogue:
        catalogue.withdraw([first["id"]])
    response = own_client.get(f"{RELATED}?cursor={cursor}")
    assert_problem(response, 409, "the list has changed since this cursor was issued")


def test_a_tags_pages_continue_past_papers_of_one_day_of_one_month_and_of_no_day(
    own_client: TestClient, built_data_copy: Path
) -> None:
    tagged = [one["id"] for one in get_json(own_client, TAG, limit=500)["papers"]]
    with sqlite3.connect(built_data_copy / "catalogue.db") as connection:
        for ids, day in (
            (tagged[:3], "2024-02"),
            (tagged[3:9], "2024-01-01"),
            (tagged[9:14], None),
        ):
            for table, column, key in (
                ("papers", "submitted", "id"),
                (
                    "versions",
                    "created",
                    "version = 1 AND (SELECT id FROM papers WHERE number = paper)",
                ),
            ):
                connection.executemany(
                    f"UPDATE OR IGNORE {table} SET {column} = ? WHERE {key} = ?",
                    [(day, one) for one in ids],
                )
    connection.close()
    found = [one for page in pages(own_client, f"{TAG}?limit=2") for one in page.json()["papers"]]
    assert sorted(one["id"] for one in found) == sorted(tagged)
    assert [one["submitted"] for one in found][-5:] == [None] * 5
    assert found == get_json(own_client, TAG, limit=500)["papers"]
