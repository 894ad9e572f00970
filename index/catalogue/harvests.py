"""Harvest state of each selection, an OAI set or "" for all of arXiv: complete until, missing."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlite_utils import Database

from index.arxiv.calendar import Calendar
from index.arxiv.numbering import IdRange

ALL_OF_ARXIV = ""


@dataclass(frozen=True, slots=True)
class HarvestCheckpoint:
    """The point at which an interrupted harvest resumes.

    `began` is the responseDate of its first page and `newest` the latest datestamp seen. `token`
    is the server's resumption token, None after the last page.
    """

    format: str
    first_day: date
    began: datetime
    newest: date
    token: str | None


@dataclass(frozen=True, slots=True)
class FollowedSelection:
    """A followed selection: every record from `since` up to `complete` has been harvested.

    `since` is a datestamp; `complete` is arXiv's responseDate at the start of the last finished
    harvest. `next_due` is when the announcement after it should appear. If `is_unverified`, a first
    harvest ended without a record. Papers submitted before `submitted_since` are outside the scope.
    If `is_pending`, everything from `since` on has yet to be listed.
    """

    selection: str
    since: date
    complete: datetime | None
    next_due: datetime | None
    is_unverified: bool = False
    submitted_since: date | None = None
    is_pending: bool = False

    @property
    def has_past(self) -> bool:
        """Whether everything from `since` on has been listed once."""
        return self.complete is not None and not self.is_pending

    @property
    def first_wanted(self) -> date:
        """The day from which on its papers are wanted: of submission, or else the datestamp."""
        return max(self.submitted_since or self.since, self.since)


@dataclass(frozen=True, slots=True)
class Day:
    """The number of records that arXiv listed under a datestamp, and how many are missing."""

    day: date
    listed: int
    missing: int


class HarvestLog:
    """Reads and writes the state of harvests.

    A harvest saves a checkpoint after each page and marks the selection as complete at its end:

        log = catalogue.harvests
        log.save_checkpoint("cs", checkpoint)
        log.finish("cs", first_day, began, calendar)
        log.of("cs").complete  # every record up to this time has been harvested
    """

    def __init__(self, db: Database) -> None:
        self._db = db

    def followed(self) -> list[FollowedSelection]:
        """Return the harvest scope: every OAI set that is followed, ordered by name."""
        return [
            FollowedSelection(
                selection,
                date.fromisoformat(since),
                _datetime(complete),
                _datetime(next_due),
                bool(is_unverified),
                date.fromisoformat(submitted) if submitted else None,
                bool(pending),
            )
            for (
                selection,
                since,
                complete,
                next_due,
                is_unverified,
                submitted,
                pending,
            ) in self._db.execute(
                "SELECT selection, since, complete, next_due, complete IS NULL AND "
                "unfinished IS NULL AND NOT pending, submitted_since, pending FROM followed "
                "ORDER BY selection"
            ).fetchall()
        ]

    def of(self, selection: str) -> FollowedSelection | None:
        """Return one selection, or None if it is not followed."""
        return next((one for one in self.followed() if one.selection == selection), None)

    def checkpoint(self, selection: str) -> HarvestCheckpoint | None:
        """Return the checkpoint of an interrupted harvest, or None if there is none."""
        row = self._db.execute(
            "SELECT unfinished FROM followed WHERE selection = ?", [selection]
        ).fetchone()
        if row is None or row[0] is None:
            return None
        fields = json.loads(row[0])
        return HarvestCheckpoint(
            format=fields["format"],
            first_day=date.fromisoformat(fields["first_day"]),
            began=datetime.fromisoformat(fields["began"]),
            newest=date.fromisoformat(fields["newest"]),
            token=fields["token"],
        )

    def save_checkpoint(self, selection: str, checkpoint: HarvestCheckpoint) -> None:
        """Store the point at which a harvest resumes if it is interrupted."""
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

    def save_unverified(self, selection: str, first_day: date) -> None:
        """Follow a selection of which nothing was listed; the next harvest starts at the same day.

        An empty list may also be the answer of a server that fails.
        """
        previous = self.of(selection)
        since = min(previous.since, first_day) if previous else first_day
        with self._db.atomic():
            self._db.execute(
                "INSERT INTO followed (selection, since) VALUES (?, ?) ON CONFLICT DO UPDATE SET "
                "since = excluded.since, complete = NULL, next_due = NULL, unfinished = NULL, "
                "pending = 0",
                [selection, since.isoformat()],
            )

    def drop_checkpoint(self, selection: str) -> None:
        """Make the next harvest list from the beginning again."""
        with self._db.atomic():
            self._db.execute(
                "UPDATE followed SET unfinished = NULL WHERE selection = ?", [selection]
            )

    def finish(self, selection: str, first_day: date, began: datetime, calendar: Calendar) -> None:
        """Mark everything from `first_day` to the time `began` as harvested; drop the checkpoint.

        If `first_day` leaves out days after the last complete harvest, `complete` stays as it is.
        A pending selection stays so unless it was listed from its first day on.
        """
        previous = self.of(selection)
        since, complete = first_day, began
        pending = previous is not None and previous.is_pending and first_day > previous.since
        if previous is not None and pending and previous.complete is None:
            self.drop_checkpoint(selection)
            return
        if previous is not None and previous.complete is not None:
            since = min(previous.since, first_day)
            if first_day > previous.complete.date():
                complete = previous.complete
            else:
                complete = max(previous.complete, began)
        with self._db.atomic():
            self._db.execute(
                "INSERT INTO followed (selection, since, complete, next_due, pending) "
                "VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET since = excluded.since, "
                "complete = excluded.complete, next_due = excluded.next_due, unfinished = NULL, "
                "pending = excluded.pending",
                [
                    selection,
                    since.isoformat(),
                    complete.isoformat(),
                    calendar.next_due(complete).isoformat(),
                    int(pending),
                ],
            )

    def save_datestamps(self, datestamps: Mapping[str, date]) -> None:
        """Store the OAI datestamps of records that were read, by canonical id."""
        with self._db.atomic():
            self._db.conn.executemany(
                "INSERT OR REPLACE INTO datestamps (id, datestamp) VALUES (?, ?)",
                [(paper_id, day.isoformat()) for paper_id, day in datestamps.items()],
            )

    def ids_with_datestamp(self, day: date, month: str) -> list[str]:
        """Return the ids of a month ("2310") that have this datestamp."""
        rows = self._db.execute(
            "SELECT id FROM datestamps WHERE datestamp = ? AND id >= ? AND id < ?",
            [day.isoformat(), f"{month}.", f"{month}/"],
        )
        return [paper_id for (paper_id,) in rows.fetchall()]

    def filter_unread(self, listed: Mapping[str, date]) -> dict[str, date]:
        """Return those of these records (datestamp by id) not read since their last change.

        Records that were skipped have been read.
        """
        rows = self._db.execute(
            "SELECT id, max(datestamp) FROM (SELECT id, datestamp FROM datestamps UNION ALL "
            "SELECT id, datestamp FROM skipped) WHERE id IN (SELECT value FROM json_each(?)) "
            "GROUP BY id",
            [json.dumps(list(listed))],
        )
        read = {paper_id: date.fromisoformat(day) for paper_id, day in rows.fetchall()}
        return {
            paper_id: day
            for paper_id, day in listed.items()
            if paper_id not in read or read[paper_id] < day
        }

    def save_days(self, selection: str, days: Iterable[Day]) -> None:
        """Store what arXiv lists for days; `listed` keeps the largest number ever listed.

        A record that changes again moves to a later day, so later listings of a day are shorter.
        """
        with self._db.atomic():
            self._db.conn.executemany(
                "INSERT INTO days (selection, day, listed, missing) VALUES (?, ?, ?, ?) "
                "ON CONFLICT DO UPDATE SET "
                "listed = max(listed, excluded.listed), missing = excluded.missing",
                [(selection, one.day.isoformat(), one.listed, one.missing) for one in days],
            )

    def save_silent_days(self, selection: str, days: Iterable[date]) -> None:
        """Replace the stored days on which an announcement was due but nothing was listed."""
        with self._db.atomic():
            self._db.execute("DELETE FROM days WHERE selection = ? AND listed = 0", [selection])
            self._db.conn.executemany(
                "INSERT OR IGNORE INTO days (selection, day, listed, missing) VALUES (?, ?, 0, 0)",
                [(selection, day.isoformat()) for day in days],
            )

    def days(self, selection: str, since: date) -> list[Day]:
        """Return the stored days from `since` on."""
        return self._days("selection = ? AND day >= ?", [selection, since.isoformat()])

    def days_with_gaps(self, selection: str) -> list[Day]:
        """Return the days with missing records, or with nothing listed at all."""
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
        """Return the latest day on which any record was listed."""
        newest = self._db.execute("SELECT max(day) FROM days WHERE listed > 0").fetchone()[0]
        return date.fromisoformat(newest) if newest else None

    def missing_ranges(self, selection: str) -> list[tuple[IdRange, int]]:
        """Return the missing ranges, each with the number of nights on which it was requested."""
        return [
            (IdRange(month, first, last), requests)
            for month, first, last, requests in self._db.execute(
                "SELECT month, first, last, asked FROM stretches WHERE selection = ? ORDER BY 1, 2",
                [selection],
            ).fetchall()
        ]

    def save_missing_ranges(self, selection: str, missing: Mapping[IdRange, int]) -> None:
        """Replace the missing ranges and how often each was requested from arXiv."""
        with self._db.atomic():
            self._db.execute("DELETE FROM stretches WHERE selection = ?", [selection])
            self._db.conn.executemany(
                "INSERT INTO stretches (selection, month, first, last, asked) "
                "VALUES (?, ?, ?, ?, ?)",
                [(selection, r.month, r.first, r.last, count) for r, count in missing.items()],
            )


def _datetime(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
