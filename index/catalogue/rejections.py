"""Records that could not be parsed, stored with the reason, to be read again later."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlite_utils import Database

from index.catalogue.runs import utc_now

MAX_RAW = 2 * 2**20
"""Maximum bytes of a rejected record that are stored; of a longer one, only the beginning is."""

TOO_LONG = f"it has more than {MAX_RAW:,} bytes, of which only the first are kept"
_KEPT_OF_LONG = 1_000
_MAX_KEY, _MAX_REASON = 300, 1_000


@dataclass(frozen=True, slots=True)
class RejectedRecord:
    """A record that is not a valid paper, with the reason and its raw bytes.

    `key` identifies it in its source: an identifier, or a file's name and line. All three are cut
    to their bounds, because a record may be of any size.
    """

    key: str
    reason: str
    raw: bytes

    def __post_init__(self) -> None:
        reason, raw = self.reason[:_MAX_REASON], self.raw
        if len(raw) > MAX_RAW:
            reason, raw = f"{TOO_LONG}: {reason}", raw[:_KEPT_OF_LONG]
        object.__setattr__(self, "key", self.key[:_MAX_KEY])
        object.__setattr__(self, "reason", reason)
        object.__setattr__(self, "raw", raw)


@dataclass(frozen=True, slots=True)
class StoredRejection:
    """A rejected record in the catalogue: its source, the last reader's version, when seen."""

    source: str
    key: str
    reason: str
    raw: bytes
    reader: str
    seen: str


class RejectionStore:
    """Stores rejected records in the catalogue."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def keep(self, source: str, reader: str, rejected: Iterable[RejectedRecord]) -> None:
        """Store records, one per key; `reader` is the version that rejected them."""
        with self._db.atomic():
            self._db.conn.executemany(
                "INSERT OR REPLACE INTO rejected (source, key, reason, raw, reader, seen) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                [(source, one.key, one.reason, one.raw, reader, utc_now()) for one in rejected],
            )

    def drop(self, source: str, keys: Iterable[str]) -> None:
        """Delete records that have been parsed since."""
        with self._db.atomic():
            self._db.conn.executemany(
                "DELETE FROM rejected WHERE source = ? AND key = ?", [(source, key) for key in keys]
            )

    def all(self, source: str = "", other_than: str = "") -> list[StoredRejection]:
        """Return stored records: of one source if given, and not last read by `other_than`."""
        rows = self._db.execute(
            "SELECT source, key, reason, raw, reader, seen FROM rejected "
            "WHERE (? = '' OR source = ?) AND reader <> ? ORDER BY source, key",
            [source, source, other_than],
        )
        return [StoredRejection(*row) for row in rows.fetchall()]

    def reasons(self) -> dict[str, int]:
        """Return the number of records for each reason, most frequent first."""
        rows = self._db.execute(
            "SELECT reason, count(*) FROM rejected GROUP BY reason ORDER BY 2 DESC, 1"
        )
        return dict(rows.fetchall())
