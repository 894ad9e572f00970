"""A client of the application without a network, and checks of its responses."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx2
from fastapi.testclient import TestClient

from api.app import create_app
from index.settings import load_settings
from tests.conftest import SURVEY

RELATED = f"/v1/papers/{SURVEY}/related"

ENDPOINTS = [
    f"/v1/papers/{SURVEY}",
    RELATED,
    f"/v1/papers/{SURVEY}/graph",
    f"/v1/papers/{SURVEY}/graph.svg",
    "/v1/search?q=pruning",
    "/v1/status",
    "/v1/tags",
    "/v1/tags/model-compression/papers",
    f"/papers/{SURVEY}",
    f"/papers/{SURVEY}.bib",
    f"/papers/{SURVEY}/related.ris",
    f"/feeds/related/{SURVEY}.atom",
    f"/feeds/recommended.atom?liked={SURVEY}",
    "/feeds/tags/model-compression.atom",
    "/search?q=pruning",
    "/",
]


@contextmanager
def open_client(data: Path, **settings: str) -> Iterator[TestClient]:
    """Run the application over a data folder while the block runs; return a client.

    A request may take ten minutes unless the test sets a limit: a busy machine must not fail it.
    """
    limits = {"request_timeout": "600"} | settings
    app = create_app(load_settings({}, data=str(data), **limits))
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def get_json(client: TestClient, address: str, **parameters: str | int) -> dict[str, Any]:
    """Return the JSON object at an address, which must answer with status 200."""
    response = client.get(address, params=parameters or None)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/json"
    content: dict[str, Any] = response.json()
    return content


def assert_problem(response: httpx2.Response, status: int, detail: str) -> None:
    """Check that a response is a problem document (RFC 9457) with this status and detail."""
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert {"type", "title", "status", "detail", "instance"} <= set(problem)
    assert problem["status"] == status
    assert detail in problem["detail"]
    assert problem["instance"] == unquote(urlsplit(str(response.request.url)).path)
