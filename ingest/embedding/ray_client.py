"""The door to a Ray cluster: parts go out, vectors come back, from a child process that knows Ray.

Ray brings threads and signal handlers of its own, and ends the process that has lost its cluster.
It may end a child; this process keeps what has come and says what happened.
"""

import multiprocessing
import re
import socket
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from multiprocessing.connection import Connection
from typing import Any

from index.embedding.identity import ModelIdentity
from index.errors import BadInput, RayUnavailable, SeeAlsoError
from index.settings import Settings
from ingest.embedding.part import Embedded, Part
from ingest.embedding.ray_driver import NO_WORKER_LEFT, drive

_COMPUTES = ("model", "backend", "precision", "max_length")
_ADDRESS = re.compile(r"([\w.-]+|\[[0-9a-fA-F:]+\]):(\d{1,5})", re.ASCII)
_SECONDS = 10  # to answer that somebody listens


def embedded_on_ray(
    settings: Settings, identity: ModelIdentity, parts: Sequence[Part], address: str
) -> Generator[Embedded]:
    """The parts' vectors as a cluster's workers make them, in any order, each part once.

    Raises as `check_ray`, RayUnavailable for a cluster that cannot be used or is lost,
    ModelUnavailable for a worker without the model or with another.
    """
    check_ray(address)
    asked = {name: str(getattr(settings, name)) for name in _COMPUTES}
    with _driver(address, asked, identity) as driver:
        for part in parts:
            driver.send(part)
        driver.send(None)
        while (embedded := _told(driver)) is not None:
            yield embedded


def check_ray(address: str) -> None:
    """Raise unless Ray is installed and somebody listens at the address; Ray tries for minutes.

    Raises BadInput for an address of another form, RayUnavailable.
    """
    if find_spec("ray") is None:
        raise RayUnavailable("Ray is not installed: pip install 'seealso[ray]'")
    found = _ADDRESS.fullmatch(address)
    if found is None:
        raise BadInput(f"--ray {address!r}: must be HOST:PORT, as `ray start --head` prints it")
    try:
        socket.create_connection((found[1].strip("[]"), int(found[2])), _SECONDS).close()
    except (OSError, OverflowError) as error:
        raise RayUnavailable(
            f"no Ray cluster answers at {address} ({error}): start one with `ray start --head`"
        ) from error


def _told(driver: Connection) -> Any:
    told = driver.recv()
    if isinstance(told, SeeAlsoError):
        raise told
    return told


@contextmanager
def _driver(address: str, asked: dict[str, str], identity: ModelIdentity) -> Iterator[Connection]:
    """The child process, which has joined the cluster, ended with the block.

    Raises RayUnavailable where it ends before.
    """
    fresh = multiprocessing.get_context("spawn")
    ours, theirs = fresh.Pipe()
    child = fresh.Process(target=drive, args=(theirs, address, asked, identity), daemon=True)
    child.start()
    theirs.close()
    loss = "could not be joined: has this machine the cluster's Ray, and its RAY_AUTH_TOKEN?"
    try:
        _told(ours)
        loss = "was lost; what has come is kept, and the next run goes on from there"
        yield ours
    except (EOFError, ConnectionError) as error:
        child.join()
        last = "the last worker of " if child.exitcode == NO_WORKER_LEFT else ""
        raise RayUnavailable(f"{last}the Ray cluster at {address} {loss}") from error
    finally:
        ours.close()
        child.kill()
        child.join()
