"""A Milvus server, called through pymilvus with a timeout for every call and our own errors."""

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

# Codes of Milvus's pkg/util/merr/errors.go. milvus-lite reports a full disk in the text only.
_NO_COLLECTION, _NOT_LOADED = 100, 101
_LOADING = {101, 103}  # not in memory, or only partly
_FULL = {3, 7, 9, 12}  # memory limit, disk limit, quota, resources
_FULL_DISK = re.compile(r"\[Errno (27|28|122)\]|no space left", re.IGNORECASE)
_PAUSE = 5.0  # seconds without calls after a timeout
# With the defaults, gRPC reconnects to a restarted server only after up to two minutes, and
# pymilvus pings every ten seconds, for which milvus-lite closes the connection. Timeouts detect a
# dead server.
_GRPC = {
    "grpc.initial_reconnect_backoff_ms": 200,
    "grpc.max_reconnect_backoff_ms": 2_000,
    "grpc.keepalive_time_ms": 600_000,
}
SLOW = 12
"""Timeout factor for slow calls: writes, and searches with many queries."""


class MilvusServer:
    """One server; connects on the first call.

    After a timeout, calls are refused for a few seconds. Otherwise every thread of a service
    would wait for a server that hangs.
    """

    def __init__(self, address: MilvusAddress) -> None:
        self.address = address
        self._client: MilvusClient | None = None
        self._lock = threading.Lock()
        self._paused_until = 0.0

    def call(self, method: str, *arguments: Any, timeout_factor: int = 1, **named: Any) -> Any:
        """Call a method of the pymilvus client.

        The timeout is that of the address times `timeout_factor`. Raises IndexUnavailable,
        NoSpaceLeft, and ForeignVectors if the collection does not exist.
        """
        errors = _client_errors()
        began = time.monotonic()
        try:
            return self._call(method, arguments, named, timeout_factor)
        except errors as error:
            if getattr(error, "code", None) != _NOT_LOADED:
                raise self._translated(error, began) from error
        try:
            # milvus-lite unloads its collections when it restarts, and an administrator may unload
            # those of a cluster. Loading a large collection takes minutes: a call with the normal
            # timeout starts it without waiting.
            waiting = {"_async": timeout_factor < SLOW}
            self._call("load_collection", arguments[:1], waiting, timeout_factor)
            return self._call(method, arguments, named, timeout_factor)
        except errors as error:
            raise self._translated(error, began) from error

    def write(self, method: str, *arguments: Any, **named: Any) -> Any:
        """`call` with the timeout of slow calls."""
        return self.call(method, *arguments, timeout_factor=SLOW, **named)

    def _call(
        self, method: str, arguments: tuple[Any, ...], named: dict[str, Any], timeout_factor: int
    ) -> Any:
        seconds = self.address.seconds * timeout_factor
        return getattr(self._connected(), method)(*arguments, timeout=seconds, **named)

    def _connected(self) -> "MilvusClient":
        from pymilvus import MilvusClient

        with self._lock:
            if time.monotonic() < self._paused_until:
                raise IndexUnavailable(
                    f"{self} did not answer a moment ago: try again in a few seconds"
                )
            if self._client is None:
                self._client = MilvusClient(
                    self.address.server, timeout=self.address.seconds, grpc_options=_GRPC
                )
            return self._client

    def _translated(self, error: Exception, began: float) -> SeeAlsoError:
        import grpc

        now = time.monotonic()
        if now - began >= self.address.seconds:
            self._paused_until = now + _PAUSE
        if isinstance(error, grpc.Call) and error.code() == grpc.StatusCode.DEADLINE_EXCEEDED:
            return IndexUnavailable(f"{self} did not answer in time")
        code, text = getattr(error, "code", None), getattr(error, "message", None) or str(error)
        if code in _LOADING:
            return IndexUnavailable(f"{self} is still loading a collection: {text}")
        if code == _NO_COLLECTION:
            return ForeignVectors(f"{self}: {text}")
        if code in _FULL or _FULL_DISK.search(text):
            return NoSpaceLeft(f"{self} is full: {text}")
        if self.address.is_file:
            text += (
                "; only one process at a time can open a milvus-lite file; "
                "to share it, run `milvus-lite server`"
            )
        return IndexUnavailable(f"{self}: {text}")

    def __str__(self) -> str:
        return f"Milvus at {self.address.server}"


@cache
def server_at(address: MilvusAddress) -> MilvusServer:
    """Return the server at an address, the same object for all releases."""
    return MilvusServer(address)


@cache
def _client_errors() -> tuple[type[Exception], ...]:
    try:
        import grpc
        from pymilvus.exceptions import MilvusException
    except ImportError as error:
        raise IndexUnavailable(
            f"SEEALSO_INDEX is a Milvus address, but {error.name} is not installed: "
            "pip install 'seealso[milvus]'"
        ) from error
    for name in ("pymilvus", "milvus_lite"):  # they log every error that they raise, as a traceback
        logging.getLogger(name).setLevel(logging.CRITICAL)
    return MilvusException, grpc.RpcError
