"""How much a client may send: the bytes of a body, and of the address with its query."""

from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.middleware.problems import problem

MAX_ADDRESS_LENGTH = 32_768
"""Bytes of path and query together: a page of text in `q` and every condition beside it."""


class BodyLimit:
    """Refuses a body over the limit, whether its length is announced or not; and an address."""

    def __init__(self, app: ASGIApp, most: int) -> None:
        self._app = app
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > MAX_ADDRESS_LENGTH:
            detail = (
                f"path and query have more than {MAX_ADDRESS_LENGTH:,} bytes: send a shorter text"
            )
            refused = problem(Request(scope), HTTPStatus.REQUEST_URI_TOO_LONG, detail)
            await refused(scope, receive, send)
            return
        announced = int(Headers(scope=scope).get("content-length", "0"))
        read = 0

        async def received() -> Message:
            nonlocal read
            # HTTPException: FastAPI takes any other error while it reads for a body it cannot read.
            if announced > self._most:
                raise self._too_large()
            message = await receive()
            read += len(message.get("body", b""))
            if read > self._most:
                raise self._too_large()
            return message

        await self._app(scope, received, send)

    def _too_large(self) -> HTTPException:
        detail = f"the body has more than {self._most:,} bytes: send a part of it"
        return HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail)
