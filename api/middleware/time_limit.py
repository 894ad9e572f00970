"""Time limit of a request: to arrive, to wait for a free thread, and to be answered."""

import asyncio
from http import HTTPStatus

import anyio
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.middleware.problems import problem
from index.work_limit import WorkLimit

DOWNLOADS = {"/v1/vectors"}
"""Paths of files that may be too large for one time limit."""


class _Deadline:
    """The end of a request's time; if it `restarts`, the time of each block that was sent."""

    def __init__(self, seconds: float, restarts: bool) -> None:
        self._clock = asyncio.get_running_loop().time
        self._seconds = seconds
        self._restarts = restarts
        self._end = self._clock() + seconds

    def note_progress(self) -> None:
        """Begin again, because the client has read a block."""
        if self._restarts:
            self._end = self._clock() + self._seconds

    async def wait_for(self, task: asyncio.Task[None]) -> None:
        """Wait until a task ends or its time is over."""
        while not task.done() and (left := self._end - self._clock()) > 0:
            await asyncio.wait({task}, timeout=left)


class TimeLimit:
    """Answers 408 if the body does not arrive in time, 503 if the answer is not ready in time.

    A request that still waits for a free thread then leaves the queue. A computation ends at its
    next step (index/work_limit.py). It keeps its thread until then, so that the limit on threads is
    kept, and its result is discarded. An answer that its client reads too slowly is cut off: for
    files, if one block is not read in time; for others, if the whole is not.
    """

    def __init__(self, app: ASGIApp, seconds: float) -> None:
        self._app = app
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        reading = arrived = started = timed_out = False
        work = anyio.CancelScope()
        limit = WorkLimit(self._seconds)
        deadline = _Deadline(self._seconds, restarts=scope["path"] in DOWNLOADS)

        async def receive_noting_body() -> Message:
            nonlocal reading, arrived
            reading = not arrived
            message = await receive()
            reading = message.get("more_body", False)
            arrived = not reading
            return message

        async def send_in_time(message: Message) -> None:
            nonlocal started
            if not timed_out:
                started = True
                await send(message)
                deadline.note_progress()

        async def answer() -> None:
            # Task.cancel() would release the thread's slot while the thread still runs.
            with work, limit.applied():
                await self._app(scope, receive_noting_body, send_in_time)

        task = asyncio.create_task(answer())
        try:
            await deadline.wait_for(task)
        finally:
            if not task.done():
                limit.cancel()
                work.cancel()
        if task.done():
            task.result()
            return
        timed_out = True
        if not started:
            await self._refuse(scope, receive, send, reading)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send, reading: bool) -> None:
        within = f"within {self._seconds:g} seconds"
        if reading:
            response = problem(
                Request(scope), HTTPStatus.REQUEST_TIMEOUT, f"the body did not arrive {within}"
            )
            response.headers["Connection"] = "close"
        else:
            response = problem(
                Request(scope),
                HTTPStatus.SERVICE_UNAVAILABLE,
                f"the server is busy: no answer {within}; retry later",
            )
        await response(scope, receive, send)
