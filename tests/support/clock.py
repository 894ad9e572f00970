"""The clock that a test sets."""

from datetime import datetime
from typing import Any

import pytest

_MODULES = (
    "index.health.freshness",
    "index.health.status",
    "ingest.oai.harvest",
    "ingest.nightly",
    "ingest.scope",
)


def set_clock(monkeypatch: pytest.MonkeyPatch, moment: datetime, *modules: str) -> None:
    """Set the clock of the modules that compare times, and of these modules.

    The times in the records of runs are still the real ones.
    """

    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> "Clock":
            return cls.fromtimestamp(moment.timestamp(), tz)

    for name in (*_MODULES, *modules):
        monkeypatch.setattr(f"{name}.datetime", Clock)
