"""What the server logs, on standard error: a JSON object a line."""

import json
import logging
from datetime import UTC, datetime
from typing import Any


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
