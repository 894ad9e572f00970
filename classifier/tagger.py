"""Which labels a paper carries, and how surely: one linear model over its vector and its words."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from classifier.readable import why_unreadable
from classifier.taxonomies.taxonomy import Label, Taxonomy
from classifier.word_features import counted_rows, word_rows
from index.arrays import Floats
from index.catalogue.catalogue import Catalogue
from index.catalogue.tagging_log import TaggingLog
from index.catalogue.tags import Tag
from index.embedding.identity import ModelIdentity
from index.releases.contents import ReleaseContents
from index.releases.corpus import gather
from index.releases.release import intact_release

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

_CHUNK = 2_000
_MANY = _CHUNK_OF_MANY = 20_000

# A leaf is given from half the best F1 of cross-validation on (Lipton, Elkan and Naryanaswamy,
# 2014, arXiv 1402.1892); a label above them when it is likelier right than wrong.
LEAF_THRESHOLD = 0.4
SURE_THRESHOLD = 0.5


@dataclass(frozen=True)
class Tagger:
    """A trained tagger of one taxonomy for vectors of one identity.

    Logits are vectors · `vector_weights` + word rows · `word_weights` + `biases`; a column for
    each leaf, then one for being on none, which `leaf_probabilities` says how to read. `version`
    names what it was trained from, every
    text of it; `basis` the recipe, the taxonomy and the papers, whatever their texts are now.
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

    def leaf_probabilities(self, vectors: Floats, rows: "csr_matrix") -> Floats:
        """Probability of each leaf, shape (papers, leaves); the rest of 1 is being on none.

        `rows` are the words of the papers with these vectors, by the tagger's vocabulary.
        """
        logits = vectors @ self.vector_weights + rows @ self.word_weights + self.biases
        return leaf_probabilities(logits, separate_scope=self.separate_scope).astype(np.float32)


def leaf_probabilities(logits: Floats, *, separate_scope: bool) -> Floats:
    """Probabilities of the leaves from logits of them and, in the last column, of being on none.

    One softmax over all; or, with the scope judged apart, one over the leaves, and none against
    them all together.
    """
    leaves, none = logits[:, :-1], logits[:, -1:]
    top = leaves.max(axis=1, keepdims=True)
    exponents = np.exp(leaves - top)
    whole = exponents.sum(axis=1, keepdims=True)
    against = none if separate_scope else none - top - np.log(whole)
    found: Floats = exponents / whole / (1 + np.exp(against))
    return found


def given_tags(taxonomy: Taxonomy, leaves: Sequence[str], probabilities: Floats) -> list[Tag]:
    """The tags to give for one paper's leaf probabilities, shape (leaves,); surest first.

    Every leaf that is sure enough, which may be two; else the lowest label above the leaves that is
    likelier right than wrong; else none.
    """
    of = {leaf: float(p) for leaf, p in zip(leaves, probabilities, strict=True)}
    given = {leaf: p for leaf, p in of.items() if p >= LEAF_THRESHOLD}
    if not given and sum(of.values()) >= SURE_THRESHOLD:
        given = _lowest_sure(taxonomy, of)
    tags = [Tag(taxonomy.name, label, round(p, 4)) for label, p in given.items()]
    return sorted(tags, key=lambda tag: (-tag.probability, tag.label))


def _lowest_sure(taxonomy: Taxonomy, leaves: dict[str, float]) -> dict[str, float]:
    """From the topmost labels down to the surest child, as long as it is likelier right than wrong.

    No other label can be: each one's probability is the sum of its children's.
    """
    given: dict[str, float] = {}
    level = label_probabilities(taxonomy, taxonomy.children(None), leaves)
    while level:
        surest = max(level, key=lambda label: level[label])
        if level[surest] < SURE_THRESHOLD:
            break
        given = {surest: level[surest]}
        level = label_probabilities(taxonomy, taxonomy.children(surest), leaves)
    return given


def label_probabilities(
    taxonomy: Taxonomy, labels: Sequence[Label], leaves: dict[str, float]
) -> dict[str, float]:
    """The probability of each of these labels: that of any leaf below it, or its own."""
    return {
        label.id: sum(leaves.get(below, 0.0) for below in taxonomy.with_descendants(label.id))
        for label in labels
    }


