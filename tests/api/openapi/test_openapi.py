"""The OpenAPI description: committed, complete, and true of the answers."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import from_regex

from index.arxiv.categories import CATEGORIES
from index.arxiv.identifier import canonical_id
from index.arxiv.licences import ARXIV_LICENCES, licence_name
from scripts.write_openapi import PATH, openapi_text
from tests.conftest import SURVEY
from tests.support.client import RELATED, open_client

PROBLEMS = "400 406 414 429 500 503".split()
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
    assert set(PROBLEMS) <= set(operation["responses"])
    for status, response in operation["responses"].items():
        if status < "400":
            continue
        assert response["description"]
        (content,) = response["content"].values()
        assert list(response["content"]) == ["application/problem+json"]
        assert content["schema"] == {"$ref": "#/components/schemas/Problem"}
        for example in content.get("examples", {}).values():
            assert set(example["value"]) == set(SCHEMAS["Problem"]["required"])
            assert str(example["value"]["status"]) == status
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
    assert len(SCHEMAS["Meta"]["required"]) == 9


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


def parameters() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, operation in OPERATIONS.items():
        for parameter in operation.get("parameters", ()):
            yield f"{name} {parameter['name']}", parameter


@pytest.mark.parametrize(("name", "parameter"), list(parameters()))
def test_every_parameter_is_described(name: str, parameter: dict[str, Any]) -> None:
    assert parameter["description"], name


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=list(OPERATIONS))
def test_the_problems_of_an_operation_follow_from_its_parts(operation: dict[str, Any]) -> None:
    statuses = set(operation["responses"])
    names = {one["name"] for one in operation.get("parameters", ())}
    assert ("404" in statuses) >= bool(names & {"paper_id", "tag", "taxonomy"})
    assert ("409" in statuses) >= bool(names & {"since", "cursor", "fields"})
    assert ("415" in statuses) == ("requestBody" in operation)
    assert ("401" in statuses) == ("security" in operation)


@pytest.mark.parametrize(
    "form",
    [
        "2401.08092",
        "arXiv:2401.08092v2",
        "hep-th/9901001",
        "0704.0001",
        "https://arxiv.org/pdf/2401.08092v12",
        "10.48550/arXiv.2401.08092",
    ],
)
def test_the_pattern_of_identifiers_has_the_usual_forms(form: str) -> None:
    pattern = _schema("get /v1/papers/{paper_id}", "paper_id")["pattern"]
    assert re.search(pattern, form)
    assert canonical_id(form)


def _schema(operation: str, name: str) -> dict[str, Any]:
    [schema] = [one["schema"] for one in OPERATIONS[operation]["parameters"] if one["name"] == name]
    first: dict[str, Any] = schema.get("anyOf", [schema])[0]
    return first


@settings(
    max_examples=50,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(
    from_regex(_schema("get /v1/papers/{paper_id}/related", "paper_id")["pattern"]),
    from_regex(_schema("get /v1/search", "category")["items"]["pattern"]),
    from_regex(_schema("get /v1/search", "licence")["items"]["pattern"]),
)
def test_what_the_patterns_allow_is_accepted(paper_id: str, category: str, licence: str) -> None:
    assert canonical_id(paper_id)
    assert not category.strip() or category.strip() in CATEGORIES
    assert not licence.strip() or licence_name(licence.strip()) in ARXIV_LICENCES


def test_a_category_that_arxiv_lacks_is_not_of_the_described_form() -> None:
    pattern = _schema("get /v1/search", "category")["items"]["pattern"]
    assert re.search(pattern, "cs.CL")
    assert not re.search(pattern, "cs.XX")
    assert not re.search(pattern, "csxCL")


def test_a_cursor_has_the_described_form(client: TestClient) -> None:
    pattern = _schema("get /v1/search", "cursor")["pattern"]
    for address in (RELATED, "/v1/search?q=pruning", "/v1/tags/model-compression/papers"):
        separator = "&" if "?" in address else "?"
        meta = client.get(f"{address}{separator}cursor=*&limit=2").json()["meta"]
        assert re.search(pattern, meta["next_cursor"])
    assert re.search(pattern, "*")
    assert not re.search(pattern, "x")


@pytest.mark.parametrize(
    ("operation", "field", "other"),
    [
        ("get /v1/papers/{paper_id}", "abstract", "score"),
        ("post /v1/papers/batch", "versions.number", "score"),
        ("get /v1/search", "reasons.terms", "abstract"),
        ("post /v1/recommend", "score", "abstract"),
        ("get /v1/tags/{tag}/papers", "tags.label", "score"),
    ],
)
def test_the_fields_of_an_operation_are_enumerated(operation: str, field: str, other: str) -> None:
    reference = _schema(operation, "fields")["items"]["anyOf"][0]["$ref"]
    names = SCHEMAS[reference.rpartition("/")[2]]["enum"]
    assert field in names
    assert other not in names


def test_the_token_is_described() -> None:
    scheme = DESCRIPTION["components"]["securitySchemes"]["token"]
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
    assert "Authorization: Bearer" in scheme["description"]
    protected = [name for name, operation in OPERATIONS.items() if "security" in operation]
    assert protected == ["post /v1/papers/{paper_id}/tags"]
