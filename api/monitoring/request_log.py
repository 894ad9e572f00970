"""One line for each request, under an id that its answer bears too.

The line holds no header and no query: a token comes in the one, what people look for in the other.
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
    """Gives each request an id, the client's where it is well formed, and logs how it ended.

    The id is `request_id` in the scope's state, and `X-Request-ID` in request and answer.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if _WELL_FORMED.fullmatch(given) else secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = request_id
        status: int | None = None  # stays so where the client left before the answer
        size = 0

        async def sent(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-ID"] = request_id
            size += len(message.get("body", b""))
            await send(message)

        try:
            await self._app(scope, receive, sent)
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
    """A record's time, level, logger and message; its `fields`; and its traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """The record on one line, in ASCII, so that no stranger's text can break or bend it."""
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


# uvicorn tells of each start and each connection at INFO; what it warns of is worth a line.
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": JsonLines}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"seealso": {"level": "INFO"}, "uvicorn": {"level": "WARNING"}},
}
