"""Papers and their related lists, as JSON under /v1."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Body
from pydantic import BaseModel, ConfigDict, Field

from api.examples import BATCH, LISTING, PAPER, example
from api.list_query import Options
from api.service import Answers
from index.entry import Entry
from index.errors import BadIdentifier
from index.freshness import Meta
from index.identifier import canonical_id
from index.listing import Listing
from index.paper import EarlierText, Version
from index.stored_tags import Tag

router = APIRouter(tags=["papers"])
_LARGEST_BATCH = 500


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


@dataclass(frozen=True, slots=True)
class PaperBatch:
    """Papers in the order asked for, null for each that is not held or is no identifier."""

    papers: list[PaperRecord | None]


class AskedBatch(BaseModel):
    """Papers that are asked for together, in any form of their identifiers."""

    model_config = ConfigDict(extra="forbid")
    ids: list[str] = Field(min_length=1, max_length=_LARGEST_BATCH)


@router.post("/v1/papers/batch", responses=example(BATCH))
def batch(
    asked: Annotated[AskedBatch, Body(examples=[{"ids": [PAPER["id"], "2401.99999"]}])],
    answers: Answers,
) -> PaperBatch:
    """Look up papers together, at most 500; the order is kept, what is unknown is null."""
    ids = [_canonical(text) for text in asked.ids]
    numbers = answers.catalogue.numbers_of({paper_id for paper_id in ids if paper_id})
    entries = answers.catalogue.entries(list(numbers.values()))
    tags = answers.catalogue.tags.of(numbers.values())
    records = {
        entry.paper.id: paper_record(
            entry, answers.catalogue.earlier_texts(number), tags[number], answers.meta
        )
        for number, entry in entries.items()
    }
    return PaperBatch([records.get(paper_id) if paper_id else None for paper_id in ids])


def _canonical(text: str) -> str | None:
    try:
        return canonical_id(text)
    except BadIdentifier:
        return None


# Before the paper itself: a path such as hep-th/9901001/related would match both.
@router.get("/v1/papers/{paper_id:path}/related", responses=example(LISTING))
def related(paper_id: str, answers: Answers, options: Options) -> Listing:
    """List the papers to read next, each with score, percentile, summary and reasons."""
    embedder = answers.embedder_for(options)
    return answers.finder.related(canonical_id(paper_id), options, embedder)


@router.get("/v1/papers/{paper_id:path}", responses=example(PAPER))
def paper(paper_id: str, answers: Answers) -> PaperRecord:
    """Look up a paper by any form of its arXiv identifier."""
    entry = answers.catalogue.entry(canonical_id(paper_id))
    tags = answers.catalogue.tags.of([entry.number])[entry.number]
    earlier = answers.catalogue.earlier_texts(entry.number)
    return paper_record(entry, earlier, tags, answers.meta)
