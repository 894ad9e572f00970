"""The request log: one JSON line per request, with an id that the response has too.

A line has no headers and no query string, since those contain tokens and search terms.
"""

import json
import logging
import re
import secrets
import time
from datetime import UTC, datetime
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_WELL_FORMED = re.compile(r"[A-Za-z0-9._-]{1,64}")
_MAX_PATH_LENGTH = 300
_log = logging.getLogger("seealso.requests")


class RequestLog:
    """Middleware that gives each request an id and logs the outcome.

    A well-formed `X-Request-ID` of the client is used; otherwise an id is generated. The id is
    `request_id` in the state of the scope and `X-Request-ID` in the response.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request and log it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if _WELL_FORMED.fullmatch(given) else secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = request_id
        status: int | None = None  # if the client disconnects before the response
        size = 0

        async def send_and_note(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-ID"] = request_id
            size += len(message.get("body", b""))
            await send(message)

        try:
            await self._app(scope, receive, send_and_note)
        finally:
            client = scope.get("client")
            fields = {
                "id": request_id,
                "method": scope["method"],
                "path": scope["path"][:_MAX_PATH_LENGTH],
                "status": status,
                "ms": round(1000 * (time.perf_counter() - began), 1),
                "bytes": size,
                "client": client[0] if client else None,
            }
            _log.info("request", extra={"fields": fields})


class JsonLines(logging.Formatter):
    """Formats a record as JSON: time, level, logger, message, its `fields` and traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line of ASCII, which untrusted text cannot break."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line)


# At INFO, uvicorn logs each start and each connection; its warnings are worth a line.
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": JsonLines}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"seealso": {"level": "INFO"}, "uvicorn": {"level": "WARNING"}},
}
