"""Learn a tagger from the papers that a taxonomy names as examples, and from its definitions.

Where the taxonomy names papers that stand on no shelf, one logistic regression says which leaf a
paper stands on, or none. Where it names none such, which leaf is one question; in scope or not is
another, learnt from what the leaves say and from papers that nobody has filed. What a leaf's
definition says, and each subject that it includes, is an example of the leaf. All of it is linear
in a paper's features, so that the tagger is one matrix over vectors and one over words. What was
tried, and what each part is worth: docs/measured.md.
"""

import hashlib
from dataclasses import dataclass

import numpy as np

from classifier.corrections import labelled_papers
from classifier.evaluation.model_card import Lessons, ModelCard, card_files, card_json, model_card
from classifier.stored_taggers import load_tagger, save_tagger
from classifier.tagger import LEAF_THRESHOLD, SURE_THRESHOLD, Tagger, leaf_probabilities
from classifier.taxonomies.taxonomy import Taxonomy
from classifier.training.descriptions import Descriptions, descriptions_of
from classifier.training.features import Features, in_own_span
from classifier.training.learner import Learner
from classifier.training.unlabelled import Unlabelled, learn_scope, too_little, unlabelled_papers
from index.arrays import Floats
from index.catalogue.catalogue import Catalogue
from index.catalogue.vectors import BoundVectors
from index.embedding.identity import ModelIdentity
from index.errors import DamagedTagger
from index.settings import Settings

_RECIPE = "a leaf or none on vector, words, topics; 3"  # changes with anything in learner, features
_UNLABELLED = "scope from unlabelled papers; 1"  # with anything in unlabelled.py
_MIN_EXAMPLES = 20
_MIN_OUTSIDE = 50
_VOCABULARY_PAPERS = 20_000
# How many papers a definition weighs; what a leaf includes weighs twice that in all. Flat over a
# factor of two around in cross-validation; the more papers there are, the less it matters.
_DEFINITION, _DEFINITION_OF_FEW = 7.5, 25.0
_SCOPE_C = 10.0
# Where there are too few examples to learn it from: the low end of what it would be.
_SHARPNESS = 2.0


@dataclass(frozen=True)
class _Examples:
    """Labelled papers at hand. `leaves[i]` are numbers of leaves, empty for one on no shelf.

    `names_outsiders`: enough of them stand on no shelf by the taxonomy's word, and on one by
    anybody's. `basis` is that of the tagger that they make, `data_hash` of all that they say.
    """

    vectors: Floats
    texts: list[str]
    leaves: list[tuple[int, ...]]
    names_outsiders: bool
    basis: str
    data_hash: str


@dataclass(frozen=True)
class _Material:
    """All that a tagger is learnt from; `unlabelled` only where no outsiders are known."""

    examples: _Examples
    descriptions: Descriptions
    unlabelled: Unlabelled | None
    corpus: list[str]

    @property
    def version(self) -> str:
        """Changes when, and only when, anything of it does."""
        parts = [self.examples.basis, self.examples.data_hash]
        parts += [self.unlabelled.version] if self.unlabelled else []
        digest = hashlib.sha256(" ".join(parts).encode())
        for text in self.corpus:
            digest.update(text.encode() + b"\0")
        return digest.hexdigest()[:12]


def tagger_in_force(
    catalogue: Catalogue, taxonomy: Taxonomy, vectors: BoundVectors, settings: Settings
) -> Tagger | str:
    """The tagger trained from the examples at hand, trained now where it is not yet.

    A new version of an example's text does not undo it: every paper would be tagged again for a
    few words among thousands of examples. Nor do new papers, until a catalogue whose unlabelled
    ones it learnt from has twice as many. A text instead says why there can be none.
    """
    examples = _examples(catalogue, taxonomy, vectors)
    if not examples.names_outsiders:
        filed = sum(1 for leaves in examples.leaves if leaves)
        unfiled = vectors.count() - len(examples.leaves)
        if reason := too_little(taxonomy, filed, unfiled):
            return reason
    try:
        tagger = load_tagger(settings.data, taxonomy.name)
    except DamagedTagger:
        tagger = None  # it is made again from the same examples
    if tagger is None or tagger.basis != examples.basis:
        material = _material(catalogue, taxonomy, vectors, settings, examples)
        tagger, card = _train(taxonomy, vectors.identity, material)
        save_tagger(tagger, settings.data, card_files(card, taxonomy))
        catalogue.taggings.add_tagger(tagger.version, taxonomy.name, card_json(card))
    return tagger


def train_tagger(
    catalogue: Catalogue, taxonomy: Taxonomy, vectors: BoundVectors, settings: Settings
) -> tuple[Tagger, ModelCard]:
    """Train from the examples at hand, and keep nothing; the same material gives the same bits."""
    examples = _examples(catalogue, taxonomy, vectors)
    material = _material(catalogue, taxonomy, vectors, settings, examples)
    return _train(taxonomy, vectors.identity, material)


def _material(
    catalogue: Catalogue,
    taxonomy: Taxonomy,
    vectors: BoundVectors,
    settings: Settings,
    examples: _Examples,
) -> _Material:
    unlabelled = None
    if not examples.names_outsiders:
        filed = catalogue.numbers_of(labelled_papers(catalogue, taxonomy)).values()
        unlabelled = unlabelled_papers(vectors, settings, filed)
    return _Material(
        examples=examples,
        descriptions=descriptions_of(vectors, taxonomy, settings),
        unlabelled=unlabelled,
        corpus=_corpus(vectors),
    )


