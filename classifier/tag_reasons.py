"""Why a paper carries a tag: the terms that spoke for it, the labelled papers nearest to it.

And why another carries none.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from classifier.corrections import labelled_papers
from classifier.readable import why_unreadable
from classifier.stored_taggers import trained_tagger
from classifier.tagger import LEAF_THRESHOLD, Tagger
from classifier.taxonomies.taxonomy import Taxonomy
from classifier.word_features import word_rows
from index.arrays import Floats
from index.catalogue.catalogue import Catalogue
from index.catalogue.corrections import CORRECTED, Correction
from index.catalogue.rows import Entry
from index.catalogue.tags import Tag, Tagging

_MAX_TERMS = 5
_NEAREST = 3


@dataclass(frozen=True, slots=True)
class LabelledPaper:
    """A paper that carries a label by a person's word, and its cosine to the tagged one."""

    id: str
    title: str
    cosine: float


@dataclass(frozen=True, slots=True)
class ExplainedTag:
    """A tag with its reasons: terms, the strongest first, and papers, the nearest first."""

    taxonomy: str
    label: str
    title: str
    probability: float
    terms: list[str]
    nearest: list[LabelledPaper]


@dataclass(frozen=True, slots=True)
class Judgement:
    """How a paper was judged in one taxonomy.

    `tagger` is the version that judged it at `at`, or "corrected"; None before any has seen it.
    `abstained` says why there is no tag, None where there is one.
    """

    taxonomy: str
    tagger: str | None
    at: str | None
    abstained: str | None


@dataclass(frozen=True, slots=True)
class ExplainedTags:
    """The tags of a paper, the surest first in each taxonomy, and how it was judged in each.

    `corrections` are people's words on them, the latest first.
    """

    tags: list[ExplainedTag]
    judgements: list[Judgement]
    corrections: list[Correction]


def explained_tags(
    catalogue: Catalogue,
    data: Path,
    taxonomies: Iterable[Taxonomy],
    entry: Entry,
    tags: Sequence[Tag],
) -> ExplainedTags:
    """Return the tags of a paper, which are `tags`, with their reasons; or why it has none.

    Raises NotReady before a tagger is trained, DamagedTagger.
    """
    found = ExplainedTags([], [], [])
    for taxonomy in taxonomies:
        tagger = trained_tagger(data, taxonomy.name)
        given = [tag for tag in tags if tag.taxonomy == taxonomy.name]
        explained, judgement = _in_one(catalogue, taxonomy, tagger, entry, given)
        found.tags.extend(explained)
        found.judgements.append(judgement)
        found.corrections.extend(catalogue.corrections.of(taxonomy.name, entry.number))
    return found


def _in_one(
    catalogue: Catalogue, taxonomy: Taxonomy, tagger: Tagger, entry: Entry, tags: Sequence[Tag]
) -> tuple[list[ExplainedTag], Judgement]:
    tagging = catalogue.tags.tagging(taxonomy.name, entry.number)
    vectors = catalogue.vectors.of(tagger.identity).of_texts([entry.paper.text_hash])
    vector = next(iter(vectors.values()), None)
    return _explained(catalogue, taxonomy, tagger, entry, tags, vector), Judgement(
        taxonomy=taxonomy.name,
        tagger=tagging.tagger if tagging else None,
        at=tagging.at if tagging else None,
        abstained=None if tags else _why_none(taxonomy, tagger, entry, tagging, vector),
    )


def _explained(
    catalogue: Catalogue,
    taxonomy: Taxonomy,
    tagger: Tagger,
    entry: Entry,
    tags: Sequence[Tag],
    vector: Floats | None,
) -> list[ExplainedTag]:
    labelled = labelled_papers(catalogue, taxonomy) if tags else {}
    labelled.pop(entry.paper.id, None)
    found = []
    for tag in tags:
        below = taxonomy.with_descendants(tag.label)
        terms = terms_for(tagger, below, entry.paper.text)
        near = [] if vector is None else _nearest(catalogue, tagger, labelled, below, vector)
        title = taxonomy.label(tag.label).title
        found.append(ExplainedTag(tag.taxonomy, tag.label, title, tag.probability, terms, near))
    return found


def _why_none(
    taxonomy: Taxonomy,
    tagger: Tagger,
    entry: Entry,
    tagging: Tagging | None,
    vector: Floats | None,
) -> str:
    if tagging is None or vector is None:
        return "not tagged yet: `seealso update` does"
    if tagging.tagger == CORRECTED:
        return "by a person's word it stands on no shelf"
    if unreadable := why_unreadable(entry.paper.abstract):
        return unreadable
    rows = word_rows(tagger.vocabulary, tagger.idf, [entry.paper.text])
    [probabilities] = tagger.leaf_probabilities(vector[None], rows)
    best = int(probabilities.argmax())
    title = taxonomy.label(tagger.leaves[best]).title
    return (
        f"no leaf is sure enough: {title} is likeliest with {probabilities[best]:.2f}, of "
        f"{LEAF_THRESHOLD} that are asked for"
    )


def terms_for(tagger: Tagger, labels: Sequence[str], text: str) -> list[str]:
    """The words of a text that raise the probability of these leaves, the strongest first.

    By what a word adds to the mean logit of the leaves above that of all leaves, and above that of
    being on none, which competes with them unless the scope is judged apart.
    """
    row = word_rows(tagger.vocabulary, tagger.idf, [text])
    over_leaves = tagger.word_weights[row.indices, :-1]
    columns = [column for column, leaf in enumerate(tagger.leaves) if leaf in labels]
    speaks = over_leaves[:, columns].mean(axis=1)
    in_scope = (0 if tagger.separate_scope else speaks) - tagger.word_weights[row.indices, -1]
    added = row.data * (speaks - over_leaves.mean(axis=1) + in_scope)
    order = np.lexsort((row.indices, -added))[:_MAX_TERMS]
    return [tagger.vocabulary[row.indices[place]] for place in order if added[place] > 0]


def _nearest(
    catalogue: Catalogue,
    tagger: Tagger,
    labelled: Mapping[str, Sequence[str]],
    labels: Sequence[str],
    vector: Floats,
) -> list[LabelledPaper]:
    ids = [paper_id for paper_id, theirs in labelled.items() if set(theirs) & set(labels)]
    numbers = catalogue.numbers_of(ids).values()
    held, vectors = catalogue.vectors.of(tagger.identity).matrix(numbers)
    cosines = vectors @ vector
    best = np.argsort(-cosines, kind="stable")[:_NEAREST]
    entries = catalogue.entries([held[place] for place in best])
    papers = [(entries[held[place]].paper, cosines[place]) for place in best]
    return [LabelledPaper(paper.id, paper.title, round(float(c), 3)) for paper, c in papers]
