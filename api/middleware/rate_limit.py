"""How often one client may ask.

A client is the address that the server sees, which behind a proxy is the one that the proxy names
(uvicorn's FORWARDED_ALLOW_IPS); of an IPv6 address the first 64 bits, for who has one has them all.
Each worker counts for itself.
"""

import math
import time
from http import HTTPStatus
from ipaddress import ip_address, ip_network

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.middleware.problems import problem

WATCHED = ("/healthz", "/readyz", "/metrics")
"""Asked by who watches the server, as often as they like."""


class RateLimit:
    """Answers 429 to who asked more often than this within 60 seconds of its first request.

    Every answer says how it stands (RateLimit fields, draft-ietf-httpapi-ratelimit-headers-10).
    """

    def __init__(self, app: ASGIApp, per_minute: int) -> None:
        self._app = app
        self._limit = RateLimitItemPerMinute(per_minute)
        # A moving window would keep every client that ever asked (limits 5.8, MemoryStorage).
        self._counts = FixedWindowRateLimiter(MemoryStorage())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["path"] in WATCHED:
            await self._app(scope, receive, send)
            return
        client = client_of((scope.get("client") or ["?"])[0])
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


def client_of(host: str) -> str:
    """Whom a host's address counts for: its IPv6 network, else itself."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    return host if address.version == 4 else str(ip_network((address.packed, 64), strict=False))
