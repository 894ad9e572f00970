"""A paper that carries a tag, as lists of a tag tell it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from api.service import ReadSession
from index.catalogue.tags import Tag
from index.health.freshness import Meta


@dataclass(frozen=True, slots=True)
class TaggedPaper:
    """A paper that carries a tag."""

    id: str
    title: str
    summary: str
    submitted: date | None
    authors: list[str]
    tags: list[Tag]


@dataclass(frozen=True, slots=True)
class TaggedPapers:
    """A tag and the papers that carry it or a label below it, the newest first."""

    id: str
    title: str
    definition: str
    papers: list[TaggedPaper]
    meta: Meta


def tagged(session: ReadSession, numbers: Sequence[int]) -> list[TaggedPaper]:
    """What is told of the papers under these catalogue numbers, in this order."""
    entries = session.catalogue.entries(numbers)
    tags = session.catalogue.tags.of(numbers)
    return [
        TaggedPaper(
            id=(paper := entries[number].paper).id,
            title=paper.title,
            summary=entries[number].summary,
            submitted=paper.submitted,
            authors=list(paper.authors),
            tags=tags[number],
        )
        for number in numbers
    ]
