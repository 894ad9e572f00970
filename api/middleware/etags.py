"""Conditional requests: return 304 if the client's ETag still matches (RFC 9110, section 13).

An answer depends on the catalogue, the release, the program with its libraries and settings, the
request, and, through `stale`, on the time. The ETag is a hash of these, so that a request whose
ETag matches is answered without computing the answer again.
"""

import hashlib
import os
import re
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from http import HTTPStatus
from importlib.metadata import distributions
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.middleware.kept_answers import KeptAnswers
from api.middleware.problems import problem
from api.middleware.time_limit import DOWNLOADS
from index.catalogue.catalogue import read_catalogue
from index.catalogue.harvests import FollowedSelection
from index.errors import SeeAlsoError
from index.health.freshness import is_stale
from index.settings import Settings

_ETAG = re.compile(r'(W/)?("[^"]*")')  # an ETag may have commas and blanks
ANY = "*"
NO_MATCH = "the answer has none of the ETags of If-Match: request it without this header"
_WITHOUT_ETAG = {"/v1/status", "/status", "/healthz", "/readyz", "/metrics"}
"""Paths whose answers change with the time."""
_REST = "/v1/"
_FILES = ("catalogue.db", "catalogue.db-wal", "releases/CURRENT")
_PACKAGES = ("api", "index", "classifier")

_SETTLING_NS = 1_000_000_000
"""Files that were changed in the last second may change again without another time."""

_Signature = tuple[tuple[int, int, int] | None, ...]


@dataclass(frozen=True, slots=True)
class _State:
    """Harvest scopes, and the sizes and times of the catalogue files that they were read from."""

    signature: _Signature
    followed: list[FollowedSelection]


class ConditionalRequests:
    """Adds an ETag to each successful answer to GET; returns 304 if the client has that answer.

    Answers under /v1 are kept by ETag, so that a repeated request is not computed again.
    Files have ETags of their own, which change with the file (api/formats/file_download.py).

    Example::

        ETag: "a3f0..."                     # the first answer
        If-None-Match: "a3f0..."            # the next request: 304, if nothing has changed
        If-None-Match: *                    # 304, if the path has an answer at all
        If-Match: "a3f0..."                 # 412, if the answer has another ETag
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._data = settings.data
        self._files = [str(settings.data / name) for name in _FILES]
        self._program = program_signature(settings)
        self._state: _State | None = None
        self._kept = KeptAnswers()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["method"] != "GET" or scope["path"] in DOWNLOADS:
            await self._app(scope, receive, send)
            return
        etag = None
        if scope["path"] not in _WITHOUT_ETAG:
            etag = await self._etag(scope)
        headers = _cache_headers(scope, etag) if etag else {}
        required, held = conditions(scope)
        not_modified = Response(status_code=304, headers=headers)
        if etag in held and required is None:
            await not_modified(scope, receive, send)
            return
        instead: Response | None = None

        async def send_under_conditions(message: Message) -> None:
            nonlocal instead
            if message["type"] == "http.response.start" and message["status"] == 200:
                if required is not None and not required & {ANY, etag}:
                    instead = problem(Request(scope), HTTPStatus.PRECONDITION_FAILED, NO_MATCH)
                elif held & {ANY, etag}:
                    instead = not_modified
                else:
                    _add_missing(MutableHeaders(scope=message), headers)
            if instead is None:
                await send(message)
            elif message["type"] == "http.response.start":
                await instead(scope, receive, send)

        await self._answer(etag, scope, receive, send_under_conditions)

    async def _answer(self, etag: str | None, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the kept answer of this ETag, or have the answer computed."""
        if etag is None or not scope["path"].startswith(_REST) or not self._is_settled():
            await self._app(scope, receive, send)
            return
        key = etag, _address_of_server(scope)
        kept = self._kept.get(key)
        if kept is not None:
            await kept.send(scope, send)
        else:
            await self._app(scope, receive, self._kept.recording(key, scope, send))

    def _is_settled(self) -> bool:
        """Return whether a change from now on changes the times of the files, which are coarse."""
        latest = max((one[2] for one in self._signature() if one), default=0)
        return latest < time.time_ns() - _SETTLING_NS

    async def _etag(self, scope: Scope) -> str | None:
        """Return the strong ETag of the answer; None if the catalogue cannot be read."""
        signature = self._signature()
        state = self._state
        if state is None or state.signature != signature:
            try:
                state = self._state = await run_in_threadpool(self._read_state, signature)
            except SeeAlsoError:
                return None  # the operation reports the error
        headers = Headers(scope=scope)
        parts = (
            self._program,
            signature,
            is_stale(state.followed, datetime.now(UTC)),
            scope["path"],
            scope["query_string"],
            [headers.get(name) for name in _varies_by(scope)],
        )
        return f'"{_digest(parts)}"'

    def _signature(self) -> _Signature:
        return tuple(_file_signature(file) for file in self._files)

    def _read_state(self, signature: _Signature) -> _State:
        with read_catalogue(self._data) as catalogue:
            return _State(signature, catalogue.harvests.followed())


