"""Related papers: what to read next, how near each is, and why it is there."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

import numpy as np

from index.arrays import Rows
from index.catalogue import Catalogue
from index.embedding import Embedder, embed_text
from index.errors import BadIdentifier, BadInput, NotReady, UnknownPaper
from index.freshness import Meta, meta_of
from index.identifier import parse_identifier
from index.nearness import Near, Seed, percentile
from index.release import Release
from index.stored_tags import Tag

Sort = Literal["score", "date"]
LARGEST_LIMIT = 500
LONGEST_TEXT = 20_000
_SURROUNDING = 10
_REASON_TERMS = 5
_PHRASE = re.compile(r'"([^"]+)"')
_LETTER_OR_DIGIT = re.compile(r"[^\W_]")
_NO_CHARACTER = re.compile(r"[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Reasons:
    """Why a paper is in a list: the terms that it shares with the seed and few others have."""

    terms: list[str]


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


class Finder:
    """Answers from one release and the catalogue behind it."""

    def __init__(self, catalogue: Catalogue, release: Release) -> None:
        self._catalogue = catalogue
        self._release = release

    def related(self, paper_id: str, limit: int = 10, sort: Sort = "score") -> Listing:
        """The papers related to one, by canonical id: the first `limit` by score, then sorted.

        Raises UnknownPaper; NotReady for a paper that the release does not hold yet; BadInput.
        """
        _check_limit(limit)
        entry = self._catalogue.entry(paper_id)
        row = self._release.row(entry.number)
        if row is None:
            raise NotReady(f"arXiv:{paper_id} came in after the release: run `seealso update`")
        listing = self._listing(self._release.nearness.seed(row), limit, sort, excluded=[row])
        return replace(listing, id=entry.paper.id, title=entry.paper.title)

    def related_to_text(
        self, embedder: Embedder, text: str, limit: int = 10, sort: Sort = "score"
    ) -> Listing:
        """The papers related to a free text; raises BadInput for an empty or too long one."""
        _check_limit(limit)
        return self._listing(self._text_seed(embedder, text), limit, sort, excluded=[])

    def search(self, embedder: Embedder, query: str, limit: int = 10) -> SearchResults:
        """Papers that answer a query, best first.

        An arXiv identifier finds its paper; phrases in double quotes must stand in the text.
        Raises BadInput for an empty or too long query.
        """
        _check_limit(limit)
        known = self._paper_named(query)
        if known is not None:
            results = [known]
        else:
            seed = self._text_seed(embedder, query.replace('"', " "))
            phrases = [p for p in _PHRASE.findall(query) if _LETTER_OR_DIGIT.search(p)]
            near = self._near(seed, limit, [], self._with_phrases(phrases))
            results = self._describe(seed, near)
        return SearchResults(query, results, meta_of(self._catalogue, self._release))

    def _listing(self, seed: Seed, limit: int, sort: Sort, excluded: Sequence[int]) -> Listing:
        near = self._near(seed, max(limit, _SURROUNDING), excluded)
        surrounding = [n.similarity for n in near[:_SURROUNDING]] or [0.0]
        related = self._describe(seed, near[:limit])
        return Listing(
            id=None,
            title=None,
            score=_score(float(np.mean(surrounding))),
            related=sorted(related, key=_newest_first) if sort == "date" else related,
            meta=meta_of(self._catalogue, self._release),
        )

    def _near(
        self, seed: Seed, limit: int, excluded: Sequence[int], allowed: Rows | None = None
    ) -> list[Near]:
        left_out = np.union1d(self._release.withdrawn, np.array(excluded, np.int64))
        near = self._release.nearness.nearest(seed, limit, left_out, allowed)
        while gone := self._gone_since(near):
            left_out = np.union1d(left_out, gone)
            near = self._release.nearness.nearest(seed, limit, left_out, allowed)
        return near

    def _gone_since(self, near: Sequence[Near]) -> list[int]:
        """Rows of papers that were withdrawn after the release, or that a restore took away."""
        rows = {self._release.number(n.row): n.row for n in near}
        standing = self._catalogue.standing_among(list(rows))
        return [row for number, row in rows.items() if number not in standing]

    def _text_seed(self, embedder: Embedder, text: str) -> Seed:
        if not re.search(r"\w", text):
            raise BadInput("the text holds no words: give a title, a question or a paragraph")
        if len(text) > LONGEST_TEXT:
            raise BadInput(f"the text has {len(text)} characters: at most {LONGEST_TEXT} are read")
        if _NO_CHARACTER.search(text):
            raise BadInput("the text holds halves of characters (surrogates): send valid Unicode")
        words = self._release.nearness.words.weigh(text)
        return Seed(embed_text(embedder, text), words)

    def _with_phrases(self, phrases: Sequence[str]) -> Rows | None:
        if not phrases:
            return None
        return self._release.rows(self._catalogue.full_text.with_phrases(phrases))

    def _paper_named(self, query: str) -> RelatedPaper | None:
        try:
            number = self._catalogue.entry(parse_identifier(query).id).number
        except (BadIdentifier, UnknownPaper):
            return None
        row = self._release.row(number)
        if row is None:
            return None
        return self._describe(self._release.nearness.seed(row), [Near(row, 1.0)])[0]

    def _describe(self, seed: Seed, near: Sequence[Near]) -> list[RelatedPaper]:
        numbers = {n.row: self._release.number(n.row) for n in near}
        entries = self._catalogue.entries(list(numbers.values()))
        tags = self._catalogue.tags.of(numbers.values())
        words = self._release.nearness.words
        return [
            RelatedPaper(
                id=entry.paper.id,
                title=entry.paper.title,
                url=entry.paper.url,
                score=_score(n.similarity),
                percentile=percentile(n.similarity, self._release.random_similarities),
                summary=entry.summary,
                submitted=entry.paper.submitted,
                authors=list(entry.paper.authors),
                tags=tags[entry.number],
                reasons=Reasons(words.shared_terms(seed.terms, n.row, _REASON_TERMS)),
            )
            for n in near
            for entry in [entries[numbers[n.row]]]
        ]


def _score(similarity: float) -> float:
    return round(100 * similarity, 1)


def _newest_first(paper: RelatedPaper) -> tuple[int, str]:
    return -(paper.submitted or date.min).toordinal(), paper.id


def _check_limit(limit: int) -> None:
    if not 1 <= limit <= LARGEST_LIMIT:
        raise BadInput(f"limit={limit}: must be from 1 to {LARGEST_LIMIT}")
