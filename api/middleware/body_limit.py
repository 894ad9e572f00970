"""Limits on the size of a request: the bytes of its body, and of its path and query."""

from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.middleware.problems import problem

MAX_ADDRESS_LENGTH = 32_768
"""Maximum bytes of path and query together: enough for a page of text in `q` and all filters."""


class BodyLimit:
    """Refuses a body that is too large (413) and a path with query that is too long (414)."""

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self._app = app
        self._max_bytes = max_bytes

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
        declared = int(Headers(scope=scope).get("content-length", "0"))
        read = 0

        async def receive_limited() -> Message:
            nonlocal read
            # FastAPI reports any error here except HTTPException as an unreadable body.
            if declared > self._max_bytes:
                raise self._too_large()
            message = await receive()
            read += len(message.get("body", b""))
            if read > self._max_bytes:
                raise self._too_large()
            return message

        await self._app(scope, receive_limited, send)

    def _too_large(self) -> HTTPException:
        detail = f"the body has more than {self._max_bytes:,} bytes: send a smaller one"
        return HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail)
