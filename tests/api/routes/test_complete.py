"""Completions of a query that is being typed, at /v1/complete."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.conftest import SURVEY
from tests.support.client import assert_problem, get_json, open_client


@pytest.fixture(scope="module")
def client(built_data: Path) -> Iterator[TestClient]:
    with open_client(built_data) as client:
        yield client


def completions(client: TestClient, typed: str, **parameters: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = get_json(client, "/v1/complete", q=typed, **parameters)[
        "completions"
    ]
    return found


@pytest.mark.parametrize(
    "typed", ["Mengwei X", "mengwei xu", "xu mengw", "MENGW", "author:mengwei", 'au:"Mengwei X']
)
def test_names_of_authors_are_completed(client: TestClient, typed: str) -> None:
    found = completions(client, typed)
    [author] = [one for one in found if one["text"] == "Mengwei Xu"]
    assert author["kind"] == "author"
    assert author["query"].endswith(':"Mengwei Xu"')
    results = get_json(client, "/v1/search", q=author["query"])["results"]
    assert SURVEY in [one["id"] for one in results]


@pytest.mark.parametrize(
    "typed",
    [
        "A Survey of Resource-eff",
        "resource-efficient LLM and Multi",
        "multimodal survey LLM found",
        "title:resource-eff",
    ],
)
def test_titles_are_completed(client: TestClient, typed: str) -> None:
    found = completions(client, typed)
    [title] = [one for one in found if one["id"] == SURVEY]
    assert title["kind"] == "title"
    assert title["text"].startswith("A Survey of Resource-efficient LLM")


def test_a_title_that_begins_as_typed_comes_first(client: TestClient) -> None:
    found = [one for one in completions(client, "a survey of", limit=20) if one["kind"] == "title"]
    begins = [one["text"].lower().startswith("a survey of") for one in found]
    assert begins[0]
    assert begins == sorted(begins, reverse=True)


def test_tags_and_categories_are_completed(client: TestClient) -> None:
    tag = {
        "kind": "tag",
        "text": "Model Compression",
        "query": "tag:efficient-foundation-models/model-compression",
        "id": None,
    }
    assert tag in completions(client, "compr")
    assert completions(client, "pruning -tag:model-c") == [
        {**tag, "query": "pruning -tag:efficient-foundation-models/model-compression"}
    ]
    assert completions(client, "pruning CAT:cs.c", limit=1) == [
        {"kind": "category", "text": "cs.CC", "query": "pruning CAT:cs.CC", "id": None}
    ]


@pytest.mark.parametrize(
    "typed", ["", "a", "author:", "author:m", "tag:", '"', "xqzzt", "%_*", "\0"]
)
def test_nothing_may_complete_a_query(client: TestClient, typed: str) -> None:
    assert completions(client, typed) == []


def test_hostile_syntax_is_only_text(client: TestClient) -> None:
    for typed in ('title:"', "author:* OR", "NEAR(a b", "{title} : x", "^a*", "-", "'; DROP TABLE"):
        completions(client, typed)


def test_the_length_and_the_number_are_limited(client: TestClient) -> None:
    assert_problem(
        client.get("/v1/complete", params={"q": "a" * 201}), 422, "q has more than 200 characters"
    )
    assert_problem(
        client.get("/v1/complete?q=ab&limit=21"), 422, "limit is '21': it must be at most 20"
    )
    found = completions(client, "li", limit=2)
    assert max(sum(one["kind"] == kind for one in found) for kind in ("title", "author")) <= 2


def test_an_answer_may_be_kept(client: TestClient) -> None:
    answer = client.get("/v1/complete?q=mengw")
    assert answer.headers["cache-control"] == "public, max-age=300"
    same = client.get("/v1/complete?q=mengw", headers={"If-None-Match": answer.headers["etag"]})
    assert same.status_code == 304


@pytest.mark.parametrize("address", ["/v1/complete?q=men{}", "/opensearch/suggestions?q=men{}"])
def test_a_flood_is_refused_and_other_requests_are_answered(built_data: Path, address: str) -> None:
    with open_client(built_data, rate_limit="3") as client:
        answers = [client.get(address.format(n)) for n in range(40)]
        other = client.get("/v1/search?q=pruning&limit=1")
    assert [one.status_code for one in answers] == [200] * 3 + [429] * 37
    assert int(answers[-1].headers["Retry-After"]) >= 1
    assert "more than 3 requests" in answers[-1].json()["detail"]
    assert other.status_code == 200


def test_long_and_hostile_texts_are_completed_or_refused(client: TestClient) -> None:
    for typed in ("a " * 100, '"' * 200, "author:" * 28, "* OR NEAR(", "\u202e\x00%_", "ab" * 100):
        assert client.get("/v1/complete", params={"q": typed}).status_code == 200