def apply_tagger(
    catalogue: Catalogue,
    data: Path,
    taxonomy: Taxonomy,
    tagger: Tagger,
    progress: Callable[[str, int, int], None],
) -> int:
    """Tag every embedded paper whose present text this tagger has not seen; returns how many.

    `data` is the catalogue's folder: many papers' words and vectors come from its release.
    """
    catalogue.tags.store_taxonomy(taxonomy.name, taxonomy.version, taxonomy.text)
    pending = catalogue.tags.pending(taxonomy.name, tagger.version)
    judged_before = catalogue.tags.count_judged(taxonomy.name)
    tagged, tally = 0, TaggingTally()
    for numbers, vectors, rows in read_papers(catalogue, data, tagger, pending):
        probabilities = tagger.leaf_probabilities(vectors, rows)
        near = (probabilities.max(axis=1) >= LEAF_THRESHOLD) | (
            probabilities.sum(axis=1) >= SURE_THRESHOLD
        )
        held = [number for number, may_carry in zip(numbers, near, strict=True) if may_carry]
        readable = {
            number
            for number, entry in catalogue.entries(held).items()
            if why_unreadable(entry.paper.abstract) is None
        }
        given = [
            (number, given_tags(taxonomy, tagger.leaves, row) if number in readable else [])
            for number, row in zip(numbers, probabilities, strict=True)
        ]
        catalogue.tags.replace(taxonomy.name, tagger.version, given)
        tally.count(tags for _, tags in given)
        tagged += len(numbers)
        progress("tag", tagged, len(pending))
    if tagged:
        new = catalogue.tags.count_judged(taxonomy.name) - judged_before
        tally.note(catalogue.taggings, taxonomy.name, tagger.version, new)
    return tagged


Batch: TypeAlias = "tuple[list[int], Floats, csr_matrix]"
"""Numbers of papers, their vectors and their word rows."""


def read_papers(
    catalogue: Catalogue, data: Path, tagger: Tagger, wanted: Sequence[int]
) -> Iterator[Batch]:
    """What a tagger reads of these papers (numbers), as far as they are embedded, in batches.

    Many papers' words and vectors come from the release in `data`, with a night's new ones read.
    """
    if len(wanted) < _MANY:
        return _from_texts(catalogue, tagger, wanted)
    return _from_corpus(catalogue, data, tagger, wanted)


def _from_texts(catalogue: Catalogue, tagger: Tagger, pending: Sequence[int]) -> Iterator[Batch]:
    for start in range(0, len(pending), _CHUNK):
        chunk = pending[start : start + _CHUNK]
        numbers, texts, vectors = catalogue.vectors.of(tagger.identity).with_texts(chunk)
        if numbers:
            whole = [f"{title} {abstract}" for title, abstract in texts]
            yield numbers, vectors, word_rows(tagger.vocabulary, tagger.idf, whole)


def _from_corpus(
    catalogue: Catalogue, data: Path, tagger: Tagger, pending: Sequence[int]
) -> Iterator[Batch]:
    contents = ReleaseContents.read(catalogue, catalogue.vectors.of(tagger.identity))
    corpus = gather(contents, data, intact_release(data, tagger.identity))
    places = np.flatnonzero(np.isin(contents.papers.numbers, pending))
    for start in range(0, len(places), _CHUNK_OF_MANY):
        some = places[start : start + _CHUNK_OF_MANY]
        rows = counted_rows(tagger.vocabulary, tagger.idf, corpus.counts.rows(some))
        yield contents.papers.numbers[some].tolist(), corpus.vectors[some].astype(np.float32), rows


class TaggingTally:
    """Counts judged papers, abstentions, labels, and how sure the tags were."""

    def __init__(self) -> None:
        self._judged = 0
        self._abstained = 0
        self._labels = Counter[str]()
        self._probability = 0.0

    def count(self, papers: Iterable[Sequence[Tag]]) -> None:
        """Count what papers were given; no tags is an abstention."""
        for tags in papers:
            self._judged += 1
            self._abstained += not tags
            for tag in tags:
                self._labels[tag.label] += 1
                self._probability += tag.probability

    def note(self, log: TaggingLog, taxonomy: str, tagger: str, new: int) -> None:
        """Write the record; `new` of the papers had not been judged before."""
        given = self._labels.total()
        log.add(
            taxonomy,
            tagger,
            judged=self._judged,
            new=new,
            abstained=self._abstained,
            confidence=round(self._probability / given, 4) if given else None,
            labels=dict(sorted(self._labels.items())),
        )
