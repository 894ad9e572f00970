"""Records that could not be understood: kept whole, with the reason, until a reader can."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlite_utils import Database

from index.catalogue.runs import utc_now


@dataclass(frozen=True, slots=True)
class RejectedRecord:
    """A record that holds no paper, why, and its raw bytes.

    `key` names it in its source: an identifier, or a file's name and line.
    """

    key: str
    reason: str
    raw: bytes


@dataclass(frozen=True, slots=True)
class StoredRejection:
    """A rejected record as it is kept: from which source, read last by which reader, seen when."""

    source: str
    key: str
    reason: str
    raw: bytes
    reader: str
    seen: str


class RejectionStore:
    """Keeps rejected records in the catalogue."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def keep(self, source: str, reader: str, rejected: Iterable[RejectedRecord]) -> None:
        """Keep records, each once by its key; `reader` names the version that rejected them."""
        with self._db.atomic():
            self._db.conn.executemany(
                "INSERT OR REPLACE INTO rejected (source, key, reason, raw, reader, seen) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                [(source, one.key, one.reason, one.raw, reader, utc_now()) for one in rejected],
            )

    def drop(self, source: str, keys: Iterable[str]) -> None:
        """Forget records that have been understood since."""
        with self._db.atomic():
            self._db.conn.executemany(
                "DELETE FROM rejected WHERE source = ? AND key = ?", [(source, key) for key in keys]
            )

    def all(self, source: str = "", other_than: str = "") -> list[StoredRejection]:
        """Those kept, of one source if it is named, and not read by the reader that is named."""
        rows = self._db.execute(
            "SELECT source, key, reason, raw, reader, seen FROM rejected "
            "WHERE (? = '' OR source = ?) AND reader <> ? ORDER BY source, key",
            [source, source, other_than],
        )
        return [StoredRejection(*row) for row in rows.fetchall()]

    def reasons(self) -> dict[str, int]:
        """How many are kept for each reason, the commonest first."""
        rows = self._db.execute(
            "SELECT reason, count(*) FROM rejected GROUP BY reason ORDER BY 2 DESC, 1"
        )
        return dict(rows.fetchall())
