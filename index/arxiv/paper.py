"""The `Paper` record that all packages share, and how two records of a paper are merged."""

import hashlib
import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

_WITHDRAWN = re.compile(
    r"\b(?:this|the) (?:paper|article|manuscript|submission|work|preprint) (?:has been|is|was)"
    r"(?: now)? withdrawn\b|^\W*withdrawn\b|\bwithdrawn by (?:the |its )?(?:author|arxiv)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a paper; `created` is the day arXiv received it."""

    number: int
    created: date


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
    day of the latest version. `primary_category` is the first of `categories`.
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
    that it leaves empty keep their known value, and the version history is the union of both.
    The result does not depend on the order of records, nor on repeated ones.
    """
    older, newer = (incoming, held) if _is_earlier(incoming, held) else (held, incoming)
    history = {v.number: v for v in (*older.versions, *newer.versions)}
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
        submitted=newer.submitted or older.submitted,
        updated=newer.updated or older.updated,
        license=newer.license or older.license,
        doi=newer.doi or older.doi,
        journal_ref=newer.journal_ref or older.journal_ref,
        comment=newer.comment or older.comment,
        withdrawn=newer.withdrawn,
    )


def _is_earlier(one: Paper, other: Paper) -> bool:
    if one.version is not None and other.version is not None:
        return one.version < other.version
    if one.updated is not None and other.updated is not None:
        return one.updated < other.updated
    return (one.version or 0) < (other.version or 0)
