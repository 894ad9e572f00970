"""Papers and lists for agents: as over REST, but of limited length and with TeX decoded.

The outermost record of an answer is a pydantic model, because the SDK reads defaults from class
attributes, which a dataclass with slots does not have.
"""

from dataclasses import dataclass, replace
from datetime import date

from pydantic import BaseModel

from api.agents.limits import ABSTRACT, AUTHORS, LINE, SENTENCE, SUMMARY, cut
from api.records.paper import PaperRecord
from api.rendering.prose import to_plain_text
from index.arxiv.date_precision import DatePrecision
from index.arxiv.withdrawal.decision import Withdrawal
from index.catalogue.tags import Tag
from index.health.freshness import Meta
from index.lists.entries import FoundPaper, Listing
from index.lists.reasons import Reasons, SentencePair
from index.lists.recommend import Recommendations, Unmatched
from index.searching.results import SearchResults


def _tag_names(tags: list[Tag]) -> list[str]:
    """Return the tags as the tools accept them."""
    return [f"{tag.taxonomy}/{tag.label}" for tag in tags]


@dataclass(frozen=True, slots=True)
class ListedPaper:
    """An entry of a list; `authors` has the first ten of `authors_in_all`.

    `score` is 100 × similarity; `percentile` is the share of random pairs that are less similar.
    If `submitted_precision` is "month", the day is unknown and `submitted` is the first of the
    month.
    A `weak` match may well be unrelated.
    """

    id: str
    title: str
    url: str
    score: float | None
    percentile: float | None
    weak: bool
    summary: str
    summary_is_abstract: bool
    submitted: date | None
    submitted_precision: DatePrecision | None
    authors: list[str]
    authors_in_all: int
    categories: list[str]
    tags: list[str]
    reasons: Reasons

    @classmethod
    def of(cls, paper: FoundPaper) -> "ListedPaper":
        """Return an entry with its long texts cut and TeX decoded."""
        pair = paper.reasons.sentences
        if pair:
            pair = SentencePair(
                cut(to_plain_text(pair.asked), SENTENCE), cut(to_plain_text(pair.found), SENTENCE)
            )
        return cls(
            id=paper.id,
            title=cut(to_plain_text(paper.title), LINE),
            url=paper.url,
            score=paper.score,
            percentile=paper.percentile,
            weak=paper.weak,
            summary=cut(to_plain_text(paper.summary), SUMMARY),
            summary_is_abstract=paper.summary_is_abstract,
            submitted=paper.submitted,
            submitted_precision=paper.submitted_precision,
            authors=[cut(author, LINE) for author in paper.authors[:AUTHORS]],
            authors_in_all=len(paper.authors),
            categories=paper.categories,
            tags=_tag_names(paper.tags),
            reasons=replace(paper.reasons, sentences=pair),
        )


class FoundPapers(BaseModel):
    """The papers that match a query, best first.

    `understood` says what the query was understood as: authors whose name it has, its operators,
    and how many papers match. `suggestion` is the query with misspelt words corrected; search again
    to use it. `note` reports words that no paper contains, and that no paper matches closely.
    Papers listed by date have no score. `found_by_words` has papers that have every word of the
    query but no vector yet, so no score either.
    """

    understood: str
    suggestion: str | None
    note: str | None
    results: list[ListedPaper]
    found_by_words: list[ListedPaper]
    meta: Meta

    @classmethod
    def of(cls, record: SearchResults) -> "FoundPapers":
        """Return search results with limited entries."""
        return cls(
            understood=cut(record.parts.summary, SUMMARY),
            suggestion=record.suggestion and cut(record.suggestion, SENTENCE),
            note=record.note,
            results=[ListedPaper.of(one) for one in record.results],
            found_by_words=[ListedPaper.of(one) for one in record.found_by_words],
            meta=record.meta,
        )


class RelatedPapers(BaseModel):
    """A paper with its related papers, the nearest first.

    `score` is the mean score of the ten nearest papers. `note` reports that no paper is closely
    related.
    """

    id: str
    title: str
    score: float
    note: str | None
    related: list[ListedPaper]
    meta: Meta

    @classmethod
    def of(cls, record: Listing) -> "RelatedPapers":
        """Return a related list with limited entries."""
        return cls(
            id=record.id or "",
            title=cut(to_plain_text(record.title or ""), LINE),
            score=record.score,
            note=record.note,
            related=[ListedPaper.of(one) for one in record.related],
            meta=record.meta,
        )


class RecommendedPapers(BaseModel):
    """Recommended papers; `unmatched` lists the given papers that were not used, and why.

    `note` reports that no paper is closely related.
    """

    liked: list[str]
    disliked: list[str]
    unmatched: list[Unmatched]
    note: str | None
    related: list[ListedPaper]
    meta: Meta

    @classmethod
    def of(cls, record: Recommendations) -> "RecommendedPapers":
        """Return recommendations with limited entries."""
        return cls(
            liked=record.liked,
            disliked=record.disliked,
            unmatched=record.unmatched,
            note=record.note,
            related=[ListedPaper.of(one) for one in record.related],
            meta=record.meta,
        )


class PaperInFull(BaseModel):
    """A paper with its abstract; unknown values are null or empty.

    A date with the precision "month" is the first day of a month of which the day is unknown.
    """

    id: str
    url: str
    version: int | None
    title: str
    abstract: str
    summary: str
    summary_is_abstract: bool
    authors: list[str]
    authors_in_all: int
    categories: list[str]
    primary_category: str | None
    submitted: date | None
    submitted_precision: DatePrecision | None
    updated: date | None
    updated_precision: DatePrecision | None
    license: str | None
    doi: str | None
    journal_ref: str | None
    comment: str | None
    withdrawn: bool
    withdrawal: Withdrawal | None
    tags: list[str]
    meta: Meta

    @classmethod
    def of(cls, record: PaperRecord) -> "PaperInFull":
        """Return a paper without its earlier texts, and with long texts cut."""

        def line(text: str | None) -> str | None:
            return text and cut(text, LINE)

        return cls(
            id=record.id,
            url=record.url,
            version=record.version,
            title=cut(to_plain_text(record.title), LINE),
            abstract=cut(to_plain_text(record.abstract), ABSTRACT),
            summary=cut(record.summary, SUMMARY),
            summary_is_abstract=record.summary_is_abstract,
            authors=[cut(author, LINE) for author in record.authors[:AUTHORS]],
            authors_in_all=len(record.authors),
            categories=record.categories,
            primary_category=record.primary_category,
            submitted=record.submitted,
            submitted_precision=record.submitted_precision,
            updated=record.updated,
            updated_precision=record.updated_precision,
            license=line(record.license),
            doi=line(record.doi),
            journal_ref=line(record.journal_ref),
            comment=line(record.comment),
            withdrawn=record.withdrawn,
            withdrawal=record.withdrawal,
            tags=_tag_names(record.tags),
            meta=record.meta,
        )
