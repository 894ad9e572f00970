"""Problem documents: for wrong requests, and for missing or damaged data."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.responses import PlainTextResponse, Response
from fastapi.testclient import TestClient

from api.app import create_app
from api.middleware.problems import use_error_writer
from index.arxiv.identifier import FORMS
from index.releases.folder import current_name
from index.settings import load_settings
from tests.conftest import SURVEY, Seealso
from tests.support.client import ENDPOINTS, RELATED, assert_problem, get_json, open_client


@pytest.fixture(scope="module")
def client(built_data: Path) -> Iterator[TestClient]:
    with open_client(built_data) as client:
        yield client


@pytest.mark.parametrize("wrong", ["nonsense", "2413.00001", "24010.8092", "hep-xx/9901001"])
def test_a_wrong_id_is_a_400_that_names_the_forms(client: TestClient, wrong: str) -> None:
    assert_problem(client.get(f"/v1/papers/{wrong}"), 400, FORMS)
    assert_problem(client.get(f"/v1/papers/{wrong}/related"), 400, FORMS)


def test_an_unknown_paper_is_a_404_that_mentions_harvesting(client: TestClient) -> None:
    for address in ("/v1/papers/2401.99999", "/v1/papers/2401.99999v3/related"):
        assert_problem(client.get(address), 404, "arXiv:2401.99999 has not been harvested")


def test_an_unknown_tag_is_a_404_with_a_suggestion(client: TestClient) -> None:
    address = "/v1/tags/model-compresion/papers"
    assert_problem(client.get(address), 404, "did you mean model-compression")


def test_an_unknown_address_is_a_404(client: TestClient) -> None:
    for address in ("/v1/nothing", "/v1", "/nothing", "/v1/tags/model-compression/paper"):
        assert_problem(client.get(address), 404, f"there is nothing at {address}")


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        (RELATED, "GET, HEAD"),
        (f"/papers/{SURVEY}", "GET, HEAD"),
        (f"/v1/papers/{SURVEY}/tags", "GET, HEAD, POST"),
        ("/v1/recommend", "POST"),
        ("/v1/papers/batch", "POST"),
    ],
)
@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_another_method_is_a_405_that_lists_the_allowed_ones(
    client: TestClient, address: str, allowed: str, method: str
) -> None:
    response = client.request(method, address)
    assert_problem(response, 405, "Method Not Allowed")
    assert response.headers["allow"] == allowed


@pytest.mark.parametrize("address", [*ENDPOINTS, "/v1/papers/2401.99999", "/v1/recommend", "/x"])
def test_head_is_get_without_its_content(client: TestClient, address: str) -> None:
    one_name = {"X-Request-ID": "the-same"}
    head, get = client.head(address, headers=one_name), client.get(address, headers=one_name)
    assert head.status_code == get.status_code
    assert head.content == b""
    assert head.headers == get.headers
    tag = get.headers.get("etag")
    if tag:
        assert client.head(address, headers={"If-None-Match": tag}).status_code == 304


@pytest.mark.parametrize(
    ("address", "field", "detail"),
    [
        (f"{RELATED}?limit=0", "query.limit", "limit is '0': it must be at least 1"),
        (f"{RELATED}?limit=501", "query.limit", "limit is '501': it must be at most 500"),
        (f"{RELATED}?limit=ten", "query.limit", "limit is 'ten': it must be a whole number"),
        (f"{RELATED}?diversity=2", "query.diversity", "diversity is '2': it must be at most 1"),
        (f"{RELATED}?sort=title", "query.sort", "it must be 'score' or 'date'"),
        ("/v1/search", "query.q", "q is missing"),
        (f"/v1/search?q={'x' * 20_001}", "query.q", "q has more than 20000 characters"),
        ("/v1/tags/model-compression/papers?limit=-1", "query.limit", "at least 1"),
    ],
)
def test_a_parameter_out_of_range_is_a_422_that_names_it(
    client: TestClient, address: str, field: str, detail: str
) -> None:
    response = client.get(address)
    assert_problem(response, 422, detail)
    assert [error["field"] for error in response.json()["errors"]] == [field]


@pytest.mark.parametrize("query", ["", " ", "?!", '""'])
def test_a_query_without_words_is_a_400(client: TestClient, query: str) -> None:
    assert_problem(client.get("/v1/search", params={"q": query}), 400, "has no words")


@pytest.mark.parametrize("query", ['"', '"a"b"', '"NEAR(a b)"', '"a\0b" c', "a* OR -b", "'; --"])
def test_no_query_is_mistaken_for_syntax(client: TestClient, query: str) -> None:
    assert client.get("/v1/search", params={"q": query}).status_code in (200, 400)


def test_an_empty_data_folder_is_a_503(tmp_path: Path) -> None:
    with open_client(tmp_path) as client:
        for address in ENDPOINTS:
            response = client.get(address)
            assert_problem(response, 503, "add papers with `seealso follow` or")
            assert response.headers["retry-after"] == "30"
    assert list(tmp_path.iterdir()) == []


def test_a_server_started_before_the_first_release_answers_after_it(
    tmp_path: Path, built_data_copy: Path
) -> None:
    with open_client(tmp_path / "later") as client:
        assert client.get(RELATED).status_code == 503
        built_data_copy.rename(tmp_path / "later")
        assert client.get(RELATED).status_code == 200


def test_with_a_damaged_release_the_one_before_serves_and_the_status_reports_it(
    built_data_copy: Path, seealso: Seealso
) -> None:
    before = current_name(built_data_copy)
    seealso(built_data_copy, "release", "build")
    damaged = str(current_name(built_data_copy))
    with (built_data_copy / "releases" / damaged / "vectors.npy").open("r+b") as file:
        file.truncate(100)
    with open_client(built_data_copy) as client:
        assert get_json(client, RELATED)["meta"]["release"] == before
        status = get_json(client, "/v1/status")
    assert status["release"] == before
    assert status["problem"].startswith(f"release {damaged}: vectors.npy has 100 bytes")


def test_without_an_intact_release_lists_are_a_500_and_papers_still_work(
    built_data_copy: Path,
) -> None:
    name = str(current_name(built_data_copy))
    (built_data_copy / "releases" / name / "vectors.npy").unlink()
    with open_client(built_data_copy) as client:
        response = client.get(RELATED)
        assert_problem(response, 500, "run `seealso update` to build another")
        assert response.json()["title"] == "Damaged release"
        assert name in get_json(client, "/v1/status")["problem"]


def test_a_file_that_is_not_a_catalogue_is_a_500(built_data_copy: Path) -> None:
    for file in built_data_copy.glob("catalogue.db*"):
        file.unlink()
    (built_data_copy / "catalogue.db").write_bytes(b"not a database" * 1000)
    with open_client(built_data_copy) as client:
        assert_problem(client.get(RELATED), 500, "cannot be read")


def test_an_unexpected_error_is_a_500_that_reveals_nothing(built_data_copy: Path) -> None:
    with sqlite3.connect(built_data_copy / "catalogue.db") as connection:
        connection.execute("UPDATE papers SET authors = 'a secret' WHERE id = ?", [SURVEY])
    connection.close()
    with open_client(built_data_copy) as client:
        response = client.get(f"/v1/papers/{SURVEY}")
    assert_problem(response, 500, "the server failed; its log has the details")
    assert "secret" not in response.text


def test_a_path_prefix_can_have_an_error_writer_of_its_own(tmp_path: Path) -> None:
    def plain(status: int, detail: str) -> Response:
        return PlainTextResponse(f"{status}: {detail}", status)

    app = create_app(load_settings({}, data=str(tmp_path)))
    use_error_writer(app, "/plain/", plain)
    with TestClient(app) as client:
        response = client.get("/plain/nothing")
        assert_problem(client.get("/v1/nothing"), 404, "there is nothing at /v1/nothing")
    assert (response.status_code, response.text) == (404, "404: there is nothing at /plain/nothing")


@pytest.mark.parametrize("address", ["/v1/recommend", "/v1/papers/batch"])
@pytest.mark.parametrize(
    ("headers", "says"),
    [
        ({}, "the header Content-Type is missing: send the body as JSON"),
        ({"Content-Type": ""}, "the header Content-Type is missing"),
        (
            {"Content-Type": "application/x-www-form-urlencoded"},
            "Content-Type is 'application/x-www-form-urlencoded': send the body as JSON",
        ),
        ({"Content-Type": "text/plain; charset=utf-8"}, "Content-Type is 'text/plain"),
    ],
)
def test_a_body_that_is_not_declared_as_json_is_a_415(
    client: TestClient, address: str, headers: dict[str, str], says: str
) -> None:
    response = client.post(address, content=f'{{"liked": ["{SURVEY}"]}}', headers=headers)
    assert_problem(response, 415, says)
    assert "`Content-Type: application/json`" in response.json()["detail"]
    assert response.headers["Accept-Post"] == "application/json"


@pytest.mark.parametrize(
    "media_type",
    ["application/json", "Application/JSON; charset=utf-8", "application/vnd.api+json"],
)
def test_any_declaration_of_json_is_accepted(client: TestClient, media_type: str) -> None:
    body = f'{{"ids": ["{SURVEY}"]}}'
    response = client.post("/v1/papers/batch", content=body, headers={"Content-Type": media_type})
    assert response.status_code == 200


@pytest.mark.parametrize("query", ["", "?fields=title"])
def test_a_batch_by_get_is_told_to_use_post(client: TestClient, query: str) -> None:
    response = client.get(f"/v1/papers/batch{query}")
    assert_problem(response, 405, "send the identifiers by POST")
    assert response.headers["Allow"] == "POST"


def test_the_page_of_a_server_without_a_release_links_to_its_status(tmp_path: Path) -> None:
    with open_client(tmp_path) as client:
        answer = client.get("/", headers={"Accept": "text/html"})
    assert answer.status_code == 503
    assert '<a href="">Try again</a>' in answer.text
    assert '<a href="/status">Status of this server</a>' in answer.text
