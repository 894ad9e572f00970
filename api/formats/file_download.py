"""A file as an answer that a client can resume: ETag, Range and If-Range (RFC 9110, section 14)."""

import logging
import os
import re
from http import HTTPStatus
from typing import BinaryIO

import anyio
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.middleware.etags import ANY, NO_MATCH, conditions
from api.middleware.head_requests import HEADERS_ONLY
from api.middleware.problems import problem

_BLOCK = 2**18
_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})", re.IGNORECASE)
_log = logging.getLogger("seealso.api")


class FileDownload(Response):
    """Sends an open file block by block, and closes it.

    The file was opened before its size is read, so that another file of the same name changes
    nothing of this answer. A request for several ranges gets the whole file, as RFC 9110 allows.
    """

    def __init__(self, file: BinaryIO, media_type: str) -> None:
        self._file = file
        found = os.fstat(file.fileno())
        self._size = found.st_size
        self._etag = f'"{found.st_ino:x}-{found.st_size:x}-{found.st_mtime_ns:x}"'
        headers = {
            "ETag": self._etag,
            "Cache-Control": "no-cache",
            "Accept-Ranges": "bytes",
            "Content-Length": str(self._size),
        }
        super().__init__(headers=headers, media_type=media_type)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        with self._file:
            answer = self._instead(scope)
            if answer is not None:
                await answer(scope, receive, send)
                return
            span = None if HEADERS_ONLY in scope else self._range(Headers(scope=scope))
            if span is None:
                span = range(self._size)
            else:
                self.status_code = HTTPStatus.PARTIAL_CONTENT
                self.headers["Content-Length"] = str(len(span))
                self.headers["Content-Range"] = f"bytes {span.start}-{span.stop - 1}/{self._size}"
            start = {"status": self.status_code, "headers": self.raw_headers}
            await send({"type": "http.response.start", **start})
            if HEADERS_ONLY in scope:
                await send({"type": "http.response.body", "body": b""})
            else:
                await self._send_unless_gone(span, receive, send)

    def _instead(self, scope: Scope) -> Response | None:
        """Return the answer to a request whose conditions or range do not fit the file."""
        request = Request(scope)
        required, held = conditions(scope)
        if required is not None and not required & {ANY, self._etag}:
            return problem(request, HTTPStatus.PRECONDITION_FAILED, NO_MATCH)
        if held & {ANY, self._etag}:
            names = ("ETag", "Cache-Control")
            return Response(status_code=304, headers={name: self.headers[name] for name in names})
        span = None if HEADERS_ONLY in scope else self._range(request.headers)
        if span is None or span:
            return None
        detail = f"the file has {self._size} bytes, and none in this range"
        refused = problem(request, HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, detail)
        refused.headers["Content-Range"] = f"bytes */{self._size}"
        return refused

    def _range(self, headers: Headers) -> range | None:
        """Return the requested bytes, empty if the file has none of them; None for all."""
        found = _RANGE.fullmatch(headers.get("range", "").strip())
        if found is None or headers.get("if-range", self._etag) != self._etag:
            return None
        first, last = found.groups()
        if not first:
            return range(max(self._size - int(last), 0), self._size) if last else None
        if last and int(last) < int(first):
            return None
        end = min(int(last) + 1, self._size) if last else self._size
        return range(int(first), max(end, int(first)))

    async def _send_unless_gone(self, span: range, receive: Receive, send: Send) -> None:
        """Send the bytes; stop when the client disconnects."""
        async with anyio.create_task_group() as group:

            async def stop_when_gone() -> None:
                while (await receive())["type"] != "http.disconnect":
                    pass
                group.cancel_scope.cancel()

            group.start_soon(stop_when_gone)
            await self._send_bytes(span, send)
            group.cancel_scope.cancel()

    async def _send_bytes(self, span: range, send: Send) -> None:
        sent = 0
        while True:
            offset, length = span.start + sent, min(_BLOCK, len(span) - sent)
            block = await anyio.to_thread.run_sync(os.pread, self._file.fileno(), length, offset)
            if length and not block:
                # The server then closes the connection, from which the client sees that it lacks
                # the rest.
                _log.error("%s became shorter while it was sent", self._file.name)
                return
            sent += len(block)
            more = sent < len(span)
            await send({"type": "http.response.body", "body": block, "more_body": more})
            if not more:
                return
