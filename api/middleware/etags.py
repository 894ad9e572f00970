"""What is asked again and has not changed is not made again: ETag and 304 (RFC 9110, section 13).

An answer is made of the catalogue, the release, this program and the question; and, through
`stale`, of the hour. The tag is made of the same, without making the answer.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from index.catalogue.catalogue import read_catalogue
from index.catalogue.harvests import FollowedSelection
from index.errors import SeeAlsoError
from index.health.freshness import is_stale

_BY_THE_CLOCK = {"/v1/status", "/status", "/healthz", "/readyz", "/metrics"}
_REST = "/v1/"
_FILES = ("catalogue.db", "catalogue.db-wal", "releases/CURRENT")

_Signature = tuple[tuple[int, int, int] | None, ...]


@dataclass(frozen=True, slots=True)
class _State:
    """What is followed, as the catalogue had it when its files looked so."""

    signature: _Signature
    followed: list[FollowedSelection]


class ConditionalRequests:
    """Tags every answer to GET, and answers 304 where the client holds the one that is due."""

    def __init__(self, app: ASGIApp, data: Path) -> None:
        self._app = app
        self._data = data
        self._program = _program()
        self._state: _State | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        asked = scope["type"] == "http" and scope["method"] == "GET"
        if not asked or scope["path"] in _BY_THE_CLOCK:
            await self._app(scope, receive, send)
            return
        tag = await run_in_threadpool(self._tag, scope)
        if tag and tag in _held(scope):
            await Response(status_code=304, headers=_cached_by(scope, tag))(scope, receive, send)
            return

        async def tagged(message: Message) -> None:
            if tag and message["type"] == "http.response.start" and message["status"] == 200:
                MutableHeaders(scope=message).update(_cached_by(scope, tag))
            await send(message)

        await self._app(scope, receive, tagged)

    def _tag(self, scope: Scope) -> str | None:
        """The strong ETag of the answer; None where no catalogue can be read."""
        signature = tuple(_looks(self._data / name) for name in _FILES)
        state = self._state
        if state is None or state.signature != signature:
            try:
                with read_catalogue(self._data) as catalogue:
                    state = self._state = _State(signature, catalogue.harvests.followed())
            except SeeAlsoError:
                return None  # who answers will say why
        headers = Headers(scope=scope)
        parts = (
            self._program,
            signature,
            is_stale(state.followed, datetime.now(UTC)),
            scope["path"],
            scope["query_string"],
            [headers.get(name) for name in _varies_by(scope)],
        )
        return f'"{hashlib.sha256(repr(parts).encode()).hexdigest()[:32]}"'


def _varies_by(scope: Scope) -> tuple[str, ...]:
    """The headers of a request that its answer depends on; only a page depends on who asks."""
    return ("Accept",) if scope["path"].startswith(_REST) else ("Accept", "User-Agent")


def _cached_by(scope: Scope, tag: str) -> dict[str, str]:
    """What caches are told of an answer, and told again with a 304 (RFC 9110, 15.4.5).

    A night, a correction or a release may change it at any moment, so it may be kept but must be
    asked after: that costs a look at three files. A time to live would show what is no more so.
    """
    vary = ", ".join(_varies_by(scope))
    return {"ETag": tag, "Cache-Control": "no-cache", "Vary": vary}


def _held(scope: Scope) -> list[str]:
    """The tags of the answers that the client holds; a weak one will do (RFC 9110, 13.1.2)."""
    tags = Headers(scope=scope).get("if-none-match", "").split(",")
    return [tag.strip().removeprefix("W/") for tag in tags]


def _looks(path: Path) -> tuple[int, int, int] | None:
    """What tells a file from what it was; None where there is none, or nothing in it.

    SQLite makes an empty log for a reader.
    """
    try:
        found = path.stat()
    except OSError:
        return None
    return (found.st_ino, found.st_size, found.st_mtime_ns) if found.st_size else None


def _program() -> int:
    """What tells this program from an older or newer one: when its files were last changed."""
    rooms = Path(__file__).resolve().parents[2]
    files = (file for room in ("api", "index", "classifier") for file in (rooms / room).rglob("*"))
    return max(file.stat().st_mtime_ns for file in files if file.suffix != ".pyc")
