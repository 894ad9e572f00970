"""Lists as they are returned: queries, hits, and the entries built from hits."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

import numpy as np

from index.arxiv.date_precision import DatePrecision
from index.arxiv.paper import Paper, paper_url
from index.catalogue.catalogue import Catalogue
from index.catalogue.derived.outlines import OutlinedPaper
from index.catalogue.tags import Tag
from index.embedding.embedder import Embedder
from index.health.freshness import Meta
from index.lists.outlines.outline import decode_outline, outline_form
from index.lists.reasons import Match, Reasons, Subject, build_reasons, with_vectors
from index.releases.release import Release
from index.search.match_strength import is_weak
from index.search.nearness import Neighbour, Seed, percentile
from index.search.tfidf import SharedTerms
from index.work_limit import check_work


@dataclass(frozen=True, slots=True)
class FoundPaper:
    """One entry of a list of found papers.

    `score` is 100 × similarity, on the same scale for all papers. `percentile` is the percentage
    of random pairs of papers in this corpus that are less similar. Both are None in a list by date,
    whose papers are compared with nothing. `weak` marks a weak match, which may well be unrelated.
    `summary` may have TeX; it is the whole abstract if `summary_is_abstract`. If only the month of
    submission is known, `submitted` is its first day and `submitted_precision` is "month".
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
    categories: list[str]
    tags: list[Tag]
    reasons: Reasons


@dataclass(frozen=True, slots=True)
class RelatedPaper(FoundPaper):
    """One entry of a list of related papers: as a found paper, always with a score."""

    score: float
    percentile: float


@dataclass(frozen=True, slots=True)
class Listing:
    """A seed, which is a paper or a text, with its related papers.

    `id` and `title` are None for a text. `score` is the mean score of the seed's ten nearest
    papers, which shows how close the corpus is to the seed. `note` reports that no paper is
    closely related; it is None if one is.
    """

    id: str | None
    title: str | None
    score: float
    note: str | None
    related: list[RelatedPaper]
    meta: Meta


@dataclass(frozen=True, slots=True)
class Query:
    """A query for related papers: a paper with its release row, or a text.

    `seed` has the vector and the terms of the paper or text, in the form that `Nearness` takes.
    `unknown` has the distinct words of a text that no paper of the corpus contains. All matches of
    a `vague` query are weak. Papers are not compared with a query that lists them by date.
    """

    seed: Seed
    text: str = ""
    paper: Paper | None = None
    row: int | None = None
    unknown: tuple[str, ...] = ()
    vague: bool = False
    is_compared: bool = True

    def is_weak_match(self, similarity: float) -> bool:
        """Return whether a paper of this similarity to the query is a weak match."""
        if not self.is_compared:
            return False
        return self.vague or is_weak(similarity, is_text=self.paper is None)


@dataclass(frozen=True, slots=True)
class Hit:
    """A paper found, the query that found it, and the liked papers it is most similar to."""

    neighbour: Neighbour
    query: Query
    weak: bool
    liked: tuple[str, ...] = ()


Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class RankedHits(Generic[Answer]):
    """Hits in their order, and a function that turns their entries into the answer.

    Ranking is cheap, but building entries with reasons is not. A caller that shows one page of a
    list builds only the entries of that page. `note` is the note of the whole list. `nearest` are
    the papers nearest to the paper of the query, best first and without the options' filters.
    """

    hits: list[Hit]
    answer: Callable[[list[RelatedPaper]], Answer]
    note: str | None
    nearest: Sequence[Neighbour] = ()


def build_entries(
    catalogue: Catalogue, release: Release, hits: Sequence[Hit], embedder: Embedder | None = None
) -> list[RelatedPaper]:
    """Build the entries of these hits; with an embedder, sentences are paired by meaning.

    The number of queries does not depend on the number of hits. Raises KeyError if the catalogue
    has no paper with the number of a hit.
    """
    check_work()
    rows = [hit.neighbour.row for hit in hits]
    queries = {id(hit.query): hit.query for hit in hits}
    numbers = release.numbers(rows)
    asked_rows = [query.row for query in queries.values() if query.row is not None]
    every = [*numbers, *release.numbers(asked_rows)]
    listed, tags = catalogue.outlines.listed(every, outline_form()), catalogue.tags.of(every)
    papers = [listed[number] for number in numbers]
    found = [
        _subject(release, paper, tags[paper.number], row)
        for paper, row in zip(papers, rows, strict=True)
    ]
    by_query = {key: _subject_of(query, release, listed, tags) for key, query in queries.items()}
    asked = [by_query[id(hit.query)] for hit in hits]
    if embedder:
        found, asked = with_vectors(found, embedder), with_vectors(asked, embedder)
    reasons = build_reasons(
        [
            Match(
                of_query,
                of_paper,
                shared,
                dict(zip(shared.rare, release.coherence(shared.rare_terms), strict=True)),
                hit.liked,
                hit.weak,
            )
            for hit, of_query, of_paper, shared in zip(
                hits, asked, found, _shared_terms(release, hits), strict=True
            )
        ]
    )
    return [
        RelatedPaper(
            id=paper.id,
            title=paper.title,
            url=paper_url(paper.id),
            score=score(hit.neighbour.similarity),
            percentile=percentile(hit.neighbour.similarity, release.random_similarities),
            weak=hit.weak,
            summary=paper.summary,
            summary_is_abstract=bool(paper.summary) and paper.summary == of_paper.line,
            submitted=paper.submitted,
            submitted_precision=paper.submitted_precision,
            authors=paper.authors,
            categories=paper.categories,
            tags=tags[paper.number],
            reasons=reasons_of_hit,
        )
        for hit, paper, of_paper, reasons_of_hit in zip(hits, papers, found, reasons, strict=True)
    ]


def _subject(release: Release, paper: OutlinedPaper, tags: Sequence[Tag], row: int) -> Subject:
    """Return the subject of a paper; its outline is computed if none of its text is stored."""
    outline = None
    if paper.outline and release.text_hash(row) == paper.text_hash:
        words = release.nearness.words.counts.size(row)
        outline = decode_outline(paper.outline, paper.abstract, words)
    return Subject.of_paper(paper.title, paper.abstract, paper.categories, tags, outline)


def _subject_of(
    query: Query,
    release: Release,
    listed: Mapping[int, OutlinedPaper],
    tags: Mapping[int, Sequence[Tag]],
) -> Subject:
    """Return the subject of a query."""
    if query.paper is None or query.row is None:
        return Subject.of_text(query.text)
    number = release.number(query.row)
    return _subject(release, listed[number], tags[number], query.row)


def _shared_terms(release: Release, hits: Sequence[Hit]) -> list[SharedTerms]:
    """Return the terms that each hit shares with its query, with one look-up per query."""
    shared: dict[int, SharedTerms] = {}
    by_query: dict[int, list[int]] = {}
    for position, hit in enumerate(hits):
        by_query.setdefault(id(hit.query), []).append(position)
    for positions in by_query.values():
        rows = np.array([hits[position].neighbour.row for position in positions])
        terms = hits[positions[0]].query.seed.terms
        shared |= zip(positions, release.nearness.words.shared_terms(terms, rows), strict=True)
    return [shared[position] for position in range(len(hits))]


def score(similarity: float) -> float:
    """Return the score of a similarity: 100 × similarity, rounded to one decimal."""
    return round(100 * similarity, 1)
