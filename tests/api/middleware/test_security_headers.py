"""Security headers are set on every answer, errors included."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.support.client import ENDPOINTS, open_client


@pytest.fixture(scope="module")
def client(built_data: Path) -> Iterator[TestClient]:
    with open_client(built_data) as client:
        yield client


@pytest.mark.parametrize("address", [*ENDPOINTS, "/papers/nonsense", "/v1/papers/nonsense"])
def test_answers_run_scripts_of_this_server_alone(client: TestClient, address: str) -> None:
    for agent in ({}, {"accept": "text/html", "user-agent": "Mozilla/5.0"}):
        headers = client.get(address, headers=agent).headers
        policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
        assert policy["default-src"] == "'none'"
        assert policy["script-src"] == policy["connect-src"] == "'self'"
        assert "unsafe" not in headers["content-security-policy"]
        assert policy["frame-ancestors"] == "'none'"
        assert headers["x-content-type-options"] == "nosniff"


def test_a_304_has_them_too(client: TestClient) -> None:
    tag = client.get("/v1/tags").headers["etag"]
    again = client.get("/v1/tags", headers={"If-None-Match": tag})
    assert again.status_code == 304
    assert "content-security-policy" in again.headers