def program_signature(settings: Settings) -> str:
    """Return a hash that changes with the program's files, its libraries, Python and the settings.

    All installed libraries count, since any of them may render an answer or compute a score. The
    token does not count: no answer depends on it.
    """
    root = Path(__file__).resolve().parents[2]
    files = (file for package in _PACKAGES for file in (root / package).rglob("*"))
    changed = max(file.stat().st_mtime_ns for file in files if file.suffix != ".pyc")
    return _digest((changed, sys.version, _libraries(tuple(sys.path)), repr(settings)))


@cache
def _libraries(path: tuple[str, ...]) -> list[str]:
    """Return the names and versions of all libraries installed on an import path."""
    found = {f"{one.metadata['Name']} {one.version}" for one in distributions(path=list(path))}
    return sorted(found)


def _digest(parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]


def _address_of_server(scope: Scope) -> tuple[object, ...]:
    """Return what the links of an answer begin with; ETags do not depend on it."""
    host = Headers(scope=scope).get("host")
    return scope["scheme"], host, str(scope.get("server")), scope.get("root_path")


def _varies_by(scope: Scope) -> tuple[str, ...]:
    """Return the request headers that the answer depends on; only pages depend on User-Agent."""
    return ("Accept",) if scope["path"].startswith(_REST) else ("Accept", "User-Agent")


def _cache_headers(scope: Scope, etag: str) -> dict[str, str]:
    """Return the headers for caches, the same for an answer and for its 304 (RFC 9110, 15.4.5).

    A harvest, a correction or a release may change an answer at any moment. Caches may keep it but
    must revalidate it, which costs the server a look at three files.
    """
    vary = ", ".join(_varies_by(scope))
    return {"ETag": etag, "Cache-Control": "no-cache", "Vary": vary}


def _add_missing(own: MutableHeaders, headers: dict[str, str]) -> None:
    """Add headers to those of an answer; caches may keep static files for longer than others."""
    for name, value in headers.items():
        own.setdefault(name, value)


def conditions(scope: Scope) -> tuple[set[str] | None, set[str]]:
    """Return the ETags of If-Match, None without this header, and those of If-None-Match.

    `*` matches any answer if it is the whole value. ETags are compared strongly for If-Match, which
    weak ones never match, and weakly for If-None-Match (RFC 9110, 13.1.1 and 13.1.2).
    """
    headers = Headers(scope=scope)
    required, held = (",".join(headers.getlist(n)).strip() for n in ("if-match", "if-none-match"))
    strong = {tag for weak, tag in _ETAG.findall(required) if not weak}
    return (
        ({ANY} if required == ANY else strong) if "if-match" in headers else None,
        {ANY} if held == ANY else {tag for _, tag in _ETAG.findall(held)},
    )


def _file_signature(path: str) -> tuple[int, int, int] | None:
    """Return inode, size and modification time of a file; None if it is missing or empty.

    SQLite creates an empty write-ahead log for a reader, which is no change.
    """
    try:
        found = os.stat(path)
    except OSError:
        return None
    return (found.st_ino, found.st_size, found.st_mtime_ns) if found.st_size else None
