"""Tags in the catalogue: what each paper carries, abstentions included, and by which tagger."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from sqlite_utils import Database

from index.catalogue.runs import utc_now

TagKey: TypeAlias = tuple[str, str]
"""A taxonomy's name and the id of a label in it."""


@dataclass(frozen=True, slots=True)
class Tag:
    """A label that a paper carries, with its calibrated probability."""

    taxonomy: str
    label: str
    probability: float


@dataclass(frozen=True, slots=True)
class Tagging:
    """That a tagger, by its version, judged a paper, and when (None before that was noted)."""

    tagger: str
    at: str | None


@dataclass(frozen=True, slots=True)
class TagProbability:
    """A label and how surely it was given."""

    label: str
    probability: float


@dataclass(frozen=True, slots=True)
class DatedTags:
    """What a paper was given in one taxonomy, by which tagger and when; no tags: it abstained."""

    id: str
    submitted: str | None
    taxonomy: str
    tagger: str
    at: str
    tags: list[TagProbability]


_TAGGED = ("tags WHERE taxonomy", "taggings WHERE taxonomy", "tagging_records WHERE taxonomy")


class TagStore:
    """Reads and writes tags and taxonomy versions."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def store_taxonomy(self, name: str, version: str, source: str) -> None:
        """Keep a taxonomy's text under its version."""
        with self._db.atomic():
            self._db.execute(
                "INSERT OR IGNORE INTO taxonomies (version, name, source) VALUES (?, ?, ?)",
                [version, name, source],
            )

    def follow(self, name: str, version: str, labels: Sequence[str]) -> None:
        """File papers in this edition of a taxonomy; tags that it has no more are gone."""
        with self._db.atomic():
            self._db.execute(
                "INSERT OR REPLACE INTO followed_taxonomies VALUES (?, ?)", [name, version]
            )
            self._db.execute(
                "DELETE FROM tags WHERE taxonomy = ? "
                "AND label NOT IN (SELECT value FROM json_each(?))",
                [name, json.dumps(labels)],
            )

    def drop(self, name: str) -> None:
        """Follow a taxonomy no more: its tags are gone, corrections stay."""
        with self._db.atomic():
            for table in ("followed_taxonomies WHERE name", *_TAGGED):
                self._db.execute(f"DELETE FROM {table} = ?", [name])  # noqa: S608 - ours

    def followed(self) -> list[tuple[str, str]]:
        """Name and TOML text of every taxonomy that was told to be followed, by name."""
        return self._db.execute(
            "SELECT name, source FROM followed_taxonomies JOIN taxonomies USING (name, version) "
            "ORDER BY name"
        ).fetchall()

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

    def count_judged(self, taxonomy: str) -> int:
        """How many papers carry a tagging in this taxonomy, abstentions included."""
        row = self._db.execute(
            "SELECT count(*) FROM taggings WHERE taxonomy = ?", [taxonomy]
        ).fetchone()
        return int(row[0])

    def replace(
        self, taxonomy: str, tagger: str, tagged: Sequence[tuple[int, Sequence[Tag]]]
    ) -> None:
        """Set the tags of these papers (numbers), in one transaction; no tags is an abstention."""
        at = utc_now()
        with self._db.atomic():
            self._db.conn.executemany(
                "DELETE FROM tags WHERE paper = ? AND taxonomy = ?",
                [(number, taxonomy) for number, _ in tagged],
            )
            self._db.conn.executemany(
                "INSERT OR REPLACE INTO taggings "
                "SELECT number, ?, ?, text_hash, ? FROM papers WHERE number = ?",
                [(taxonomy, tagger, at, number) for number, _ in tagged],
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

    def tagging(self, taxonomy: str, number: int) -> Tagging | None:
        """By which tagger a paper was judged last, None where none saw it."""
        row = self._db.execute(
            "SELECT tagger, at FROM taggings WHERE taxonomy = ? AND paper = ?", [taxonomy, number]
        ).fetchone()
        return Tagging(*row) if row else None

    def numbers_without_labels(
        self, taxonomy: str, labels: Sequence[str], since: date
    ) -> list[int]:
        """Numbers of the papers submitted from a day on that were judged, and got none of these."""
        rows = self._db.execute(
            "SELECT number FROM papers JOIN taggings ON paper = number AND taxonomy = ? "
            "WHERE submitted >= ? AND NOT EXISTS (SELECT 1 FROM tags WHERE tags.paper = number "
            "AND tags.taxonomy = ? AND label IN (SELECT value FROM json_each(?))) ORDER BY number",
            [taxonomy, since.isoformat(), taxonomy, json.dumps(labels)],
        )
        return [number for (number,) in rows.fetchall()]

    def tagged_since(self, moment: str) -> Iterator[DatedTags]:
        """What papers were given since a moment (ISO 8601, UTC), by id; abstentions too."""
        rows = self._db.execute(
            "SELECT id, submitted, taxonomy, tagger, at, "
            "(SELECT json_group_array(json_array(label, probability)) FROM (SELECT * FROM tags "
            "WHERE tags.paper = number AND tags.taxonomy = taggings.taxonomy "
            "ORDER BY probability DESC, label)) "
            "FROM taggings JOIN papers ON number = paper WHERE at >= ? ORDER BY id, taxonomy",
            [moment],
        )
        for paper_id, submitted, taxonomy, tagger, at, tags in rows:
            given = [TagProbability(*tag) for tag in json.loads(tags)]
            yield DatedTags(paper_id, submitted, taxonomy, tagger, at, given)

    def all(self) -> Iterator[tuple[str, str, str, float, str]]:
        """Paper, taxonomy, label, probability and tagger of each tag of papers that stand.

        By paper and taxonomy, the surest first.
        """
        # In this order nothing is sorted but one paper's tags.
        yield from self._db.execute(
            "SELECT id, tags.taxonomy, label, probability, tagger FROM tags "
            "CROSS JOIN taggings USING (paper, taxonomy) CROSS JOIN papers ON number = paper "
            "WHERE NOT withdrawn ORDER BY tags.paper, tags.taxonomy, probability DESC, label"
        )

    def last_tagged_at(self) -> str | None:
        """When a paper was last given tags, or found to have none."""
        latest: str | None = self._db.execute("SELECT max(at) FROM taggings").fetchone()[0]
        return latest

    def numbers_with_tags(self, tag_keys: Iterable[TagKey]) -> list[int]:
        """Numbers of the papers that stand on one of these shelves."""
        rows = self._db.execute(
            "SELECT DISTINCT paper FROM json_each(?) AS shelf JOIN tags "
            "ON taxonomy = shelf.value ->> 0 AND label = shelf.value ->> 1",
            [json.dumps(sorted(tag_keys))],
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

    def count_by_month(self, taxonomy: str, labels: Sequence[str]) -> dict[str, int]:
        """How many papers that carry one of these labels were submitted in each month."""
        rows = self._db.execute(
            "SELECT substr(submitted, 1, 7), count(*) FROM papers WHERE submitted IS NOT NULL "
            "AND number IN (SELECT paper FROM tags WHERE taxonomy = ? "
            "AND label IN (SELECT value FROM json_each(?))) GROUP BY 1",
            [taxonomy, json.dumps(labels)],
        )
        return dict(rows.fetchall())

    def numbers_with_labels(
        self,
        taxonomy: str,
        labels: Sequence[str],
        limit: int,
        after: tuple[str, str] | None = None,
    ) -> list[int]:
        """Numbers of the papers that carry one of these labels, the newest first.

        `after` is the day (ISO 8601, "" where unknown) and the id that they come behind.
        """
        rows = self._db.execute(
            "SELECT number FROM papers WHERE number IN (SELECT paper FROM tags "
            "WHERE taxonomy = ? AND label IN (SELECT value FROM json_each(?))) "
            "AND (? IS NULL OR (coalesce(submitted, ''), id) < (?, ?)) "
            "ORDER BY submitted DESC, id DESC LIMIT ?",
            [taxonomy, json.dumps(labels), after and after[0], *(after or ("", "")), limit],
        )
        return [number for (number,) in rows.fetchall()]
