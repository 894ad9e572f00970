"""A list as it is answered: its entries, what each says of its paper, and what it rests on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

import numpy as np

from index.arxiv.paper import Paper
from index.catalogue.catalogue import Catalogue
from index.catalogue.tags import Tag
from index.embedding.embedder import Embedder
from index.health.freshness import Meta
from index.lists.held_papers import held_papers
from index.lists.reasons import Reasons, Subject, build_reasons, with_vectors
from index.releases.release import Release
from index.search.nearness import Near, Seed, percentile
from index.search.tfidf import SharedTerms


@dataclass(frozen=True, slots=True)
class RelatedPaper:
    """One entry of a list.

    `score` is 100 × similarity, on a scale that means the same for every paper; `percentile` the
    share of random pairs of this corpus that are less similar, in percent.
    """

    id: str
    title: str
    url: str
    score: float
    percentile: float
    summary: str
    submitted: date | None
    authors: list[str]
    categories: list[str]
    tags: list[Tag]
    reasons: Reasons


@dataclass(frozen=True, slots=True)
class Listing:
    """A seed with its related papers.

    `id` and `title` are None where the seed was a text. `score` is the mean score of the seed's
    ten nearest papers: how closely the corpus surrounds it.
    """

    id: str | None
    title: str | None
    score: float
    related: list[RelatedPaper]
    meta: Meta


@dataclass(frozen=True, slots=True)
class SearchResults:
    """What answers a query, best first."""

    query: str
    results: list[RelatedPaper]
    meta: Meta


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked about: a paper with its tags and its row in the release, or a text."""

    seed: Seed
    text: str = ""
    paper: Paper | None = None
    tags: Sequence[Tag] = ()
    row: int | None = None

    def subject(self) -> Subject:
        """What reasons compare; only a list that is described has its sentences told apart."""
        if self.paper is None:
            return Subject.of_text(self.text)
        return Subject.of_paper(self.paper, self.tags)


@dataclass(frozen=True, slots=True)
class Hit:
    """A near paper, what it was found by, and which liked papers it resembles most."""

    near: Near
    query: Query
    liked: tuple[str, ...] = ()


Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class RankedHits(Generic[Answer]):
    """A list in its order, before any entry is described, and what entries then make of it.

    Ranking is cheap; an entry's reasons are not. Who shows a part of a list has that described.
    """

    hits: list[Hit]
    answer: Callable[[list[RelatedPaper]], Answer]


def build_entries(
    catalogue: Catalogue, release: Release, found: Sequence[Hit], embedder: Embedder | None = None
) -> list[RelatedPaper]:
    """The entries for what was found; with an embedder, sentences are paired by meaning."""
    numbers = [release.number(one.near.row) for one in found]
    held = held_papers(catalogue, numbers)
    theirs = [Subject.of_paper(one.paper, one.tags) for one in held]
    subjects = {
        by: asked.subject() for by, asked in {id(one.query): one.query for one in found}.items()
    }
    asked = [subjects[id(one.query)] for one in found]
    if embedder:
        theirs, asked = with_vectors(theirs, embedder), with_vectors(asked, embedder)
    shared = _shared_terms(release, found)
    return [
        RelatedPaper(
            id=one.paper.id,
            title=one.paper.title,
            url=one.paper.url,
            score=score(hit.near.similarity),
            percentile=percentile(hit.near.similarity, release.random_similarities),
            summary=one.entry.summary,
            submitted=one.paper.submitted,
            authors=list(one.paper.authors),
            categories=list(one.paper.categories),
            tags=one.tags,
            reasons=build_reasons(subject, their, terms, hit.liked),
        )
        for hit, one, subject, their, terms in zip(found, held, asked, theirs, shared, strict=True)
    ]


def _shared_terms(release: Release, found: Sequence[Hit]) -> list[SharedTerms]:
    """What each shares with what it was found by, those found by one asked together."""
    shared: dict[int, SharedTerms] = {}
    by_asked: dict[int, list[int]] = {}
    for place, one in enumerate(found):
        by_asked.setdefault(id(one.query), []).append(place)
    for places in by_asked.values():
        rows = np.array([found[place].near.row for place in places])
        terms = found[places[0]].query.seed.terms
        shared |= zip(places, release.nearness.words.shared_terms(terms, rows), strict=True)
    return [shared[place] for place in range(len(found))]


def score(similarity: float) -> float:
    """A similarity as it is printed in brackets."""
    return round(100 * similarity, 1)
