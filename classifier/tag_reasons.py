"""Explain the tags of a paper by terms and similar labelled papers, or why it has no tag."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from classifier.corrections import labelled_papers
from classifier.readable import unreadable_reason
from classifier.stored_taggers import trained_tagger
from classifier.tagger import LEAF_THRESHOLD, Tagger, sure_papers
from classifier.taxonomies.taxonomy import Taxonomy
from classifier.word_features import word_rows
from index.arrays import Floats
from index.arxiv.tex.folding import as_written
from index.catalogue.catalogue import Catalogue
from index.catalogue.corrections import CORRECTED, Correction
from index.catalogue.rows import Entry
from index.catalogue.tags import Tag, Tagging

_MAX_TERMS = 5
_NEAREST = 3


@dataclass(frozen=True, slots=True)
class LabelledPaper:
    """A paper that a person labelled, with its cosine similarity to the tagged paper."""

    id: str
    title: str
    cosine: float


@dataclass(frozen=True, slots=True)
class ExplainedTag:
    """A tag with its reasons: terms that support it, strongest first, and nearest papers."""

    taxonomy: str
    label: str
    title: str
    probability: float
    terms: list[str]
    nearest: list[LabelledPaper]


@dataclass(frozen=True, slots=True)
class Judgement:
    """How a paper was judged in one taxonomy.

    `tagger` is the version of the tagger that judged it, or "corrected" if a person set its tags.
    `at` is the time of that. Both are None if the paper has not been judged. `about_whole` is True
    if the tagger gave it no leaf because it is a survey of the whole taxonomy. `abstained` is the
    reason why it has no tag, None if it has one.
    """

    taxonomy: str
    tagger: str | None
    at: str | None
    about_whole: bool
    abstained: str | None


@dataclass(frozen=True, slots=True)
class ExplainedTags:
    """The tags of a paper by taxonomy, most probable first, and its judgement in each taxonomy.

    `corrections` are those that people have made to its tags, latest first.
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
    """Return the given tags of a paper with reasons, and for each taxonomy how it was judged.

    Raises NotReady if a taxonomy has no trained tagger, DamagedTagger if one cannot be read.
    """
    explained = ExplainedTags([], [], [])
    for taxonomy in taxonomies:
        tagger = trained_tagger(data, taxonomy.name)
        own_tags = [tag for tag in tags if tag.taxonomy == taxonomy.name]
        tags_with_reasons, judgement = _explain_in(catalogue, taxonomy, tagger, entry, own_tags)
        explained.tags.extend(tags_with_reasons)
        explained.judgements.append(judgement)
        explained.corrections.extend(catalogue.corrections.of(taxonomy.name, entry.number))
    return explained


def _explain_in(
    catalogue: Catalogue, taxonomy: Taxonomy, tagger: Tagger, entry: Entry, tags: Sequence[Tag]
) -> tuple[list[ExplainedTag], Judgement]:
    tagging = catalogue.tags.tagging(taxonomy.name, entry.number)
    vectors = catalogue.vectors.of(tagger.identity).of_texts([entry.paper.text_hash])
    vector = next(iter(vectors.values()), None)
    about_whole, abstained = False, None
    if not tags or taxonomy.root in [taxonomy.label(tag.label) for tag in tags]:
        about_whole, abstained = _abstention(taxonomy, tagger, entry, tagging, vector)
    return _add_reasons(catalogue, taxonomy, tagger, entry, tags, vector), Judgement(
        taxonomy=taxonomy.name,
        tagger=tagging.tagger if tagging else None,
        at=tagging.at if tagging else None,
        about_whole=about_whole,
        abstained=None if tags else abstained,
    )


def _add_reasons(
    catalogue: Catalogue,
    taxonomy: Taxonomy,
    tagger: Tagger,
    entry: Entry,
    tags: Sequence[Tag],
    vector: Floats | None,
) -> list[ExplainedTag]:
    labelled = labelled_papers(catalogue, taxonomy) if tags else {}
    labelled.pop(entry.paper.id, None)
    explained = []
    for tag in tags:
        labels = taxonomy.with_descendants(tag.label)
        terms = _supporting_terms(tagger, labels, entry.paper.text)
        near = [] if vector is None else _nearest(catalogue, tagger, labelled, labels, vector)
        title = taxonomy.label(tag.label).title
        explained.append(ExplainedTag(tag.taxonomy, tag.label, title, tag.probability, terms, near))
    return explained


def _abstention(
    taxonomy: Taxonomy,
    tagger: Tagger,
    entry: Entry,
    tagging: Tagging | None,
    vector: Floats | None,
) -> tuple[bool, str]:
    """Return whether a paper without a leaf is about the whole taxonomy, and why it has no leaf."""
    if tagging is None or vector is None:
        return False, "it has not been tagged yet; `seealso update` tags it"
    if tagging.tagger == CORRECTED:
        return False, "a person marked that no label applies"
    if reason := unreadable_reason(entry.paper.abstract):
        return False, reason
    rows = word_rows(tagger.vocabulary, tagger.idf, [entry.paper.text])
    probabilities = tagger.leaf_probabilities(vector[None], rows)
    about_whole = tagger.about_whole([entry.paper.title], vector[None], probabilities)
    [row] = probabilities
    best = int(row.argmax())
    title = taxonomy.label(tagger.leaves[best]).title
    if (about_whole & sure_papers(probabilities)).any():
        return True, (
            "it is a survey about the whole taxonomy: its text is more similar to the description "
            f"of the taxonomy than to that of the most probable leaf, {title} ({row[best]:.2f})"
        )
    return False, (
        f"no label is sure enough: the most probable leaf, {title}, has a probability of "
        f"{row[best]:.2f}; a tag needs {LEAF_THRESHOLD}"
    )


def _supporting_terms(tagger: Tagger, labels: Sequence[str], text: str) -> list[str]:
    """Return the words of a text that support these leaves most, strongest first.

    The support of a word is what it adds to the mean logit of these leaves, compared with the mean
    of all leaves and with "no leaf". If the scope is judged separately, the second part is what the
    word adds to the logit of being in scope.
    """
    row = word_rows(tagger.vocabulary, tagger.idf, [text])
    leaf_weights = tagger.word_weights[row.indices, :-1]
    columns = [column for column, leaf in enumerate(tagger.leaves) if leaf in labels]
    weights = leaf_weights[:, columns].mean(axis=1)
    in_scope = (0 if tagger.separate_scope else weights) - tagger.word_weights[row.indices, -1]
    support = row.data * (weights - leaf_weights.mean(axis=1) + in_scope)
    order = np.lexsort((row.indices, -support))[:_MAX_TERMS]
    terms = [tagger.vocabulary[row.indices[place]] for place in order if support[place] > 0]
    return as_written(terms, text)


def _nearest(
    catalogue: Catalogue,
    tagger: Tagger,
    labelled: Mapping[str, Sequence[str]],
    labels: Sequence[str],
    vector: Floats,
) -> list[LabelledPaper]:
    ids = [paper_id for paper_id, own_labels in labelled.items() if set(own_labels) & set(labels)]
    wanted = catalogue.numbers_of(ids).values()
    numbers, vectors = catalogue.vectors.of(tagger.identity).matrix(wanted)
    cosines = vectors @ vector
    best = np.argsort(-cosines, kind="stable")[:_NEAREST]
    entries = catalogue.entries([numbers[place] for place in best])
    papers = [(entries[numbers[place]].paper, cosines[place]) for place in best]
    return [LabelledPaper(paper.id, paper.title, round(float(c), 3)) for paper, c in papers]
