"""Client of a Ray cluster: sends parts to a child process, which runs Ray, and receives vectors.

Ray starts threads and signal handlers of its own, and ends the process if it loses the cluster. In
a child process it can only end the child; this process keeps the vectors received so far and
reports what happened.
"""

import multiprocessing
import re
import socket
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from multiprocessing.connection import Connection
from typing import Any

from index.embedding.identity import ModelIdentity
from index.errors import BadInput, RayUnavailable, SeeAlsoError
from index.settings import Settings
from ingest.embedding.part import Embedded, Part
from ingest.embedding.ray_driver import NO_WORKER_LEFT, drive

_WORKER_SETTINGS = ("model", "backend", "precision", "max_length")
_ADDRESS = re.compile(r"([\w.-]+|\[[0-9a-fA-F:]+\]):(\d{1,5})", re.ASCII)
_CONNECT_TIMEOUT = 10  # seconds


def worker_settings(settings: Settings) -> dict[str, str]:
    """Return the settings that determine the vectors; workers must use the same."""
    return {name: str(getattr(settings, name)) for name in _WORKER_SETTINGS}


def embed_on_ray(
    address: str, settings: Mapping[str, str], identity: ModelIdentity, parts: Iterable[Part]
) -> Generator[Embedded]:
    """Yield the vectors of each batch of texts as workers compute them, in any order.

    Raises RayUnavailable if the cluster cannot be used or is lost, ModelUnavailable if a worker
    does not have the model of this identity.
    """
    with _driver(address, settings, identity) as driver:
        for part in parts:
            driver.send(part)
        driver.send(None)
        while (embedded := _receive(driver)) is not None:
            yield embedded


def check_ray(address: str) -> None:
    """Check that Ray is installed and a server accepts connections; Ray itself tries for minutes.

    Raises BadInput for an invalid address, else RayUnavailable.
    """
    if find_spec("ray") is None:
        raise RayUnavailable("Ray is not installed: pip install 'seealso[ray]'")
    match = _ADDRESS.fullmatch(address)
    if match is None:
        raise BadInput(f"--ray {address!r}: must be HOST:PORT, as `ray start --head` prints it")
    try:
        target = (match[1].strip("[]"), int(match[2]))
        socket.create_connection(target, _CONNECT_TIMEOUT).close()
    except (OSError, OverflowError) as error:
        raise RayUnavailable(
            f"no Ray cluster answers at {address} ({error}): start one with `ray start --head`"
        ) from error


def _receive(driver: Connection) -> Any:
    payload = driver.recv()
    if isinstance(payload, SeeAlsoError):
        raise payload
    return payload


@contextmanager
def _driver(
    address: str, settings: Mapping[str, str], identity: ModelIdentity
) -> Iterator[Connection]:
    """Start the child process, wait until it has joined the cluster, and end it with the block.

    Raises RayUnavailable if it ends before.
    """
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    child = spawn.Process(
        target=drive, args=(theirs, address, dict(settings), identity), daemon=True
    )
    child.start()
    theirs.close()
    failure = (
        "could not be joined: check that this machine has the same version of Ray and the same "
        "RAY_AUTH_TOKEN as the cluster"
    )
    try:
        _receive(ours)
        failure = "was lost; the vectors received so far are stored, and the next run resumes there"
        yield ours
    except (EOFError, ConnectionError) as error:
        child.join()
        last = "the last worker of " if child.exitcode == NO_WORKER_LEFT else ""
        raise RayUnavailable(f"{last}the Ray cluster at {address} {failure}") from error
    finally:
        ours.close()
        child.kill()
        child.join()
