"""Decide whether a paper is withdrawn: from the flags of its source, else from its own words.

arXiv marks a withdrawal by the flag `I` in the source type of a version, which only the OAI format
arXivRaw carries. A size of `0kb` is not a mark: arXiv rounds sizes down to kilobytes and prints 0
if it does not know the size. Without the flag, only comment, title and abstract can tell.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

_FLAG = "I"  # "ignore" in arXiv's source types; others may surround it, as in "AI"
_MIN_RESTORED = 4  # kilobytes; a text that only announces a withdrawal is smaller


class Withdrawal(StrEnum):
    """How it is known that a paper is withdrawn.

    `FLAG`: arXiv's own mark. `DELETED`: an OAI-PMH server deleted the record. `WORDS`: comment,
    title or abstract say so. `UNVERIFIED`: an earlier seealso stored it without a reason.
    """

    FLAG = "flag"
    DELETED = "deleted"
    WORDS = "words"
    UNVERIFIED = "unverified"

    @property
    def described(self) -> str:
        """The word "withdrawn" and how it is known, for people."""
        return f"withdrawn{_SOURCES[self]}"


_SOURCES = {
    Withdrawal.FLAG: "",
    Withdrawal.DELETED: ": arXiv deleted the record",
    Withdrawal.WORDS: " according to its comment, title or abstract",
    Withdrawal.UNVERIFIED: ", to be verified by the next harvest",
}


class Source(Protocol):
    """The source of a version: its number, kilobytes and flags; None if they are unknown."""

    @property
    def number(self) -> int:
        """Number of the version."""

    @property
    def size(self) -> int | None:
        """Size in kilobytes, rounded down; 0 also if arXiv does not know it."""

    @property
    def flags(self) -> str | None:
        """The letters of arXiv's source type."""


def judge_withdrawal(
    sources: Sequence[Source],
    *,
    paper_id: str = "",
    version: int | None = None,
    title: str = "",
    comment: str | None = None,
    abstract: str = "",
) -> Withdrawal | None:
    """Return how it is known that the latest version is withdrawn; None if it is not.

    `version` is the number of the latest version, by default that of the last source. The texts
    are those of that version.

        judge_withdrawal(paper.versions, comment="Paper withdrawn")  # Withdrawal.WORDS
        judge_withdrawal(paper.versions, comment="Withdrawn from ICLR 2026")  # None
    """
    # Its regular expressions take 70 ms to compile, in every process that opens a catalogue.
    from index.arxiv.withdrawal.words import state_withdrawal

    ordered = sorted(sources, key=lambda source: source.number)
    latest = ordered[-1] if ordered else None
    number = version or (latest.number if latest else None)
    if latest is not None and latest.number == number:
        if _is_flagged(latest):
            return Withdrawal.FLAG
        if _is_restored(ordered):
            return None  # the words are about the version that was withdrawn
    if state_withdrawal(comment or "", title, abstract, paper_id=paper_id, version=number):
        return Withdrawal.WORDS
    return None


def _is_flagged(source: Source) -> bool:
    return _FLAG in (source.flags or "")


def _is_restored(sources: Sequence[Source]) -> bool:
    """Return whether the last version is a full one again after a version without source."""
    *earlier, latest = sources
    was_withdrawn = any(_is_flagged(one) or (one.number > 1 and one.size == 0) for one in earlier)
    return was_withdrawn and (latest.size or 0) >= _MIN_RESTORED
