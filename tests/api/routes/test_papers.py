"""The REST API over built data: every answer, and its description."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.rendering.prose import to_plain_text
from index.catalogue.catalogue import read_catalogue
from index.releases.folder import current_name
from tests.conftest import SURVEY, Seealso
from tests.support.client import RELATED, get_json, open_client


@pytest.fixture(scope="module")
def client(built_data: Path) -> Iterator[TestClient]:
    with open_client(built_data) as client:
        yield client


@pytest.fixture(scope="module")
def old_ids(built_data: Path) -> list[str]:
    with read_catalogue(built_data) as catalogue:
        entries = catalogue.entries(range(1, catalogue.count() + 1)).values()
    return [entry.paper.id for entry in entries if "/" in entry.paper.id]


def test_a_paper_has_its_whole_record(client: TestClient, built_data: Path) -> None:
    found = get_json(client, f"/v1/papers/{SURVEY}")
    with read_catalogue(built_data) as catalogue:
        entry = catalogue.entry(SURVEY)
    assert found["title"] == entry.paper.title
    assert found["abstract"] == entry.paper.abstract
    assert found["summary"] == to_plain_text(entry.summary)
    assert found["summary_is_abstract"] is False
    assert found["authors"] == list(entry.paper.authors)
    assert found["primary_category"] == entry.paper.categories[0]
    unknown = {"size": None, "flags": None}  # in a snapshot
    first = {"number": 1, "created": "2024-01-16", "precision": "day", **unknown}
    assert found["versions"][0] == first
    assert found["withdrawn"] is False


def test_a_list_is_what_the_command_line_gives(
    client: TestClient, built_data: Path, seealso: Seealso
) -> None:
    response = client.get(RELATED, params={"limit": 7, "sort": "date"})
    printed = seealso(
        built_data, "related", SURVEY, "--limit", "7", "--sort", "date", "--json"
    ).output
    assert response.json() == json.loads(printed)


WAYS_TO_WRITE_THE_ID = [
    f"{SURVEY}v2",
    f"arXiv:{SURVEY}",
    f"https://arxiv.org/abs/{SURVEY}",
    f"https%3A%2F%2Farxiv.org%2Fpdf%2F{SURVEY}v1.pdf",
    f"10.48550/arXiv.{SURVEY}",
    f"oai:arXiv.org:{SURVEY}",
]


@pytest.mark.parametrize("form", WAYS_TO_WRITE_THE_ID)
def test_every_form_of_an_id_is_understood(client: TestClient, form: str) -> None:
    assert get_json(client, f"/v1/papers/{form}")["id"] == SURVEY
    assert get_json(client, f"/v1/papers/{form}/related") == get_json(client, RELATED)


def test_old_ids_are_understood_with_a_slash_of_either_kind(
    client: TestClient, old_ids: list[str]
) -> None:
    assert len(old_ids) >= 20
    for paper_id in old_ids:
        for form in (paper_id, paper_id.replace("/", "%2F"), f"{paper_id}v1"):
            assert get_json(client, f"/v1/papers/{form}")["id"] == paper_id
            assert get_json(client, f"/v1/papers/{form}/related")["id"] == paper_id


def test_limit_and_sort_change_the_list(client: TestClient) -> None:
    ten = get_json(client, RELATED)["related"]
    assert get_json(client, RELATED, limit=3)["related"] == ten[:3]
    assert len(get_json(client, RELATED, limit=500)["related"]) > 200
    newest = get_json(client, RELATED, sort="date")["related"]
    assert sorted(e["id"] for e in newest) == sorted(e["id"] for e in ten)
    days = [e["submitted"] or "" for e in newest]
    assert days == sorted(days, reverse=True)
    scores = [e["score"] for e in ten]
    assert scores == sorted(scores, reverse=True)


def test_search_answers_free_text(client: TestClient) -> None:
    found = get_json(client, "/v1/search", q="quantization of weights", limit=5)
    assert found["query"] == "quantization of weights"
    assert len(found["results"]) == 5
    assert "quanti" in " ".join(e["title"] for e in found["results"]).lower()


def test_the_status_reports_the_catalogue(client: TestClient, built_data: Path) -> None:
    found = get_json(client, "/v1/status")
    assert found["papers"] == found["vectors"] == found["released"] > 200
    assert found["release"] == current_name(built_data)
    assert found["problem"] is None


def test_tags_form_a_tree_with_counts(client: TestClient) -> None:
    tree = get_json(client, "/v1/tags")["tags"]
    assert len(tree) == 4
    section = max(tree, key=lambda node: node["papers"])
    assert section["papers"] >= max(leaf["papers"] for leaf in section["children"]) > 0
    shelf = get_json(client, f"/v1/tags/{section['id']}/papers", limit=500)
    assert len(shelf["papers"]) == section["papers"]
    below = {section["id"], *(leaf["id"] for leaf in section["children"])}
    assert all(below & {tag["label"] for tag in paper["tags"]} for paper in shelf["papers"])
    days = [paper["submitted"] or "" for paper in shelf["papers"]]
    assert days == sorted(days, reverse=True)


def test_every_answer_has_meta(client: TestClient, built_data: Path) -> None:
    for address in (RELATED, f"/v1/papers/{SURVEY}", "/v1/search?q=pruning", "/v1/tags"):
        meta = get_json(client, address)["meta"]
        assert meta["release"] == current_name(built_data)
        assert meta["papers"] > 200
        assert meta["harvested_at"]


def operations(client: TestClient) -> dict[str, dict[str, Any]]:
    paths = client.get("/openapi.json").json()["paths"]
    return {path: operation for path, methods in paths.items() for operation in methods.values()}


def test_the_description_has_every_path(client: TestClient) -> None:
    assert set(operations(client)) == {
        "/v1/complete",
        "/v1/list",
        "/v1/papers/batch",
        "/v1/papers/{paper_id}",
        "/v1/papers/{paper_id}/graph",
        "/v1/papers/{paper_id}/graph.svg",
        "/v1/papers/{paper_id}/related",
        "/v1/papers/{paper_id}/tags",
        "/v1/recommend",
        "/v1/search",
        "/v1/status",
        "/v1/tags",
        "/v1/tags/{tag}/papers",
        "/v1/taxonomies",
        "/v1/vectors",
        "/v1/vectors.sha256",
    }


def test_every_example_has_the_structure_of_a_real_answer(client: TestClient) -> None:
    [tagged, *_] = get_json(client, "/v1/tags/model-compression/papers")["papers"]
    real = {
        "/v1/papers/{paper_id}": f"/v1/papers/{SURVEY}",
        "/v1/papers/{paper_id}/tags": f"/v1/papers/{tagged['id']}/tags",
        "/v1/papers/{paper_id}/graph": f"/v1/papers/{SURVEY}/graph",
        "/v1/papers/{paper_id}/related": RELATED,
        "/v1/complete": "/v1/complete?q=mengwei x",
        "/v1/list": f"/v1/list?papers={SURVEY},2401.99999&title=Mine",
        "/v1/search": "/v1/search?q=efficient language models since:2020",
        "/v1/status": "/v1/status",
        "/v1/tags": "/v1/tags",
        "/v1/tags/{tag}/papers": "/v1/tags/model-compression/papers",
        "/v1/taxonomies": "/v1/taxonomies",
    }
    not_json = {
        "/v1/papers/{paper_id}/graph.svg": "image/svg+xml",
        "/v1/vectors": "application/vnd.apache.parquet",
        "/v1/vectors.sha256": "text/plain",
    }
    respond_to_post = {
        "/v1/papers/batch": {"ids": [SURVEY, "2401.99999"]},
        "/v1/recommend": {"liked": [SURVEY, "2401.99999"]},
    }
    for path, operation in operations(client).items():
        content = operation["responses"]["200"]["content"]
        if path in not_json:
            assert list(content) == [not_json[path]]
            continue
        example = content["application/json"]["example"]
        if path in respond_to_post:
            response = client.post(path, json=respond_to_post[path])
            assert_same_structure(example, response.json(), path)
            continue
        assert_same_structure(example, get_json(client, real[path]), path)


# Objects whose keys are data.
_FREE = ("counts", "labels", "rejected")


def assert_same_structure(example: object, real: object, where: str) -> None:
    if isinstance(example, dict) and isinstance(real, dict) and not where.endswith(_FREE):
        unsaid = set(real) - set(example)  # FastAPI drops what is null in an example
        assert not set(example) - set(real), where
        assert not [key for key in unsaid if real[key] is not None], where
        for key in example:
            assert_same_structure(example[key], real[key], f"{where} {key}")
    if isinstance(example, list) and isinstance(real, list) and example and real:
        assert_same_structure(example[0], real[0], f"{where} 0")
