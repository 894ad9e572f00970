"""The OpenAPI description: committed, complete, and true of the answers."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from scripts.write_openapi import PATH, openapi_text
from tests.conftest import SURVEY
from tests.support.client import RELATED, open_client

PROBLEMS = "400 404 405 406 413 422 429 500 503".split()
DESCRIPTION: dict[str, Any] = json.loads(openapi_text())
SCHEMAS = DESCRIPTION["components"]["schemas"]
OPERATIONS = {
    f"{method} {path}": operation
    for path, methods in DESCRIPTION["paths"].items()
    for method, operation in methods.items()
}


@pytest.fixture
def client(built_data: Path) -> Iterator[TestClient]:
    with open_client(built_data) as client:
        yield client


def test_the_committed_description_is_the_one_that_is_served(tmp_path: Path) -> None:
    committed = PATH.read_text(encoding="utf-8")
    assert committed == openapi_text(), "renew it: python -m scripts.write_openapi"
    with open_client(tmp_path) as client:
        assert client.get("/openapi.json").json() == json.loads(committed)


def test_it_is_openapi_3_1_with_unique_operation_ids() -> None:
    assert DESCRIPTION["openapi"].startswith("3.1")
    names = [operation["operationId"] for operation in OPERATIONS.values()]
    assert len(set(names)) == len(names) >= 13


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=list(OPERATIONS))
def test_every_operation_has_problems_and_an_example(operation: dict[str, Any]) -> None:
    for status in PROBLEMS:
        content = operation["responses"][status]["content"]
        reference = {"$ref": "#/components/schemas/Problem"}
        assert content == {"application/problem+json": {"schema": reference}}
    media_type, told = next(iter(operation["responses"]["200"]["content"].items()))
    binary = told.get("schema", {}).get("format") == "binary"
    assert media_type == "image/svg+xml" or binary or told["example"]


def test_a_problem_has_its_members() -> None:
    required = {"type", "title", "status", "detail", "instance", "request_id"}
    assert set(SCHEMAS["Problem"]["required"]) == required


def references(schema: object) -> set[str]:
    if isinstance(schema, dict):
        own = {schema["$ref"]} if isinstance(schema.get("$ref"), str) else set()
        return own.union(*(references(value) for value in schema.values()))
    if isinstance(schema, list):
        return set[str]().union(*(references(value) for value in schema))
    return set()


def test_every_reference_resolves() -> None:
    names = {reference.rpartition("/")[2] for reference in references(DESCRIPTION)}
    assert names <= set(SCHEMAS)
    assert {"Problem", "PagedMeta", "PaperRecord"} <= names


@pytest.mark.parametrize("name", ["PaperRecord", "RelatedPaper", "TaggedPaper"])
def test_only_the_id_of_a_selectable_record_is_required(name: str) -> None:
    assert SCHEMAS[name]["required"] == ["id"]
    for inner in ("Tag", "Reasons", "SentencePair", "Version", "EarlierText"):
        assert "required" not in SCHEMAS[inner]
    assert len(SCHEMAS["Meta"]["required"]) == 8


def test_the_meta_of_a_page_is_described(client: TestClient) -> None:
    meta = client.get(f"{RELATED}?cursor=*").json()["meta"]
    assert set(meta) == set(SCHEMAS["PagedMeta"]["properties"])
    assert set(SCHEMAS["PagedMeta"]["required"]) == set(meta) - {"count", "next_cursor"}


def test_the_described_media_types_are_available(client: TestClient) -> None:
    content = OPERATIONS["get /v1/papers/{paper_id}"]["responses"]["200"]["content"]
    for media_type in content:
        response = client.get(f"/v1/papers/{SURVEY}", headers={"accept": media_type})
        assert response.status_code == 200
        assert response.headers["content-type"].partition(";")[0] in content
