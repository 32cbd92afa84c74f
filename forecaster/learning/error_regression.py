"""A ridge regression of errors on the features of windows, near to one of absolute errors."""

from dataclasses import replace

import numpy as np

from forecaster.arrays import Array
from forecaster.encoding.error_models import ErrorRegression
from forecaster.learning.error_examples import Examples

__all__ = ["PENALTIES", "fit_regression"]

PENALTIES = (10.0, 100.0, 1000.0, 10_000.0)
"""Of the ridge regression, in windows: so much weight is given to no correction at all."""
ROUNDS = 3
"""Of weighing windows by their errors."""
SMALLEST_SIZE = 1e-9


def fit_regression(examples: Examples, *, penalty: float) -> ErrorRegression:
    """A ridge regression near to one of absolute errors.

    Windows are weighed by one over their mean error, a few times (iteratively reweighted least squares, Schlossmacher
    1973). The features at the same step have weights of their own for each step.
    """
    past, past_size = _standardise(examples.features.past, axis=0)
    ahead, ahead_size = _standardise(examples.features.ahead, axis=(0, 1))
    sizes = np.concatenate([past_size, ahead_size])
    scaled = replace(examples, features=replace(examples.features, past=past, ahead=ahead))
    importance = np.ones(len(past))
    weights = _solve(scaled, importance, penalty=penalty)
    for _ in range(ROUNDS):
        left = np.abs(examples.errors - ErrorRegression(weights).expect(scaled.features)).mean(axis=1)
        usual = np.median(left)
        importance = usual / np.maximum(left, usual / 2) if usual > 0 else importance
        weights = _solve(scaled, importance, penalty=penalty)
    return ErrorRegression(weights / sizes)


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
