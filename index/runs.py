"""The record of what was run, when, and with what counts; and what this catalogue follows."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlite_utils import Database


@dataclass(frozen=True, slots=True)
class Run:
    """One run. `outcome` is "running", "done" or the message of the error that ended it."""

    kind: str
    started: str
    finished: str | None
    outcome: str
    counts: dict[str, int]


def now() -> str:
    """The present second in UTC, ISO 8601."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class RunLog:
    """Writes and reads the run records."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def start(self, kind: str) -> int:
        """Open a record; returns its number."""
        with self._db.atomic():
            cursor = self._db.execute(
                "INSERT INTO runs (kind, started, outcome, counts) VALUES (?, ?, 'running', '{}')",
                [kind, now()],
            )
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def finish(self, number: int, outcome: str, counts: Mapping[str, int]) -> None:
        """Close a record with its outcome and counts."""
        with self._db.atomic():
            self._db.execute(
                "UPDATE runs SET finished = ?, outcome = ?, counts = ? WHERE number = ?",
                [now(), outcome, json.dumps(dict(counts)), number],
            )

    def last(self, kind_prefix: str = "", outcome: str = "") -> Run | None:
        """The latest finished run whose kind and outcome start so."""
        row = self._db.execute(
            "SELECT kind, started, finished, outcome, counts FROM runs "
            "WHERE kind LIKE ? || '%' AND outcome LIKE ? || '%' AND finished IS NOT NULL "
            "ORDER BY number DESC LIMIT 1",
            [kind_prefix, outcome],
        ).fetchone()
        if row is None:
            return None
        kind, started, finished, outcome, counts = row
        return Run(kind, started, finished, outcome, json.loads(counts))

    def follow(self, source: str, selection: str) -> None:
        """Note that papers were taken from this selection of a source."""
        with self._db.atomic():
            self._db.execute(
                "INSERT OR IGNORE INTO harvest_scope VALUES (?, ?)", [source, selection]
            )

    def scope(self) -> list[tuple[str, str]]:
        """Source and selection of all that papers were ever taken from."""
        return self._db.execute("SELECT * FROM harvest_scope ORDER BY 1, 2").fetchall()
