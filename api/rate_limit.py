"""How often one client may ask.

A client is the address that the server sees, which behind a proxy is the one that the proxy names
(uvicorn's FORWARDED_ALLOW_IPS). Each worker counts for itself.
"""

import math
import time
from http import HTTPStatus

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import problem

WATCHED = ("/healthz", "/readyz", "/metrics")
"""Asked by who watches the server, as often as they like."""


class RateLimit:
    """Answers 429 to who asked more often than this in any 60 seconds.

    Every answer says how it stands (RateLimit fields, draft-ietf-httpapi-ratelimit-headers-10).
    """

    def __init__(self, app: ASGIApp, per_minute: int) -> None:
        self._app = app
        self._limit = RateLimitItemPerMinute(per_minute)
        self._counts = MovingWindowRateLimiter(MemoryStorage())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["path"] in WATCHED:
            await self._app(scope, receive, send)
            return
        client = (scope.get("client") or ["?"])[0]
        within = self._counts.hit(self._limit, client)
        reset, remaining = self._counts.get_window_stats(self._limit, client)
        wait = max(1, math.ceil(reset - time.time()))

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["RateLimit-Policy"] = f'"client";q={self._limit.amount};w=60'
                headers["RateLimit"] = f'"client";r={remaining};t={wait}'
            await send(message)

        if within:
            await self._app(scope, receive, sent)
            return
        detail = f"more than {self._limit.amount} requests within a minute: wait {wait} seconds"
        refused = problem(Request(scope), HTTPStatus.TOO_MANY_REQUESTS, detail)
        refused.headers["Retry-After"] = str(wait)
        await refused(scope, receive, sent)
