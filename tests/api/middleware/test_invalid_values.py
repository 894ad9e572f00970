"""Every refused value is named in our own sentences, which say what would be right."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from fastapi.testclient import TestClient
from pydantic_core.core_schema import ErrorType

from api.middleware.invalid_values import fault_of
from tests.conftest import SURVEY
from tests.support.client import open_client

PYDANTIC = re.compile(
    r"Input should|Field required|should have|Extra inputs|[Vv]alue error|Assertion|"
    r"valid (?!Unicode|JSON)|unable to|Unable to"
)
WRONG = ["x", "-1", "1e99", "nan", "99999999999999999999", "2024-02-30", "x" * 30_000, "\ud800"]
RELATED = f"/v1/papers/{SURVEY}/related"


@pytest.fixture(scope="module")
def client(built_data: Path) -> Iterator[TestClient]:
    with open_client(built_data) as client:
        yield client


def test_no_parameter_is_refused_in_other_words(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    refused = 0
    for path, operations in paths.items():
        address = path.replace("{paper_id}", SURVEY).replace("{tag}", "model-compression")
        names = [
            one["name"]
            for one in operations.get("get", {}).get("parameters", [])
            if one["in"] == "query"
        ]
        for name in names:
            for value in ("", *WRONG[:6]):
                answer = client.get(
                    address, params={"q": "pruning", name: value} if "q" in names else {name: value}
                )
                if answer.status_code == 422:
                    refused += 1
                    detail = answer.json()["detail"]
                    assert not PYDANTIC.search(detail), (path, name, value, detail)
                    assert detail.startswith(tuple(f"{one} " for one in names)), (
                        path,
                        name,
                        detail,
                    )
    assert refused > 50


@pytest.mark.parametrize(
    ("path", "body", "detail"),
    [
        ("/v1/recommend", "[]", "the body is []: it must be an object"),
        ("/v1/recommend", "null", "the body is null: it must be an object"),
        ("/v1/recommend", "3", "the body is 3: it must be an object"),
        ("/v1/recommend", "{", "the body is not valid JSON: Expecting property name"),
        ("/v1/recommend", '{"liked": "x"}', "liked is 'x': it must be a list, such as ['x']"),
        ("/v1/recommend", '{"liked": [1]}', "liked[0] is 1: it must be a text in quotes"),
        ("/v1/recommend", '{"liked": null}', "liked is null: it must be a list"),
        ("/v1/recommend", '{"text": {}}', "text is {}: it must be a text in quotes"),
        ("/v1/recommend", '{"likd": []}', "'likd' is unknown; did you mean liked?"),
        ("/v1/recommend", '{"zzz": 1}', "'zzz' is unknown; the names are liked, disliked"),
        ("/v1/recommend", '{"library": 1}', "library is 1: it must be"),
        ("/v1/papers/batch", "{}", "ids is missing"),
        ("/v1/papers/batch", '{"ids": []}', "ids has 0 values: at least 1"),
        ("/v1/papers/batch", '{"ids": true}', "ids is true: it must be a list"),
        ("/v1/papers/batch", '{"ids": ["' + '","'.join("x" * 501) + '"]}', "ids has 501 values"),
    ],
)
def test_bodies(client: TestClient, path: str, body: str, detail: str) -> None:
    answer = client.post(path, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422, answer.text
    problem = answer.json()
    assert problem["detail"].startswith(detail)
    assert not PYDANTIC.search(problem["detail"])
    assert problem["errors"][0]["detail"] in problem["detail"]


@pytest.mark.parametrize(
    ("path", "form", "detail"),
    [
        ("/library", {}, "File is missing."),
        ("/library", {"file": "abc"}, "File is a text: send it as a file, in multipart"),
    ],
)
def test_forms(client: TestClient, path: str, form: dict[str, str], detail: str) -> None:
    answer = client.post(path, data=form, headers={"Accept": "text/html"})
    assert answer.status_code == 422
    assert detail in answer.text
    assert "<h1>A value is wrong</h1>" in answer.text


def test_a_page_names_a_wrong_value_once(client: TestClient) -> None:
    page = client.get(f"/papers/{SURVEY}?diversity=7", headers={"Accept": "text/html"}).text
    assert page.count("it must be at most 1") == 1


@pytest.mark.parametrize("kind", get_args(ErrorType))
def test_every_kind_of_error_has_words(kind: str) -> None:
    context = dict.fromkeys(
        ("le", "ge", "lt", "gt", "expected", "max_length", "min_length", "actual_length", "error"),
        "7",
    )
    error: dict[str, Any] = {
        "type": kind,
        "loc": ("limit",),
        "msg": "Value error, our own",
        "input": "ten",
        "ctx": context,
    }
    sentence = fault_of(error)
    assert not PYDANTIC.search(sentence)
    assert "{" not in sentence.replace('{"name": "value"}', "")


def test_a_long_or_broken_value_is_cut() -> None:
    error = {"type": "int_parsing", "loc": ("limit",), "msg": "", "input": "\ud800" * 10_000}
    assert len(fault_of(error)) < 200
    assert fault_of(error).encode()
