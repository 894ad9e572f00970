"""Tag corrections by people, stored as events; the latest event of a paper applies."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlite_utils import Database

from index.catalogue.runs import utc_now

CORRECTED = "corrected"
"""Value of `Tagging.tagger` for a paper whose tags were given by a person."""


@dataclass(frozen=True, slots=True)
class Correction:
    """The labels that a person gave a paper; empty if no label of the taxonomy fits."""

    taxonomy: str
    paper: int
    labels: tuple[str, ...]
    by: str
    at: str


class CorrectionLog:
    """Stores corrections in the catalogue and applies them to the tags."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def add(self, taxonomy: str, paper: int, labels: Sequence[str], by: str) -> Correction:
        """Store an event and give the paper (a catalogue number) these labels, in one transaction.

        From then on no tagger tags the paper in this taxonomy.
        """
        event = Correction(taxonomy, paper, tuple(labels), by, utc_now())
        with self._db.atomic():
            self._db.execute(
                "INSERT INTO corrections (taxonomy, paper, labels, by, at) VALUES (?, ?, ?, ?, ?)",
                [taxonomy, paper, json.dumps(labels), by, event.at],
            )
            self._db.execute("DELETE FROM tags WHERE paper = ? AND taxonomy = ?", [paper, taxonomy])
            self._db.conn.executemany(
                "INSERT INTO tags (paper, taxonomy, label, probability) VALUES (?, ?, ?, 1.0)",
                [(paper, taxonomy, label) for label in labels],
            )
            self._db.execute(
                "INSERT OR REPLACE INTO taggings (paper, taxonomy, tagger, text_hash, at) "
                "SELECT number, ?, ?, text_hash, ? FROM papers WHERE number = ?",
                [taxonomy, CORRECTED, event.at, paper],
            )
        return event

    def of(self, taxonomy: str, paper: int) -> list[Correction]:
        """Return the corrections of a paper, latest first."""
        rows = self._db.execute(
            "SELECT taxonomy, paper, labels, by, at FROM corrections "
            "WHERE taxonomy = ? AND paper = ? ORDER BY number DESC",
            [taxonomy, paper],
        )
        return [_correction(*row) for row in rows.fetchall()]

    def in_force(self, taxonomy: str) -> dict[str, tuple[str, ...]]:
        """Return the labels of every corrected paper, by canonical id."""
        rows = self._db.execute(
            "SELECT id, labels FROM corrections JOIN papers ON papers.number = paper "
            "WHERE corrections.number IN "
            "(SELECT max(number) FROM corrections WHERE taxonomy = ? GROUP BY paper) ORDER BY id",
            [taxonomy],
        )
        return {paper_id: tuple(json.loads(labels)) for paper_id, labels in rows.fetchall()}


def _correction(taxonomy: str, paper: int, labels: str, by: str, at: str) -> Correction:
    return Correction(taxonomy, paper, tuple(json.loads(labels)), by, at)
