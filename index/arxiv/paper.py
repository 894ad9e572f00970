"""The `Paper` record that all packages share, and how two records of a paper are merged."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from index.arxiv.date_precision import DatePrecision, last_day

_WITHDRAWN = re.compile(
    r"\b(?:this|the) (?:paper|article|manuscript|submission|work|preprint) (?:has been|is|was)"
    r"(?: now)? withdrawn\b|^\W*withdrawn\b|\bwithdrawn by (?:the |its )?(?:author|arxiv)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a paper; `created` is the day arXiv received it.

    If `precision` is "month", only the month of `created` is known.
    """

    number: int
    created: date
    precision: DatePrecision = DatePrecision.DAY


@dataclass(frozen=True, slots=True)
class EarlierText:
    """Title and abstract of a version that has been replaced."""

    version: int
    title: str
    abstract: str


@dataclass(frozen=True, slots=True)
class Paper:
    """arXiv's metadata of one paper. Unknown fields are None or empty, never guessed.

    `version` is the number of the latest version. `submitted` is the day of v1 and `updated` the
    day of the latest version; if only the month is known, they are its first day, and the
    precision of the version says so. `primary_category` is the first of `categories`.
    """

    id: str
    title: str
    abstract: str = ""
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    version: int | None = None
    versions: tuple[Version, ...] = ()
    submitted: date | None = None
    updated: date | None = None
    license: str | None = None
    doi: str | None = None
    journal_ref: str | None = None
    comment: str | None = None
    withdrawn: bool = False

    @property
    def primary_category(self) -> str | None:
        """arXiv's primary category of the paper; None if no category is known."""
        return self.categories[0] if self.categories else None

    @property
    def submitted_precision(self) -> DatePrecision | None:
        """How exactly `submitted` is known; None if it is unknown."""
        return self._precision(self.submitted, 1)

    @property
    def updated_precision(self) -> DatePrecision | None:
        """How exactly `updated` is known; None if it is unknown."""
        return self._precision(self.updated, self.version)

    def _precision(self, value: date | None, number: int | None) -> DatePrecision | None:
        """Return the precision of the version that has this date, by default that of a day."""
        if value is None:
            return None
        same = (v.precision for v in self.versions if (v.number, v.created) == (number, value))
        return next(same, DatePrecision.DAY)

    @property
    def text_hash(self) -> bytes:
        """16 bytes that change if and only if the text to embed and to tag changes."""
        return text_hash(self.title, self.abstract)

    @property
    def text(self) -> str:
        """Title and abstract in one string, the text whose terms are counted."""
        return f"{self.title} {self.abstract}"

    @property
    def url(self) -> str:
        """Address of the abstract page at arXiv."""
        return f"https://arxiv.org/abs/{self.id}"


def text_hash(title: str, abstract: str) -> bytes:
    """Return the first 16 bytes of SHA-256 over title and abstract."""
    return hashlib.sha256(f"{title}\n{abstract}".encode()).digest()[:16]


def to_single_line(text: str | None) -> str:
    """Return metadata text in one line, without line wraps, indents and control characters."""
    joined = " ".join((text or "").split())
    if joined.isprintable():
        return joined
    return " ".join("".join(c if c.isprintable() else " " for c in joined).split())


def states_withdrawal(comment: str | None, abstract: str) -> bool:
    """Return whether comment or abstract announce a withdrawal; arXiv's metadata has no flag."""
    return bool(_WITHDRAWN.search(comment or "") or _WITHDRAWN.match(abstract))


class Change(StrEnum):
    """What a record changed in the stored paper, in arXiv's own terms if it has any."""

    NEW = "new"
    REPLACED = "replaced"
    CROSS_LISTED = "cross_listed"
    WITHDRAWN = "withdrawn"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


def classify_change(before: Paper | None, after: Paper) -> Change:
    """Classify the difference between two states of a paper.

    `CHANGED` means that only other metadata, such as a DOI, differs.
    """
    if before is None:
        return Change.NEW
    if after.withdrawn and not before.withdrawn:
        return Change.WITHDRAWN
    new_version = before.version is not None and (after.version or 0) > before.version
    if new_version or after.text_hash != before.text_hash:
        return Change.REPLACED
    if set(after.categories) > set(before.categories):
        return Change.CROSS_LISTED
    return Change.UNCHANGED if after == before else Change.CHANGED


def merge_records(held: Paper, incoming: Paper) -> Paper:
    """Merge a stored paper with one more record of it.

    The fields of the later version win; if versions are unknown, those of the later day. Fields
    that it leaves empty keep their known value, and the version history is the union of both. A
    day is never replaced by its month.
    The result does not depend on the order of records, nor on repeated ones.
    """
    older, newer = (incoming, held) if _is_earlier(incoming, held) else (held, incoming)
    history = _union(older.versions, newer.versions)
    # A later text without a version number is not one of the known versions.
    same = newer.version is None and not _is_earlier(older, newer)
    return Paper(
        id=held.id,
        title=newer.title,
        abstract=newer.abstract or older.abstract,
        authors=newer.authors or older.authors,
        categories=newer.categories or older.categories,
        version=older.version if same else newer.version,
        versions=tuple(history[number] for number in sorted(history)),
        submitted=history[1].created if 1 in history else newer.submitted or older.submitted,
        updated=_later_update(older, newer),
        license=newer.license or older.license,
        doi=newer.doi or older.doi,
        journal_ref=newer.journal_ref or older.journal_ref,
        comment=newer.comment or older.comment,
        withdrawn=newer.withdrawn,
    )


def _union(older: Iterable[Version], newer: Iterable[Version]) -> dict[int, Version]:
    history = {version.number: version for version in older}
    for version in newer:
        known = history.get(version.number)
        if not known or _is_exact(version.precision) or not _is_exact(known.precision):
            history[version.number] = version
    return history


def _later_update(older: Paper, newer: Paper) -> date | None:
    """Return the day of the newer record, or that of the older if it is an exact day in its month.

    Falls back on the older one if the newer has no day.
    """
    if newer.updated is None or older.updated is None:
        return newer.updated or older.updated
    last = last_day(newer.updated, newer.updated_precision)
    is_in_month = newer.updated <= older.updated <= last
    if is_in_month and _is_exact(older.updated_precision):
        return older.updated
    return newer.updated


def _is_exact(precision: DatePrecision | None) -> bool:
    return precision is DatePrecision.DAY


def _is_earlier(one: Paper, other: Paper) -> bool:
    if one.version is not None and other.version is not None:
        return one.version < other.version
    if one.updated is not None and other.updated is not None:
        return last_day(one.updated, one.updated_precision) < other.updated
    return (one.version or 0) < (other.version or 0)
