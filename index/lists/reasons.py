"""Why a paper is in a list: what it and the paper asked about have in common."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import fsum, sqrt

import numpy as np

from index.arrays import Floats
from index.arxiv.paper import Paper
from index.arxiv.summary import sentences
from index.catalogue.tags import Tag, TagKey
from index.embedding.embedder import Embedder
from index.search.tfidf import SharedTerms, words

_MAX_TERMS = 5


@dataclass(frozen=True, slots=True)
class SentencePair:
    """A sentence of what was asked about, and the one of the paper that says the same."""

    asked: str
    found: str


@dataclass(frozen=True, slots=True)
class Reasons:
    """What speaks for a pair: terms that are rare elsewhere, and sentences, tags and categories.

    `liked` names the liked papers that it resembles most, nearest first, where some were given.
    """

    terms: list[str]
    sentences: SentencePair | None
    tags: list[str]
    categories: list[str]
    liked: list[str]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence with its words, and how many they are."""

    text: str
    words: frozenset[str]
    length: int

    @classmethod
    def all_of(cls, text: str) -> "list[Sentence]":
        """The sentences of a text."""
        split = ((sentence, words(sentence)) for sentence in sentences(text))
        return [cls(sentence, frozenset(held), len(held)) for sentence, held in split]


@dataclass(frozen=True, slots=True)
class Subject:
    """What a list is about, as far as reasons go: a paper, or a text."""

    sentences: Sequence[Sentence]
    tags: frozenset[TagKey] = frozenset()
    categories: frozenset[str] = frozenset()
    vectors: Floats | None = None  # of the sentences, where meaning is to pair them

    @classmethod
    def of_text(cls, text: str) -> "Subject":
        """A free text, which has neither tags nor categories."""
        return cls(Sentence.all_of(text))

    @classmethod
    def of_paper(cls, paper: Paper, tags: Sequence[Tag]) -> "Subject":
        """A paper by its abstract."""
        return cls(
            Sentence.all_of(paper.abstract),
            frozenset((tag.taxonomy, tag.label) for tag in tags),
            frozenset(paper.categories),
        )


def with_vectors(subjects: Sequence[Subject], embedder: Embedder) -> list[Subject]:
    """The subjects with their sentences embedded, each different sentence once."""
    places: dict[str, int] = {}
    for subject in subjects:
        for sentence in subject.sentences:
            places.setdefault(sentence.text, len(places))
    vectors = embedder.encode(list(places))
    return [
        replace(one, vectors=vectors[[places[sentence.text] for sentence in one.sentences]])
        for one in subjects
    ]


def build_reasons(
    asked: Subject, found: Subject, shared: SharedTerms, liked: Sequence[str] = ()
) -> Reasons:
    """The reasons for a pair that shares these terms.

    The sentences are paired by meaning where both have vectors, else by the terms they share.
    """
    return Reasons(
        terms=shared.rare[:_MAX_TERMS],
        sentences=_by_meaning(asked, found) or _by_terms(asked, found, shared.strengths),
        tags=sorted({label for _, label in asked.tags & found.tags}),
        categories=sorted(asked.categories & found.categories),
        liked=list(liked),
    )


def _by_terms(
    asked: Subject, found: Subject, strengths: Mapping[str, float]
) -> SentencePair | None:
    """The pair whose shared terms weigh most for its length; none where no term is shared.

    The strength falls with the root of both lengths, as a cosine does, so that a long sentence
    does not win by its length.
    """

    def terms_of(subject: Subject) -> list[tuple[Sentence, frozenset[str]]]:
        found = ((sentence, sentence.words & strengths.keys()) for sentence in subject.sentences)
        return [(sentence, terms) for sentence, terms in found if terms]

    theirs = terms_of(found)
    best, most = None, 0.0
    for ours, our_terms in terms_of(asked):
        for sentence, terms in theirs:
            strength = fsum(strengths[term] for term in our_terms & terms)
            strength /= sqrt(ours.length * sentence.length)
            if strength > most:
                best, most = SentencePair(ours.text, sentence.text), strength
    return best


def _by_meaning(asked: Subject, found: Subject) -> SentencePair | None:
    if asked.vectors is None or found.vectors is None:
        return None
    if not (asked.sentences and found.sentences):
        return None
    cosines = asked.vectors @ found.vectors.T
    ours, theirs = divmod(int(np.argmax(cosines)), cosines.shape[1])
    return SentencePair(asked.sentences[ours].text, found.sentences[theirs].text)
