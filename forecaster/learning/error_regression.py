"""A ridge regression of errors on the features of windows, near to one of absolute errors."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import Array
from forecaster.encoding.correction import Features, apply_weights

__all__ = ["MIN_WINDOWS", "Examples", "Validation", "fit_weights", "validate"]

MIN_WINDOWS = 200
PENALTIES = (10.0, 100.0, 1000.0, 10_000.0)
"""Of the ridge regression, in windows: so much weight is given to no correction at all."""
NEWEST = 1 / 3
"""The part of the windows by which the penalty is chosen."""
ROUNDS = 3
"""Of weighing windows by their errors."""
SMALLEST_SIZE = 1e-9


@dataclass(frozen=True)
class Examples:
    """Windows to learn from: their features, and the errors of the median [window, step] in units of these.

    ages  [window]  steps from the cutoff to the end of its series
    """

    features: Features
    errors: Array
    ages: NDArray[np.int64]

    def take(self, chosen: NDArray[np.bool_]) -> "Examples":
        """Some of them."""
        given = self.features
        features = Features(given.past[chosen], given.ahead[chosen], given.unit[chosen])
        return Examples(features, self.errors[chosen], self.ages[chosen])

    def join(self, other: "Examples") -> "Examples":
        """Both."""
        mine, theirs = self.features, other.features
        features = Features(
            *(np.concatenate([getattr(mine, name), getattr(theirs, name)]) for name in ("past", "ahead", "unit"))
        )
        return Examples(features, np.concatenate([self.errors, other.errors]), np.concatenate([self.ages, other.ages]))


@dataclass(frozen=True)
class Validation:
    """The penalty that is best on the `newest` examples, and what is `expected` of these, learned from older ones."""

    penalty: float
    newest: Examples
    expected: Array


def validate(examples: Examples, *, horizon: int) -> Validation | None:
    """Choose the penalty on the newest examples; None where none beats no correction."""
    border = np.quantile(examples.ages, NEWEST)
    newest, older = examples.take(examples.ages <= border), examples.take(examples.ages >= border + horizon)
    if len(older.ages) < MIN_WINDOWS or not len(newest.ages):
        return None
    expected = {penalty: apply_weights(newest.features, fit_weights(older, penalty=penalty)) for penalty in PENALTIES}
    errors = {penalty: np.abs(newest.errors - every).mean() for penalty, every in expected.items()}
    best = min(errors, key=lambda penalty: errors[penalty])
    return Validation(best, newest, expected[best]) if errors[best] < np.abs(newest.errors).mean() else None


def fit_weights(examples: Examples, *, penalty: float) -> Array:
    """Weights [step, feature] of a ridge regression near to one of absolute errors.

    Windows are weighed by one over their mean error, a few times (iteratively reweighted least squares, Schlossmacher
    1973). The features at the same step have weights of their own for each step.
    """
    past, past_size = _standardise(examples.features.past, axis=0)
    ahead, ahead_size = _standardise(examples.features.ahead, axis=(0, 1))
    sizes = np.concatenate([past_size, ahead_size])
    scaled = Examples(Features(past, ahead, examples.features.unit), examples.errors, examples.ages)
    importance = np.ones(len(past))
    weights = _solve(scaled, importance, penalty=penalty)
    for _ in range(ROUNDS):
        left = np.abs(examples.errors - apply_weights(scaled.features, weights)).mean(axis=1)
        usual = np.median(left)
        importance = usual / np.maximum(left, usual / 2) if usual > 0 else importance
        weights = _solve(scaled, importance, penalty=penalty)
    return np.asarray(weights / sizes)


def _standardise(values: Array, *, axis: int | tuple[int, ...]) -> tuple[Array, Array]:
    """`values` divided by their usual size, and that; 1 where it is 0."""
    size = np.sqrt(np.mean(values**2, axis=axis))
    size = np.where(size > SMALLEST_SIZE, size, 1.0)
    return values / size, size


def _solve(examples: Examples, importance: Array, *, penalty: float) -> Array:
    """Weights [step, feature] of the ridge regression with the `importance` of each window."""
    past, ahead, errors = examples.features.past, examples.features.ahead, examples.errors
    lags, steps, others = past.shape[1], errors.shape[1], ahead.shape[2]
    weighed = past * importance[:, None]
    weighed_ahead = ahead * importance[:, None, None]
    products = np.empty((steps, lags + others, lags + others))
    products[:, :lags, :lags] = weighed.T @ past
    products[:, :lags, lags:] = np.einsum("bl,bso->slo", past, weighed_ahead, optimize=True)
    products[:, lags:, :lags] = products[:, :lags, lags:].transpose(0, 2, 1)
    products[:, lags:, lags:] = np.einsum("bso,bsp->sop", ahead, weighed_ahead, optimize=True)
    products += penalty * np.eye(lags + others)
    targets = np.concatenate([(weighed.T @ errors).T, np.einsum("bso,bs->so", weighed_ahead, errors)], axis=1)
    return np.asarray(np.linalg.solve(products, targets[:, :, None])[:, :, 0])
