"""The paper: the one record that every room speaks."""

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
    """What a version said that was replaced since."""

    version: int
    title: str
    abstract: str


@dataclass(frozen=True, slots=True)
class Paper:
    """What arXiv's metadata says of one paper. What is unknown is None or empty, never invented.

    `version` is the latest version's number. `submitted` is the day of v1, `updated` that of the
    latest version. `primary_category` is the first of `categories`.
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
        """arXiv's main subject of the paper."""
        return self.categories[0] if self.categories else None

    @property
    def text_hash(self) -> bytes:
        """16 bytes that change when, and only when, what is embedded and tagged changes."""
        return text_hash(self.title, self.abstract)

    @property
    def text(self) -> str:
        """Title and abstract in one: what words are counted in."""
        return f"{self.title} {self.abstract}"

    @property
    def url(self) -> str:
        """The abstract page at arXiv."""
        return f"https://arxiv.org/abs/{self.id}"


def text_hash(title: str, abstract: str) -> bytes:
    """The first 16 bytes of SHA-256 over title and abstract."""
    return hashlib.sha256(f"{title}\n{abstract}".encode()).digest()[:16]


def to_single_line(text: str | None) -> str:
    """Metadata text without its line wraps, indents and control characters."""
    joined = " ".join((text or "").split())
    if joined.isprintable():
        return joined
    return " ".join("".join(c if c.isprintable() else " " for c in joined).split())


def states_withdrawal(comment: str | None, abstract: str) -> bool:
    """Whether comment or abstract state the withdrawal: arXiv's metadata has no flag for it."""
    return bool(_WITHDRAWN.search(comment or "") or _WITHDRAWN.match(abstract))


class Change(StrEnum):
    """What one record did to what was known of its paper, in arXiv's terms where it has them."""

    NEW = "new"
    REPLACED = "replaced"
    CROSS_LISTED = "cross_listed"
    WITHDRAWN = "withdrawn"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


def classify_change(before: Paper | None, after: Paper) -> Change:
    """What happened between two states of a paper; `changed` is other metadata, like a DOI."""
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
    """What is known of a paper after one more record of it arrived.

    The record of the later version speaks, or where versions are not known the one of the later
    day; where it is silent, what was known stays, and the history is the union of both. So two
    records may arrive in either order, and twice.
    """
    older, newer = (incoming, held) if _is_earlier(incoming, held) else (held, incoming)
    history = {v.number: v for v in (*older.versions, *newer.versions)}
    # A later text without a version's number is none of the versions known.
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
