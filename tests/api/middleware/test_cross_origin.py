"""CORS: which sites' scripts may send requests, and which answers they may read."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.support.client import RELATED, open_client

SITE = "https://example.org"


@pytest.fixture(scope="module")
def client(built_data: Path) -> Iterator[TestClient]:
    with open_client(
        built_data, cors_origins=f"{SITE},https://example.net", rate_limit="1000"
    ) as client:
        yield client


def test_a_script_of_this_origin_sees_the_answer_and_its_headers(client: TestClient) -> None:
    tag = client.get(RELATED, headers={"Origin": SITE}).headers["etag"]
    for headers, status in (({}, 200), ({"If-None-Match": tag}, 304)):
        answered = client.get(RELATED, headers={"Origin": SITE, **headers})
        assert answered.status_code == status
        assert answered.headers["access-control-allow-origin"] == SITE
        assert "Origin" in answered.headers["vary"]
        exposed = set(answered.headers["access-control-expose-headers"].split(", "))
        assert {"ETag", "Link", "Retry-After", "X-Request-ID"} <= exposed
        assert "access-control-allow-credentials" not in answered.headers


def test_it_sees_errors_too(client: TestClient) -> None:
    refused = client.get("/v1/papers/nonsense", headers={"Origin": SITE})
    assert refused.status_code == 400
    assert refused.headers["access-control-allow-origin"] == SITE


def test_another_origin_sees_nothing(client: TestClient) -> None:
    answered = client.get(RELATED, headers={"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in answered.headers


def preflight(client: TestClient, origin: str, method: str = "POST") -> tuple[int, str]:
    answered = client.options(
        "/v1/recommend",
        headers={
            "Origin": origin,
            "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": "content-type, authorization",
        },
    )
    return answered.status_code, answered.headers.get("access-control-allow-origin", "")


def test_a_preflight_is_answered(client: TestClient) -> None:
    assert preflight(client, SITE) == (200, SITE)
    assert preflight(client, "https://evil.example") == (400, "")
    assert preflight(client, SITE, "DELETE")[0] == 400


def test_by_default_no_other_origin_is_allowed(built_data: Path) -> None:
    with open_client(built_data) as client:
        answered = client.get(RELATED, headers={"Origin": SITE})
        assert "access-control-allow-origin" not in answered.headers
        assert preflight(client, SITE) == (405, "")