def _examples(catalogue: Catalogue, taxonomy: Taxonomy, stored: BoundVectors) -> _Examples:
    number_of = [label.id for label in taxonomy.leaves].index
    labelled = labelled_papers(catalogue, taxonomy)
    held, vectors = stored.matrix(catalogue.numbers_of(labelled).values())
    entries = catalogue.entries(held)
    papers = [entries[number].paper for number in held]
    order = sorted(range(len(papers)), key=lambda row: papers[row].id)
    # Its own word alone: a few corrections to no shelf are no picture of all the rest.
    outside = sum(1 for paper in papers if taxonomy.examples.get(paper.id) == ())
    inside = sum(1 for paper in papers if labelled[paper.id])
    names_outsiders = outside >= _MIN_OUTSIDE and inside >= _MIN_EXAMPLES
    rule = f"{_RECIPE} {LEAF_THRESHOLD} {SURE_THRESHOLD} {taxonomy.version} {stored.identity.key}"
    if not names_outsiders:
        rule += f" {_UNLABELLED} {stored.count().bit_length()}"
    basis, data = hashlib.sha256(rule.encode()), hashlib.sha256()
    for row in order:
        said = f"{papers[row].id} {' '.join(labelled[papers[row].id])} ".encode()
        basis.update(said)
        data.update(said + papers[row].text_hash)
    return _Examples(
        vectors=vectors[order],
        texts=[papers[row].text for row in order],
        leaves=[
            tuple(map(number_of, taxonomy.leaves_below(labelled[papers[row].id]))) for row in order
        ],
        names_outsiders=names_outsiders,
        basis=basis.hexdigest()[:12],
        data_hash=data.hexdigest(),
    )


def _corpus(vectors: BoundVectors) -> list[str]:
    """Texts for the word statistics: all papers', or evenly many of a large catalogue."""
    numbers = vectors.papers().numbers
    chosen = numbers[:: max(1, len(numbers) // _VOCABULARY_PAPERS)]
    _, texts, _ = vectors.with_texts(chosen)
    return [f"{title} {abstract}" for title, abstract in texts]


def _train(
    taxonomy: Taxonomy, identity: ModelIdentity, material: _Material
) -> tuple[Tagger, ModelCard]:
    features = Features(material.corpus)
    examples, unlabelled = material.examples, material.unlabelled
    rows = features.of(examples.vectors, examples.texts)
    definitions = features.of(material.descriptions.vectors, material.descriptions.texts)
    if unlabelled is None:
        learner = Learner(rows, examples.leaves, definitions, material.descriptions, _DEFINITION)
        held_out = learner.held_out()
        sharpness = learner.sharpness(held_out)
        weights, biases = (sharpness * part for part in learner.fit())
        probabilities = leaf_probabilities(sharpness * held_out, scope_apart=False)
    else:
        weights, biases = _apart(features, rows, definitions, material, unlabelled)
        probabilities = None
    vector_weights, word_weights = features.folded(weights, identity.dimension)
    tagger = Tagger(
        taxonomy=taxonomy.name,
        version=material.version,
        basis=examples.basis,
        identity=identity,
        leaves=tuple(label.id for label in taxonomy.leaves),
        scope_apart=unlabelled is not None,
        vocabulary=features.vocabulary,
        idf=features.idf,
        vector_weights=vector_weights,
        word_weights=word_weights,
        biases=biases.astype(np.float32),
    )
    filed = sum(1 for leaves in examples.leaves if leaves)
    lessons = Lessons(
        data_hash=examples.data_hash,
        in_scope=filed,
        out_of_scope=len(examples.leaves) - filed,
        unlabelled=len(unlabelled.texts) if unlabelled else 0,
        descriptions=len(material.descriptions.texts),
        words=len(features.vocabulary),
    )
    truth = [[tagger.leaves[leaf] for leaf in leaves] for leaves in examples.leaves]
    return tagger, model_card(taxonomy, tagger, lessons, truth, probabilities)


def _apart(
    features: Features,
    rows: Floats,
    definitions: Floats,
    material: _Material,
    unlabelled: Unlabelled,
) -> tuple[Floats, Floats]:
    """Weights and biases of the leaves, and, judged apart, of being on none: the last column."""
    in_scope = np.array([bool(leaves) for leaves in material.examples.leaves], bool)
    parts = (
        np.vstack([definitions + unlabelled.from_short_to_long(features), rows[in_scope]]),
        rows[~in_scope],
        features.of(unlabelled.vectors, unlabelled.whole_texts),
    )
    coordinates, directions = in_own_span(np.vstack(parts))
    known, outside, drawn = np.split(coordinates, np.cumsum([len(part) for part in parts])[:-1])
    scope, scope_bias = learn_scope(known, outside, drawn, _SCOPE_C)
    leaves = [found for found in material.examples.leaves if found]
    learner = Learner(
        rows[in_scope], leaves, definitions, material.descriptions, _DEFINITION_OF_FEW
    )
    few = len(leaves) < _MIN_EXAMPLES
    sharpness = _SHARPNESS if few else learner.sharpness(learner.held_out())
    weights, biases = learner.fit()
    against = -(scope @ directions)
    return np.column_stack([sharpness * weights, against]), np.append(
        sharpness * biases, -scope_bias
    )
