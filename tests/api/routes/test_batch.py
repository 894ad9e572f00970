"""Batches of papers, and the health endpoints."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from index.releases.folder import current_name
from tests.conftest import SURVEY
from tests.support.client import get_json, open_client


@pytest.fixture
def client(built_data: Path) -> Iterator[TestClient]:
    with open_client(built_data) as client:
        yield client


def test_the_order_is_kept_and_the_unknown_is_null(client: TestClient) -> None:
    ids = ["2401.99999", f"arXiv:{SURVEY}v1", "nonsense", "2106.09685", SURVEY]
    found = client.post("/v1/papers/batch", json={"ids": ids}).json()["papers"]
    one = get_json(client, f"/v1/papers/{SURVEY}")
    assert [paper and paper["id"] for paper in found][:3] == [None, SURVEY, None]
    assert found[1] == found[4] == one


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"ids": []}, "at least 1"),
        ({"ids": [SURVEY] * 501}, "at most 500"),
        ({"ids": SURVEY}, "list"),
        ({"ids": [SURVEY], "fields": "title"}, "fields"),
    ],
    ids=["none", "too many", "no list", "something else"],
)
def test_a_wrong_batch_is_refused(client: TestClient, body: dict[str, object], said: str) -> None:
    told = client.post("/v1/papers/batch", json=body)
    assert told.status_code == 422
    assert said in told.json()["detail"]


def test_ready_names_the_release(client: TestClient, built_data: Path) -> None:
    assert get_json(client, "/healthz")["status"] == "ok"
    assert get_json(client, "/readyz") == {"status": "ok", "release": current_name(built_data)}


def test_a_server_without_data_is_healthy_but_not_ready(tmp_path: Path) -> None:
    with open_client(tmp_path) as client:
        assert client.get("/healthz").status_code == 200
        told = client.get("/readyz")
        assert told.status_code == 503
        assert told.headers["retry-after"]
