"""The harvest scope as the user recorded it, and the records that are outside it."""

from collections.abc import Mapping
from datetime import date

from sqlite_utils import Database


class HarvestScope:
    """Changes the harvest scope, and stores which records were read but are outside it.

    `HarvestLog.followed` returns the scope with the state of each selection.

        with catalogue.atomic():
            catalogue.scope.follow("cs:cs:CL", date(2023, 1, 1), first_day=date(2022, 12, 30))
        catalogue.scope.unfollow("cs:cs:CL")
    """

    def __init__(self, db: Database) -> None:
        self._db = db

    def follow(self, selection: str, submitted_since: date, first_day: date) -> None:
        """Follow a selection's papers submitted since a day; list all from a datestamp on again.

        What was listed before is listed again: papers that were outside the scope then may be
        within it now.
        """
        with self._db.atomic():
            self._db.execute(
                "INSERT INTO followed (selection, since, submitted_since, pending) "
                "VALUES (?, ?, ?, 1) ON CONFLICT DO UPDATE SET since = min(since, excluded.since), "
                "submitted_since = excluded.submitted_since, pending = 1, unfinished = NULL",
                [selection, first_day.isoformat(), submitted_since.isoformat()],
            )
            self._db.execute("DELETE FROM skipped")

    def unfollow(self, selection: str) -> None:
        """Remove a selection and the state of its harvests; papers stay."""
        with self._db.atomic():
            for table in ("followed", "days", "stretches"):
                self._db.execute(
                    f"DELETE FROM {table} WHERE selection = ?",  # noqa: S608 - our tables
                    [selection],
                )

    def save_skipped(self, datestamps: Mapping[str, date]) -> None:
        """Store the OAI datestamps of records that were read but not stored, by canonical id."""
        with self._db.atomic():
            self._db.conn.executemany(
                "INSERT OR REPLACE INTO skipped (id, datestamp) VALUES (?, ?)",
                [(paper_id, day.isoformat()) for paper_id, day in datestamps.items()],
            )

    def ids_submitted_on(self, day: date, month: str) -> list[str]:
        """Return the ids of a month ("2310") of the papers submitted on this day."""
        rows = self._db.execute(
            "SELECT id FROM papers WHERE submitted = ? AND id >= ? AND id < ?",
            [day.isoformat(), f"{month}.", f"{month}/"],
        )
        return [paper_id for (paper_id,) in rows.fetchall()]
