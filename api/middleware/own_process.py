"""A process that computes the responses to heavy requests, and is killed to stop one."""

import asyncio
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from multiprocessing.process import parent_process
from typing import Any

import anyio
from anyio.to_thread import run_sync

from index.errors import Unavailable

_NICE = 10  # a lower priority than that of the processes that answer lists
_IDLE_SECONDS = 300.0
"""After these seconds without a heavy request the child ends, because it has a release and perhaps
a model in memory (357 MB of PSS). Most heavy requests of one user follow each other sooner. To
start again takes two seconds of CPU at most, less than 1 % of this time."""


@dataclass(frozen=True, slots=True)
class ForwardedRequest:
    """A request in the form of ASGI, with its whole body."""

    scope: Mapping[str, Any]
    body: bytes


@dataclass(frozen=True, slots=True)
class ComputedResponse:
    """A response; `route` is the path of the route that answered, None if there was none."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes
    route: str | None


Compute = Callable[[ForwardedRequest], ComputedResponse]


class OwnProcess:
    """Computes one response at a time in a child process.

    The child starts with the first request, ends after `idle_seconds` without one, and starts again
    with the next.

    `open_computing` is a function of a module. The child calls it with `arguments`; it returns the
    function that computes a response:

        process = OwnProcess(open_answers, settings)
        response = await process.compute(request)

    If the call is cancelled, the child is killed. A thread could not be stopped, and it would hold
    the interpreter lock that other requests of the process need.
    """

    def __init__(
        self,
        open_computing: Callable[..., Compute],
        *arguments: object,
        idle_seconds: float = _IDLE_SECONDS,
    ) -> None:
        self._target = open_computing, arguments
        self._idle: _Child | None = None
        self._idle_seconds = idle_seconds
        self._timer: asyncio.TimerHandle | None = None
        # Not one of the threads that answer other requests; a second one, because a thread may
        # still notice that its child was killed.
        self._threads = anyio.CapacityLimiter(2)

    async def compute(self, request: ForwardedRequest) -> ComputedResponse:
        """Return the response to a request.

        Raises Unavailable if the child ends, for example because memory is short.
        """
        child, self._idle = self._idle, None
        self._cancel_timer()
        if child is None or not child.process.is_alive():
            child = await run_sync(_Child, *self._target, limiter=self._threads)
        try:
            response = await run_sync(
                child.exchange, request, abandon_on_cancel=True, limiter=self._threads
            )
        except BaseException:  # also the cancellation
            child.process.kill()
            raise
        self._idle = child
        # The parent ends the child: if the child did, a request could reach it just before its end.
        self._timer = asyncio.get_running_loop().call_later(self._idle_seconds, self.stop)
        return response

    def stop(self) -> None:
        """Kill the child, if it is idle."""
        self._cancel_timer()
        child, self._idle = self._idle, None
        if child is not None:
            child.process.kill()
            child.process.join()

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class _Child:
    """A child process and the connection to it."""

    def __init__(
        self, open_computing: Callable[..., Compute], arguments: tuple[object, ...]
    ) -> None:
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self.process: SpawnProcess = context.Process(
            target=_compute_all, args=(theirs, open_computing, arguments), daemon=True
        )
        self.process.start()
        theirs.close()

    def exchange(self, request: ForwardedRequest) -> ComputedResponse:
        try:
            self._connection.send(request)
            response = self._connection.recv()
        except (EOFError, OSError) as error:
            raise Unavailable("the process for heavy requests ended: try again later") from error
        assert isinstance(response, ComputedResponse)
        return response


def _compute_all(
    connection: Connection, open_computing: Callable[..., Compute], arguments: tuple[object, ...]
) -> None:
    """Compute responses until the parent process closes the connection or ends."""
    os.nice(_NICE)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all processes of a terminal
    parent = parent_process()
    assert parent is not None
    threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()
    compute = open_computing(*arguments)
    while True:
        try:
            request = connection.recv()
        except EOFError:
            return
        connection.send(compute(request))


def _end_with(sentinel: int) -> None:
    """End this process, even during a computation, when the parent process has ended."""
    wait([sentinel])
    os._exit(1)
