"""Tagger: a linear model over a paper's vector and words that gives leaf probabilities."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from classifier.readable import unreadable_reason
from classifier.taxonomies.taxonomy import Label, Taxonomy
from classifier.word_features import word_rows, word_rows_from_counts
from index.arrays import Floats, Mask
from index.arxiv.survey_titles import is_survey_title
from index.catalogue.catalogue import Catalogue
from index.catalogue.tagging_log import TaggingLog
from index.catalogue.tags import Tag
from index.embedding.identity import ModelIdentity
from index.progress import Progress
from index.releases.contents import ReleaseContents
from index.releases.corpus import gather
from index.releases.release import intact_release

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

_BATCH = 2_000
_MIN_FROM_CORPUS = _CORPUS_BATCH = 20_000

# The F1-optimal threshold is half of the best F1 (Lipton, Elkan and Naryanaswamy, 2014, arXiv
# 1402.1892); the best F1 is that of cross-validation. A label above the leaves is assigned if it is
# more likely right than wrong.
LEAF_THRESHOLD = 0.4
SURE_THRESHOLD = 0.5


@dataclass(frozen=True)
class Tagger:
    """A trained tagger of one taxonomy, for the vectors of one embedding model.

    Logits are vectors · `vector_weights` + word rows · `word_weights` + `biases`. They have a
    column for each leaf and a last one for "no leaf"; the function `leaf_probabilities` converts
    them. `version` is a hash of all training data, including the texts. `basis` is a hash of the
    training method, the taxonomy and the labelled papers, without their texts. The columns of
    `description_vectors` are the vectors of the leaves' descriptions, and the last one is that of
    the description of the whole taxonomy.

        tagger = trained_tagger(data, taxonomy.name)
        numbers, texts, vectors = catalogue.vectors.of(tagger.identity).with_texts(wanted)
        rows = word_rows(tagger.vocabulary, tagger.idf, [" ".join(text) for text in texts])
        probabilities = tagger.leaf_probabilities(vectors, rows)
        about_whole = tagger.about_whole([title for title, _ in texts], vectors, probabilities)
        for row, is_whole in zip(probabilities, about_whole):
            tags = select_tags(taxonomy, tagger.leaves, row, about_whole=is_whole)
    """

    taxonomy: str
    version: str
    basis: str
    identity: ModelIdentity
    leaves: tuple[str, ...]
    separate_scope: bool
    vocabulary: tuple[str, ...]
    idf: Floats
    vector_weights: Floats
    word_weights: Floats
    biases: Floats
    description_vectors: Floats

    def leaf_probabilities(self, vectors: Floats, rows: "csr_matrix") -> Floats:
        """Return the probability of each leaf, shape (papers, leaves).

        The remainder to 1 is the probability that the paper belongs to no leaf. `rows` are the
        word rows of the same papers, over the tagger's vocabulary.
        """
        logits = vectors @ self.vector_weights + rows @ self.word_weights + self.biases
        return leaf_probabilities(logits, separate_scope=self.separate_scope).astype(np.float32)

    def about_whole(self, titles: Sequence[str], vectors: Floats, probabilities: Floats) -> Mask:
        """Return which papers are about the whole taxonomy if they are in scope, shape (papers,).

        These are the surveys that are more similar to the description of the whole taxonomy than to
        that of their most probable leaf. `probabilities` are those of the leaves.
        """
        surveys: Mask = np.array([is_survey_title(title) for title in titles], bool)
        if len(self.leaves) == 1 or not surveys.any():
            return np.zeros(len(titles), bool)
        similarities = vectors @ self.description_vectors
        best = probabilities.argmax(axis=1)
        nearer: Mask = similarities[:, -1] > similarities[np.arange(len(best)), best]
        return surveys & nearer


def leaf_probabilities(logits: Floats, *, separate_scope: bool) -> Floats:
    """Return leaf probabilities, shape (papers, leaves), from logits; the last logit is "no leaf".

    If the scope is judged jointly, this is one softmax over all columns. If it is judged
    separately, the leaves have a softmax of their own, and the last column is the logit that the
    paper is out of scope.
    """
    leaves, none = logits[:, :-1], logits[:, -1:]
    top = leaves.max(axis=1, keepdims=True)
    exponents = np.exp(leaves - top)
    total = exponents.sum(axis=1, keepdims=True)
    out_of_scope = none if separate_scope else none - top - np.log(total)
    probabilities: Floats = exponents / total / (1 + np.exp(out_of_scope))
    return probabilities


def sure_papers(probabilities: Floats) -> Mask:
    """Return which papers may get a tag by their leaf probabilities, shape (papers, leaves).

    Either a leaf reaches LEAF_THRESHOLD, or all leaves together reach SURE_THRESHOLD.
    """
    a_leaf: Mask = probabilities.max(axis=1) >= LEAF_THRESHOLD
    together: Mask = probabilities.sum(axis=1) >= SURE_THRESHOLD
    return a_leaf | together


def select_tags(
    taxonomy: Taxonomy,
    leaves: Sequence[str],
    probabilities: Floats,
    *,
    about_whole: bool | np.bool_ = False,
) -> list[Tag]:
    """Return the tags for one paper's leaf probabilities, shape (leaves,), most probable first.

    These are all leaves that reach LEAF_THRESHOLD, two at most. If none does, it is the lowest
    label above the leaves that reaches SURE_THRESHOLD. If none does either, the list is empty.
    A paper about the whole taxonomy gets only the taxonomy's root, if the taxonomy has one and it
    reaches SURE_THRESHOLD.
    """
    probability_of = {leaf: float(p) for leaf, p in zip(leaves, probabilities, strict=True)}
    total = sum(probability_of.values())
    selected = {leaf: p for leaf, p in probability_of.items() if p >= LEAF_THRESHOLD}
    if about_whole:
        root = taxonomy.root
        selected = {root.id: total} if root and total >= SURE_THRESHOLD else {}
    elif not selected and total >= SURE_THRESHOLD:
        selected = _lowest_sure_label(taxonomy, probability_of)
    tags = [Tag(taxonomy.name, label, round(p, 4)) for label, p in selected.items()]
    return sorted(tags, key=lambda tag: (-tag.probability, tag.label))


def _lowest_sure_label(taxonomy: Taxonomy, leaves: dict[str, float]) -> dict[str, float]:
    """Return the lowest label that reaches SURE_THRESHOLD, with its probability.

    The result is empty if no label reaches it. The search starts at the topmost labels and goes to
    the most probable child. No other label can reach the
    threshold, since the probability of a label is the sum over its children.
    """
    lowest: dict[str, float] = {}
    level = label_probabilities(taxonomy, taxonomy.children(None), leaves)
    while level:
        best = max(level, key=lambda label: level[label])
        if level[best] < SURE_THRESHOLD:
            break
        lowest = {best: level[best]}
        level = label_probabilities(taxonomy, taxonomy.children(best), leaves)
    return lowest


def label_probabilities(
    taxonomy: Taxonomy, labels: Sequence[Label], leaves: dict[str, float]
) -> dict[str, float]:
    """Return the probability of each label: the sum over its leaves, or its own if it is a leaf."""
    return {
        label.id: sum(leaves.get(below, 0.0) for below in taxonomy.with_descendants(label.id))
        for label in labels
    }


def apply_tagger(
    catalogue: Catalogue,
    data: Path,
    taxonomy: Taxonomy,
    tagger: Tagger,
    progress: Progress,
) -> int:
    """Tag every embedded paper whose current text this tagger has not judged; return their number.

    For many papers, words are read from the release in the folder `data`.
    """
    catalogue.tags.store_taxonomy(taxonomy.name, taxonomy.version, taxonomy.text)
    unjudged = catalogue.tags.pending(taxonomy.name, tagger.version)
    pending = catalogue.vectors.of(tagger.identity).embedded(unjudged)
    judged_before = catalogue.tags.count_judged(taxonomy.name)
    tagged, tally = 0, TaggingTally()
    for numbers, vectors, rows in read_papers(catalogue, data, tagger, pending):
        probabilities = tagger.leaf_probabilities(vectors, rows)
        candidates = catalogue.entries(np.array(numbers)[sure_papers(probabilities)].tolist())
        titles = [candidates[n].paper.title if n in candidates else "" for n in numbers]
        about_whole = tagger.about_whole(titles, vectors, probabilities)
        tags_of_papers = [
            (
                number,
                select_tags(taxonomy, tagger.leaves, row, about_whole=is_whole)
                if number in candidates
                and unreadable_reason(candidates[number].paper.abstract) is None
                else [],
            )
            for number, row, is_whole in zip(numbers, probabilities, about_whole, strict=True)
        ]
        catalogue.tags.replace(taxonomy.name, tagger.version, tags_of_papers)
        tally.count(tags for _, tags in tags_of_papers)
        tagged += len(numbers)
        progress("tag", tagged, len(pending))
    if tagged:
        new = catalogue.tags.count_judged(taxonomy.name) - judged_before
        tally.record(catalogue.taggings, taxonomy.name, tagger.version, new)
    return tagged


Batch: TypeAlias = "tuple[list[int], Floats, csr_matrix]"
"""Numbers of papers with their vectors and word rows."""


def read_papers(
    catalogue: Catalogue, data: Path, tagger: Tagger, wanted: Sequence[int]
) -> Iterator[Batch]:
    """Yield vectors and word rows of these papers (numbers) in batches, without unembedded papers.

    For many papers, words are read from the release in the folder `data`; words of papers that the
    release lacks are counted.
    """
    if len(wanted) < _MIN_FROM_CORPUS:
        return _from_texts(catalogue, tagger, wanted)
    return _from_corpus(catalogue, data, tagger, wanted)


def _from_texts(catalogue: Catalogue, tagger: Tagger, pending: Sequence[int]) -> Iterator[Batch]:
    for start in range(0, len(pending), _BATCH):
        batch = pending[start : start + _BATCH]
        numbers, texts, vectors = catalogue.vectors.of(tagger.identity).with_texts(batch)
        if numbers:
            full_texts = [f"{title} {abstract}" for title, abstract in texts]
            yield numbers, vectors, word_rows(tagger.vocabulary, tagger.idf, full_texts)


def _from_corpus(
    catalogue: Catalogue, data: Path, tagger: Tagger, pending: Sequence[int]
) -> Iterator[Batch]:
    stored = catalogue.vectors.of(tagger.identity)
    contents = ReleaseContents.read(catalogue, stored)
    corpus = gather(contents, data, intact_release(data, tagger.identity), all_vectors=False)
    numbers = contents.papers.numbers
    places = np.flatnonzero(np.isin(numbers, pending))
    for start in range(0, len(places), _CORPUS_BATCH):
        batch = places[start : start + _CORPUS_BATCH]
        rows = word_rows_from_counts(tagger.vocabulary, tagger.idf, corpus.counts.select(batch))
        # A release has only codes of the vectors.
        yield *stored.matrix(numbers[batch].tolist()), rows


class TaggingTally:
    """Counts judged papers, abstentions and labels, and averages the probability of the tags."""

    def __init__(self) -> None:
        self._judged = 0
        self._abstained = 0
        self._labels = Counter[str]()
        self._probability = 0.0

    def count(self, papers: Iterable[Sequence[Tag]]) -> None:
        """Count papers by their tags; no tags is an abstention."""
        for tags in papers:
            self._judged += 1
            self._abstained += not tags
            for tag in tags:
                self._labels[tag.label] += 1
                self._probability += tag.probability

    def record(self, log: TaggingLog, taxonomy: str, tagger: str, new: int) -> None:
        """Add the counts to the log; `new` papers were judged for the first time."""
        tags = self._labels.total()
        log.add(
            taxonomy,
            tagger,
            judged=self._judged,
            new=new,
            abstained=self._abstained,
            confidence=round(self._probability / tags, 4) if tags else None,
            labels=dict(sorted(self._labels.items())),
        )
