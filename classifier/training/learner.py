"""Learns which leaf a paper stands on, or none, from papers and from what the leaves say."""

from collections.abc import Sequence

import numpy as np

from classifier.training.descriptions import Descriptions
from classifier.training.features import in_own_span
from index.arrays import Floats

_C = 5.0  # chosen by cross-validation on the survey's examples; flat over a factor of two around
_TOLERANCE = 1e-6  # of the gradient; scikit-learn's own stops long before the best weights
_FOLDS = 3


class Learner:
    """Fits one logistic regression over the leaves, and over "none" where papers stand on none.

    `rows` are the features of papers, `leaves` the numbers of their leaves, empty for none.
    `definitions` are the features of descriptions, which together weigh `weight` papers for every
    definition.
    """

    def __init__(
        self,
        rows: Floats,
        leaves: Sequence[tuple[int, ...]],
        definitions: Floats,
        descriptions: Descriptions,
        weight: float,
    ) -> None:
        self._none = int(descriptions.leaves.max()) + 1
        self._leaves = [found or (self._none,) for found in leaves]
        coordinates, self._features = in_own_span(np.vstack([rows, definitions]))
        self._rows, self._described = coordinates[: len(rows)], coordinates[len(rows) :]
        self._descriptions = descriptions
        self._weight = weight
        self._classes = self._none + any(not found for found in leaves)

    def fit(self) -> tuple[Floats, Floats]:
        """Weights, shape (features, classes), and biases of the logits; "none" is the last."""
        weights, biases = self._fit(np.arange(len(self._rows)))
        return (weights @ self._features).T, biases

    def held_out(self) -> Floats:
        """Logits by fits that have not seen the paper, shape (papers, classes)."""
        from sklearn.model_selection import KFold

        logits = np.zeros((len(self._rows), self._classes), np.float32)
        for learn, check in KFold(_FOLDS, shuffle=True, random_state=0).split(self._rows):
            weights, biases = self._fit(learn)
            logits[check] = self._rows[check] @ weights.T + biases
        return logits

    def sharpness(self, logits: Floats) -> float:
        """What to multiply logits by so that the best leaf's probability is honest.

        Temperature scaling (Guo et al., 2017, arXiv 1706.04599) on held-out logits, by the Brier
        score of the best leaf: a paper that is filed wrongly costs it 1 at most. Papers on a leaf
        and papers on none weigh alike.
        """
        from scipy.optimize import minimize_scalar

        best = logits[:, : self._none].argmax(axis=1)
        right = np.array([leaf in found for leaf, found in zip(best, self._leaves, strict=True)])
        none = np.array([found == (self._none,) for found in self._leaves])
        weight = np.where(none, 1 / max(none.sum(), 1), 1 / (~none).sum())

        def loss(sharpness: float) -> float:
            exponents = np.exp(sharpness * (logits - logits.max(axis=1, keepdims=True)))
            sure = exponents[np.arange(len(best)), best] / exponents.sum(axis=1)
            return float((weight * (sure - right) ** 2).sum())

        return float(minimize_scalar(loss, bounds=(0.1, 20), method="bounded").x)

    def _fit(self, chosen: np.ndarray) -> tuple[Floats, Floats]:
        """Leaves count alike, and none as much as all; a paper on k leaves counts 1/k on each."""
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
        found = LogisticRegression(C=_C, tol=_TOLERANCE, max_iter=2000).fit(
            np.vstack([self._rows[which], self._described]),
            np.append(leaf, self._descriptions.leaves),
            sample_weight=np.append(weight, self._weight * self._descriptions.weights),
        )
        weights, biases = found.coef_, found.intercept_
        if self._classes == 2:  # the only logit is that of the second class above the first
            weights, biases = np.vstack([-weights, weights]) / 2, np.append(-biases, biases) / 2
        return weights, biases
