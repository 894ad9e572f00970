"""The page of the REST API: every operation with parameters, examples and problems."""

import html
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.openapi.reference import Operation, kind_of, operations_of
from tests.support.client import assert_problem, open_client


@pytest.fixture(scope="module")
def client(built_data: Path) -> Iterator[TestClient]:
    with open_client(built_data) as client:
        yield client


@pytest.fixture(scope="module")
def page(client: TestClient) -> str:
    response = client.get("/docs")
    assert response.status_code == 200
    return html.unescape(response.text)


@pytest.fixture(scope="module")
def operations(client: TestClient) -> dict[str, Operation]:
    found = operations_of(client.get("/openapi.json").json(), "http://testserver")
    return {operation.id: operation for operation in found}


def test_every_operation_is_shown_as_a_whole(page: str, operations: dict[str, Operation]) -> None:
    assert len(operations) >= 15
    text = re.sub("</?code>", "`", page)
    for operation in operations.values():
        assert f'id="{operation.id}"' in page
        assert f"{operation.method} {operation.path}" in page
        assert operation.text in text
        for code in (operation.answer, operation.curl, operation.python):
            assert code in page
        for field in operation.fields:
            assert field.text, (operation.id, field.name)
            assert field.kind, (operation.id, field.name)
            assert f"<code>{field.name}</code>" in page
            assert field.text in text
        assert len(operation.problems) >= 5
        for problem in operation.problems:
            assert f"<dt>{problem.status}</dt>" in page
            assert problem.text in text
            assert all(detail in text for _, detail in problem.examples)


def test_parameters_and_members_of_bodies_are_described(operations: dict[str, Operation]) -> None:
    related = {field.name: field for field in operations["related"].fields}
    assert related["limit"].kind == "integer, from 1 to 500"
    assert related["limit"].default == "10"
    assert related["since"].kind == "day, as 2024-01-31"
    assert related["sort"].kind == "`score` or `date`"
    assert related["paper_id"].required
    assert related["paper_id"].example == "2401.08092"
    assert related["category"].kind.startswith("list of: text, such as `cs.CL`")
    assert "`tags.label`" in related["fields"].kind
    recommend = {(field.place, field.name) for field in operations["recommend"].fields}
    assert {("body", "liked"), ("body", "text"), ("query", "limit")} <= recommend


def test_a_kind_is_found_behind_references_and_null() -> None:
    schemas = {"Colour": {"enum": ["red", "green"]}}
    schema = {"anyOf": [{"$ref": "#/components/schemas/Colour"}, {"type": "null"}]}
    assert kind_of(schema, schemas) == "`red` or `green`"


def test_commands_are_for_the_server_of_the_page(operations: dict[str, Operation]) -> None:
    search = operations["search"]
    assert search.curl.startswith("curl 'http://testserver/v1/search?q=")
    assert "requests.get('http://testserver/v1/search', params={'q': " in search.python
    correct = operations["correct"]
    assert "$SEEALSO_TOKEN" in correct.curl
    assert "os.environ['SEEALSO_TOKEN']" in correct.python


def test_the_page_needs_no_data(tmp_path: Path) -> None:
    with open_client(tmp_path) as client:
        assert client.get("/docs").status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/docs",
        "/tags",
        "/tags/efficient-foundation-models/model-compression",
        "/status",
        "/library",
        "/search?q=pruning",
        "/papers/2401.08092",
        "/recommended?liked=2401.08092",
    ],
)
def test_a_page_that_accept_does_not_allow_is_a_406(client: TestClient, address: str) -> None:
    response = client.get(address, headers={"Accept": "image/png"})
    assert_problem(response, 406, "this is available as text/html")
    for accept in ("text/html", "*/*", "text/*;q=0.1", ""):
        allowed = client.get(address, headers={"Accept": accept})
        assert allowed.status_code == 200, accept
