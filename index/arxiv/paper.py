"""The `Paper` record that all packages share, and how two records of a paper are merged."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from index.arxiv.date_precision import DatePrecision, last_day
from index.arxiv.name_parts import NameParts, guess_parts, name_key
from index.arxiv.withdrawal.decision import Withdrawal, judge_withdrawal


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a paper; `created` is the day arXiv received it.

    If `precision` is "month", only the month of `created` is known. `size` is the size of the
    source in kilobytes, rounded down and 0 if arXiv does not know it, and `flags` are the letters
    of its type; both are None if the record did not carry them. The flag I marks a withdrawal.
    """

    number: int
    created: date
    precision: DatePrecision = DatePrecision.DAY
    size: int | None = None
    flags: str | None = None


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
    `withdrawal` says how it is known that the paper is withdrawn; None if it is not. `name_parts`
    has for each of `authors` the parts of the name that the source gives, or None; it is empty if
    the source gives none at all.
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
    withdrawal: Withdrawal | None = None
    name_parts: tuple[NameParts | None, ...] = ()

    @property
    def author_parts(self) -> tuple[NameParts, ...]:
        """The parts of each author's name, guessed if the source does not give them."""
        known = self.name_parts or (None,) * len(self.authors)
        return tuple(
            parts or guess_parts(to_single_line(name))
            for name, parts in zip(self.authors, known, strict=True)
        )

    @property
    def withdrawn(self) -> bool:
        """Whether the latest version is withdrawn."""
        return self.withdrawal is not None

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
        return paper_url(self.id)


def paper_url(paper_id: str) -> str:
    """Return the address of a paper's abstract page at arXiv."""
    return f"https://arxiv.org/abs/{paper_id}"


def text_hash(title: str, abstract: str) -> bytes:
    """Return the first 16 bytes of SHA-256 over title and abstract."""
    return utf8_text_hash(title.encode(), abstract.encode())


def utf8_text_hash(title: bytes, abstract: bytes) -> bytes:
    """Return what `text_hash` does, for texts in UTF-8, which may be damaged."""
    return hashlib.sha256(title + b"\n" + abstract).digest()[:16]


def to_single_line(text: str | None) -> str:
    """Return metadata text in one line, without line wraps, indents and control characters."""
    if text and text.isprintable() and "  " not in text and text[0] != " " != text[-1]:
        return text
    joined = " ".join((text or "").split())
    if joined.isprintable():
        return joined
    return " ".join("".join(c if c.isprintable() else " " for c in joined).split())


def with_withdrawal(paper: Paper) -> Paper:
    """Return the paper with the withdrawal that its own fields show."""
    withdrawal = judge_withdrawal(
        paper.versions if paper.version is not None else (),  # the text is of a later version
        paper_id=paper.id,
        version=paper.version,
        title=paper.title,
        comment=paper.comment,
        abstract=paper.abstract,
    )
    return paper if withdrawal is paper.withdrawal else replace(paper, withdrawal=withdrawal)


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

    `CHANGED` means that only other metadata, such as a DOI, differs. Sizes and flags of versions
    that were not known before are no change.
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
    same = _without_sources(after) == _without_sources(before)
    return Change.UNCHANGED if same else Change.CHANGED


def _without_sources(paper: Paper) -> Paper:
    """Return a paper without sizes and flags: learning them is no change at arXiv."""
    versions = (replace(one, size=None, flags=None) for one in paper.versions)
    return replace(paper, versions=tuple(versions))


def merge_records(held: Paper, incoming: Paper) -> Paper:
    """Merge a stored paper with one more record of it.

    The fields of the later version win; if versions are unknown, those of the later day. Fields
    that it leaves empty keep their known value, except the comment of an earlier version. The
    version history is the union of both. A day is never replaced by its month. A withdrawal is
    judged again from the merged fields, so a record without flags does not undo a flag of the same
    version, but a later version does. The parts of an author's name stay known if the later record
    has the same name without them.
    The result does not depend on the order of records, nor on repeated ones.
    """
    older, newer = (incoming, held) if _is_earlier(incoming, held) else (held, incoming)
    history = _union(older.versions, newer.versions)
    # A later text without a version number is not one of the known versions.
    same = newer.version is None and not _is_earlier(older, newer)
    # A comment, which may announce a withdrawal, is about its own version only.
    comment = None if _is_earlier(older, newer) else older.comment
    merged = Paper(
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
        comment=newer.comment or comment,
        name_parts=_merge_name_parts(older, newer),
    )
    return _judge_merged(merged, older, newer)


def _judge_merged(merged: Paper, older: Paper, newer: Paper) -> Paper:
    """Return a merged paper with its withdrawal.

    One that its fields do not show lasts until a later version, or a record that carries flags.
    """
    judged = with_withdrawal(merged)
    latest = next((v for v in merged.versions if v.number == merged.version), None)
    if judged.withdrawn or (latest is not None and latest.flags is not None):
        return judged
    known = (newer,) if _is_earlier(older, newer) else (newer, older)
    unshown = (one.withdrawal for one in known if one.withdrawal not in (None, Withdrawal.WORDS))
    return replace(judged, withdrawal=next(unshown, None))


def _merge_name_parts(older: Paper, newer: Paper) -> tuple[NameParts | None, ...]:
    """Return the known parts of the names of the newer record, or of the older if it has none."""
    if not newer.authors or not older.name_parts:
        return newer.name_parts if newer.authors else older.name_parts
    known = {
        name_key(name): parts
        for name, parts in zip(older.authors, older.name_parts, strict=True)
        if parts
    }
    own = newer.name_parts or (None,) * len(newer.authors)
    merged = tuple(
        parts or known.get(name_key(name)) for name, parts in zip(newer.authors, own, strict=True)
    )
    return merged if any(merged) else ()


def _union(older: Iterable[Version], newer: Iterable[Version]) -> dict[int, Version]:
    history = {version.number: version for version in older}
    for version in newer:
        known = history.get(version.number, version)
        is_less_exact = _is_exact(known.precision) and not _is_exact(version.precision)
        history[version.number] = replace(
            known if is_less_exact else version,
            size=known.size if version.size is None else version.size,
            flags=known.flags if version.flags is None else version.flags,
        )
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
