"""The record of what was tagged, run by run, and of every tagger that there was."""

import json
from dataclasses import dataclass

from sqlite_utils import Database

from index.catalogue.runs import utc_now


@dataclass(frozen=True, slots=True)
class TaggingRecord:
    """What one run gave in one taxonomy.

    `new` of the `judged` papers had not been judged before. `confidence` is the mean probability of
    the tags given, None where none was; `labels` counts the papers that got each.
    """

    taxonomy: str
    tagger: str
    at: str
    judged: int
    new: int
    abstained: int
    confidence: float | None
    labels: dict[str, int]

    @property
    def tagged(self) -> int:
        """How many papers got a tag."""
        return self.judged - self.abstained


class TaggingLog:
    """Writes and reads the records."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def add(
        self,
        taxonomy: str,
        tagger: str,
        *,
        judged: int,
        new: int,
        abstained: int,
        confidence: float | None,
        labels: dict[str, int],
    ) -> None:
        """Keep a record."""
        with self._db.atomic():
            self._db.execute(
                "INSERT INTO tagging_records "
                "(taxonomy, tagger, at, judged, new, abstained, confidence, labels) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    taxonomy,
                    tagger,
                    utc_now(),
                    judged,
                    new,
                    abstained,
                    confidence,
                    json.dumps(labels),
                ],
            )

    def taxonomies(self) -> list[str]:
        """The taxonomies of which there are records, by name."""
        rows = self._db.execute("SELECT DISTINCT taxonomy FROM tagging_records ORDER BY 1")
        return [name for (name,) in rows.fetchall()]

    def latest(self, taxonomy: str, limit: int) -> list[TaggingRecord]:
        """The latest records of a taxonomy, the newest first."""
        rows = self._db.execute(
            "SELECT taxonomy, tagger, at, judged, new, abstained, confidence, labels "
            "FROM tagging_records WHERE taxonomy = ? ORDER BY number DESC LIMIT ?",
            [taxonomy, limit],
        )
        return [TaggingRecord(*(*row[:-1], json.loads(row[-1]))) for row in rows.fetchall()]

    def totals(self) -> dict[str, tuple[int, int]]:
        """By taxonomy, how many papers the runs on record judged, and how many got no tag."""
        rows = self._db.execute(
            "SELECT taxonomy, sum(judged), sum(abstained) FROM tagging_records GROUP BY 1"
        )
        return {taxonomy: (judged, abstained) for taxonomy, judged, abstained in rows.fetchall()}

    def add_tagger(self, version: str, taxonomy: str, card: str) -> None:
        """Keep a tagger's card (JSON) under its version, for as long as the catalogue lives."""
        with self._db.atomic():
            self._db.execute(
                "INSERT OR IGNORE INTO taggers VALUES (?, ?, ?, ?)",
                [version, taxonomy, utc_now(), card],
            )

    def card(self, version: str) -> str | None:
        """The card (JSON) of a tagger, None for one that was never noted."""
        row = self._db.execute("SELECT card FROM taggers WHERE version = ?", [version]).fetchone()
        return str(row[0]) if row else None
