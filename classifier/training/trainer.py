"""Train a tagger from a taxonomy: from its labelled papers and the descriptions of its leaves.

If the taxonomy names out-of-scope papers, one logistic regression chooses between the leaves and no
leaf. If it names none, one model chooses the leaf, and a second one decides whether a paper is in
scope; the second is trained from the descriptions and from unlabelled papers. The definition of a
leaf and each subject that it includes are training examples of the leaf. Both models are linear in
the features of a paper, so a tagger is one matrix over vectors and one over words. The alternatives
that were tried, and the effect of each part: docs/measured.md.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Self

import numpy as np

from classifier.corrections import labelled_papers
from classifier.evaluation.model_card import (
    ModelCard,
    TrainingData,
    card_files,
    card_json,
    model_card,
)
from classifier.stored_taggers import load_tagger, save_tagger
from classifier.tagger import LEAF_THRESHOLD, SURE_THRESHOLD, Tagger, leaf_probabilities
from classifier.taxonomies.taxonomy import Taxonomy
from classifier.training.descriptions import (
    Descriptions,
    TextVectors,
    contrast_vectors,
    describe_leaves,
)
from classifier.training.features import Features, project_on_span
from classifier.training.learner import Learner
from classifier.training.unlabelled import (
    UnlabelledPapers,
    draw_unlabelled,
    fit_scope,
    insufficient_data,
)
from index.arrays import Floats
from index.catalogue.catalogue import Catalogue
from index.catalogue.vectors import BoundVectors
from index.embedding.embedder import Embedder
from index.embedding.identity import ModelIdentity
from index.embedding.opening import configured_identity, open_embedder
from index.errors import DamagedTagger
from index.settings import Settings

# Both are part of what decides whether a tagger is trained again: change the number with any change
# in learner.py, features.py or descriptions.py, or in unlabelled.py.
_RECIPE = "a leaf or none on vector, words, topics; 5"
_UNLABELLED = "scope from unlabelled papers; 1"
_MIN_EXAMPLES = 20
_MIN_OUT_OF_SCOPE = 50
_VOCABULARY_PAPERS = 20_000
# How many papers a definition weighs; all included subjects of a leaf together weigh twice that. In
# cross-validation, doubling or halving it changes little, less the more papers there are.
_DEFINITION, _DEFINITION_OF_FEW = 7.5, 25.0
_SCOPE_C = 10.0
# For too few examples to calibrate with: the low end of the values that calibration gives.
_LOGIT_SCALE = 2.0


@dataclass(frozen=True)
class _Examples:
    """Labelled papers in the catalogue. `leaves[i]` are leaf numbers, empty if out of scope.

    `has_negatives`: the taxonomy itself names enough out-of-scope papers, and enough papers have a
    leaf. `basis` is the tagger's; `data_hash` is a hash of all ids, labels and texts.
    """

    vectors: Floats
    texts: list[str]
    leaves: list[tuple[int, ...]]
    has_negatives: bool
    basis: str
    data_hash: str

    @property
    def in_scope(self) -> int:
        return sum(1 for leaves in self.leaves if leaves)


@dataclass(frozen=True)
class _Material:
    """All training data; `unlabelled` papers only if no out-of-scope papers are known."""

    examples: _Examples
    descriptions: Descriptions
    description_vectors: Floats
    unlabelled: UnlabelledPapers | None
    corpus: list[str]

    @property
    def version(self) -> str:
        """Hash that changes when, and only when, the training data change."""
        parts = [self.examples.basis, self.examples.data_hash]
        parts += [self.unlabelled.version] if self.unlabelled else []
        digest = hashlib.sha256(" ".join(parts).encode())
        for text in self.corpus:
            digest.update(text.encode() + b"\0")
        return digest.hexdigest()[:12]


class TaggerTrainer:
    """Trains taggers from the papers and vectors of a catalogue.

    `open_embedder` opens the model of the vectors; it is called only for texts that have no vector
    yet.

        trainer = TaggerTrainer.from_settings(catalogue, settings)
        tagger, card = trainer.train(load_taxonomy())
    """

    def __init__(
        self, catalogue: Catalogue, vectors: BoundVectors, open_embedder: Callable[[], Embedder]
    ) -> None:
        self._catalogue = catalogue
        self._vectors = vectors
        self._text_vectors = TextVectors(vectors, open_embedder)

    @classmethod
    def from_settings(cls, catalogue: Catalogue, settings: Settings) -> Self:
        """Return a trainer for the model of the settings; raises ModelUnavailable."""
        vectors = catalogue.vectors.of(configured_identity(settings))
        return cls(catalogue, vectors, partial(open_embedder, settings))

    def current_tagger(self, taxonomy: Taxonomy, data: Path) -> Tagger | str:
        """Return the tagger for the current examples, or a text that says why there is none.

        Trains it and saves it in the data folder if the saved one is of other examples. A new
        version of an example's text alone does not cause that: all papers would be tagged again
        for a few words among thousands of examples. If unlabelled papers are used, new papers
        cause it only once their number has about doubled. Raises ModelUnavailable.
        """
        examples = self._examples(taxonomy)
        if not examples.has_negatives:
            unlabelled = self._vectors.count() - len(examples.leaves)
            if reason := insufficient_data(taxonomy, examples.in_scope, unlabelled):
                return reason
        try:
            tagger = load_tagger(data, taxonomy.name)
        except DamagedTagger:
            tagger = None  # it is trained again from the same examples
        if tagger is None or tagger.basis != examples.basis:
            tagger, card = self._train(taxonomy, examples)
            save_tagger(tagger, data, card_files(card, taxonomy))
            self._catalogue.taggings.add_tagger(tagger.version, taxonomy.name, card_json(card))
        return tagger

    def has_all_vectors(self, taxonomy: Taxonomy) -> bool:
        """Return whether `current_tagger` stays the same while other papers are embedded."""
        labelled = self._catalogue.numbers_of(labelled_papers(self._catalogue, taxonomy))
        examples = self._examples(taxonomy)
        return examples.has_negatives and len(examples.leaves) == len(labelled)

    def train(self, taxonomy: Taxonomy) -> tuple[Tagger, ModelCard]:
        """Train a tagger without saving it; the same data give the same weights, bit for bit."""
        return self._train(taxonomy, self._examples(taxonomy))

    def _train(self, taxonomy: Taxonomy, examples: _Examples) -> tuple[Tagger, ModelCard]:
        unlabelled = None
        if not examples.has_negatives:
            labelled = self._catalogue.numbers_of(labelled_papers(self._catalogue, taxonomy))
            unlabelled = draw_unlabelled(self._text_vectors, labelled.values())
        material = _Material(
            examples=examples,
            descriptions=describe_leaves(taxonomy, self._text_vectors),
            description_vectors=contrast_vectors(taxonomy, self._text_vectors),
            unlabelled=unlabelled,
            corpus=self._corpus(),
        )
        return _fit_tagger(taxonomy, self._vectors.identity, material)

    def _examples(self, taxonomy: Taxonomy) -> _Examples:
        number_of = [label.id for label in taxonomy.leaves].index
        labelled = labelled_papers(self._catalogue, taxonomy)
        numbers, vectors = self._vectors.matrix(self._catalogue.numbers_of(labelled).values())
        entries = self._catalogue.entries(numbers)
        papers = [entries[number].paper for number in numbers]
        order = sorted(range(len(papers)), key=lambda row: papers[row].id)
        # Only the taxonomy's own out-of-scope papers count: a few corrections to "no label" are no
        # sample of all other papers.
        out_of_scope = sum(1 for paper in papers if taxonomy.examples.get(paper.id) == ())
        in_scope = sum(1 for paper in papers if labelled[paper.id])
        has_negatives = out_of_scope >= _MIN_OUT_OF_SCOPE and in_scope >= _MIN_EXAMPLES
        identity = self._vectors.identity
        rule = f"{_RECIPE} {LEAF_THRESHOLD} {SURE_THRESHOLD} {taxonomy.version} {identity.key}"
        if not has_negatives:
            rule += f" {_UNLABELLED} {self._vectors.count().bit_length()}"
        basis, data = hashlib.sha256(rule.encode()), hashlib.sha256()
        for row in order:
            line = f"{papers[row].id} {' '.join(labelled[papers[row].id])} ".encode()
            basis.update(line)
            data.update(line + papers[row].text_hash)
        return _Examples(
            vectors=vectors[order],
            texts=[papers[row].text for row in order],
            leaves=[
                tuple(map(number_of, taxonomy.leaves_below(labelled[papers[row].id])))
                for row in order
            ],
            has_negatives=has_negatives,
            basis=basis.hexdigest()[:12],
            data_hash=data.hexdigest(),
        )

    def _corpus(self) -> list[str]:
        """Return the texts for word statistics, also those without a vector yet."""
        sample = self._catalogue.sample_texts(_VOCABULARY_PAPERS)
        return [f"{title} {abstract}" for title, abstract in sample]


def _fit_tagger(
    taxonomy: Taxonomy, identity: ModelIdentity, material: _Material
) -> tuple[Tagger, ModelCard]:
    features = Features(material.corpus)
    examples, unlabelled = material.examples, material.unlabelled
    descriptions = material.descriptions
    rows = features.transform(examples.vectors, examples.texts)
    description_rows = features.transform(descriptions.vectors, descriptions.texts)
    if unlabelled is None:
        learner = Learner(rows, examples.leaves, description_rows, descriptions, _DEFINITION)
        held_out = learner.held_out_logits()
        scale = learner.logit_scale(held_out)
        weights, biases = (scale * part for part in learner.fit())
        probabilities = leaf_probabilities(scale * held_out, separate_scope=False)
    else:
        weights, biases = _fit_with_separate_scope(
            features, rows, description_rows, material, unlabelled
        )
        probabilities = None
    vector_weights, word_weights = features.split_weights(weights, identity.dimension)
    tagger = Tagger(
        taxonomy=taxonomy.name,
        version=material.version,
        basis=examples.basis,
        identity=identity,
        leaves=tuple(label.id for label in taxonomy.leaves),
        separate_scope=unlabelled is not None,
        vocabulary=features.vocabulary,
        idf=features.idf,
        vector_weights=vector_weights,
        word_weights=word_weights,
        biases=biases.astype(np.float32),
        description_vectors=material.description_vectors,
    )
    training_data = TrainingData(
        data_hash=examples.data_hash,
        in_scope=examples.in_scope,
        out_of_scope=len(examples.leaves) - examples.in_scope,
        unlabelled=len(unlabelled.texts) if unlabelled else 0,
        descriptions=len(descriptions.texts),
        words=len(features.vocabulary),
    )
    truth = [[tagger.leaves[leaf] for leaf in leaves] for leaves in examples.leaves]
    return tagger, model_card(taxonomy, tagger, training_data, truth, probabilities)


def _fit_with_separate_scope(
    features: Features,
    rows: Floats,
    description_rows: Floats,
    material: _Material,
    unlabelled: UnlabelledPapers,
) -> tuple[Floats, Floats]:
    """Return weights and biases of the leaves and, in the last column, of being out of scope."""
    in_scope = np.array([bool(leaves) for leaves in material.examples.leaves], bool)
    parts = (
        np.vstack([description_rows + unlabelled.length_correction(features), rows[in_scope]]),
        rows[~in_scope],
        features.transform(unlabelled.vectors, unlabelled.full_texts),
    )
    coordinates, basis = project_on_span(np.vstack(parts))
    known, out_of_scope, drawn = np.split(
        coordinates, np.cumsum([len(part) for part in parts])[:-1]
    )
    scope, scope_bias = fit_scope(known, out_of_scope, drawn, _SCOPE_C)
    leaves = [numbers for numbers in material.examples.leaves if numbers]
    learner = Learner(
        rows[in_scope], leaves, description_rows, material.descriptions, _DEFINITION_OF_FEW
    )
    few = len(leaves) < _MIN_EXAMPLES
    scale = _LOGIT_SCALE if few else learner.logit_scale(learner.held_out_logits())
    weights, biases = learner.fit()
    against = -(scope @ basis)
    return np.column_stack([scale * weights, against]), np.append(scale * biases, -scope_bias)
