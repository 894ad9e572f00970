"""The socket that systemd passes to `serve`."""

import os
import socket
from collections.abc import Iterator

import pytest

from index.errors import BadInput
from scripts.cli import inherited_socket as module
from scripts.cli.inherited_socket import inherited_socket

PROCESS = 4321


@pytest.fixture
def passed(monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """A socket; its copy, which the test must close, is the first one that systemd passes."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setattr(module, "_FIRST", os.dup(server.fileno()))
        yield server


def variables(process: int = PROCESS, count: str = "1") -> dict[str, str]:
    return {"LISTEN_PID": str(process), "LISTEN_FDS": count, "LISTEN_FDNAMES": "seealso.socket"}


def test_the_socket_is_taken_and_child_processes_do_not_take_it_again(
    passed: socket.socket,
) -> None:
    environment = variables()
    found = inherited_socket(environment, PROCESS)
    assert found is not None
    with found:
        assert found.getsockname() == passed.getsockname()
        assert not found.get_inheritable()
    assert environment == {}


@pytest.mark.parametrize("environment", [{}, variables(process=PROCESS + 1), variables(count="0")])
def test_without_a_socket_for_this_process_there_is_none(environment: dict[str, str]) -> None:
    assert inherited_socket(dict(environment), PROCESS) is None


def test_several_sockets_are_refused() -> None:
    with pytest.raises(BadInput, match="systemd passes 2 sockets"):
        inherited_socket(variables(count="2"), PROCESS)


def test_a_socket_that_does_not_listen_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = socket.socketpair()
    with one, other:
        monkeypatch.setattr(module, "_FIRST", os.dup(one.fileno()))
        with pytest.raises(BadInput, match="does not listen: set Accept=no"):
            inherited_socket(variables(), PROCESS)
