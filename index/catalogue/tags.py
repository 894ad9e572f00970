"""Tags in the catalogue: the labels of each paper, abstentions, and the taggers that judged."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from sqlite_utils import Database

from index.arxiv.date_precision import DatePrecision, format_date
from index.catalogue.runs import utc_now

TagKey: TypeAlias = tuple[str, str]
"""A taxonomy's name and the id of a label in it."""


@dataclass(frozen=True, slots=True)
class Tag:
    """A label given to a paper, with its calibrated probability."""

    taxonomy: str
    label: str
    probability: float


@dataclass(frozen=True, slots=True)
class Tagging:
    """The version of the tagger that judged a paper, and when; None for old catalogue entries."""

    tagger: str
    at: str | None


@dataclass(frozen=True, slots=True)
class TagProbability:
    """A label and the probability that it was given with."""

    label: str
    probability: float


@dataclass(frozen=True, slots=True)
class DatedTags:
    """The tags of a paper in one taxonomy, with the tagger and the time.

    `submitted` is a day such as 2024-01-16, or 2024-01 if only the month is known. If the tagger
    abstained, `tags` is empty.
    """

    id: str
    submitted: str | None
    taxonomy: str
    tagger: str
    at: str
    tags: list[TagProbability]


_BY_TAXONOMY = ("tags WHERE taxonomy", "taggings WHERE taxonomy", "tagging_records WHERE taxonomy")


def _from_day(since: date) -> str:
    """Return the smallest value of the column `submitted` from this day on."""
    return format_date(since, DatePrecision.MONTH if since.day == 1 else DatePrecision.DAY)


