"""Failed requests are described in one sentence; each failure is a real one of the network."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from index.errors import UpstreamError
from ingest.arxiv.failures import describe_failure
from tests.arxiv_server.oai_replay import OaiReplay
from tests.conftest import Seealso

Answer = Callable[[socket.socket], None]


@contextmanager
def listening(answer: Answer) -> Iterator[str]:
    """Yield the address of a server that treats its first connection like this."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                answer(connection)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"127.0.0.1:{server.getsockname()[1]}"
        thread.join(timeout=5)


def reset(connection: socket.socket) -> None:
    connection.recv(1000)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def close(connection: socket.socket) -> None:
    connection.recv(1000)


def stall(connection: socket.socket) -> None:
    while connection.recv(1000):
        pass


def half(connection: socket.socket) -> None:
    connection.recv(1000)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")


def no_tls(connection: socket.socket) -> None:
    connection.recv(1000)
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")


def not_zipped(connection: socket.socket) -> None:
    connection.recv(1000)
    connection.sendall(
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nplain"[:-1]
    )


def description(address: str, **options: object) -> str:
    with pytest.raises(requests.RequestException) as caught:
        requests.get(address, timeout=0.5, **options)  # type: ignore[arg-type]
    text = describe_failure(caught.value, address, 0.5)
    assert not any(
        word in text for word in ("Pool", "object at", "urllib3", "Errno", "Max retries")
    )
    return text


@pytest.mark.parametrize(
    ("scheme", "answer", "expected"),
    [
        ("http", reset, "127.0.0.1 closed the connection before the response was complete"),
        ("http", close, "127.0.0.1 closed the connection before the response was complete"),
        ("http", half, "127.0.0.1 closed the connection before the response was complete"),
        ("http", stall, "127.0.0.1 did not answer within 0.5 s"),
        (
            "https",
            no_tls,
            "127.0.0.1 and this machine cannot agree on an encrypted connection (TLS)",
        ),
        ("http", not_zipped, "the response of 127.0.0.1 is not compressed as it says"),
    ],
)
def test_a_failure_of_the_server_is_one_sentence(
    scheme: str, answer: Answer, expected: str
) -> None:
    with listening(answer) as address:
        assert description(f"{scheme}://{address}/oai") == expected


def test_a_refused_connection_is_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert description(f"http://127.0.0.1:{port}/oai") == "127.0.0.1 refuses connections"


def test_a_name_that_does_not_resolve_is_one_sentence() -> None:
    assert description("https://oaipmh.invalid/oai") == (
        "the name oaipmh.invalid cannot be resolved: is there a network connection?"
    )


def test_a_proxy_that_does_not_answer_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    proxies = {"https": f"http://127.0.0.1:{port}"}
    assert description("https://oaipmh.invalid/oai", proxies=proxies) == (
        "the proxy for oaipmh.invalid cannot be used: check HTTPS_PROXY"
    )


def test_an_unknown_failure_names_its_kind() -> None:
    error = requests.RequestException("https://oaipmh.invalid: <object at 0x7f>")
    assert describe_failure(error, "https://oaipmh.invalid", 1) == (
        "oaipmh.invalid did not answer correctly (RequestException)"
    )


def test_run_status_and_doctor_say_the_same_sentence(
    arxiv: OaiReplay, empty_data: Path, seealso: Seealso, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        closed = f"http://127.0.0.1:{server.getsockname()[1]}"
    monkeypatch.setenv("SEEALSO_OAI", f"{closed}/oai")
    monkeypatch.setenv("SEEALSO_REFUSALS", "1")
    with pytest.raises(UpstreamError) as caught:
        seealso(empty_data, "nightly")
    sentence = f"gave up on {closed}/oai after too many failed requests; the last error: "
    assert str(caught.value) == f"{sentence}127.0.0.1 refuses connections"
    assert str(caught.value) in seealso(empty_data, "status").stdout
    assert str(caught.value) in seealso(empty_data, "doctor").stdout
