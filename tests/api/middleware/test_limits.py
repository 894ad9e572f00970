"""Requests that are too large, too long or too slow are refused with an explanation."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from fastapi.testclient import TestClient

from api.middleware.body_limit import MAX_ADDRESS_LENGTH
from tests.conftest import SURVEY
from tests.support.client import RELATED, assert_problem, open_client
from tests.support.processes import Server, served

pytestmark = pytest.mark.process

MAX_COUNT = 10_000


@pytest.fixture(scope="module")
def server(built_data: Path) -> Iterator[Server]:
    """A server with low limits."""
    bounds = {"SEEALSO_MAX_BODY": str(MAX_COUNT), "SEEALSO_REQUEST_TIMEOUT": "1"}
    with served(built_data, environment=bounds) as server:
        server.client.get("/v1/search?q=pruning")  # loads the model
        yield server


@pytest.fixture(scope="module")
def client(built_data: Path) -> Iterator[TestClient]:
    with open_client(built_data) as client:
        yield client


def body_of(length: int) -> bytes:
    """Return a valid body of this many bytes."""
    body = b'{"liked": ["%s"]}' % SURVEY.encode()
    return body + b" " * (length - len(body))


def in_pieces(body: bytes) -> Iterator[bytes]:
    for start in range(0, len(body), 1000):
        yield body[start : start + 1000]


@pytest.mark.parametrize("declared", [True, False], ids=["declared", "chunked"])
def test_a_body_over_the_limit_is_refused(server: Server, declared: bool) -> None:
    def post(address: str, length: int) -> httpx2.Response:
        body = body_of(length) if declared else in_pieces(body_of(length))
        json = {"Content-Type": "application/json"}
        return server.client.post(address, content=body, headers=json)

    assert post("/v1/recommend", MAX_COUNT).status_code == 200
    assert_problem(post("/v1/recommend", MAX_COUNT + 1), 413, "more than 10,000 bytes")
    assert_problem(post("/v1/recommend", 3_000_000), 413, "more than 10,000 bytes")
    theirs = post("/graph/v1/paper/batch", MAX_COUNT + 1)
    assert theirs.status_code == 400
    assert "more than 10,000 bytes" in theirs.json()["error"]
    assert post("/v1/recommend", MAX_COUNT).status_code == 200


def test_a_file_over_the_limit_is_refused_on_its_page(server: Server) -> None:
    response = server.client.post(
        "/library", files={"file": ("mine.bib", b"%" * MAX_COUNT)}, headers={"Accept": "text/html"}
    )
    assert response.status_code == 413
    assert "<p>The body has more than 10,000 bytes" in response.text


def test_an_address_over_the_limit_is_refused(server: Server) -> None:
    assert_problem(
        server.client.get(f"/v1/search?q={'x' * MAX_ADDRESS_LENGTH}"), 414, "shorter text"
    )
    assert_problem(server.client.get(f"/v1/papers/{'x' * MAX_ADDRESS_LENGTH}"), 414, "shorter text")
    theirs = server.client.get(f"/graph/v1/paper/search?query={'x' * MAX_ADDRESS_LENGTH}")
    assert theirs.status_code == 400


def test_endless_headers_are_refused(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as endless:
        endless.sendall(b"GET /" + b"x" * 200_000)
        assert endless.recv(65536).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize(
    ("address", "body"),
    [
        ("/v1/recommend", {"liked": [SURVEY] * 1_001}),
        ("/v1/recommend", {"liked": [SURVEY], "disliked": ["2401.00001"] * 1_001}),
        ("/v1/recommend", {str(number): 0 for number in range(10_000)}),
        ("/v1/papers/batch", {"ids": [1] * 100_000}),
        ("/v1/papers/batch", {str(number): 0 for number in range(10_000)}),
    ],
    ids=["liked", "disliked", "members", "batch", "members of a batch"],
)
def test_a_long_list_gives_a_short_error(
    client: TestClient, address: str, body: dict[str, object]
) -> None:
    response = client.post(address, json=body)
    assert_problem(response, 422, "at most")
    assert len(response.content) < 1_000


def test_a_long_list_gives_a_semantic_scholar_error(client: TestClient) -> None:
    body = {"positivePaperIds": [SURVEY] * 1_001}
    response = client.post("/recommendations/v1/papers", json=body)
    assert response.status_code == 400
    assert "at most 1000" in response.json()["error"]


def test_only_the_first_errors_are_listed(client: TestClient) -> None:
    response = client.post("/v1/papers/batch", json={"ids": [1] * 500})
    assert_problem(response, 422, "ids[19] is 1")
    assert len(response.json()["errors"]) == 20


@pytest.mark.parametrize("condition", ["with", "without", "author", "category", "licence", "tag"])
def test_a_filter_repeated_thousands_of_times_is_refused(
    client: TestClient, condition: str
) -> None:
    long = "&".join([f"{condition}=cs.CL"] * 4_000)
    assert_problem(client.get(f"{RELATED}?{long}"), 414, "shorter")
    many = "&".join([f"{condition}=cs.CL"] * 1_000)
    response = client.get(f"{RELATED}?{many}")
    assert response.status_code in (400, 422)
    assert "at most 20" in response.json()["detail"]


def test_a_body_that_does_not_arrive_times_out(server: Server) -> None:
    head = b"POST /v1/recommend HTTP/1.1\r\nHost: seealso\r\nContent-Length: 1000\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as slow:
        slow.sendall(head)
        began = time.monotonic()
        for _ in range(4):  # a byte now and then is no body
            slow.sendall(b"{")
            time.sleep(0.2)
        response = b"".join(iter(lambda: slow.recv(65536), b""))
    assert time.monotonic() - began < 5
    assert response.startswith(b"HTTP/1.1 408 ")
    assert b"the body did not arrive within 1 seconds" in response
    assert b"connection: close" in response.lower()
