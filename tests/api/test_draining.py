"""A connection that is idle while the server shuts down can still be used for a moment."""

import http.client
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
import uvicorn

from api import draining
from api.draining import DrainingProtocol
from tests.support.processes import free_port


async def answer(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Answer every request with an empty body."""
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]}
    )
    await send({"type": "http.response.body", "body": b""})


@contextmanager
def running() -> Iterator[tuple[uvicorn.Server, int, threading.Thread]]:
    port = free_port()
    server = uvicorn.Server(
        uvicorn.Config(
            answer, port=port, http=DrainingProtocol, lifespan="off", log_level="critical"
        )
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            thread.join(0.01)
        yield server, port, thread
    finally:
        server.should_exit = True
        thread.join(60)


def request(client: http.client.HTTPConnection) -> tuple[int, str | None]:
    client.request("GET", "/")
    response = client.getresponse()
    response.read()
    return response.status, response.getheader("connection")


def refuses(port: int) -> bool:
    with closing(http.client.HTTPConnection("127.0.0.1", port)) as client:
        try:
            client.connect()
        except ConnectionRefusedError:
            return True
        return False


def test_a_request_during_shutdown_is_answered_and_closes_the_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(draining, "GRACE", 60.0)
    with running() as (server, port, thread):
        with closing(http.client.HTTPConnection("127.0.0.1", port)) as client:
            assert request(client) == (200, None)
            server.should_exit = True
            while not refuses(port):
                thread.join(0.01)
            assert request(client) == (200, "close")
        thread.join(30)  # no idle connection is left, so the grace need not pass
        assert not thread.is_alive()


def test_an_idle_connection_is_closed_after_the_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draining, "GRACE", 0.1)
    with (
        running() as (server, port, thread),
        closing(http.client.HTTPConnection("127.0.0.1", port)) as client,
    ):
        assert request(client) == (200, None)
        server.should_exit = True
        thread.join(30)
        assert not thread.is_alive()
