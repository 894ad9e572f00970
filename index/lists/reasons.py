"""Reasons: what an entry of a list and the query have in common."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from index.arrays import Floats
from index.arxiv.paper import to_single_line
from index.catalogue.tags import Tag, TagKey
from index.embedding.embedder import Embedder
from index.lists.outlines.outline import Outline, outline_paper, outline_text
from index.lists.outlines.pairing import ComparedSentences, strongest_pairs
from index.search.term_coherence import is_telling, is_topical
from index.search.tfidf import SharedTerms

_MAX_TERMS = 5
_MIN_SHARED = 2  # terms, if none of them is telling


@dataclass(frozen=True, slots=True)
class SentencePair:
    """A sentence of the query (`asked`), and the most similar sentence of the paper (`found`)."""

    asked: str
    found: str


@dataclass(frozen=True, slots=True)
class Reasons:
    """What the query and a paper share: rare terms, similar sentences, tags and categories.

    Terms that say little about the subject, because they are generic or have several meanings in
    the corpus, are shown only if there are several of them and no others. A single term is shown
    only if it is telling and the match is not weak.

    `liked` has the liked papers that the paper is most similar to, nearest first, if any were
    given.
    """

    terms: list[str]
    sentences: SentencePair | None
    tags: list[str]
    categories: list[str]
    liked: list[str]


@dataclass(frozen=True, slots=True)
class Subject:
    """What reasons compare: sentences, tags and categories of a paper, or sentences of a text.

    `line` is the text in a single line; the outline has the places of the sentences in it.
    """

    line: str
    outline: Outline
    tags: frozenset[TagKey] = frozenset()
    categories: frozenset[str] = frozenset()
    vectors: Floats | None = None  # one per sentence, if sentences are paired by meaning

    @classmethod
    def of_text(cls, text: str) -> "Subject":
        """Create the subject of a free text, which has no tags or categories."""
        return cls(to_single_line(text), outline_text(text))

    @classmethod
    def of_paper(
        cls,
        title: str,
        abstract: str,
        categories: Iterable[str],
        tags: Sequence[Tag],
        outline: Outline | None = None,
    ) -> "Subject":
        """Create the subject of a paper; without its outline, the outline is computed."""
        return cls(
            to_single_line(abstract),
            outline or outline_paper(title, abstract),
            frozenset((tag.taxonomy, tag.label) for tag in tags),
            frozenset(categories),
        )

    @property
    def sentences(self) -> list[str]:
        """The sentences of the text, without those that the outline leaves out."""
        return [self.line[start:end] for start, end in self.outline.spans]


def with_vectors(subjects: Sequence[Subject], embedder: Embedder) -> list[Subject]:
    """Return the subjects with embedded sentences; equal sentences are embedded once."""
    places: dict[str, int] = {}
    for subject in subjects:
        for sentence in subject.sentences:
            places.setdefault(sentence, len(places))
    vectors = embedder.encode(list(places))
    return [
        replace(one, vectors=vectors[[places[sentence] for sentence in one.sentences]])
        for one in subjects
    ]


@dataclass(frozen=True, slots=True)
class Match:
    """A query and a paper found for it, the terms that they share, and how good the match is.

    `coherence` has the coherence of the rare shared terms. `liked` has the liked papers that the
    paper is most similar to, nearest first.
    """

    asked: Subject
    found: Subject
    shared: SharedTerms
    coherence: Mapping[str, float]
    liked: Sequence[str] = ()
    weak: bool = False

    @property
    def telling(self) -> frozenset[str]:
        """The shared terms that explain a match even alone.

        There is none if the match is weak: they may have another meaning in the other paper.
        """
        if self.weak:
            return frozenset()
        return frozenset(term for term in self.shared.rare if is_telling(self.coherence[term]))


def build_reasons(matches: Sequence[Match]) -> list[Reasons]:
    """Build the reasons of these matches.

    Sentences are paired by meaning if both subjects have vectors, otherwise by shared terms.
    """
    telling = [one.telling for one in matches]
    return [
        Reasons(
            terms=_shown_terms(one, explaining),
            sentences=_by_meaning(one.asked, one.found)
            or (_pair(one.asked, one.found, *pair) if pair else None),
            tags=sorted({label for _, label in one.asked.tags & one.found.tags}),
            categories=sorted(one.asked.categories & one.found.categories),
            liked=list(one.liked),
        )
        for one, explaining, pair in zip(
            matches, telling, strongest_pairs(map(_compared, matches, telling)), strict=True
        )
    ]


def _shown_terms(match: Match, telling: frozenset[str]) -> list[str]:
    rare = match.shared.rare
    terms = [term for term in rare if is_topical(match.coherence[term])] or rare
    if len(terms) < _MIN_SHARED and telling.isdisjoint(terms):
        return []
    forms = match.found.outline.forms
    return [forms.get(term, term) for term in terms[:_MAX_TERMS]]


def _compared(match: Match, telling: frozenset[str]) -> ComparedSentences:
    terms = match.shared.contributions
    ours, theirs = match.shared.places or (None, None)
    return ComparedSentences(
        match.asked.outline.members(terms, ours),
        match.found.outline.members(terms, theirs),
        list(terms.values()),
        [term in telling for term in terms],
        match.asked.outline.lengths,
        match.found.outline.lengths,
    )


def _pair(asked: Subject, found: Subject, ours: int, theirs: int) -> SentencePair:
    return SentencePair(_sentence(asked, ours), _sentence(found, theirs))


def _sentence(subject: Subject, place: int) -> str:
    return subject.line[slice(*subject.outline.spans[place])]


def _by_meaning(asked: Subject, found: Subject) -> SentencePair | None:
    if asked.vectors is None or found.vectors is None:
        return None
    if not (asked.outline.spans and found.outline.spans):
        return None
    cosines = asked.vectors @ found.vectors.T
    ours, theirs = divmod(int(np.argmax(cosines)), cosines.shape[1])
    return _pair(asked, found, ours, theirs)
