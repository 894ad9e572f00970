"""A Milvus server, asked through pymilvus: every question has a deadline, every error is ours."""

import logging
import re
import threading
import time
from functools import cache
from typing import TYPE_CHECKING, Any

from index.errors import ForeignVectors, IndexUnavailable, NoSpaceLeft, SeeAlsoError
from index.milvus_address import MilvusAddress

if TYPE_CHECKING:
    from pymilvus import MilvusClient

# Codes as Milvus's own pkg/util/merr/errors.go numbers them; milvus-lite has text for a full disk.
_NO_COLLECTION, _NOT_LOADED = 100, 101
_LOADING = {101, 103}  # not, or not wholly in memory
_FULL = {3, 7, 9, 12}  # memory limit, disk limit, quota, resources
_FULL_DISK = re.compile(r"\[Errno (27|28|122)\]|no space left", re.IGNORECASE)
_REST = 5.0  # seconds without a question after one that ran out of time
# By default a server that is back is not tried again for as long as two minutes; and pymilvus pings
# every ten seconds, for which milvus-lite closes the connection. Deadlines find a dead server.
_GRPC = {
    "grpc.initial_reconnect_backoff_ms": 200,
    "grpc.max_reconnect_backoff_ms": 2_000,
    "grpc.keepalive_time_ms": 600_000,
}
PATIENCE = 12
"""Times what an answer may take, for what takes longer: writing, and many questions at once."""


class MilvusServer:
    """One server; connects when it is first asked.

    After a question that ran out of time, others are refused for a few seconds: else every thread
    of a service would wait for a server that hangs.
    """

    def __init__(self, address: MilvusAddress) -> None:
        self.address = address
        self._client: MilvusClient | None = None
        self._lock = threading.Lock()
        self._refused_until = 0.0

    def ask(self, method: str, *arguments: Any, patience: int = 1, **named: Any) -> Any:
        """Call a method of pymilvus's client, within `patience` times the address's seconds.

        Raises IndexUnavailable, NoSpaceLeft, or ForeignVectors where the collection is not there.
        """
        errors = _errors()
        began = time.monotonic()
        try:
            return self._ask(method, arguments, named, patience)
        except errors as error:
            if getattr(error, "code", None) != _NOT_LOADED:
                raise self._ours(error, began) from error
        try:
            # milvus-lite forgets what was loaded when it starts; a cluster may have been told to.
            # Who has little patience has it begun, and does not wait: minutes, where there is much.
            waiting = {"_async": patience < PATIENCE}
            self._ask("load_collection", arguments[:1], waiting, patience)
            return self._ask(method, arguments, named, patience)
        except errors as error:
            raise self._ours(error, began) from error

    def write(self, method: str, *arguments: Any, **named: Any) -> Any:
        """`ask` with patience."""
        return self.ask(method, *arguments, patience=PATIENCE, **named)

    def _ask(
        self, method: str, arguments: tuple[Any, ...], named: dict[str, Any], patience: int
    ) -> Any:
        seconds = self.address.seconds * patience
        return getattr(self._connected(), method)(*arguments, timeout=seconds, **named)

    def _connected(self) -> "MilvusClient":
        from pymilvus import MilvusClient

        with self._lock:
            if time.monotonic() < self._refused_until:
                raise IndexUnavailable(f"{self} did not answer a moment ago")
            if self._client is None:
                self._client = MilvusClient(
                    self.address.server, timeout=self.address.seconds, grpc_options=_GRPC
                )
            return self._client

    def _ours(self, error: Exception, began: float) -> SeeAlsoError:
        import grpc

        now = time.monotonic()
        if now - began >= self.address.seconds:
            self._refused_until = now + _REST
        if isinstance(error, grpc.Call) and error.code() == grpc.StatusCode.DEADLINE_EXCEEDED:
            return IndexUnavailable(f"{self} did not answer in time")
        code, text = getattr(error, "code", None), getattr(error, "message", None) or str(error)
        if code in _LOADING:
            return IndexUnavailable(f"{self} is still loading a collection: {text}")
        if code == _NO_COLLECTION:
            return ForeignVectors(f"{self}: {text}")
        if code in _FULL or _FULL_DISK.search(text):
            return NoSpaceLeft(f"{self} has no room: {text}")
        if self.address.is_file:
            text += "; one process at a time may open a file, more share a `milvus-lite server`"
        return IndexUnavailable(f"{self}: {text}")

    def __str__(self) -> str:
        return f"Milvus at {self.address.server}"


@cache
def server_at(address: MilvusAddress) -> MilvusServer:
    """The server at an address, the same for every release that lies there."""
    return MilvusServer(address)


@cache
def _errors() -> tuple[type[Exception], ...]:
    try:
        import grpc
        from pymilvus.exceptions import MilvusException
    except ImportError as error:
        raise IndexUnavailable(
            f"SEEALSO_INDEX asks for Milvus, and {error.name} is not installed: "
            "pip install 'seealso[milvus]'"
        ) from error
    for name in ("pymilvus", "milvus_lite"):  # they log whatever they raise, with tracebacks
        logging.getLogger(name).setLevel(logging.CRITICAL)
    return MilvusException, grpc.RpcError
