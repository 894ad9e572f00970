"""HEAD requests: the headers of GET without the content (RFC 9110, section 9.3.2)."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS_ONLY = "seealso.headers_only"
"""The key of a scope whose content is discarded: a large file need not be read."""


class HeadRequests:
    """Answers HEAD as GET, and sends only the headers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def send_headers_only(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        as_get = {**scope, "method": "GET", HEADERS_ONLY: True}
        try:
            await self._app(as_get, receive, send_headers_only)
        finally:
            if "route" in as_get:  # the outer middleware logs and counts by route
                scope["route"] = as_get["route"]