class TagStore:
    """Reads and writes tags and taxonomy versions."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def store_taxonomy(self, name: str, version: str, source: str) -> None:
        """Store the TOML text of a taxonomy by its version."""
        with self._db.atomic():
            self._db.execute(
                "INSERT OR IGNORE INTO taxonomies (version, name, source) VALUES (?, ?, ?)",
                [version, name, source],
            )

    def follow(self, name: str, version: str, labels: Sequence[str]) -> None:
        """Tag papers in this version of a taxonomy; delete tags with labels it does not have."""
        with self._db.atomic():
            self._db.execute(
                "INSERT OR REPLACE INTO followed_taxonomies (name, version) VALUES (?, ?)",
                [name, version],
            )
            self._db.execute(
                "DELETE FROM tags WHERE taxonomy = ? "
                "AND label NOT IN (SELECT value FROM json_each(?))",
                [name, json.dumps(labels)],
            )

    def drop(self, name: str) -> None:
        """Stop following a taxonomy: delete its tags, keep corrections."""
        with self._db.atomic():
            for table in ("followed_taxonomies WHERE name", *_BY_TAXONOMY):
                self._db.execute(f"DELETE FROM {table} = ?", [name])  # noqa: S608 - constants

    def followed(self) -> list[tuple[str, str]]:
        """Return name and TOML text of every followed taxonomy, ordered by name."""
        return self._db.execute(
            "SELECT name, source FROM followed_taxonomies JOIN taxonomies USING (name, version) "
            "ORDER BY name"
        ).fetchall()

    def pending(self, taxonomy: str, tagger: str) -> list[int]:
        """Return the numbers of papers whose present text this tagger has not judged.

        Papers with corrected tags are left out.
        """
        # The plus makes SQLite sort, so it scans the index on hashes instead of every text.
        rows = self._db.execute(
            "SELECT number FROM papers LEFT JOIN taggings "
            "ON paper = number AND taxonomy = ? AND tagger = ? "
            "AND taggings.text_hash = papers.text_hash WHERE paper IS NULL AND number NOT IN "
            "(SELECT paper FROM corrections WHERE taxonomy = ?) ORDER BY +number",
            [taxonomy, tagger, taxonomy],
        )
        return [number for (number,) in rows.fetchall()]

    def count_judged(self, taxonomy: str) -> int:
        """Return how many papers were judged in this taxonomy, abstentions included."""
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
                "INSERT OR REPLACE INTO taggings (paper, taxonomy, tagger, text_hash, at) "
                "SELECT number, ?, ?, text_hash, ? FROM papers WHERE number = ?",
                [(taxonomy, tagger, at, number) for number, _ in tagged],
            )
            self._db.conn.executemany(
                "INSERT INTO tags (paper, taxonomy, label, probability) VALUES (?, ?, ?, ?)",
                [
                    (number, taxonomy, tag.label, tag.probability)
                    for number, tags in tagged
                    for tag in tags
                ],
            )

    def of(self, numbers: Iterable[int]) -> dict[int, list[Tag]]:
        """Return the tags of papers by catalogue number, most probable first."""
        tags: dict[int, list[Tag]] = {int(number): [] for number in numbers}
        for number, taxonomy, label, probability in self._db.execute(
            "SELECT paper, taxonomy, label, probability FROM tags "
            "WHERE paper IN (SELECT value FROM json_each(?)) ORDER BY probability DESC, label",
            [json.dumps(list(tags))],
        ):
            tags[number].append(Tag(taxonomy, label, probability))
        return tags

    def tagging(self, taxonomy: str, number: int) -> Tagging | None:
        """Return the last tagging of a paper, or None if no tagger has judged it."""
        row = self._db.execute(
            "SELECT tagger, at FROM taggings WHERE taxonomy = ? AND paper = ?", [taxonomy, number]
        ).fetchone()
        return Tagging(*row) if row else None

    def numbers_without_labels(
        self, taxonomy: str, labels: Sequence[str], since: date
    ) -> list[int]:
        """Return numbers of papers from `since` on, judged but with none of these labels.

        A paper whose day is unknown counts from the first day of its month.
        """
        rows = self._db.execute(
            "SELECT number FROM papers JOIN taggings ON paper = number AND taxonomy = ? "
            "WHERE submitted >= ? AND NOT EXISTS (SELECT 1 FROM tags WHERE tags.paper = number "
            "AND tags.taxonomy = ? AND label IN (SELECT value FROM json_each(?))) ORDER BY number",
            [taxonomy, _from_day(since), taxonomy, json.dumps(labels)],
        )
        return [number for (number,) in rows.fetchall()]

    def tagged_since(self, moment: str) -> Iterator[DatedTags]:
        """Yield the taggings since a time (ISO 8601, UTC), ordered by id; abstentions too."""
        rows = self._db.execute(
            "SELECT id, submitted, taxonomy, tagger, at, "
            "(SELECT json_group_array(json_array(label, probability)) FROM (SELECT * FROM tags "
            "WHERE tags.paper = number AND tags.taxonomy = taggings.taxonomy "
            "ORDER BY probability DESC, label)) "
            "FROM taggings JOIN papers ON number = paper WHERE at >= ? ORDER BY id, taxonomy",
            [moment],
        )
        for paper_id, submitted, taxonomy, tagger, at, tags in rows:
            labels = [TagProbability(*tag) for tag in json.loads(tags)]
            yield DatedTags(paper_id, submitted, taxonomy, tagger, at, labels)

    def all(self) -> Iterator[tuple[str, str, str, float, str]]:
        """Yield paper id, taxonomy, label, probability and tagger of every tag.

        Ordered by paper and taxonomy, most probable first; withdrawn papers are left out.
        """
        # In this order SQLite sorts only the tags of one paper at a time.
        yield from self._db.execute(
            "SELECT id, tags.taxonomy, label, probability, tagger FROM tags "
            "CROSS JOIN taggings USING (paper, taxonomy) CROSS JOIN papers ON number = paper "
            "WHERE NOT withdrawn ORDER BY tags.paper, tags.taxonomy, probability DESC, label"
        )

    def last_tagged_at(self) -> str | None:
        """Return when a paper was last tagged, or None if none was."""
        last: str | None = self._db.execute("SELECT max(at) FROM taggings").fetchone()[0]
        return last

    def numbers_with_tags(self, tag_keys: Iterable[TagKey]) -> list[int]:
        """Return the numbers of papers with at least one of these tags."""
        rows = self._db.execute(
            "SELECT DISTINCT paper FROM json_each(?) AS wanted JOIN tags "
            "ON taxonomy = wanted.value ->> 0 AND label = wanted.value ->> 1",
            [json.dumps(sorted(tag_keys))],
        )
        return [number for (number,) in rows.fetchall()]

    def count_tags(self, numbers: Sequence[int]) -> list[tuple[TagKey, int]]:
        """Return the tags of these papers with their numbers of papers, most papers first."""
        rows = self._db.execute(
            "SELECT taxonomy, label, count(*) FROM json_each(?) AS wanted "
            "JOIN tags ON paper = wanted.value GROUP BY taxonomy, label ORDER BY 3 DESC, 1, 2",
            [json.dumps(list(numbers))],
        )
        return [((taxonomy, label), count) for taxonomy, label, count in rows.fetchall()]

    def count_papers(self, taxonomy: str, labels: Sequence[str]) -> int:
        """Return how many papers have at least one of these labels."""
        row = self._db.execute(
            "SELECT count(DISTINCT paper) FROM tags "
            "WHERE taxonomy = ? AND label IN (SELECT value FROM json_each(?))",
            [taxonomy, json.dumps(labels)],
        ).fetchone()
        return int(row[0])

    def count_by_month(self, taxonomy: str, labels: Sequence[str]) -> dict[str, int]:
        """Return how many papers with at least one of these labels were submitted, by month."""
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
        """Return the numbers of papers with at least one of these labels, newest first.

        `after` is the position to continue from: date (as `format_date` writes it, "" if unknown)
        and id of the last paper before these.
        """
        rows = self._db.execute(
            "SELECT number FROM papers WHERE number IN (SELECT paper FROM tags "
            "WHERE taxonomy = ? AND label IN (SELECT value FROM json_each(?))) "
            "AND (? IS NULL OR (coalesce(submitted, ''), id) < (?, ?)) "
            "ORDER BY submitted DESC, id DESC LIMIT ?",
            [taxonomy, json.dumps(labels), after and after[0], *(after or ("", "")), limit],
        )
        return [number for (number,) in rows.fetchall()]
