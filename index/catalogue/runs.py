"""Log of runs with their counts, bookmarks of interrupted loads, and the harvest scope."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlite_utils import Database

from index.arxiv.paper import Change

# A nightly run also counts the texts that it embeds and tags.
_RECORD_COUNTS = {*Change, "rejected"}
ADDS_PAPERS = "(kind LIKE 'ingest%' OR kind IN ('nightly', 'follow'))"
"""The SQL condition of runs that store papers."""
# The same day as `index.health.freshness.newest_announcement`.
_START = """
    INSERT INTO runs (kind, started, outcome, counts, papers_before, newest_before)
    VALUES (?, ?, 'running', '{}', (SELECT coalesce(max(number), 0) FROM papers), coalesce(
        (SELECT max(day) FROM days WHERE listed > 0),
        (SELECT max(updated) FROM papers WHERE length(updated) = 10)))
"""


@dataclass(frozen=True, slots=True)
class Run:
    """One run. `outcome` is "running", "done", "interrupted" or the message of an error."""

    kind: str
    started: str
    finished: str | None
    outcome: str
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class StoringRun:
    """A run that stores papers, and what the catalogue had when it began.

    `papers_before` is the largest number of a paper then, and `newest_before` the newest
    announcement, None if there was none. Both are None for a run of an earlier version.
    """

    number: int
    kind: str
    started: datetime
    finished: datetime | None
    papers_before: int | None
    newest_before: date | None


def utc_now() -> str:
    """Return the present time in UTC, ISO 8601 with seconds."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class RunLog:
    """Reads and writes run records, bookmarks and the harvest scope."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def start(self, kind: str) -> int:
        """Open a record, with what the catalogue has so far, and return its number."""
        with self._db.atomic():
            cursor = self._db.execute(_START, [kind, utc_now()])
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def finish(self, number: int, outcome: str, counts: Mapping[str, int]) -> None:
        """Close a record with its outcome and counts."""
        with self._db.atomic():
            self._db.execute(
                "UPDATE runs SET finished = ?, outcome = ?, counts = ? WHERE number = ?",
                [utc_now(), outcome, json.dumps(dict(counts)), number],
            )

    def close_interrupted(self, error: str | None = None) -> None:
        """Close the records of killed runs, and of one that could not record its error.

        The caller must hold the run lock.
        """
        with self._db.atomic():
            self._db.execute(
                "UPDATE runs SET finished = ?, outcome = ? WHERE finished IS NULL",
                [utc_now(), error or "interrupted"],
            )

    def bookmark(self, file: str) -> int:
        """Return how many lines of a file an interrupted run has stored."""
        row = self._db.execute("SELECT line FROM bookmarks WHERE file = ?", [file]).fetchone()
        return int(row[0]) if row else 0

    def save_bookmark(self, file: str, line: int | None) -> None:
        """Store how many lines of a file are stored; None once the file is complete."""
        with self._db.atomic():
            if line is None:
                self._db.execute("DELETE FROM bookmarks WHERE file = ?", [file])
            else:
                self._db.execute(
                    "INSERT OR REPLACE INTO bookmarks (file, line) VALUES (?, ?)", [file, line]
                )

    def last(self, kind_prefix: str = "") -> Run | None:
        """Return the latest finished run whose kind has this prefix."""
        return self._last("kind LIKE ? || '%'", [kind_prefix])

    def last_ingest(self, outcome: str = "") -> Run | None:
        """Return the latest finished ingest or nightly run, with this outcome if given."""
        return self._last(
            f"{ADDS_PAPERS} AND (? = '' OR outcome = ?)",
            [outcome, outcome],
        )

    def latest_ingest_number(self) -> int | None:
        """Return the number of the latest ingest or nightly run, also if it is still running."""
        number: int | None = self._db.execute(
            f"SELECT max(number) FROM runs WHERE {ADDS_PAPERS}"  # noqa: S608 - ours
        ).fetchone()[0]
        return number

    def storing(self) -> list[StoringRun]:
        """Return all runs that store papers, in their order; the last may be still running."""
        rows = self._db.execute(
            "SELECT number, kind, started, finished, papers_before, newest_before FROM runs "  # noqa: S608 - ours
            f"WHERE {ADDS_PAPERS} ORDER BY number"
        )
        return [
            StoringRun(
                number,
                kind,
                datetime.fromisoformat(started),
                datetime.fromisoformat(finished) if finished else None,
                before,
                date.fromisoformat(newest) if newest else None,
            )
            for number, kind, started, finished, before, newest in rows.fetchall()
        ]

    def counts_of(self, number: int) -> dict[str, int]:
        """Return the counts of one run."""
        row = self._db.execute("SELECT counts FROM runs WHERE number = ?", [number]).fetchone()
        counts: dict[str, int] = json.loads(row[0])
        return counts

    def ingest_totals(self) -> dict[str, int]:
        """Return how many records all ingest and nightly runs have read, by kind of change."""
        rows = self._db.execute(
            "SELECT key, sum(value) FROM runs, json_each(counts) "  # noqa: S608 - ours
            f"WHERE {ADDS_PAPERS} GROUP BY key"
        )
        return {kind: count for kind, count in rows.fetchall() if kind in _RECORD_COUNTS}

    def last_tagging(self) -> str | None:
        """Return when the latest finished run that tags papers began."""
        run = self._last("kind IN ('nightly', 'follow', 'update')", [])
        return run.started if run else None

    def recent(self, limit: int) -> list[Run]:
        """Return the latest runs, newest first."""
        return self._runs("1", [], limit)

    def _last(self, where: str, values: list[str]) -> Run | None:
        runs = self._runs(f"{where} AND finished IS NOT NULL", values, 1)
        return runs[0] if runs else None

    def _runs(self, where: str, values: list[str], limit: int) -> list[Run]:
        rows = self._db.execute(
            "SELECT kind, started, finished, outcome, counts FROM runs "  # noqa: S608 - ours
            f"WHERE {where} ORDER BY number DESC LIMIT ?",
            [*values, limit],
        )
        return [
            Run(kind, started, finished, outcome, json.loads(counts))
            for kind, started, finished, outcome, counts in rows.fetchall()
        ]

    def add_scope(self, source: str, selection: str) -> None:
        """Store that papers were ingested from this selection of a source."""
        with self._db.atomic():
            self._db.execute(
                "INSERT OR IGNORE INTO harvest_scope (source, selection) VALUES (?, ?)",
                [source, selection],
            )

    def scope(self) -> list[tuple[str, str]]:
        """Return every source and selection that papers were ingested from."""
        return self._db.execute(
            "SELECT source, selection FROM harvest_scope ORDER BY 1, 2"
        ).fetchall()
