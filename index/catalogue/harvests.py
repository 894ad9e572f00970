"""What is followed night by night: how far each selection is complete, and what was missing.

A selection is an OAI set, or "" for all of arXiv.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlite_utils import Database

from index.arxiv.calendar import Calendar
from index.arxiv.numbering import IdRange

EVERYTHING = ""


@dataclass(frozen=True, slots=True)
class HarvestCheckpoint:
    """Where a harvest stands that has not come to its end.

    `began` is the responseDate of its first page; `newest` the latest datestamp that it has seen,
    `token` what the server gave to go on with, None after the last page.
    """

    format: str
    first_day: date
    began: datetime
    newest: date
    token: str | None


@dataclass(frozen=True, slots=True)
class FollowedSelection:
    """A selection that is followed: nothing since this day was left out, up to `complete`.

    `complete` is arXiv's responseDate at the start of the last harvest that came to its end,
    `next_due` the moment at which the first announcement after it should appear.
    """

    selection: str
    since: date
    complete: datetime | None
    next_due: datetime | None


@dataclass(frozen=True, slots=True)
class Day:
    """How many records arXiv listed under a datestamp, and how many of them are not here."""

    day: date
    listed: int
    missing: int


class HarvestLog:
    """Reads and writes what is followed."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def followed(self) -> list[FollowedSelection]:
        """Every selection that is followed."""
        return [
            FollowedSelection(
                selection, date.fromisoformat(since), _datetime(complete), _datetime(next_due)
            )
            for selection, since, complete, next_due in self._db.execute(
                "SELECT selection, since, complete, next_due FROM followed ORDER BY selection"
            ).fetchall()
        ]

    def of(self, selection: str) -> FollowedSelection | None:
        """One selection, None where it is not followed."""
        return next((one for one in self.followed() if one.selection == selection), None)

    def checkpoint(self, selection: str) -> HarvestCheckpoint | None:
        """The harvest of this selection that was broken off, None where there is none."""
        row = self._db.execute(
            "SELECT unfinished FROM followed WHERE selection = ?", [selection]
        ).fetchone()
        if row is None or row[0] is None:
            return None
        held = json.loads(row[0])
        return HarvestCheckpoint(
            format=held["format"],
            first_day=date.fromisoformat(held["first_day"]),
            began=datetime.fromisoformat(held["began"]),
            newest=date.fromisoformat(held["newest"]),
            token=held["token"],
        )

    def save_checkpoint(self, selection: str, checkpoint: HarvestCheckpoint) -> None:
        """Note where a harvest stands."""
        with self._db.atomic():
            self._db.execute(
                "INSERT INTO followed (selection, since, unfinished) VALUES (?, ?, ?) "
                "ON CONFLICT DO UPDATE SET unfinished = excluded.unfinished",
                [
                    selection,
                    checkpoint.first_day.isoformat(),
                    json.dumps(asdict(checkpoint), default=str),
                ],
            )

    def finish(self, selection: str, first_day: date, began: datetime, calendar: Calendar) -> None:
        """Note that all since `first_day` is here, as arXiv had it at the moment `began`.

        A harvest that leaves out days since the last complete one does not move what is complete.
        """
        held = self.of(selection)
        since, complete = first_day, began
        if held is not None and held.complete is not None:
            since = min(held.since, first_day)
            if first_day > held.complete.date():
                complete = held.complete
            else:
                complete = max(held.complete, began)
        with self._db.atomic():
            self._db.execute(
                "INSERT OR REPLACE INTO followed (selection, since, complete, next_due) "
                "VALUES (?, ?, ?, ?)",
                [
                    selection,
                    since.isoformat(),
                    complete.isoformat(),
                    calendar.next_due(complete).isoformat(),
                ],
            )

    def save_datestamps(self, datestamps: Mapping[str, date]) -> None:
        """Note OAI's datestamp of records that were read, by canonical id."""
        with self._db.atomic():
            self._db.conn.executemany(
                "INSERT OR REPLACE INTO datestamps VALUES (?, ?)",
                [(paper_id, day.isoformat()) for paper_id, day in datestamps.items()],
            )

    def ids_with_datestamp(self, day: date, month: str) -> list[str]:
        """Ids of a month ("2310") that were listed under a datestamp."""
        rows = self._db.execute(
            "SELECT id FROM datestamps WHERE datestamp = ? AND id >= ? AND id < ?",
            [day.isoformat(), f"{month}.", f"{month}/"],
        )
        return [paper_id for (paper_id,) in rows.fetchall()]

    def filter_unread(self, listed: Mapping[str, date]) -> dict[str, date]:
        """Those of these records that were not read since they last changed."""
        rows = self._db.execute(
            "SELECT id, datestamp FROM datestamps WHERE id IN (SELECT value FROM json_each(?))",
            [json.dumps(list(listed))],
        )
        read = {paper_id: date.fromisoformat(day) for paper_id, day in rows.fetchall()}
        return {
            paper_id: day
            for paper_id, day in listed.items()
            if paper_id not in read or read[paper_id] < day
        }

    def save_days(self, selection: str, days: Iterable[Day]) -> None:
        """Note what arXiv lists for days; the most that was ever listed stands.

        A record that changes again leaves its earlier day, so later listings of a day are shorter.
        """
        with self._db.atomic():
            self._db.conn.executemany(
                "INSERT INTO days VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
                "listed = max(listed, excluded.listed), missing = excluded.missing",
                [(selection, one.day.isoformat(), one.listed, one.missing) for one in days],
            )

    def save_silent_days(self, selection: str, days: Iterable[date]) -> None:
        """Note the days on which an announcement was due and nothing listed, in place of others."""
        with self._db.atomic():
            self._db.execute("DELETE FROM days WHERE selection = ? AND listed = 0", [selection])
            self._db.conn.executemany(
                "INSERT OR IGNORE INTO days VALUES (?, ?, 0, 0)",
                [(selection, day.isoformat()) for day in days],
            )

    def days(self, selection: str, since: date) -> list[Day]:
        """What is known of each day since then."""
        return self._days("selection = ? AND day >= ?", [selection, since.isoformat()])

    def days_with_gaps(self, selection: str) -> list[Day]:
        """The days of which records are missing, or on which nothing was listed at all."""
        return self._days("selection = ? AND (missing > 0 OR listed = 0)", [selection])

    def _days(self, where: str, values: list[str]) -> list[Day]:
        rows = self._db.execute(
            f"SELECT day, listed, missing FROM days WHERE {where} ORDER BY 1",  # noqa: S608 - ours
            values,
        )
        return [
            Day(date.fromisoformat(day), listed, missing)
            for day, listed, missing in rows.fetchall()
        ]

    def newest_day(self) -> date | None:
        """The latest day on which anything was listed."""
        newest = self._db.execute("SELECT max(day) FROM days WHERE listed > 0").fetchone()[0]
        return date.fromisoformat(newest) if newest else None

    def missing_ranges(self, selection: str) -> list[tuple[IdRange, int]]:
        """Missing stretches, and on how many nights arXiv was asked for each."""
        return [
            (IdRange(month, first, last), asked)
            for month, first, last, asked in self._db.execute(
                "SELECT month, first, last, asked FROM stretches WHERE selection = ? ORDER BY 1, 2",
                [selection],
            ).fetchall()
        ]

    def save_missing_ranges(self, selection: str, missing: Mapping[IdRange, int]) -> None:
        """Replace the missing stretches, with how often arXiv was asked for each."""
        with self._db.atomic():
            self._db.execute("DELETE FROM stretches WHERE selection = ?", [selection])
            self._db.conn.executemany(
                "INSERT INTO stretches VALUES (?, ?, ?, ?, ?)",
                [(selection, s.month, s.first, s.last, asked) for s, asked in missing.items()],
            )


def _datetime(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
