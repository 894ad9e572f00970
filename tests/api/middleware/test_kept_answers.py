"""Repeated requests get kept answers, as long as nothing has changed that they depend on."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from starlette.types import Message

from api.middleware.etags import _FILES
from api.middleware.head_requests import HEADERS_ONLY
from api.middleware.kept_answers import OVERHEAD, KeptAnswers
from index.catalogue.catalogue import open_catalogue
from index.lists.finder import RelatedFinder
from tests.conftest import SURVEY
from tests.support.client import RELATED, open_client


def settle(data: Path) -> None:
    """Make the files look as if they had been written a minute before."""
    for name in _FILES:
        if (data / name).exists():
            written = (data / name).stat().st_mtime_ns - 60_000_000_000
            os.utime(data / name, ns=(written, written))


@pytest.fixture
def client(built_data_copy: Path) -> Iterator[TestClient]:
    settle(built_data_copy)
    with open_client(built_data_copy) as client:
        yield client


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The papers whose lists were computed."""
    found: list[str] = []
    rank = RelatedFinder.ranked_related

    def counted(finder: RelatedFinder, paper_id: str, *options: object) -> object:
        found.append(paper_id)
        return rank(finder, paper_id, *options)  # type: ignore[arg-type]

    monkeypatch.setattr(RelatedFinder, "ranked_related", counted)
    return found


def test_a_repeated_request_is_not_computed_again(client: TestClient, computed: list[str]) -> None:
    first = client.get(RELATED)
    again = client.get(RELATED)
    assert computed == [SURVEY]
    assert again.content == first.content
    other = {"x-request-id"}
    assert dict(again.headers) | dict.fromkeys(other, "") == dict(first.headers) | dict.fromkeys(
        other, ""
    )
    assert again.headers["X-Request-ID"] != first.headers["X-Request-ID"]
    assert client.head(RELATED).headers["Content-Length"] == str(len(first.content))
    assert computed == [SURVEY]
    assert 'route="/v1/papers/{paper_id:path}/related"' in client.get("/metrics").text


@pytest.mark.parametrize(
    ("query", "headers"),
    [
        ("?limit=3", {}),
        ("", {"Accept": "text/plain"}),
        ("", {"Host": "papers.example.org"}),
    ],
)
def test_another_request_is_computed(
    client: TestClient, computed: list[str], query: str, headers: dict[str, str]
) -> None:
    first = client.get(RELATED)
    other = client.get(f"{RELATED}{query}", headers=headers)
    assert len(computed) == 2
    assert (other.content, other.headers["Link"]) != (first.content, first.headers["Link"])


def test_a_change_is_computed(
    client: TestClient, built_data_copy: Path, computed: list[str]
) -> None:
    listed = client.get(RELATED).json()["related"]
    with open_catalogue(built_data_copy) as catalogue:
        catalogue.withdraw([listed[0]["id"]])
    for _ in range(2):  # a further change could leave the time of the file as it is
        changed = client.get(RELATED).json()["related"]
        assert listed[0]["id"] not in {paper["id"] for paper in changed}
    assert len(computed) == 3
    settle(built_data_copy)
    client.get(RELATED)
    client.get(RELATED)
    assert len(computed) == 4


def test_an_error_is_not_kept(client: TestClient, built_data_copy: Path) -> None:
    path = "/v1/papers/2401.99999"
    assert client.get(path).status_code == client.get(path).status_code == 404


def send_through(
    kept: KeptAnswers, key: str, *bodies: bytes, status: int = 200, scope: str | None = None
) -> list[Message]:
    """Send an answer of these parts through a recording; return what was sent."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def answer() -> None:
        record = kept.recording(key, {"path": "/", **({scope: True} if scope else {})}, send)
        await record({"type": "http.response.start", "status": status, "headers": []})
        for place, body in enumerate(bodies, 1):
            more = place < len(bodies)
            await record({"type": "http.response.body", "body": body, "more_body": more})

    asyncio.run(answer())
    return sent


def test_only_complete_answers_of_moderate_size_are_kept() -> None:
    kept = KeptAnswers()
    assert len(send_through(kept, "parts", b"new", b"ts")) == 3
    answer = kept.get("parts")
    assert answer is not None
    assert answer.body == b"newts"
    send_through(kept, "large", b"x" * 300_000)
    send_through(kept, "missing", b"newts", status=404)
    send_through(kept, "head", b"", scope=HEADERS_ONLY)
    assert [kept.get(key) for key in ("large", "missing", "head", "unknown")] == [None] * 4


def test_the_least_recently_requested_answers_are_dropped() -> None:
    kept = KeptAnswers(max_bytes=2 * OVERHEAD + 25)
    for key in ("a", "b"):
        send_through(kept, key, b"0123456789")
    send_through(kept, "b", b"0123456789")  # again, as two requests at once do
    assert kept.get("a")
    send_through(kept, "c", b"0123456789")
    assert [kept.get(key) is not None for key in "abc"] == [True, False, True]
    small = KeptAnswers(max_bytes=2 * OVERHEAD)
    send_through(small, "empty", b"")
    send_through(small, "also empty", b"x")
    assert small.get("empty") is None
