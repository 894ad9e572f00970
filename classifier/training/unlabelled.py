"""Learn the scope of a taxonomy that names no out-of-scope papers, from unlabelled papers.

Most of a catalogue is out of scope, but not all of it (learning from positive and unlabelled
examples). Papers are drawn evenly; those that look in scope are left out, and the rest count as out
of scope. The threshold comes from papers that are known to be in scope, held out and scored like
the rest: the spies of Liu, Lee, Yu and Li, 2002, "Partially supervised classification of text
documents".
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from classifier.taxonomies.taxonomy import Taxonomy
from classifier.training.descriptions import TextVectors
from classifier.training.features import Features
from index.arrays import Floats, Mask
from index.arxiv.paper import text_hash

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression

_DRAWN = 2_000  # as many as the survey's taxonomy names as out of scope
_MIN_DRAWN = 100
_MIN_KNOWN = 5
_FOLDS = 5
_SPIES_MISSED = 0.15  # the share of spies that Liu et al. allow to be noise
_MIN_LEFT = 0.1  # of the drawn papers, if nearly all look in scope


@dataclass(frozen=True)
class UnlabelledPapers:
    """A sample of papers in ascending order of catalogue number.

    `texts` has title and abstract of each paper, `vectors` has their vectors, and `title_vectors`
    has the vectors of the titles alone. Both arrays have the shape (papers, dimension).
    """

    texts: list[tuple[str, str]]
    vectors: Floats
    title_vectors: Floats

    @property
    def version(self) -> str:
        """Hash that changes when, and only when, the texts of the papers change."""
        return hashlib.sha256(b"".join(text_hash(*text) for text in self.texts)).hexdigest()

    @property
    def full_texts(self) -> list[str]:
        """Title and abstract of each paper in one text."""
        return [" ".join(text) for text in self.texts]

    def length_correction(self, features: Features) -> Floats:
        """Return what to add to the features of a short text, shape (features,).

        A description of one line differs from a paper by its length alone, whatever its subject.
        The correction is the mean difference between a paper and its own title.
        """
        long = features.transform(self.vectors, self.full_texts)
        short = features.transform(self.title_vectors, [title for title, _ in self.texts])
        difference: Floats = long.mean(axis=0) - short.mean(axis=0)
        return difference


def draw_unlabelled(text_vectors: TextVectors, labelled: Iterable[int]) -> UnlabelledPapers:
    """Draw papers evenly from the catalogue, without withdrawn ones and the `labelled` numbers."""
    papers = text_vectors.stored.papers()
    free = papers.numbers[~papers.withdrawn & ~np.isin(papers.numbers, list(labelled))]
    places = np.linspace(0, len(free) - 1, min(_DRAWN, len(free))).astype(int)
    _, texts, vectors = text_vectors.stored.with_texts(free[places].tolist())
    titles = [(title, "") for title, _ in texts]
    return UnlabelledPapers(texts, vectors, text_vectors.of(titles))


def insufficient_data(taxonomy: Taxonomy, examples: int, unlabelled: int) -> str | None:
    """Return why these numbers of papers are too few to train a tagger, None if they suffice."""
    if unlabelled < _MIN_DRAWN:
        return (
            f"the catalogue has {unlabelled} papers without a label in {taxonomy.name}; training "
            f"needs {_MIN_DRAWN}. Add papers with `seealso ingest snapshot`"
        )
    known = examples + sum(1 + len(leaf.includes) for leaf in taxonomy.leaves)
    if known < _MIN_KNOWN:
        return (
            f"{taxonomy.name} has {known} definitions, included subjects and examples in the "
            f"catalogue; training needs {_MIN_KNOWN}. Add `includes` or `examples` to its labels"
        )
    return None


def fit_scope(
    known: Floats, out_of_scope: Floats, drawn: Floats, strength: float
) -> tuple[Floats, float]:
    """Return weights, shape (features,), and bias of the logit of being in scope.

    `known` rows are in scope; `out_of_scope` rows, if any, are not; `drawn` rows may be either.
    With the bias, 85 of 100 known rows would be in scope if they were not known to be; this matters
    if many drawn rows are in scope. The bias is never stricter than that of the fit.
    """
    cut, logits = _held_out_logits(known, out_of_scope, drawn, strength)
    left = drawn[logits <= max(cut, float(np.quantile(logits, _MIN_LEFT)))]
    cut, _ = _held_out_logits(known, out_of_scope, left, strength)
    fit = _fit(known, np.vstack([out_of_scope, left]), strength)
    return fit.coef_[0], float(fit.intercept_[0]) - cut


def _held_out_logits(
    known: Floats, out_of_scope: Floats, drawn: Floats, strength: float
) -> tuple[float, Floats]:
    """Return the logit that all but a few known rows reach, at most 0, and the drawn rows' logits.

    Each logit is computed by a fit without the row: with so many dimensions, a fit separates any
    rows that it was trained on.
    """
    random = np.random.default_rng(0)
    folds = min(_FOLDS, len(known))
    fold_of_known = random.permutation(len(known)) % folds
    fold_of_drawn = random.permutation(len(drawn)) % folds
    spies, logits = np.zeros(len(known), np.float32), np.zeros(len(drawn), np.float32)
    for fold in range(folds):
        spy: Mask = fold_of_known == fold
        scored: Mask = fold_of_drawn == fold
        fit = _fit(known[~spy], np.vstack([out_of_scope, drawn[~scored]]), strength)
        spies[spy] = fit.decision_function(known[spy])
        logits[scored] = fit.decision_function(drawn[scored])
    return min(0.0, float(np.quantile(spies, _SPIES_MISSED))), logits


def _fit(in_scope: Floats, out_of_scope: Floats, strength: float) -> "LogisticRegression":
    """Fit with the same total weight on both sides.

    With these weights, a row is more likely in scope than out of scope if its logit is above 0,
    whatever the number of mislabelled `out_of_scope` rows (Menon et al., 2015, "Learning from
    corrupted binary labels via class-probability estimation").
    """
    from sklearn.linear_model import LogisticRegression

    fit = LogisticRegression(C=strength, class_weight="balanced", max_iter=2000)
    rows = np.vstack([in_scope, out_of_scope])
    return fit.fit(rows, np.arange(len(rows)) < len(in_scope))
