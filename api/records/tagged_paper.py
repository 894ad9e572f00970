"""Papers that carry a tag, as JSON and text list them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from api.service import ReadSession
from index.arxiv.date_precision import DatePrecision
from index.catalogue.tags import Tag
from index.health.freshness import Meta
from index.lists.held_papers import held_papers


@dataclass(frozen=True, slots=True)
class TaggedPaper:
    """A paper that carries a tag."""

    id: str
    title: str
    summary: str
    summary_is_abstract: bool
    submitted: date | None
    submitted_precision: DatePrecision | None
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


def tagged_papers(session: ReadSession, numbers: Sequence[int]) -> list[TaggedPaper]:
    """Return the papers with these catalogue numbers, in this order."""
    return [
        TaggedPaper(
            id=held.paper.id,
            title=held.paper.title,
            summary=held.entry.summary,
            summary_is_abstract=held.entry.summary_is_abstract,
            submitted=held.paper.submitted,
            submitted_precision=held.paper.submitted_precision,
            authors=list(held.paper.authors),
            tags=held.tags,
        )
        for held in held_papers(session.catalogue, numbers)
    ]
