"""Reasons: what an entry of a list and the query have in common."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from math import sqrt

import numpy as np

from index.arrays import Floats
from index.arxiv.paper import Paper, to_single_line
from index.catalogue.tags import Tag, TagKey
from index.embedding.embedder import Embedder
from index.lists.outlines.outline import Outline, outline_paper, outline_text
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

    `text` has the sentences, at the places that the outline names.
    """

    text: str
    outline: Outline
    tags: frozenset[TagKey] = frozenset()
    categories: frozenset[str] = frozenset()
    vectors: Floats | None = None  # one per sentence, if sentences are paired by meaning

    @classmethod
    def of_text(cls, text: str) -> "Subject":
        """Create the subject of a free text, which has no tags or categories."""
        return cls(text, outline_text(text))

    @classmethod
    def of_paper(
        cls, paper: Paper, tags: Sequence[Tag], outline: Outline | None = None
    ) -> "Subject":
        """Create the subject of a paper; without its outline, the outline is computed."""
        return cls(
            paper.abstract,
            outline or outline_paper(paper.title, paper.abstract),
            frozenset((tag.taxonomy, tag.label) for tag in tags),
            frozenset(paper.categories),
        )

    @property
    def sentences(self) -> list[str]:
        """The sentences of the text, without those that the outline leaves out."""
        line = to_single_line(self.text)
        return [line[start:end] for start, end in self.outline.spans]


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


def build_reasons(
    asked: Subject,
    found: Subject,
    shared: SharedTerms,
    liked: Sequence[str] = (),
    coherence: Mapping[str, float] | None = None,
    weak: bool = False,
) -> Reasons:
    """Build the reasons for a pair with these shared terms.

    Sentences are paired by meaning if both subjects have vectors, otherwise by shared terms. A
    single shared term explains nothing if its `coherence` is low or the match is weak: it may have
    another meaning in the other paper.
    """
    if coherence is None:
        coherence = dict.fromkeys(shared.rare, 1.0)
    topical = [term for term in shared.rare if is_topical(coherence[term])]
    telling = frozenset(term for term in topical if is_telling(coherence[term]) and not weak)
    terms = topical or shared.rare
    if len(terms) < _MIN_SHARED and telling.isdisjoint(terms):
        terms = []
    by_terms = _by_terms(asked, found, shared.contributions, telling)
    return Reasons(
        terms=[found.outline.forms.get(term, term) for term in terms[:_MAX_TERMS]],
        sentences=_by_meaning(asked, found) or by_terms,
        tags=sorted({label for _, label in asked.tags & found.tags}),
        categories=sorted(asked.categories & found.categories),
        liked=list(liked),
    )


def _by_terms(
    asked: Subject, found: Subject, contributions: Mapping[str, float], telling: frozenset[str]
) -> SentencePair | None:
    """Return the pair of sentences with the strongest shared terms; None if there is none.

    The sum of strengths is divided by the square root of both lengths, as in a cosine, so long
    sentences have no advantage. A pair must share a telling term, or several other terms.
    """

    asked_places, found_places = asked.outline.sentences_of, found.outline.sentences_of
    sums: dict[tuple[int, int], float] = {}
    explained: set[tuple[int, int]] = set()
    # Sums of so few numbers in single precision are exact, so their order does not matter.
    for term, contribution in contributions.items():
        theirs = _members(found_places.get(term, 0))
        for ours in _members(asked_places.get(term, 0)) if theirs else ():
            for place in theirs:
                pair = ours, place
                if pair in sums:
                    sums[pair] += contribution
                    explained.add(pair)
                else:
                    sums[pair] = contribution
                    if term in telling:
                        explained.add(pair)
    best, most = None, 0.0
    for ours, place in sorted(explained):
        lengths = asked.outline.lengths[ours] * found.outline.lengths[place]
        if (strength := sums[ours, place] / sqrt(lengths)) > most:
            best, most = (ours, place), strength
    return best and _pair(asked, found, *best)


@lru_cache(maxsize=4096)
def _members(places: int) -> tuple[int, ...]:
    """Return the positions of the bits of a set of sentences, ascending."""
    return tuple(place for place in range(places.bit_length()) if places >> place & 1)


def _pair(asked: Subject, found: Subject, ours: int, theirs: int) -> SentencePair:
    return SentencePair(_sentence(asked, ours), _sentence(found, theirs))


def _sentence(subject: Subject, place: int) -> str:
    return to_single_line(subject.text)[slice(*subject.outline.spans[place])]


def _by_meaning(asked: Subject, found: Subject) -> SentencePair | None:
    if asked.vectors is None or found.vectors is None:
        return None
    if not (asked.outline.spans and found.outline.spans):
        return None
    cosines = asked.vectors @ found.vectors.T
    ours, theirs = divmod(int(np.argmax(cosines)), cosines.shape[1])
    return _pair(asked, found, ours, theirs)
