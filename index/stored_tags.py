"""Tags in the catalogue: what each paper carries, abstentions included, and by which tagger."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlite_utils import Database


@dataclass(frozen=True, slots=True)
class Tag:
    """A label that a paper carries, with its calibrated probability."""

    taxonomy: str
    label: str
    probability: float


class TagStore:
    """Reads and writes tags and taxonomy versions."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def remember_taxonomy(self, name: str, version: str, source: str) -> None:
        """Keep a taxonomy's text under its version."""
        with self._db.atomic():
            self._db.execute(
                "INSERT OR IGNORE INTO taxonomies (version, name, source) VALUES (?, ?, ?)",
                [version, name, source],
            )

    def pending(self, taxonomy: str, tagger: str) -> list[int]:
        """Numbers of the papers whose present text this tagger has not seen.

        Those whose tags were corrected have no need of one.
        """
        # The plus makes SQLite sort, and so scan the index on hashes instead of every text.
        rows = self._db.execute(
            "SELECT number FROM papers LEFT JOIN taggings "
            "ON paper = number AND taxonomy = ? AND tagger = ? "
            "AND taggings.text_hash = papers.text_hash WHERE paper IS NULL AND number NOT IN "
            "(SELECT paper FROM corrections WHERE taxonomy = ?) ORDER BY +number",
            [taxonomy, tagger, taxonomy],
        )
        return [number for (number,) in rows.fetchall()]

    def replace(
        self, taxonomy: str, tagger: str, tagged: Sequence[tuple[int, Sequence[Tag]]]
    ) -> None:
        """Set the tags of these papers (numbers), in one transaction; no tags is an abstention."""
        with self._db.atomic():
            self._db.conn.executemany(
                "DELETE FROM tags WHERE paper = ? AND taxonomy = ?",
                [(number, taxonomy) for number, _ in tagged],
            )
            self._db.conn.executemany(
                "INSERT OR REPLACE INTO taggings "
                "SELECT number, ?, ?, text_hash FROM papers WHERE number = ?",
                [(taxonomy, tagger, number) for number, _ in tagged],
            )
            self._db.conn.executemany(
                "INSERT INTO tags VALUES (?, ?, ?, ?)",
                [
                    (number, taxonomy, tag.label, tag.probability)
                    for number, tags in tagged
                    for tag in tags
                ],
            )

    def of(self, numbers: Iterable[int]) -> dict[int, list[Tag]]:
        """The tags of these papers, the surest first."""
        tags: dict[int, list[Tag]] = {int(number): [] for number in numbers}
        marks = ", ".join("?" * len(tags))
        for number, taxonomy, label, probability in self._db.execute(
            "SELECT paper, taxonomy, label, probability FROM tags "  # noqa: S608 - marks only
            f"WHERE paper IN ({marks}) ORDER BY probability DESC, label",
            list(tags),
        ):
            tags[number].append(Tag(taxonomy, label, probability))
        return tags

    def carrying(self, labels: Sequence[str]) -> list[int]:
        """Numbers of the papers that carry one of these labels, of whichever taxonomy."""
        rows = self._db.execute(
            "SELECT DISTINCT paper FROM tags WHERE label IN (SELECT value FROM json_each(?))",
            [json.dumps(labels)],
        )
        return [number for (number,) in rows.fetchall()]

    def count_papers(self, taxonomy: str, labels: Sequence[str]) -> int:
        """How many papers carry one of these labels."""
        marks = ", ".join("?" * len(labels))
        row = self._db.execute(
            "SELECT count(DISTINCT paper) FROM tags "  # noqa: S608 - marks only
            f"WHERE taxonomy = ? AND label IN ({marks})",
            [taxonomy, *labels],
        ).fetchone()
        return int(row[0])

    def papers_with(self, taxonomy: str, labels: Sequence[str], limit: int) -> list[int]:
        """Numbers of the papers that carry one of these labels, the newest first."""
        marks = ", ".join("?" * len(labels))
        rows = self._db.execute(
            "SELECT number FROM papers WHERE number IN "  # noqa: S608 - marks only
            f"(SELECT paper FROM tags WHERE taxonomy = ? AND label IN ({marks})) "
            "ORDER BY submitted DESC, id DESC LIMIT ?",
            [taxonomy, *labels, limit],
        )
        return [number for (number,) in rows.fetchall()]
