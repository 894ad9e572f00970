"""Reading lists in every format, by address and from a file."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.conftest import SURVEY
from tests.support.client import assert_problem, get_json, open_client

UNKNOWN = "2401.99999"
OTHER = "2303.07226"
QUERY = f"papers={SURVEY},{UNKNOWN},{OTHER}&title=Reading+group"


@pytest.fixture(scope="module")
def client(built_data: Path) -> Iterator[TestClient]:
    with open_client(built_data) as client:
        yield client


def test_a_list_has_its_papers_in_order_and_keeps_what_is_not_harvested(client: TestClient) -> None:
    found = get_json(client, f"/v1/list?{QUERY}")
    assert [paper["id"] for paper in found["papers"]] == [SURVEY, UNKNOWN, OTHER]
    assert [paper["harvested"] for paper in found["papers"]] == [True, False, True]
    assert (found["title"], found["not_harvested"]) == ("Reading group", 1)
    assert found["papers"][1]["title"] is None


def test_the_addresses_of_a_list_lead_to_what_they_say(client: TestClient) -> None:
    found = get_json(client, f"/v1/list?{QUERY}")
    here = str(client.base_url)
    page = client.get(found["address"].removeprefix(here), headers={"accept": "text/html"})
    assert page.status_code == 200
    assert "Reading group" in page.text
    feed = client.get(found["feed"].removeprefix(here))
    assert feed.headers["content-type"].startswith("application/atom+xml")
    recommended = client.get(found["recommendations"].removeprefix(here))
    assert recommended.status_code == 200
    liked = client.post("/v1/recommend", json={"liked": [SURVEY, UNKNOWN, OTHER]}).json()
    assert liked["related"][0]["id"] in recommended.text


@pytest.mark.parametrize("stem", ["/list", "/v1/list"])
@pytest.mark.parametrize(
    ("suffix", "media_type"),
    [
        ("bib", "application/x-bibtex"),
        ("ris", "application/x-research-info-systems"),
        ("csl.json", "application/vnd.citationstyles.csl+json"),
        ("jsonld", "application/ld+json"),
        ("txt", "text/plain"),
        ("json", "application/json"),
        ("zotero.json", "application/json"),
    ],
)
def test_every_format_has_every_paper(
    client: TestClient, stem: str, suffix: str, media_type: str
) -> None:
    response = client.get(f"{stem}.{suffix}?{QUERY}")
    assert response.status_code == 200
    assert response.headers["content-type"].startswith(media_type)
    places = [response.text.index(paper_id) for paper_id in (SURVEY, UNKNOWN, OTHER)]
    assert places == sorted(places)


def test_accept_selects_the_format(client: TestClient) -> None:
    response = client.get(f"/v1/list?{QUERY}", headers={"accept": "application/x-bibtex"})
    assert response.text.count("@misc") == 3


def test_the_file_of_a_list_has_its_title_as_a_name(client: TestClient) -> None:
    response = client.get(f"/list.zotero.json?papers={SURVEY}&title=Caf%C3%A9+%22x%22")
    assert response.headers["content-disposition"] == (
        "attachment; filename*=UTF-8''Caf%C3%A9%20%22x%22.json"
    )
    citations = client.get(f"/list.bib?papers={SURVEY}&title=Caf%C3%A9")
    assert citations.headers["content-disposition"] == "inline; filename*=UTF-8''Caf%C3%A9.bib"
    plain = client.get(f"/list.bib?papers={SURVEY}&title=Reading+group")
    assert plain.headers["content-disposition"] == 'inline; filename="Reading group.bib"'
    untitled = client.get(f"/list.zotero.json?papers={SURVEY}")
    assert "reading-list.json" in untitled.headers["content-disposition"]


def test_a_file_opens_as_the_list_that_it_was_written_from(client: TestClient) -> None:
    file = client.get(f"/list.zotero.json?{QUERY}").text
    opened = client.post("/v1/list", json={"library": {"name": "mine.json", "content": file}})
    assert opened.status_code == 200
    assert opened.json() == get_json(client, f"/v1/list?{QUERY}")


@pytest.mark.parametrize("suffix", ["bib", "ris", "csl.json"])
def test_other_formats_open_as_a_list_too(client: TestClient, suffix: str) -> None:
    file = client.get(f"/list.{suffix}?{QUERY}").text
    body = {"library": {"name": f"x.{suffix}", "content": file}, "title": "Reading group"}
    assert client.post("/v1/list", json=body).json() == get_json(client, f"/v1/list?{QUERY}")


def test_a_library_is_added_to_the_papers_of_the_body(client: TestClient) -> None:
    items = [
        {"itemType": "preprint", "title": "x", "archiveID": f"arXiv:{SURVEY}v2"},
        {"itemType": "book", "title": "A Book That Is Nowhere", "citationKey": "book"},
        {"itemType": "journalArticle", "title": "y", "extra": [f"arXiv: {UNKNOWN} [cs]"]},
        {"itemType": "journalArticle", "title": "z", "url": f"https://arxiv.org/abs/{SURVEY}"},
    ]
    content = json.dumps({"config": {}, "collections": {"A": {"name": "Mine"}}, "items": items})
    body = {"library": {"name": "z.json", "content": content}, "papers": [OTHER]}
    found = client.post("/v1/list", json=body).json()
    assert [paper["id"] for paper in found["papers"]] == [OTHER, SURVEY, UNKNOWN]
    assert found["title"] == "Mine"
    [left_out] = found["left_out"]
    assert left_out["asked"] == "book: A Book That Is Nowhere"


@pytest.mark.parametrize(
    ("query", "status", "detail"),
    [
        ("papers=nonsense", 400, "'nonsense' is not an arXiv identifier"),
        (f"papers={SURVEY},2401", 400, "'2401' is not an arXiv identifier"),
        ("papers=", 400, "no paper was given"),
        ("", 422, "papers"),
        (f"papers={SURVEY}&titel=x", 400, "did you mean title?"),
        (f"papers={SURVEY}&title={'x' * 101}", 422, "title"),
        (f"papers={','.join(f'2401.{n:05}' for n in range(1, 402))}", 400, "at most 400"),
    ],
)
def test_a_wrong_address_is_refused_with_the_reason(
    client: TestClient, query: str, status: int, detail: str
) -> None:
    for path in ("/v1/list", "/v1/list.bib", "/list.zotero.json"):
        assert_problem(client.get(f"{path}?{query}"), status, detail)


@pytest.mark.parametrize(
    ("library", "status", "detail"),
    [
        ({"name": "x.json", "content": "["}, 409, "is not JSON"),
        ({"name": "x.json", "content": "[" * 10_000}, 409, "nested too deeply"),
        ({"name": "x.json", "content": '{"a": 1}'}, 404, "no paper of arXiv"),
        (
            {"name": "x.png", "content": "\x89PNG"},
            409,
            "is not BibTeX (.bib), RIS (.ris), CSL-JSON",
        ),
        ({"name": "x.bib", "content": "@book{a, title={No}}"}, 404, "a: No: no paper in this"),
        (
            {
                "name": "x.bib",
                "content": "".join(f"@misc{{a{n}, eprint={{2401.{n:05}}}}}" for n in range(1, 402)),
            },
            400,
            "the list would have 401 papers",
        ),
        ({"name": "x.bib", "content": "%" * 5_000_001}, 400, "too large: the limit is 5 MB"),
    ],
    ids=["broken", "deep", "other JSON", "picture", "no arXiv", "long", "huge"],
)
def test_a_wrong_file_is_refused_with_the_reason(
    client: TestClient, library: dict[str, str], status: int, detail: str
) -> None:
    assert_problem(client.post("/v1/list", json={"library": library}), status, detail)


@pytest.mark.parametrize("wrong", ["nonsense", "", f"{SURVEY} {OTHER}"])
def test_a_wrong_identifier_in_a_body_is_refused(client: TestClient, wrong: str) -> None:
    library = {"name": "x.bib", "content": f"@misc{{a, eprint={{{SURVEY}}}}}"}
    response = client.post("/v1/list", json={"library": library, "papers": [OTHER, wrong]})
    assert_problem(response, 400, f"papers: '{wrong}' is not an arXiv identifier")
