"""The paper: the one record that every room speaks."""

import hashlib
import re
from dataclasses import dataclass
from datetime import date

_SPACE = re.compile(r"\s+")
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


def one_line(text: str | None) -> str:
    """Metadata text without its line wraps, indents and control characters."""
    visible = "".join(c if c.isprintable() or c.isspace() else " " for c in text or "")
    return _SPACE.sub(" ", visible).strip()


def says_withdrawn(comment: str | None, abstract: str) -> bool:
    """Whether comment or abstract state the withdrawal: arXiv's metadata has no flag for it."""
    return bool(_WITHDRAWN.search(comment or "") or _WITHDRAWN.match(abstract))


def merged(held: Paper, incoming: Paper) -> Paper:
    """What is known of a paper after one more record of it arrived.

    The record of the later version speaks; where it is silent, what was known stays, and the
    history is the union of both. So two records may arrive in either order, and twice.
    """
    older, newer = (held, incoming)
    if (incoming.version or 0) < (held.version or 0):
        older, newer = (incoming, held)
    history = {v.number: v for v in (*older.versions, *newer.versions)}
    return Paper(
        id=held.id,
        title=newer.title,
        abstract=newer.abstract or older.abstract,
        authors=newer.authors or older.authors,
        categories=newer.categories or older.categories,
        version=newer.version or older.version,
        versions=tuple(history[number] for number in sorted(history)),
        submitted=newer.submitted or older.submitted,
        updated=newer.updated or older.updated,
        license=newer.license or older.license,
        doi=newer.doi or older.doi,
        journal_ref=newer.journal_ref or older.journal_ref,
        comment=newer.comment or older.comment,
        withdrawn=newer.withdrawn,
    )
