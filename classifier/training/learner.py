"""Logistic regression over the leaves, or no leaf, from labelled papers and descriptions."""

from collections.abc import Sequence

import numpy as np

from classifier.training.descriptions import Descriptions
from classifier.training.features import project_on_span
from index.arrays import Floats

# Chosen by cross-validation on the survey's examples; doubling or halving it changes little.
_C = 5.0
_TOLERANCE = 1e-6  # of the gradient; with scikit-learn's default the fit stops much too early
_FOLDS = 3


class Learner:
    """Fits one logistic regression over the leaves, and over "none" if some papers have no leaf.

    `rows` are the features of papers; `leaves` are the numbers of their leaves, empty for none.
    `description_rows` are the features of `descriptions`. A definition weighs as much as `weight`
    papers.

        learner = Learner(rows, leaves, description_rows, descriptions, weight=7.5)
        scale = learner.logit_scale(learner.held_out_logits())
        weights, biases = learner.fit()
        logits = scale * (new_rows @ weights + biases)
    """

    def __init__(
        self,
        rows: Floats,
        leaves: Sequence[tuple[int, ...]],
        description_rows: Floats,
        descriptions: Descriptions,
        weight: float,
    ) -> None:
        self._none = int(descriptions.leaves.max()) + 1
        self._leaves = [numbers or (self._none,) for numbers in leaves]
        coordinates, self._basis = project_on_span(np.vstack([rows, description_rows]))
        self._rows, self._description_rows = coordinates[: len(rows)], coordinates[len(rows) :]
        self._descriptions = descriptions
        self._weight = weight
        self._classes = self._none + any(not numbers for numbers in leaves)

    def fit(self) -> tuple[Floats, Floats]:
        """Return weights, shape (features, classes), and biases of the logits; "none" is last."""
        weights, biases = self._fit(np.arange(len(self._rows)))
        return (weights @ self._basis).T, biases

    def held_out_logits(self) -> Floats:
        """Return cross-validated logits, shape (papers, classes).

        The logits of a paper come from a fit that did not include it.
        """
        from sklearn.model_selection import KFold

        logits = np.zeros((len(self._rows), self._classes), np.float32)
        for learn, check in KFold(_FOLDS, shuffle=True, random_state=0).split(self._rows):
            weights, biases = self._fit(learn)
            logits[check] = self._rows[check] @ weights.T + biases
        return logits

    def logit_scale(self, logits: Floats) -> float:
        """Return the factor for logits that calibrates the probability of the best leaf.

        Temperature scaling (Guo et al., 2017, arXiv 1706.04599) on held-out logits. It minimises
        the Brier score of the best leaf, to which one wrong paper adds 1 at most. Papers with a
        leaf and papers without one have the same total weight.
        """
        from scipy.optimize import minimize_scalar

        best = logits[:, : self._none].argmax(axis=1)
        right = np.array([leaf in own for leaf, own in zip(best, self._leaves, strict=True)])
        none = np.array([own == (self._none,) for own in self._leaves])
        weight = np.where(none, 1 / max(none.sum(), 1), 1 / (~none).sum())

        def loss(scale: float) -> float:
            exponents = np.exp(scale * (logits - logits.max(axis=1, keepdims=True)))
            confidence = exponents[np.arange(len(best)), best] / exponents.sum(axis=1)
            return float((weight * (confidence - right) ** 2).sum())

        return float(minimize_scalar(loss, bounds=(0.1, 20), method="bounded").x)

    def _fit(self, chosen: np.ndarray) -> tuple[Floats, Floats]:
        """Fit on some rows. All leaves weigh the same, and "none" as much as all leaves together.

        A paper with k leaves weighs 1/k in each.
        """
        from sklearn.linear_model import LogisticRegression

        if self._classes == 1:
            return np.zeros((1, self._rows.shape[1]), np.float32), np.zeros(1, np.float32)
        pairs = [(row, leaf) for row in chosen.tolist() for leaf in self._leaves[row]]
        which, leaf = np.array(pairs, int).reshape(-1, 2).T
        share = np.array([1 / len(self._leaves[row]) for row in which])
        weight = share / np.bincount(leaf, share, self._classes)[leaf]
        sides = [side for side in (leaf == self._none, leaf < self._none) if side.any()]
        for side in sides:
            weight[side] *= len(chosen) / len(sides) / weight[side].sum()
        model = LogisticRegression(C=_C, tol=_TOLERANCE, max_iter=2000).fit(
            np.vstack([self._rows[which], self._description_rows]),
            np.append(leaf, self._descriptions.leaves),
            sample_weight=np.append(weight, self._weight * self._descriptions.weights),
        )
        weights, biases = model.coef_, model.intercept_
        if (
            self._classes == 2
        ):  # scikit-learn then returns one logit: the second class's over the first's
            weights, biases = np.vstack([-weights, weights]) / 2, np.append(-biases, biases) / 2
        return weights, biases
