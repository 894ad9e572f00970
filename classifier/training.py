"""Learn a tagger from the papers that a taxonomy names as examples, by their stored vectors."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import minimize_scalar
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from classifier.tagger import Tagger, load_tagger, save_tagger
from classifier.taxonomy import Taxonomy
from index.arrays import Floats, Rows
from index.catalogue import Catalogue
from index.errors import DamagedTagger
from index.model_identity import ModelIdentity

_RECIPE = "scope x leaf, 1"  # change it with anything below, so that taggers are trained again
_STRENGTH = 10.0
_FOLDS = 5
_FEWEST_EXAMPLES = 20


@dataclass(frozen=True)
class _Examples:
    """Labelled papers at hand. `leaf` is -1 for one that stands on no shelf."""

    vectors: Floats
    leaf: Rows
    version: str


def tagger_in_force(
    catalogue: Catalogue, taxonomy: Taxonomy, identity: ModelIdentity, data: Path
) -> Tagger | str:
    """The tagger trained from the examples at hand, trained now where it is not yet.

    A text instead says why there can be none.
    """
    examples = _examples(catalogue, taxonomy, identity)
    labelled = int((examples.leaf >= 0).sum())
    if labelled < _FEWEST_EXAMPLES or labelled == len(examples.leaf):
        return (
            f"{labelled} of the {len(taxonomy.examples)} examples of {taxonomy.name} are in the "
            "catalogue, too few to learn from; `seealso ingest snapshot` brings the sample's"
        )
    try:
        tagger = load_tagger(data, taxonomy.name)
    except DamagedTagger:
        tagger = None
    if tagger is None or tagger.version != examples.version:
        tagger = _train(taxonomy, identity, examples)
        save_tagger(tagger, data)
    return tagger


def _examples(catalogue: Catalogue, taxonomy: Taxonomy, identity: ModelIdentity) -> _Examples:
    numbers = catalogue.numbers_of(taxonomy.examples)
    ids = {number: paper_id for paper_id, number in numbers.items()}
    held, vectors = catalogue.vectors.matrix(identity, ids)
    leaves = [label.id for label in taxonomy.leaves]
    rows, leaf = [], []
    digest = hashlib.sha256(f"{_RECIPE} {taxonomy.version} {identity.key}".encode())
    for row, number in sorted(enumerate(held), key=lambda pair: ids[pair[1]]):
        digest.update(ids[number].encode() + vectors[row].tobytes())
        for label in taxonomy.examples[ids[number]] or (None,):
            rows.append(row)
            leaf.append(-1 if label is None else leaves.index(label))
    return _Examples(vectors[rows], np.array(leaf, np.int64), digest.hexdigest()[:12])


def _train(taxonomy: Taxonomy, identity: ModelIdentity, examples: _Examples) -> Tagger:
    in_scope = examples.leaf >= 0
    scope = _regression().fit(examples.vectors, in_scope)
    vectors, leaf = examples.vectors[in_scope], examples.leaf[in_scope]
    within = _regression().fit(vectors, leaf)
    sharpness = _sharpness(vectors, leaf)
    leaves = tuple(label.id for label in taxonomy.leaves)
    weights = np.zeros((len(leaves), vectors.shape[1]), np.float32)
    biases = np.full(len(leaves), -np.inf, np.float32)  # a leaf without examples is never given
    weights[within.classes_] = sharpness * within.coef_
    biases[within.classes_] = sharpness * within.intercept_
    return Tagger(
        taxonomy=taxonomy.name,
        version=examples.version,
        identity=identity,
        leaves=leaves,
        scope_weights=scope.coef_[0].astype(np.float32),
        scope_bias=scope.intercept_.astype(np.float32),
        leaf_weights=weights,
        leaf_biases=biases,
    )


def _regression() -> LogisticRegression:
    return LogisticRegression(C=_STRENGTH, class_weight="balanced", max_iter=2000)


def _sharpness(vectors: Floats, leaf: Rows) -> float:
    """What to multiply the leaf logits by so that probabilities are honest.

    Temperature scaling (Guo et al., 2017, arXiv 1706.04599) on cross-validated logits.
    """
    folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=0)
    logits = np.zeros((len(leaf), int(leaf.max()) + 1))
    for learn, check in folds.split(vectors, leaf):
        model = _regression().fit(vectors[learn], leaf[learn])
        logits[np.ix_(check, model.classes_)] = model.decision_function(vectors[check])

    def loss(sharpness: float) -> float:
        scaled = sharpness * logits
        scaled -= scaled.max(axis=1, keepdims=True)
        chosen = scaled[np.arange(len(leaf)), leaf]
        return float(np.mean(np.log(np.exp(scaled).sum(axis=1)) - chosen))

    return float(minimize_scalar(loss, bounds=(0.1, 20), method="bounded").x)
