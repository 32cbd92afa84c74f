"""Ridge regression of several targets on the same features, whose left-out errors choose the penalty."""

from dataclasses import dataclass, fields

import numpy as np

from forecaster.arrays import Array, average
from forecaster.encoding.regression import MAX_LEVERAGE, PENALTIES

__all__ = ["JointRidge", "fit_joint_ridge"]

FREE = 12.0
"""How many times as large a feature is that is hardly penalised; the penalty is that of features of size one."""
SMALLEST = 1e-10
"""Eigenvalues that are smaller, as a share of the largest, are those of rounding."""


@dataclass(frozen=True)
class JointRidge:
    """The regression of each past.

    coefficients  [batch, feature, target]
    centre, mean  [batch, 1, feature] and [batch, 1, target], of features and targets
    left_out      [batch, row, target]  each row, forecast by all other rows; NaN where it does not count
    """

    coefficients: Array
    centre: Array
    mean: Array
    left_out: Array

    @classmethod
    def choose(cls, one: "JointRidge", other: "JointRidge", wanted: Array) -> "JointRidge":
        """For each past `one` of them or the `other`, whichever forecasts `wanted` better from all other rows."""
        errors = [average((ridge.left_out - wanted).reshape(len(wanted), -1) ** 2, axis=1) for ridge in (one, other)]
        is_other = (errors[1] < errors[0])[:, None, None]
        parts = (np.where(is_other, getattr(other, part.name), getattr(one, part.name)) for part in fields(cls))
        return cls(*parts)

    def predict(self, features: Array) -> Array:
        """The targets [batch, row, target] of `features` [batch, row, feature]."""
        return np.asarray((features - self.centre) @ self.coefficients + self.mean)


def fit_joint_ridge(features: Array, wanted: Array, *, free: int = 0) -> JointRidge:
    """Learn the targets `wanted` [batch, row, target], NaN where missing, from `features` [batch, row, feature].

    Rows of which half of the targets are missing do not count; a target that is missing elsewhere is 0. The last `free`
    features are hardly penalised. With the eigenvectors of the squares, the errors of all penalties cost little more
    than those of one (Golub, Heath & Wahba 1979, "Generalized cross-validation as a method for choosing a good ridge
    parameter").
    """
    is_seen = ~np.isnan(wanted)
    weight = (is_seen.mean(axis=2) > 0.5).astype(np.float64)[:, :, None]
    count = np.maximum(weight.sum(axis=1, keepdims=True), 1.0)
    filled = np.nan_to_num(wanted)
    centre = (features * weight).sum(axis=1, keepdims=True) / count
    mean = (filled * weight).sum(axis=1, keepdims=True) / count
    design = (features - centre) * weight
    variance = (design**2).sum(axis=1, keepdims=True) / count
    size = np.where(variance > 1e-12, np.sqrt(np.maximum(variance, 1e-300)), np.inf)
    size[:, :, features.shape[2] - free :] /= FREE
    design /= size
    target = (filled - mean) * weight
    eigenvalues, rotated, back = _decompose(design)
    projected = rotated.transpose(0, 2, 1) @ target  # [batch, component, target]
    factors = 1 / (eigenvalues[:, :, None] + PENALTIES * count)  # [batch, component, penalty]
    leverage = np.minimum(rotated**2 @ factors + 1 / count, MAX_LEVERAGE)  # [batch, row, penalty]
    tried = []
    for number in range(len(PENALTIES)):
        residual = target - rotated @ (factors[:, :, number, None] * projected)
        tried.append(residual / (1 - leverage[:, :, number, None]) * weight)
    errors = np.stack(tried)
    best = np.argmin((errors**2 * is_seen).sum(axis=(2, 3)), axis=0)
    each = np.arange(len(best))
    solved = factors[each, :, best][:, :, None] * projected
    left_out = np.where(weight > 0, target - errors[best, each] + mean, np.nan)
    return JointRidge(back @ solved / size.transpose(0, 2, 1), centre, mean, left_out)


def _decompose(design: Array) -> tuple[Array, Array, Array]:
    """Eigenvalues of the squares, `design` rotated to the eigenvectors, and what turns its coefficients back."""
    if design.shape[2] <= design.shape[1]:
        eigenvalues, vectors = np.linalg.eigh(design.transpose(0, 2, 1) @ design)
        return np.maximum(eigenvalues, 0.0), design @ vectors, vectors
    # with more features than rows, by the products of the rows
    eigenvalues, vectors = np.linalg.eigh(design @ design.transpose(0, 2, 1))
    eigenvalues = np.maximum(eigenvalues, 0.0)
    length = np.sqrt(eigenvalues)[:, None]
    is_any = eigenvalues > SMALLEST * eigenvalues.max(axis=1, keepdims=True)
    back = design.transpose(0, 2, 1) @ (vectors / np.where(is_any[:, None], length, np.inf))
    return eigenvalues, vectors * length, back
