"""Papers that nobody has filed: what a taxonomy without known outsiders learns its scope against.

Most of a catalogue stands on no shelf, but not all of it (learning from positive and unlabelled
examples). Papers are drawn evenly, those that look in scope are left out, and the rest are taken
as out of scope. What looks so is told by what is known to be in scope, held out and scored like
the rest: the spies of Liu, Lee, Yu and Li, 2002, "Partially supervised classification of text
documents".
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from classifier.taxonomies.taxonomy import Taxonomy
from classifier.training.descriptions import embedded_texts
from classifier.training.features import Features
from index.arrays import Floats, Mask
from index.arxiv.paper import text_hash
from index.catalogue.vectors import BoundVectors
from index.settings import Settings

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression

_DRAWN = 2_000  # as many as the survey's taxonomy names as out of scope
_MIN_DRAWN = 100
_MIN_KNOWN = 5
_FOLDS = 5
_SPIES_MISSED = 0.15  # the share of spies that Liu et al. allow to be noise
_MIN_LEFT = 0.1  # of the drawn papers, where nearly all look in scope


@dataclass(frozen=True)
class Unlabelled:
    """Drawn papers, by rising catalogue number; `titles` are vectors of their titles alone."""

    texts: list[tuple[str, str]]
    vectors: Floats
    titles: Floats

    @property
    def version(self) -> str:
        """Changes when, and only when, the papers' texts do."""
        return hashlib.sha256(b"".join(text_hash(*text) for text in self.texts)).hexdigest()

    @property
    def whole_texts(self) -> list[str]:
        """Title and abstract in one."""
        return [" ".join(text) for text in self.texts]

    def from_short_to_long(self, features: Features) -> Floats:
        """What to add to a line's features to compare it with a paper's, shape (features,).

        A line about a subject is told from a paper by its length alone, whatever it says. So is a
        paper's title from the paper; of these the mean difference is taken.
        """
        long = features.of(self.vectors, self.whole_texts)
        short = features.of(self.titles, [title for title, _ in self.texts])
        difference: Floats = long.mean(axis=0) - short.mean(axis=0)
        return difference


def unlabelled_papers(stored: BoundVectors, settings: Settings, filed: Iterable[int]) -> Unlabelled:
    """Papers evenly from the catalogue; none withdrawn, none of the `filed` numbers."""
    papers = stored.papers()
    free = papers.numbers[~papers.withdrawn & ~np.isin(papers.numbers, list(filed))]
    places = np.linspace(0, len(free) - 1, min(_DRAWN, len(free))).astype(int)
    _, texts, vectors = stored.with_texts(free[places].tolist())
    titles = [(title, "") for title, _ in texts]
    return Unlabelled(texts, vectors, embedded_texts(stored, settings, titles))


def too_little(taxonomy: Taxonomy, examples: int, unlabelled: int) -> str | None:
    """Why nothing can be learnt from so many examples and unlabelled papers; None where it can."""
    if unlabelled < _MIN_DRAWN:
        return (
            f"{unlabelled} papers that {taxonomy.name} does not name are in the catalogue, too "
            f"few to learn from ({_MIN_DRAWN} will do); `seealso ingest snapshot` brings some"
        )
    known = examples + sum(1 + len(leaf.includes) for leaf in taxonomy.leaves)
    if known < _MIN_KNOWN:
        return (
            f"{known} definitions, subjects and examples say what {taxonomy.name} holds, too few "
            f"to learn from, {_MIN_KNOWN} will do: say what its leaves include"
        )
    return None


def learn_scope(
    known: Floats, outside: Floats, drawn: Floats, strength: float
) -> tuple[Floats, float]:
    """Weights, shape (features,), and bias of the logit of being in scope.

    `known` rows are in scope, `outside` rows are not (there may be none of these), `drawn` may be
    either. The bias is such that 85 of 100 known rows would be in scope if they were not known,
    which matters where many of the drawn are in scope; it is never stricter than the fit's own.
    """
    cut, logits = _held_out(known, outside, drawn, strength)
    left = drawn[logits <= max(cut, float(np.quantile(logits, _MIN_LEFT)))]
    cut, _ = _held_out(known, outside, left, strength)
    fit = _fit(known, np.vstack([outside, left]), strength)
    return fit.coef_[0], float(fit.intercept_[0]) - cut


def _held_out(
    known: Floats, outside: Floats, drawn: Floats, strength: float
) -> tuple[float, Floats]:
    """The logit that all known rows but a few reach, at most 0, and those of the drawn rows.

    Each by a fit that has not seen the row: in so many dimensions a fit tells apart whatever it
    has seen.
    """
    random = np.random.default_rng(0)
    folds = min(_FOLDS, len(known))
    fold_of_known = random.permutation(len(known)) % folds
    fold_of_drawn = random.permutation(len(drawn)) % folds
    spies, logits = np.zeros(len(known), np.float32), np.zeros(len(drawn), np.float32)
    for fold in range(folds):
        spy: Mask = fold_of_known == fold
        scored: Mask = fold_of_drawn == fold
        fit = _fit(known[~spy], np.vstack([outside, drawn[~scored]]), strength)
        spies[spy] = fit.decision_function(known[spy])
        logits[scored] = fit.decision_function(drawn[scored])
    return min(0.0, float(np.quantile(spies, _SPIES_MISSED))), logits


def _fit(inside: Floats, outside: Floats, strength: float) -> "LogisticRegression":
    """Both sides weigh alike.

    With such weights the rows likelier inside than outside are those with a logit above 0 however
    many of the outside are mislabelled (Menon et al., 2015, "Learning from corrupted binary labels
    via class-probability estimation").
    """
    from sklearn.linear_model import LogisticRegression

    fit = LogisticRegression(C=strength, class_weight="balanced", max_iter=2000)
    rows = np.vstack([inside, outside])
    return fit.fit(rows, np.arange(len(rows)) < len(inside))
