"""All that is held of a paper, as the answers in JSON tell it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from api.service import ReadSession
from index.arxiv.paper import EarlierText, Version
from index.catalogue.rows import Entry
from index.catalogue.tags import Tag
from index.errors import UnknownPaper
from index.health.freshness import Meta


@dataclass(frozen=True, slots=True)
class PaperRecord:
    """All that is held of a paper; what is unknown is null or empty."""

    id: str
    url: str
    version: int | None
    title: str
    abstract: str
    summary: str
    authors: list[str]
    categories: list[str]
    primary_category: str | None
    submitted: date | None
    updated: date | None
    versions: list[Version]
    earlier_texts: list[EarlierText]
    license: str | None
    doi: str | None
    journal_ref: str | None
    comment: str | None
    withdrawn: bool
    tags: list[Tag]
    meta: Meta


def paper_record(
    entry: Entry, earlier: list[EarlierText], tags: list[Tag], meta: Meta
) -> PaperRecord:
    """The record of a catalogue entry."""
    paper = entry.paper
    return PaperRecord(
        id=paper.id,
        url=paper.url,
        version=paper.version,
        title=paper.title,
        abstract=paper.abstract,
        summary=entry.summary,
        authors=list(paper.authors),
        categories=list(paper.categories),
        primary_category=paper.primary_category,
        submitted=paper.submitted,
        updated=paper.updated,
        versions=list(paper.versions),
        earlier_texts=earlier,
        license=paper.license,
        doi=paper.doi,
        journal_ref=paper.journal_ref,
        comment=paper.comment,
        withdrawn=paper.withdrawn,
        tags=tags,
        meta=meta,
    )


def paper_records(session: ReadSession, ids: Sequence[str]) -> dict[str, PaperRecord]:
    """The records of those of these canonical ids that are held."""
    numbers = session.catalogue.numbers_of(ids)
    entries = session.catalogue.entries(list(numbers.values()))
    tags = session.catalogue.tags.of(numbers.values())
    meta = session.meta
    return {
        entry.paper.id: paper_record(
            entry, session.catalogue.earlier_texts(number), tags[number], meta
        )
        for number, entry in entries.items()
    }


def record_of(session: ReadSession, paper_id: str) -> PaperRecord:
    """The record of a canonical id; raises UnknownPaper."""
    records = paper_records(session, [paper_id])
    if paper_id not in records:
        raise UnknownPaper(paper_id)
    return records[paper_id]
