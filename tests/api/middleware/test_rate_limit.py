"""Rate limit: a client that sends too many requests gets 429 with a time to wait."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.middleware.rate_limit import client_key
from tests.conftest import SURVEY
from tests.support.client import assert_problem, open_client

PAPER = f"/v1/papers/{SURVEY}"


@pytest.fixture
def client(built_data: Path) -> Iterator[TestClient]:
    with open_client(built_data, rate_limit="3") as client:
        yield client


def test_requests_over_the_limit_are_refused(client: TestClient) -> None:
    for left in (2, 1, 0):
        answered = client.get(PAPER)
        assert answered.status_code == 200
        assert answered.headers["ratelimit-policy"] == '"client";q=3;w=60'
        assert answered.headers["ratelimit"].startswith(f'"client";r={left};t=')
    refused = client.get(PAPER)
    assert_problem(refused, 429, "more than 3 requests within a minute")
    assert 55 <= int(refused.headers["retry-after"]) <= 60
    assert refused.headers["ratelimit"].startswith('"client";r=0;t=')
    assert refused.headers["x-request-id"] == refused.json()["request_id"]


def test_monitoring_is_not_limited(client: TestClient) -> None:
    for address in ("/healthz", "/readyz", "/metrics"):
        for _ in range(4):
            assert client.get(address).status_code == 200
    assert client.get(PAPER).status_code == 200


@pytest.mark.parametrize(
    ("address", "policy"),
    [("/v1/complete?q=lang", "completions"), ("/static/style.css", "files")],
)
def test_what_a_page_requests_while_it_is_read_is_counted_apart(
    client: TestClient, address: str, policy: str
) -> None:
    for left in (2, 1, 0):
        answered = client.get(address)
        assert answered.status_code == 200
        assert answered.headers["ratelimit"].startswith(f'"{policy}";r={left};t=')
    assert_problem(client.get(address), 429, "more than 3 requests within a minute")
    answered = client.get(PAPER)
    assert answered.status_code == 200
    assert answered.headers["ratelimit"].startswith('"client";r=2;t=')


def test_each_client_has_its_own_count(built_data: Path, client: TestClient) -> None:
    while client.get(PAPER).status_code == 200:
        pass
    other = TestClient(client.app, client=("192.0.2.7", 50_000))
    assert other.get(PAPER).status_code == 200
    assert client.get(PAPER).status_code == 429


def test_the_refusal_has_the_format_of_the_path(client: TestClient) -> None:
    while client.get(PAPER).status_code == 200:
        pass
    theirs = client.get(f"/graph/v1/paper/{SURVEY}")
    assert theirs.status_code == 429
    assert theirs.json()["code"] == "429"
    assert "within a minute" in theirs.json()["message"]
    page = client.get(f"/papers/{SURVEY}", headers={"Accept": "text/html"})
    assert page.status_code == 429
    assert "<p>More than 3 requests within a minute" in page.text


def test_by_default_there_is_no_limit(built_data: Path) -> None:
    with open_client(built_data) as client:
        answers = [client.get("/v1/nothing") for _ in range(50)]
    assert {answer.status_code for answer in answers} == {404}
    assert not [answer for answer in answers if "ratelimit" in answer.headers]


@pytest.mark.parametrize(
    ("host", "counted_as"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8::1", "2001:db8::/64"),
        ("2001:db8::ffff:1", "2001:db8::/64"),
        ("2001:db8:0:1::1", "2001:db8:0:1::/64"),
        ("testclient", "testclient"),
    ],
)
def test_an_ipv6_network_is_one_client(host: str, counted_as: str) -> None:
    assert client_key(host) == counted_as
