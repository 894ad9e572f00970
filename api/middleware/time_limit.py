"""How long a request may take: to arrive, to wait for a free thread, and to be answered."""

import asyncio
from http import HTTPStatus

import anyio
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.middleware.problems import problem


class TimeLimit:
    """Answers 408 where the body, 503 where the answer is not there in time.

    A request that waits for a free thread then leaves the queue. One that is being computed cannot
    be stopped: it keeps its thread to its end, so that there are never more of them at work than
    may be, and what it finds is dropped. An answer that its client reads too slowly is broken off.
    """

    def __init__(self, app: ASGIApp, seconds: float) -> None:
        self._app = app
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        reading = started = given_up = False
        work = anyio.CancelScope()

        async def received() -> Message:
            nonlocal reading
            reading = True
            message = await receive()
            reading = message.get("more_body", False)
            return message

        async def sent(message: Message) -> None:
            nonlocal started
            if not given_up:
                started = True
                await send(message)

        async def answer() -> None:
            # Not Task.cancel(), which would free the place of a thread that goes on.
            with work:
                await self._app(scope, received, sent)

        task = asyncio.create_task(answer())
        try:
            await asyncio.wait({task}, timeout=self._seconds)
        finally:
            if not task.done():
                work.cancel()
        if task.done():
            task.result()
            return
        given_up = True
        if not started:
            await self._refusal(scope, receive, send, reading)

    async def _refusal(self, scope: Scope, receive: Receive, send: Send, reading: bool) -> None:
        within = f"within {self._seconds:g} seconds"
        if reading:
            payload = problem(
                Request(scope), HTTPStatus.REQUEST_TIMEOUT, f"the body did not arrive {within}"
            )
            payload.headers["Connection"] = "close"
        else:
            payload = problem(
                Request(scope),
                HTTPStatus.SERVICE_UNAVAILABLE,
                f"too much is asked at once: no answer {within}",
            )
        await payload(scope, receive, send)
