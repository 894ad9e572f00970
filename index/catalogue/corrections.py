"""What people said a paper's tags are: kept as events, the last of which holds."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlite_utils import Database

from index.catalogue.runs import utc_now

CORRECTED = "corrected"
"""Stands where a tagging names its tagger, for a paper whose tags a person gave."""


@dataclass(frozen=True, slots=True)
class Correction:
    """The labels that a paper carries by someone's word; none where it stands on no shelf."""

    taxonomy: str
    paper: int
    labels: tuple[str, ...]
    by: str
    at: str


class CorrectionLog:
    """Keeps corrections in the catalogue and puts them in force."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def add(self, taxonomy: str, paper: int, labels: Sequence[str], by: str) -> Correction:
        """Note an event and give the paper (a catalogue number) these labels, in one transaction.

        No tagger tags the paper in this taxonomy from then on.
        """
        event = Correction(taxonomy, paper, tuple(labels), by, utc_now())
        with self._db.atomic():
            self._db.execute(
                "INSERT INTO corrections (taxonomy, paper, labels, by, at) VALUES (?, ?, ?, ?, ?)",
                [taxonomy, paper, json.dumps(labels), by, event.at],
            )
            self._db.execute("DELETE FROM tags WHERE paper = ? AND taxonomy = ?", [paper, taxonomy])
            self._db.conn.executemany(
                "INSERT INTO tags VALUES (?, ?, ?, 1.0)",
                [(paper, taxonomy, label) for label in labels],
            )
            self._db.execute(
                "INSERT OR REPLACE INTO taggings "
                "SELECT number, ?, ?, text_hash, ? FROM papers WHERE number = ?",
                [taxonomy, CORRECTED, event.at, paper],
            )
        return event

    def of(self, taxonomy: str, paper: int) -> list[Correction]:
        """The corrections of a paper, the latest first."""
        rows = self._db.execute(
            "SELECT taxonomy, paper, labels, by, at FROM corrections "
            "WHERE taxonomy = ? AND paper = ? ORDER BY number DESC",
            [taxonomy, paper],
        )
        return [_correction(*row) for row in rows.fetchall()]

    def in_force(self, taxonomy: str) -> dict[str, tuple[str, ...]]:
        """The labels of every corrected paper, by canonical id."""
        rows = self._db.execute(
            "SELECT id, labels FROM corrections JOIN papers ON papers.number = paper "
            "WHERE corrections.number IN "
            "(SELECT max(number) FROM corrections WHERE taxonomy = ? GROUP BY paper) ORDER BY id",
            [taxonomy],
        )
        return {paper_id: tuple(json.loads(labels)) for paper_id, labels in rows.fetchall()}


def _correction(taxonomy: str, paper: int, labels: str, by: str, at: str) -> Correction:
    return Correction(taxonomy, paper, tuple(json.loads(labels)), by, at)
