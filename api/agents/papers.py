"""Papers and lists of them as agents are told: as over REST, but bounded.

The top of an answer is a pydantic model: a slotted class lacks the defaults that the SDK looks for.
"""

from dataclasses import dataclass, replace
from datetime import date

from pydantic import BaseModel

from api.agents.limits import ABSTRACT, AUTHORS, LINE, SENTENCE, SUMMARY, cut
from api.records.paper import PaperRecord
from index.catalogue.tags import Tag
from index.health.freshness import Meta
from index.lists.entries import Listing, RelatedPaper, SearchResults
from index.lists.reasons import Reasons, SentencePair
from index.lists.recommend import Recommendations, Unmatched


def _shelves(tags: list[Tag]) -> list[str]:
    """The tags as the tools take them."""
    return [f"{tag.taxonomy}/{tag.label}" for tag in tags]


@dataclass(frozen=True, slots=True)
class ListedPaper:
    """One entry of a list; `authors` are the first ten of `authors_in_all`.

    `score` is 100 × similarity, `percentile` the share of random pairs that are less similar.
    """

    id: str
    title: str
    url: str
    score: float
    percentile: float
    summary: str
    submitted: date | None
    authors: list[str]
    authors_in_all: int
    categories: list[str]
    tags: list[str]
    reasons: Reasons

    @classmethod
    def of(cls, paper: RelatedPaper) -> "ListedPaper":
        """An entry without what would make it long."""
        pair = paper.reasons.sentences
        said = SentencePair(cut(pair.asked, SENTENCE), cut(pair.found, SENTENCE)) if pair else None
        return cls(
            id=paper.id,
            title=cut(paper.title, LINE),
            url=paper.url,
            score=paper.score,
            percentile=paper.percentile,
            summary=cut(paper.summary, SUMMARY),
            submitted=paper.submitted,
            authors=[cut(author, LINE) for author in paper.authors[:AUTHORS]],
            authors_in_all=len(paper.authors),
            categories=paper.categories,
            tags=_shelves(paper.tags),
            reasons=replace(paper.reasons, sentences=said),
        )


class FoundPapers(BaseModel):
    """What answers a query, best first."""

    results: list[ListedPaper]
    meta: Meta

    @classmethod
    def of(cls, found: SearchResults) -> "FoundPapers":
        """The results of a search."""
        return cls(results=[ListedPaper.of(one) for one in found.results], meta=found.meta)


class RelatedPapers(BaseModel):
    """A paper with those to read next, the nearest first.

    `score` is the mean score of its ten nearest: how closely the corpus surrounds it.
    """

    id: str
    title: str
    score: float
    related: list[ListedPaper]
    meta: Meta

    @classmethod
    def of(cls, found: Listing) -> "RelatedPapers":
        """The list of a known paper."""
        return cls(
            id=found.id or "",
            title=cut(found.title or "", LINE),
            score=found.score,
            related=[ListedPaper.of(one) for one in found.related],
            meta=found.meta,
        )


class RecommendedPapers(BaseModel):
    """Papers for these likes and dislikes; `unmatched` says which are not held here, and why."""

    liked: list[str]
    disliked: list[str]
    unmatched: list[Unmatched]
    related: list[ListedPaper]
    meta: Meta

    @classmethod
    def of(cls, found: Recommendations) -> "RecommendedPapers":
        """The list for several papers."""
        return cls(
            liked=found.liked,
            disliked=found.disliked,
            unmatched=found.unmatched,
            related=[ListedPaper.of(one) for one in found.related],
            meta=found.meta,
        )


class PaperInFull(BaseModel):
    """What is held of a paper, with its abstract; what is unknown is null or empty."""

    id: str
    url: str
    version: int | None
    title: str
    abstract: str
    summary: str
    authors: list[str]
    authors_in_all: int
    categories: list[str]
    primary_category: str | None
    submitted: date | None
    updated: date | None
    license: str | None
    doi: str | None
    journal_ref: str | None
    comment: str | None
    withdrawn: bool
    tags: list[str]
    meta: Meta

    @classmethod
    def of(cls, record: PaperRecord) -> "PaperInFull":
        """A paper without its earlier texts."""

        def line(text: str | None) -> str | None:
            return text and cut(text, LINE)

        return cls(
            id=record.id,
            url=record.url,
            version=record.version,
            title=cut(record.title, LINE),
            abstract=cut(record.abstract, ABSTRACT),
            summary=cut(record.summary, SUMMARY),
            authors=[cut(author, LINE) for author in record.authors[:AUTHORS]],
            authors_in_all=len(record.authors),
            categories=record.categories,
            primary_category=record.primary_category,
            submitted=record.submitted,
            updated=record.updated,
            license=line(record.license),
            doi=line(record.doi),
            journal_ref=line(record.journal_ref),
            comment=line(record.comment),
            withdrawn=record.withdrawn,
            tags=_shelves(record.tags),
            meta=record.meta,
        )
