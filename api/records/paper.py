"""The full record of a paper in JSON."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from api.rendering.prose import to_plain_text
from api.service import ReadSession
from index.arxiv.date_precision import DatePrecision
from index.arxiv.name_parts import NameParts
from index.arxiv.paper import EarlierText, Version
from index.arxiv.withdrawal.decision import Withdrawal
from index.catalogue.tags import Tag
from index.errors import UnknownPaper
from index.health.freshness import Meta
from index.lists.held_papers import HeldPaper, held_papers


@dataclass(frozen=True, slots=True)
class PaperRecord:
    """Everything known about a paper; unknown values are null or empty.

    A date with the precision "month" is the first day of a month of which the day is unknown.
    `summary` is plain text; it is the whole abstract if `summary_is_abstract`. `withdrawal` says
    how it is known that the paper is withdrawn: by arXiv's flag, by words in comment, title or
    abstract, by a deletion at the source, or unverified, until it is harvested again.
    """

    id: str
    url: str
    version: int | None
    title: str
    abstract: str
    summary: str
    summary_is_abstract: bool
    authors: list[str]
    author_parts: list[NameParts]
    categories: list[str]
    primary_category: str | None
    submitted: date | None
    submitted_precision: DatePrecision | None
    updated: date | None
    updated_precision: DatePrecision | None
    versions: list[Version]
    earlier_texts: list[EarlierText]
    license: str | None
    doi: str | None
    journal_ref: str | None
    comment: str | None
    withdrawn: bool
    withdrawal: Withdrawal | None
    tags: list[Tag]
    meta: Meta


def paper_record(held: HeldPaper, earlier: list[EarlierText], meta: Meta) -> PaperRecord:
    """Return the record of a paper; `earlier` are the texts of its earlier versions."""
    paper = held.paper
    return PaperRecord(
        id=paper.id,
        url=paper.url,
        version=paper.version,
        title=paper.title,
        abstract=paper.abstract,
        summary=to_plain_text(held.entry.summary),
        summary_is_abstract=held.entry.summary_is_abstract,
        authors=list(paper.authors),
        author_parts=list(paper.author_parts),
        categories=list(paper.categories),
        primary_category=paper.primary_category,
        submitted=paper.submitted,
        submitted_precision=paper.submitted_precision,
        updated=paper.updated,
        updated_precision=paper.updated_precision,
        versions=list(paper.versions),
        earlier_texts=earlier,
        license=paper.license,
        doi=paper.doi,
        journal_ref=paper.journal_ref,
        comment=paper.comment,
        withdrawn=paper.withdrawn,
        withdrawal=paper.withdrawal,
        tags=held.tags,
        meta=meta,
    )


def paper_records(session: ReadSession, ids: Sequence[str]) -> dict[str, PaperRecord]:
    """Return the records by canonical id; papers that the catalogue lacks are left out."""
    catalogue, meta = session.catalogue, session.meta
    return {
        held.paper.id: paper_record(held, catalogue.earlier_texts(held.entry.number), meta)
        for held in held_papers(catalogue, list(catalogue.numbers_of(ids).values()))
    }


def paper_record_by_id(session: ReadSession, paper_id: str) -> PaperRecord:
    """Return the record of a paper by canonical id; raises UnknownPaper."""
    records = paper_records(session, [paper_id])
    if paper_id not in records:
        raise UnknownPaper(paper_id)
    return records[paper_id]
