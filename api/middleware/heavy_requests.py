"""Heavy requests wait in a bounded queue and are computed in a process of their own."""

from dataclasses import dataclass

import anyio
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.middleware.own_process import ComputedResponse, ForwardedRequest, OwnProcess
from api.middleware.problems import problem
from api.middleware.request_cost import HEAVY_POSTS, is_heavy
from index.errors import SeeAlsoError, TooMuchWork

_MAX_WAITING = 16
_SHARE = 2 / 3
"""Of the request timeout, for computing; the rest is for waiting in the queue."""

_FORWARDED = (
    "type asgi http_version method scheme path raw_path query_string root_path headers client "
    "server state"
).split()


@dataclass(frozen=True, slots=True)
class _AnsweringRoute:
    """The route that answered in the other process; requests are counted by its path."""

    path: str


class HeavyRequests:
    """Forwards heavy requests to `process`, one at a time; the others go to `app`.

    A request is refused with 503 if 16 others wait, or if its computation takes more than two
    thirds of the request timeout. It leaves the queue, or its computation is stopped, as soon as it
    times out or its client disconnects.
    """

    def __init__(self, app: ASGIApp, process: OwnProcess, request_timeout: float) -> None:
        self._app = app
        self._process = process
        self._seconds = _SHARE * request_timeout
        self._turn = anyio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["method"] not in ("GET", "POST"):
            await self._app(scope, receive, send)
            return
        path, query, body = scope["path"], scope["query_string"].decode("latin-1"), b""
        has_body = scope["method"] == "POST" and path.rstrip("/") in HEAVY_POSTS
        if has_body:
            try:
                arrived = await _whole_body(receive)
            except HTTPException as error:
                refused = problem(Request(scope), error.status_code, str(error.detail))
                await refused(scope, receive, send)
                return
            if arrived is None:
                return
            body = arrived
        if is_heavy(path, query, body):
            response = await self._forward(scope, body, receive)
            if response is not None:
                await response(scope, receive, send)
        else:
            await self._app(scope, _repeat(body, receive) if has_body else receive, send)

    async def _forward(self, scope: Scope, body: bytes, receive: Receive) -> Response | None:
        """Return the response to a heavy request; None if its client disconnects before."""
        forwarded = ForwardedRequest({k: scope[k] for k in _FORWARDED if k in scope}, body)
        response: Response | None = None

        async def answer() -> None:
            nonlocal response
            try:
                computed = await self._compute(forwarded)
            except SeeAlsoError as error:
                response = problem(Request(scope), error.status, str(error), error.title)
            else:
                response = Response(computed.body, computed.status)
                response.raw_headers = computed.headers
                scope["route"] = _AnsweringRoute(computed.route or "none")
            group.cancel_scope.cancel()

        async with anyio.create_task_group() as group:
            group.start_soon(answer)
            while (await receive())["type"] != "http.disconnect":
                pass
            group.cancel_scope.cancel()
        return response

    async def _compute(self, request: ForwardedRequest) -> ComputedResponse:
        if self._turn.statistics().tasks_waiting >= _MAX_WAITING:
            raise TooMuchWork(
                f"{_MAX_WAITING} other heavy requests are waiting: try again later; lists of "
                "papers still work"
            )
        async with self._turn:
            with anyio.move_on_after(self._seconds):
                return await self._process.compute(request)
        raise TooMuchWork(
            f"the request needs more than {self._seconds:.3g} seconds of computing: send fewer "
            "papers or references, shorter texts, or a lower limit"
        )


async def _whole_body(receive: Receive) -> bytes | None:
    """Return the body of a request; None if the client disconnects before its end."""
    parts = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


def _repeat(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that gives a body that has been read, and then what follows it."""
    first: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_again() -> Message:
        return first.pop() if first else await receive()

    return receive_again
