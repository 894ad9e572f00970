"""Log of tagging runs and of every tagger that was trained."""

import json
from dataclasses import dataclass

from sqlite_utils import Database

from index.catalogue.runs import utc_now


@dataclass(frozen=True, slots=True)
class TaggingRecord:
    """The result of one tagging run in one taxonomy.

    `judged` papers were judged, of which `new` for the first time. `confidence` is the mean
    probability of the tags, None if there are none. `labels` counts papers by label.
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
        """The number of papers that got a tag."""
        return self.judged - self.abstained


class TaggingLog:
    """Reads and writes tagging records and model cards."""

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
        """Store the record of a run."""
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
        """Return the names of the taxonomies with records, sorted."""
        rows = self._db.execute("SELECT DISTINCT taxonomy FROM tagging_records ORDER BY 1")
        return [name for (name,) in rows.fetchall()]

    def latest(self, taxonomy: str, limit: int) -> list[TaggingRecord]:
        """Return the latest records of a taxonomy, newest first."""
        rows = self._db.execute(
            "SELECT taxonomy, tagger, at, judged, new, abstained, confidence, labels "
            "FROM tagging_records WHERE taxonomy = ? ORDER BY number DESC LIMIT ?",
            [taxonomy, limit],
        )
        return [TaggingRecord(*(*row[:-1], json.loads(row[-1]))) for row in rows.fetchall()]

    def totals(self) -> dict[str, tuple[int, int]]:
        """Return by taxonomy how many papers were judged, and how many of them got no tag."""
        rows = self._db.execute(
            "SELECT taxonomy, sum(judged), sum(abstained) FROM tagging_records GROUP BY 1"
        )
        return {taxonomy: (judged, abstained) for taxonomy, judged, abstained in rows.fetchall()}

    def add_tagger(self, version: str, taxonomy: str, card: str) -> None:
        """Store a tagger's model card (JSON) by its version; it is never deleted."""
        with self._db.atomic():
            self._db.execute(
                "INSERT OR IGNORE INTO taggers (version, taxonomy, trained, card) "
                "VALUES (?, ?, ?, ?)",
                [version, taxonomy, utc_now(), card],
            )

    def card(self, version: str) -> str | None:
        """Return the model card (JSON) of a tagger version, or None if it is unknown."""
        row = self._db.execute("SELECT card FROM taggers WHERE version = ?", [version]).fetchone()
        return str(row[0]) if row else None
