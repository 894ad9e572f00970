"""The sockets that `serve` and `mcp --http` listen on."""

import errno
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.errors import BadInput, Unavailable
from scripts.cli.serve import address_of, listening_sockets
from tests.support.processes import run_main


@pytest.fixture
def used() -> Iterator[int]:
    """A port of 127.0.0.1 that another program uses."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


@pytest.mark.parametrize("command", [["serve"], ["serve", "--workers", "2"], ["mcp", "--http"]])
def test_a_used_port_is_reported_before_anything_is_served(
    built_data: Path, used: int, command: list[str]
) -> None:
    result = run_main(built_data, *command, "--port", str(used))
    assert result.returncode == 75
    assert f"port {used} of 127.0.0.1 is in use" in result.stderr
    assert "--port" in result.stderr
    assert "serving" not in result.stderr


def test_a_port_that_one_address_of_the_host_lacks_is_refused(used: int) -> None:
    with pytest.raises(Unavailable, match="is in use"):
        listening_sockets("localhost", used)


@pytest.mark.parametrize("host", ["203.0.113.9", "2001:db8::1", "host.invalid", "a" * 70])
def test_a_host_that_is_not_this_machine_is_refused(host: str) -> None:
    with pytest.raises(BadInput, match=r"use an address of this machine"):
        listening_sockets(host, 8000)


def test_a_privileged_port_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def bind(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(socket.socket, "bind", bind)
    with pytest.raises(BadInput, match="choose one above 1023"):
        listening_sockets("127.0.0.1", 80)


def test_the_sockets_accept_connections() -> None:
    for made in listening_sockets("127.0.0.1", 0):
        with made, socket.create_connection(made.getsockname()):
            pass


def test_an_address_of_ipv6_has_brackets() -> None:
    assert address_of("::1", 8000) == "http://[::1]:8000"
    assert address_of("127.0.0.1", 8000) == "http://127.0.0.1:8000"
