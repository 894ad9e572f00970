"""Reasons: what an entry of a list and the query have in common."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import fsum, sqrt

import numpy as np

from index.arrays import Floats
from index.arxiv.paper import Paper
from index.arxiv.summaries.sentences import sentences
from index.arxiv.tex.folding import as_written
from index.catalogue.tags import Tag, TagKey
from index.embedding.embedder import Embedder
from index.lists.boilerplate import is_boilerplate
from index.search.term_coherence import is_telling, is_topical
from index.search.tfidf import SharedTerms, words

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
class Sentence:
    """A sentence with its distinct words, and its number of words."""

    text: str
    words: frozenset[str]
    length: int

    @classmethod
    def all_of(cls, text: str) -> "list[Sentence]":
        """Split a text into sentences."""
        split = ((sentence, words(sentence)) for sentence in sentences(text))
        return [cls(sentence, frozenset(own), len(own)) for sentence, own in split]


@dataclass(frozen=True, slots=True)
class Subject:
    """What reasons compare: sentences, tags and categories of a paper, or sentences of a text.

    `text` has the spelling of shared terms.
    """

    sentences: Sequence[Sentence]
    tags: frozenset[TagKey] = frozenset()
    categories: frozenset[str] = frozenset()
    text: str = ""
    vectors: Floats | None = None  # one per sentence, if sentences are paired by meaning

    @classmethod
    def of_text(cls, text: str) -> "Subject":
        """Create the subject of a free text, which has no tags or categories."""
        return cls(Sentence.all_of(text), text=text)

    @classmethod
    def of_paper(cls, paper: Paper, tags: Sequence[Tag]) -> "Subject":
        """Create the subject of a paper; its sentences are those of the abstract.

        Sentences about its publication, such as "Code is available at ...", are left out.
        """
        return cls(
            [one for one in Sentence.all_of(paper.abstract) if not is_boilerplate(one.text)],
            frozenset((tag.taxonomy, tag.label) for tag in tags),
            frozenset(paper.categories),
            paper.text,
        )


def with_vectors(subjects: Sequence[Subject], embedder: Embedder) -> list[Subject]:
    """Return the subjects with embedded sentences; equal sentences are embedded once."""
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
    asked: Subject,
    found: Subject,
    shared: SharedTerms,
    liked: Sequence[str] = (),
    coherence: Callable[[str], float] = lambda _: 1.0,
    weak: bool = False,
) -> Reasons:
    """Build the reasons for a pair with these shared terms.

    Sentences are paired by meaning if both subjects have vectors, otherwise by shared terms. A
    single shared term explains nothing if its `coherence` is low or the match is weak: it may have
    another meaning in the other paper.
    """
    topical = [term for term in shared.rare if is_topical(coherence(term))]
    telling = frozenset(term for term in topical if is_telling(coherence(term)) and not weak)
    terms = topical or shared.rare
    if len(terms) < _MIN_SHARED and telling.isdisjoint(terms):
        terms = []
    by_terms = _by_terms(asked, found, shared.contributions, telling)
    return Reasons(
        terms=as_written(terms[:_MAX_TERMS], found.text),
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

    def terms_of(subject: Subject) -> list[tuple[Sentence, frozenset[str]]]:
        terms = (
            (sentence, sentence.words & contributions.keys()) for sentence in subject.sentences
        )
        return [(sentence, shared) for sentence, shared in terms if shared]

    theirs = terms_of(found)
    best, most = None, 0.0
    for ours, our_terms in terms_of(asked):
        for sentence, their_terms in theirs:
            both = our_terms & their_terms
            if len(both) < _MIN_SHARED and telling.isdisjoint(both):
                continue
            strength = fsum(contributions[term] for term in both)
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
