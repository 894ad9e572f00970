"""Learn a tagger from the papers that a taxonomy names as examples, and from its definitions.

A paper is [its vector, its words, its topics]: the topics are the leading directions of all
papers' words (latent semantic analysis), which lend a word the weight of the words it goes with.
Two logistic regressions stand on that, in scope or not, and which leaf then; what a leaf's
definition says, and each subject that it includes, is an example of the leaf. Where a taxonomy
names no papers that are out of scope, the first learns from what the leaves say and from papers
that nobody has filed. All of it is linear, so that the tagger is one matrix over vectors and one
over words. What was tried, and what each part is worth: docs/measured.md.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_matrix
from sklearn.decomposition import TruncatedSVD
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold

from classifier.correcting import labelled_papers
from classifier.descriptions import Descriptions, descriptions_of
from classifier.stored_taggers import load_tagger, save_tagger
from classifier.tagger import LEAF_THRESHOLD, SURE_THRESHOLD, Tagger
from classifier.taxonomy import Taxonomy
from classifier.unlabelled import Unlabelled, learn_scope, too_little, unlabelled_papers
from classifier.word_features import learn_vocabulary, word_rows
from index.arrays import Floats
from index.catalogue import Catalogue
from index.errors import DamagedTagger
from index.model_identity import ModelIdentity
from index.settings import Settings

_RECIPE = "scope x leaf on vector, words, topics; 2"  # changes with anything below
_UNLABELLED = "scope from unlabelled papers; 1"  # with anything in unlabelled.py
_FEWEST_EXAMPLES = 20
_FEWEST_OUTSIDE = 50
_VOCABULARY_PAPERS = 20_000
# Chosen by cross-validation on the examples; each is flat over a factor of two around.
_WORDS, _TOPICS = 1.25, 2.0  # weights of words and topics beside a vector of length one
_DIRECTIONS = 150
_LEAF_C, _SCOPE_C = 5.0, 10.0
_FOLDS = 10
# Where there are too few examples to learn it from: the low end of what it would be.
_SHARPNESS = 2.0


@dataclass(frozen=True)
class _Examples:
    """Labelled papers at hand. `leaves[i]` are numbers of leaves, empty for one on no shelf.

    `version` and `basis` are those of the tagger that they make.
    """

    vectors: Floats
    texts: list[str]
    leaves: list[tuple[int, ...]]
    version: str
    basis: str


def tagger_in_force(
    catalogue: Catalogue, taxonomy: Taxonomy, identity: ModelIdentity, settings: Settings
) -> Tagger | str:
    """The tagger trained from the examples at hand, trained now where it is not yet.

    A new version of an example's text does not undo it: every paper would be tagged again for a
    few words among thousands of examples. Nor do new papers, until a catalogue whose unlabelled
    ones it learnt from has twice as many. A text instead says why there can be none.
    """
    recipe = _RECIPE
    if learns_from_unlabelled := not _names_outsiders(catalogue, taxonomy, identity):
        held = catalogue.vectors.count(identity)
        recipe += f" {_UNLABELLED} {held.bit_length()}"
    examples = _examples(catalogue, taxonomy, identity, recipe)
    if learns_from_unlabelled:
        labelled = sum(1 for leaves in examples.leaves if leaves)
        if reason := too_little(taxonomy, labelled, held - len(examples.leaves)):
            return reason
    try:
        tagger = load_tagger(settings.data, taxonomy.name)
    except DamagedTagger:
        tagger = None  # it is made again from the same examples
    if tagger is None or tagger.basis != examples.basis:
        descriptions = descriptions_of(catalogue, taxonomy, identity, settings)
        corpus = _corpus(catalogue, identity)
        unlabelled = None
        if learns_from_unlabelled:
            filed = catalogue.numbers_of(labelled_papers(catalogue, taxonomy)).values()
            unlabelled = unlabelled_papers(catalogue, identity, settings, filed)
            version = f"{examples.version} {unlabelled.version}".encode()
            examples = replace(examples, version=hashlib.sha256(version).hexdigest()[:12])
        tagger = _train(taxonomy, identity, examples, descriptions, unlabelled, corpus)
        save_tagger(tagger, settings.data, {})
    return tagger


def _names_outsiders(catalogue: Catalogue, taxonomy: Taxonomy, identity: ModelIdentity) -> bool:
    """Whether enough papers are at hand that the taxonomy says stand on no shelf, and on one.

    Its own word alone counts for the former: a few corrections are no picture of all the rest.
    """
    outside = [paper_id for paper_id, labels in taxonomy.examples.items() if not labels]
    inside = [
        paper_id for paper_id, labels in labelled_papers(catalogue, taxonomy).items() if labels
    ]

    def held(ids: Sequence[str]) -> int:
        numbers, _ = catalogue.vectors.matrix(identity, catalogue.numbers_of(ids).values())
        return len(numbers)

    return held(outside) >= _FEWEST_OUTSIDE and held(inside) >= _FEWEST_EXAMPLES


def _examples(
    catalogue: Catalogue, taxonomy: Taxonomy, identity: ModelIdentity, recipe: str
) -> _Examples:
    number_of = [label.id for label in taxonomy.leaves].index
    labelled = labelled_papers(catalogue, taxonomy)
    held, vectors = catalogue.vectors.matrix(identity, catalogue.numbers_of(labelled).values())
    entries = catalogue.entries(held)
    papers = [entries[number].paper for number in held]
    order = sorted(range(len(papers)), key=lambda row: papers[row].id)
    rule = f"{recipe} {LEAF_THRESHOLD} {SURE_THRESHOLD}"
    basis = hashlib.sha256(f"{rule} {taxonomy.version} {identity.key}".encode())
    version = basis.copy()
    for row in order:
        said = f"{papers[row].id} {' '.join(labelled[papers[row].id])} ".encode()
        basis.update(said)
        version.update(said + papers[row].text_hash)
    return _Examples(
        vectors=vectors[order],
        texts=[papers[row].text for row in order],
        leaves=[
            tuple(map(number_of, taxonomy.leaves_below(labelled[papers[row].id]))) for row in order
        ],
        version=version.hexdigest()[:12],
        basis=basis.hexdigest()[:12],
    )


def _corpus(catalogue: Catalogue, identity: ModelIdentity) -> list[str]:
    """Texts for the word statistics: all papers', or evenly many of a large catalogue."""
    numbers = catalogue.vectors.papers(identity).numbers
    chosen = numbers[:: max(1, len(numbers) // _VOCABULARY_PAPERS)]
    _, texts, _ = catalogue.vectors.with_texts(identity, chosen)
    return [f"{title} {abstract}" for title, abstract in texts]


class _Features:
    """Vector, words and topics side by side; learnt from a corpus's words."""

    def __init__(self, corpus: Sequence[str]) -> None:
        self.vocabulary, self.idf = learn_vocabulary(corpus)
        directions = min(_DIRECTIONS, len(self.vocabulary) - 1)
        svd = TruncatedSVD(directions, n_iter=7, random_state=0).fit(self._words(corpus))
        self._topics: Floats = svd.components_.T.astype(np.float32)

    def of(self, vectors: Floats, texts: Sequence[str]) -> Floats:
        """Shape (papers, dimension + words + topics)."""
        rows = self._words(texts)
        return np.hstack([vectors, _WORDS * rows.toarray(), _TOPICS * (rows @ self._topics)])

    def folded(self, weights: Floats, dimension: int) -> tuple[Floats, Floats]:
        """Weights over features, shape (features, k), as weights over vectors and over words."""
        words = dimension + len(self.vocabulary)
        over_words = _WORDS * weights[dimension:words] + _TOPICS * self._topics @ weights[words:]
        return weights[:dimension].astype(np.float32), over_words.astype(np.float32)

    def _words(self, texts: Sequence[str]) -> csr_matrix:
        return word_rows(self.vocabulary, self.idf, texts)


def _train(
    taxonomy: Taxonomy,
    identity: ModelIdentity,
    examples: _Examples,
    descriptions: Descriptions,
    unlabelled: Unlabelled | None,
    corpus: Sequence[str],
) -> Tagger:
    features = _Features(corpus)
    rows = features.of(examples.vectors, examples.texts)
    in_scope = np.array([bool(leaves) for leaves in examples.leaves], bool)
    described = features.of(descriptions.vectors, descriptions.texts)
    if unlabelled is None:
        fit = LogisticRegression(C=_SCOPE_C, class_weight="balanced", max_iter=2000)
        fit.fit(rows, in_scope)
        scope, scope_bias = fit.coef_[0], float(fit.intercept_[0])
    else:
        known = np.vstack([described + unlabelled.from_short_to_long(features), rows[in_scope]])
        drawn = features.of(unlabelled.vectors, unlabelled.whole_texts)
        scope, scope_bias = learn_scope(known, rows[~in_scope], drawn, _SCOPE_C)
    learner = _LeafLearner(
        rows[in_scope], [leaves for leaves in examples.leaves if leaves], described, descriptions
    )
    sharpness = learner.sharpness()
    within, leaf_biases = learner.fit(np.arange(int(in_scope.sum())))
    weights = np.vstack([sharpness * within, scope]).T
    vector_weights, word_weights = features.folded(weights, identity.dimension)
    biases = np.append(sharpness * leaf_biases, scope_bias)
    return Tagger(
        taxonomy=taxonomy.name,
        version=examples.version,
        basis=examples.basis,
        identity=identity,
        leaves=tuple(label.id for label in taxonomy.leaves),
        vocabulary=features.vocabulary,
        idf=features.idf,
        vector_weights=vector_weights,
        word_weights=word_weights,
        biases=biases.astype(np.float32),
    )


class _LeafLearner:
    """Learns which leaf from papers in scope (`rows`, `leaves`) and from what leaves say."""

    def __init__(
        self,
        rows: Floats,
        leaves: Sequence[tuple[int, ...]],
        described: Floats,
        descriptions: Descriptions,
    ) -> None:
        self._rows = rows
        self._leaves = leaves
        self._described = described
        self._descriptions = descriptions
        self._count = int(descriptions.leaves.max()) + 1

    def fit(self, chosen: np.ndarray) -> tuple[Floats, Floats]:
        """Weights, shape (leaves, features), and biases of the logits.

        Every leaf counts alike; a paper on k leaves counts 1/k on each.
        """
        if self._count == 1:
            return np.zeros((1, self._rows.shape[1]), np.float32), np.zeros(1, np.float32)
        pairs = [(row, leaf) for row in chosen.tolist() for leaf in self._leaves[row]]
        which, leaf = np.array(pairs, int).reshape(-1, 2).T
        share = np.array([1 / len(self._leaves[row]) for row in which])
        weight = share / np.bincount(leaf, share, self._count)[leaf]
        weight *= len(chosen) / max(1.0, weight.sum())  # the sum is that of leaves with papers
        found = LogisticRegression(C=_LEAF_C, max_iter=2000).fit(
            np.vstack([self._rows[which], self._described]),
            np.append(leaf, self._descriptions.leaves),
            sample_weight=np.append(weight, self._descriptions.weights),
        )
        weights, biases = found.coef_, found.intercept_
        if self._count == 2:  # the fit's only logit is that of the second leaf above the first
            weights, biases = np.vstack([-weights, weights]) / 2, np.append(-biases, biases) / 2
        return weights, biases

    def sharpness(self) -> float:
        """What to multiply the leaf logits by so that probabilities are honest.

        Temperature scaling (Guo et al., 2017, arXiv 1706.04599) on cross-validated logits.
        """
        if len(self._rows) < _FEWEST_EXAMPLES:
            return _SHARPNESS
        logits = np.zeros((len(self._rows), self._count))
        for learn, check in KFold(_FOLDS, shuffle=True, random_state=0).split(self._rows):
            weights, biases = self.fit(learn)
            logits[check] = self._rows[check] @ weights.T + biases
        right = np.zeros(logits.shape, bool)
        for row, leaves in enumerate(self._leaves):
            right[row, list(leaves)] = True

        def loss(sharpness: float) -> float:
            exponents = np.exp(sharpness * (logits - logits.max(axis=1, keepdims=True)))
            hit = (exponents * right).sum(axis=1) / exponents.sum(axis=1)
            return -float(np.log(hit + 1e-12).mean())

        return float(minimize_scalar(loss, bounds=(0.1, 20), method="bounded").x)
