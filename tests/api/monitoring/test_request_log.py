"""Each request has an id, and a log line with this id and without secrets."""

import json
import logging
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.monitoring.request_log import JsonLines
from tests.conftest import SURVEY
from tests.support.client import RELATED, open_client
from tests.support.processes import served

TOKEN = "a-token-that-nobody-may-read"


@pytest.fixture
def client(built_data_copy: Path, caplog: pytest.LogCaptureFixture) -> Iterator[TestClient]:
    caplog.set_level(logging.INFO, "seealso")
    with open_client(built_data_copy, token=TOKEN) as client:
        yield client


def lines(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    text = [JsonLines().format(record) for record in caplog.records if "seealso" in record.name]
    assert not [line for line in text if "\n" in line]
    return [json.loads(line) for line in text]


def test_a_line_has_the_outcome_of_a_request(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    answered = client.get(RELATED, params={"limit": 3})
    (line,) = lines(caplog)
    assert line.pop("time").endswith("+00:00")
    assert 0 < line.pop("ms") < 60_000
    assert line == {
        "level": "info",
        "logger": "seealso.requests",
        "message": "request",
        "id": answered.headers["x-request-id"],
        "method": "GET",
        "path": RELATED,
        "status": 200,
        "bytes": len(answered.content),
        "client": "testclient",
    }


@pytest.mark.parametrize("given", ["a-1_b.C", "x" * 64])
def test_a_valid_id_of_the_client_is_used(
    client: TestClient, caplog: pytest.LogCaptureFixture, given: str
) -> None:
    refused = client.get("/v1/papers/nonsense", headers={"X-Request-ID": given})
    assert refused.headers["x-request-id"] == refused.json()["request_id"] == given
    assert lines(caplog)[-1]["id"] == given


@pytest.mark.parametrize("given", ["x" * 65, "a b", 'a"b', "<b>", "a\u00e9", ""])
def test_an_invalid_id_is_replaced(client: TestClient, given: str) -> None:
    text = client.get("/v1/papers/nonsense", headers={b"X-Request-ID": given.encode()})
    assert re.fullmatch("[0-9a-f]{16}", text.headers["x-request-id"])
    assert text.json()["request_id"] == text.headers["x-request-id"]


def test_a_page_has_the_id_and_semantic_scholar_json_does_not(client: TestClient) -> None:
    page = client.get("/papers/nonsense", headers={"Accept": "text/html"})
    assert f"<code>{page.headers['x-request-id']}</code>" in page.text
    response = client.get("/graph/v1/paper/nonsense")
    assert response.headers["x-request-id"]
    assert set(response.json()) == {"error"}


def test_an_error_is_logged_with_the_id_in_the_response(
    built_data_copy: Path, client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with sqlite3.connect(built_data_copy / "catalogue.db") as connection:
        connection.execute("UPDATE papers SET authors = 'no list' WHERE id = ?", [SURVEY])
    connection.close()
    failed = client.get(f"/v1/papers/{SURVEY}")
    assert failed.status_code == 500
    fault, line = lines(caplog)
    assert fault["level"] == "error"
    assert "Traceback" in fault["traceback"]
    assert fault["id"] == line["id"] == failed.json()["request_id"]
    assert failed.headers["x-request-id"] == line["id"]
    assert failed.headers["x-content-type-options"] == "nosniff"
    assert line["status"] == 500


@pytest.mark.process
def test_the_log_has_neither_the_token_nor_search_terms(built_data_copy: Path) -> None:
    address = f"/v1/papers/{SURVEY}/tags"
    correction = {"labels": [], "by": "somebody"}
    with served(built_data_copy, environment={"SEEALSO_TOKEN": TOKEN}) as server:
        for token, status in ((TOKEN, 200), (TOKEN + "x", 401)):
            bearer = {"Authorization": f"Bearer {token}"}
            assert (
                server.client.post(address, json=correction, headers=bearer).status_code == status
            )
        assert server.client.get("/v1/search?q=a-secret-interest").status_code == 200
        assert server.client.get(f"/v1/nothing?token={TOKEN}").status_code == 404
        server.client.get(
            "/healthz"
        )  # on the same connection, so it is answered after the last one is logged
        text = server.log.read_text()
        statuses = [line["status"] for line in server.lines()]
    assert [status for status in statuses if status != 200] == [401, 404]
    assert TOKEN not in text
    assert "a-secret-interest" not in text
    assert [line for line in text.splitlines() if not line.startswith("{")] == text.splitlines()[:1]
