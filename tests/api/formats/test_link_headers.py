"""Link headers: signposting of a paper's page, its link set, and links under /v1."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.formats.signposting import link_set, signposts
from index.arxiv.paper import Paper
from index.catalogue.catalogue import open_catalogue
from tests.conftest import SURVEY
from tests.support.client import ENDPOINTS, RELATED, assert_problem, get_json, open_client

PAGE = f"/papers/{SURVEY}"
HOME = "http://testserver/"
BROWSER = {"accept": "text/html"}
OLD = Paper(id="hep-th/9901001", title="Strings")
_LINK = re.compile(r'<([^>]*)>; rel="([^"]+)"(?:; type="([^"]+)")?')


@pytest.fixture(scope="module")
def client(built_data: Path) -> Iterator[TestClient]:
    with open_client(built_data) as client:
        yield client


def links(header: str) -> list[tuple[str, str, str]]:
    found = _LINK.findall(header)
    assert ", ".join(f'<{t}>; rel="{r}"' + (k and f'; type="{k}"') for t, r, k in found) == header
    return found


def test_a_page_has_its_signposts(client: TestClient) -> None:
    found = links(client.get(PAGE, headers=BROWSER).headers["link"])
    by_relation: dict[str, list[str]] = {}
    for target, relation, _ in found:
        by_relation.setdefault(relation, []).append(target)
    assert by_relation["cite-as"] == [f"https://doi.org/10.48550/arXiv.{SURVEY}"]
    about = ["https://schema.org/AboutPage", "https://schema.org/ScholarlyArticle"]
    assert by_relation["type"] == about
    assert (f"https://arxiv.org/pdf/{SURVEY}", "item", "application/pdf") in found
    assert by_relation["linkset"] == [f"{HOME}papers/{SURVEY}/linkset.json"]
    described = [(target, kind) for target, relation, kind in found if relation == "describedby"]
    assert len(described) == 5
    for target, kind in described:
        response = client.get(target)
        assert response.status_code == 200
        assert response.headers["content-type"].partition(";")[0] == kind


def test_other_formats_have_no_signposting(client: TestClient) -> None:
    assert "link" not in client.get(PAGE, headers={"accept": "text/plain"}).headers


def test_a_link_set_equals_the_header(client: TestClient) -> None:
    response = client.get(f"{PAGE}/linkset.json")
    assert response.headers["content-type"] == "application/linkset+json"
    page, *back = response.json()["linkset"]
    assert page.pop("anchor") == f"{HOME}papers/{SURVEY}"
    told = [
        (one["href"], relation, one.get("type", "")) for relation in page for one in page[relation]
    ]
    header = links(client.get(PAGE, headers=BROWSER).headers["link"])
    assert sorted(told) == sorted(link for link in header if link[1] != "linkset")
    assert {one["anchor"] for one in back} == {t for t, r, _ in header if r == "describedby"}
    assert all(one["describes"][0]["href"] == f"{HOME}papers/{SURVEY}" for one in back)
    assert_problem(client.get("/papers/2401.99999/linkset.json"), 404, "not been harvested")


def test_an_old_id_and_a_withdrawn_paper_have_links(built_data_copy: Path) -> None:
    with open_catalogue(built_data_copy) as catalogue:
        catalogue.store([OLD])
        catalogue.withdraw([SURVEY])
    with open_client(built_data_copy) as client:
        page, *_ = client.get(f"/papers/{OLD.id}/linkset.json").json()["linkset"]
        assert page["item"][0]["href"] == f"https://arxiv.org/pdf/{OLD.id}"
        assert client.get(page["describedby"][0]["href"]).status_code == 200
        withdrawn, *_ = client.get(f"{PAGE}/linkset.json").json()["linkset"]
        assert "item" not in withdrawn


@pytest.mark.parametrize(
    ("licence", "target"),
    [
        (
            "http://creativecommons.org/licenses/by/4.0/",
            "http://creativecommons.org/licenses/by/4.0/",
        ),
        ('https://x.org/">, <https://evil.org/', "https://x.org/%22%3E%2C%20%3Chttps://evil.org/"),
        ("https://x.org/a\r\nSet-Cookie: a=b", "https://x.org/a%20Set-Cookie:%20a=b"),
        ("javascript:alert(1)", None),
        (None, None),
    ],
)
def test_a_hostile_licence_is_one_link_or_none(licence: str, target: str | None) -> None:
    found = ", ".join(map(str, signposts(replace(OLD, license=licence), HOME)))
    assert [t for t, relation, _ in links(found) if relation == "license"] == (
        [target] if target else []
    )
    [page, *_] = link_set(replace(OLD, license=licence), HOME)["linkset"]
    assert ("license" in page) == (target is not None)


@pytest.mark.parametrize("address", [one for one in ENDPOINTS if one.startswith("/v1/")])
def test_an_answer_links_to_its_description(client: TestClient, address: str) -> None:
    described = client.get(address).links["describedby"]
    assert client.get(described["url"]).json()["openapi"].startswith("3.1")


def test_an_answer_to_post_links_to_its_description(client: TestClient) -> None:
    bodies: dict[str, dict[str, Any]] = {
        "/v1/papers/batch": {"ids": [SURVEY]},
        "/v1/recommend": {"liked": [SURVEY]},
    }
    for address, body in bodies.items():
        assert client.post(address, json=body).links["describedby"]


def test_alternates_link_to_the_same_list(client: TestClient) -> None:
    header = client.get(f"{RELATED}?limit=3&category=cs.LG&fields=title").headers["link"]
    alternates = [
        (target, kind) for target, relation, kind in links(header) if relation == "alternate"
    ]
    assert len(alternates) == 7
    for target, kind in alternates:
        assert target.endswith("?limit=3&category=cs.LG")
        response = client.get(target)
        assert response.headers["content-type"].partition(";")[0] == kind
    [json_address] = [target for target, kind in alternates if kind == "application/json"]
    assert get_json(client, json_address) == get_json(client, f"{RELATED}?limit=3&category=cs.LG")


def test_a_long_query_does_not_lengthen_the_header(client: TestClient) -> None:
    response = client.get("/v1/search", params={"q": "pruning " * 2_000, "cursor": "*"})
    assert response.status_code == 200
    assert len(response.headers.get("link", "")) < 4_000
    assert response.json()["meta"]["next_cursor"]
