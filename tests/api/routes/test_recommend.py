"""Recommendations and filters over HTTP and on the command line: answers and clear refusals."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.conftest import SURVEY, Seealso
from tests.support.client import RELATED, get_json, open_client

BIB = f"@article{{one, title={{A survey}}, eprint={{{SURVEY}}}, archiveprefix={{arXiv}}}}"


@pytest.fixture(scope="module")
def client(built_data: Path) -> Iterator[TestClient]:
    with open_client(built_data) as client:
        yield client


def test_liked_and_disliked_papers_and_a_text_combine(client: TestClient) -> None:
    related = get_json(client, RELATED)["related"]
    body = {"liked": [SURVEY], "disliked": [related[0]["id"]], "text": "pruning of experts"}
    response = client.post("/v1/recommend?limit=7&since=2023-01-01", json=body)
    assert response.status_code == 200
    found = response.json()
    assert len(found["related"]) == 7
    assert found["liked"] == [SURVEY]
    assert all(paper["submitted"] >= "2023-01-01" for paper in found["related"])
    assert related[0]["id"] not in [paper["id"] for paper in found["related"]]


def test_a_library_is_sent_as_text(client: TestClient) -> None:
    body = {"library": {"name": "my.bib", "content": BIB}}
    found = client.post("/v1/recommend", json=body).json()
    assert found["liked"] == [SURVEY]
    wrong = {"library": {"name": "my.bib", "content": "nothing of the kind"}}
    response = client.post("/v1/recommend", json=wrong)
    assert response.status_code == 409
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        ({}, 400, "no liked paper or text was given"),
        ({"liked": ["2401.99999"]}, 404, "none of the liked papers can be used"),
        ({"liked": [SURVEY], "disliked": [SURVEY]}, 409, "both liked and disliked"),
        ({"text": ""}, 400, "has no words"),
        ({"text": "word " * 50_000}, 400, "at most 20000 are allowed"),
        ({"liked": ["2401.00001"] * 10_000}, 422, "at most 1000"),
        ({"liked": "2401.08092"}, 422, "liked is '2401.08092'"),
        ({"liked": [None]}, 422, "liked[0] is null"),
        ({"likes": ["2401.08092"]}, 422, "'likes' is unknown; did you mean liked?"),
        ({"liked": ["\x00\x07"], "text": "\x00"}, 400, "has no words"),
        ({"text": "\ud800"}, 400, ""),
        ({"liked": [SURVEY, "\ud800"]}, 422, "liked[1] is not valid Unicode"),
        ({"liked": [SURVEY], "disliked": ["2" * 1_001]}, 422, "disliked[0] has more than 1000"),
    ],
)
def test_a_wrong_request_is_a_problem_document(
    client: TestClient, body: dict[str, object], status: int, says: str
) -> None:
    response = client.post(
        "/v1/recommend", content=json.dumps(body), headers={"Content-Type": "application/json"}
    )
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert says in response.json()["detail"]


@pytest.mark.parametrize("content", ['{"liked": [NaN]}', '{"liked": ', "[]", '"x"', "", "\x00"])
def test_a_malformed_body_is_a_problem_document(client: TestClient, content: str) -> None:
    headers = {"Content-Type": "application/json"}
    response = client.post("/v1/recommend", content=content, headers=headers)
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"


FILTERS: list[tuple[str, Callable[[dict[str, Any]], object]]] = [
    ("since=2023-01-01", lambda p: p["submitted"] >= "2023-01-01"),
    ("category=cs.CV&category=cs.DC", lambda p: {"cs.CV", "cs.DC"} & set(p["categories"])),
    ("tag=resource-efficient-algorithms&limit=5", lambda p: p["tags"]),
    ("min_score=30&limit=50", lambda p: p["score"] >= 30),
    ("min_percentile=60&limit=50", lambda p: p["percentile"] >= 60),
    ("when=older", lambda p: p["submitted"] < "2024-01-16"),
    ("since=&until=&category=&with=&author=", lambda p: True),
]


@pytest.mark.parametrize("query", [query for query, _ in FILTERS])
def test_filters_are_query_parameters(client: TestClient, query: str) -> None:
    holds = dict(FILTERS)[query]
    related = get_json(client, f"{RELATED}?{query}")["related"]
    assert related
    assert all(holds(paper) for paper in related)
    page = client.get(f"/papers/{SURVEY}?{query}", headers={"Accept": "text/html"})
    assert [f'href="/papers/{paper["id"]}"' in page.text for paper in related]


@pytest.mark.parametrize(
    ("query", "status", "says"),
    [
        ("since=yesterday", 422, "since"),
        ("since=2024-02-01&until=2024-01-01", 409, "is after until=2024-01-01"),
        ("category=cs%20CL", 400, "write it like cs.CL"),
        ("tag=no-such-tag", 404, "no label 'no-such-tag' in any taxonomy"),
        ("min_score=nan", 422, "min_score"),
        ("min_percentile=101", 422, "min_percentile"),
        ("diversity=2", 422, "diversity"),
        ("when=sometimes", 422, "when"),
        ("reasons=many", 422, "reasons"),
        ("with=%3F", 400, "must have a letter or digit"),
        ("with=%24%5Cleq%24", 404, "has no letter or digit once its TeX is decoded"),
    ],
)
def test_a_wrong_filter_is_a_problem_document(
    client: TestClient, query: str, status: int, says: str
) -> None:
    response = client.get(f"{RELATED}?{query}")
    assert response.status_code == status
    assert says in response.json()["detail"]


def test_full_reasons_come_on_request(client: TestClient) -> None:
    full = get_json(client, f"{RELATED}?reasons=full&limit=3")["related"]
    brief = get_json(client, f"{RELATED}?limit=3")["related"]
    assert [paper["id"] for paper in full] == [paper["id"] for paper in brief]
    assert [paper["reasons"]["sentences"] for paper in full] != [
        paper["reasons"]["sentences"] for paper in brief
    ]


def test_a_pages_form_keeps_the_filters(client: TestClient) -> None:
    page = client.get(
        f"/papers/{SURVEY}?category=cs.CL&when=older&sort=date", headers={"Accept": "text/html"}
    ).text
    assert "<details" in page
    assert 'name="category" value="cs.CL"' in page
    assert '<option value="older" selected>' in page
    assert "?category=cs.CL&amp;when=older#related" in page  # by score, which is the default
    nothing = client.get(f"/papers/{SURVEY}?until=1900-01-01", headers={"Accept": "text/html"}).text
    assert "No other paper matches these filters" in nothing
    hostile = client.get(
        f"/papers/{SURVEY}", params={"author": '"><script>x'}, headers={"Accept": "text/html"}
    ).text
    assert "<script>" not in hostile


def test_the_command_line_gives_the_same(
    built_data: Path, seealso: Seealso, tmp_path: Path
) -> None:
    library = tmp_path / "my.bib"
    library.write_text(BIB + "@article{two, title={A paper that never existed}}")
    printed = seealso(built_data, "related", "--bib", str(library), "--json").output
    found = json.loads(printed)
    assert found["liked"] == [SURVEY]
    assert found["unmatched"][0]["asked"] == "two: A paper that never existed"
    shown = seealso(built_data, "related", "--bib", str(library), "--limit", "2").output
    assert "Recommended from 1 liked and 0 disliked papers" in shown
    assert "Not used: two: A paper that never existed" in shown
    several = seealso(
        built_data, "related", SURVEY, found["related"][0]["id"],
        "--not", found["related"][1]["id"], "--since", "2023-01-01", "--category", "cs", "--json",
    ).output  # fmt: skip
    assert json.loads(several)["disliked"] == [found["related"][1]["id"]]
    newer = json.loads(seealso(built_data, "related", SURVEY, "--when", "newer", "--json").output)
    assert all(paper["submitted"] > "2024-01-16" for paper in newer["related"])


@pytest.mark.parametrize("accept", ["text/plain", "application/x-bibtex", "application/ld+json"])
def test_recommendations_come_in_the_accepted_format(client: TestClient, accept: str) -> None:
    body = {"liked": [SURVEY]}
    listed = client.post("/v1/recommend?limit=4", json=body).json()["related"]
    told = client.post("/v1/recommend?limit=4", json=body, headers={"accept": accept})
    assert told.status_code == 200
    assert told.headers["content-type"].startswith(accept)
    places = [told.text.index(paper["id"]) for paper in listed]
    assert places == sorted(places)


def test_recommendations_by_post_have_no_feed(client: TestClient) -> None:
    headers = {"accept": "application/atom+xml"}
    told = client.post("/v1/recommend", json={"liked": [SURVEY]}, headers=headers)
    assert told.status_code == 406
    assert "application/x-bibtex" in told.json()["detail"]


def test_filters_that_no_paper_meets_leave_no_recommendation(client: TestClient) -> None:
    response = client.post("/v1/recommend?until=1980-01-01", json={"liked": [SURVEY]})
    assert response.status_code == 200, response.text
    assert response.json()["related"] == []
