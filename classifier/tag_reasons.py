"""Why a paper carries a tag: the terms that spoke for it, and the labelled papers nearest to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from classifier.correcting import labelled_papers
from classifier.tagger import Tagger
from classifier.taxonomy import Taxonomy
from classifier.word_features import word_rows
from index.arrays import Floats
from index.catalogue import Catalogue
from index.entry import Entry
from index.stored_tags import Tag

_MOST_TERMS = 5
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


def explained_tags(
    catalogue: Catalogue, taxonomy: Taxonomy, tagger: Tagger, entry: Entry
) -> list[ExplainedTag]:
    """The tags of a paper in this taxonomy, the surest first, each with its reasons.

    A paper without a vector yet has no tags; one whose tags a person gave has reasons too.
    """
    tags = [tag for tag in catalogue.tags.of([entry.number])[entry.number] if _of(tag, taxonomy)]
    vectors = catalogue.vectors.of_texts(tagger.identity, [entry.paper.text_hash])
    if not tags or not vectors:
        return []
    [vector] = vectors.values()
    labelled = labelled_papers(catalogue, taxonomy)
    labelled.pop(entry.paper.id, None)
    return [
        ExplainedTag(
            taxonomy=tag.taxonomy,
            label=tag.label,
            title=taxonomy.label(tag.label).title,
            probability=tag.probability,
            terms=terms_for(
                tagger, below := taxonomy.with_descendants(tag.label), entry.paper.text
            ),
            nearest=_nearest(catalogue, tagger, labelled, below, vector),
        )
        for tag in tags
    ]


def _of(tag: Tag, taxonomy: Taxonomy) -> bool:
    return tag.taxonomy == taxonomy.name


def terms_for(tagger: Tagger, labels: Sequence[str], text: str) -> list[str]:
    """The words of a text that raise the probability of these leaves, the strongest first.

    By what a word adds to the mean logit of the leaves above that of all leaves, and to that of
    being in scope.
    """
    row = word_rows(tagger.vocabulary, tagger.idf, [text])
    over_leaves = tagger.word_weights[row.indices, :-1]
    columns = [column for column, leaf in enumerate(tagger.leaves) if leaf in labels]
    speaks = over_leaves[:, columns].mean(axis=1) - over_leaves.mean(axis=1)
    added = row.data * (speaks + tagger.word_weights[row.indices, -1])
    order = np.lexsort((row.indices, -added))[:_MOST_TERMS]
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
    held, vectors = catalogue.vectors.matrix(tagger.identity, numbers)
    cosines = vectors @ vector
    best = np.argsort(-cosines, kind="stable")[:_NEAREST]
    entries = catalogue.entries([held[place] for place in best])
    papers = [(entries[held[place]].paper, cosines[place]) for place in best]
    return [LabelledPaper(paper.id, paper.title, round(float(c), 3)) for paper, c in papers]
