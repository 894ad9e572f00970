"""Rate limit: the requests that one client may make in a minute.

A client is an IP address as the server sees it. Behind a proxy that is the address that the proxy
reports (uvicorn's FORWARDED_ALLOW_IPS). An IPv6 client is a /64 network, because one customer
usually controls all of it. Each worker process counts separately.

Completions and static files are counted apart, each with the same limit: a page that loads its
styles and a reader who types a query use up nothing of what they may read.
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

UNLIMITED = ("/healthz", "/readyz", "/metrics")
"""Paths for monitoring, which is not limited."""
_COUNTED_APART = (
    ("/v1/complete", "completions"),
    ("/opensearch/suggestions", "completions"),
    ("/static/", "files"),
)


class RateLimit:
    """Answers 429 to a client that exceeds the limit within 60 seconds of its first request.

    Every answer reports the limit and what is left of it, in the fields `RateLimit-Policy` and
    `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10).
    """

    def __init__(self, app: ASGIApp, per_minute: int) -> None:
        self._app = app
        self._limit = RateLimitItemPerMinute(per_minute)
        # A moving window would never forget a client (limits 5.8, MemoryStorage).
        self._counts = FixedWindowRateLimiter(MemoryStorage())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["path"] in UNLIMITED:
            await self._app(scope, receive, send)
            return
        client = client_key((scope.get("client") or ["?"])[0])
        policy = _policy_of(scope["path"])
        within = self._counts.hit(self._limit, client, policy)
        reset, remaining = self._counts.get_window_stats(self._limit, client, policy)
        wait = max(1, math.ceil(reset - time.time()))

        async def send_with_limit(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["RateLimit-Policy"] = f'"{policy}";q={self._limit.amount};w=60'
                headers["RateLimit"] = f'"{policy}";r={remaining};t={wait}'
            await send(message)

        if within:
            await self._app(scope, receive, send_with_limit)
            return
        detail = f"more than {self._limit.amount} requests within a minute: retry in {wait} seconds"
        refused = problem(Request(scope), HTTPStatus.TOO_MANY_REQUESTS, detail)
        refused.headers["Retry-After"] = str(wait)
        await refused(scope, receive, send_with_limit)


def _policy_of(path: str) -> str:
    apart = (name for start, name in _COUNTED_APART if path.startswith(start))
    return next(apart, "client")


def client_key(host: str) -> str:
    """Return the client that an address belongs to: the /64 network of IPv6, else the address."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    return host if address.version == 4 else str(ip_network((address.packed, 64), strict=False))
