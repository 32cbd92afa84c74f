"""Ridge regression by the penalty that predicts best the blocks of the past that it has not seen."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import Array

__all__ = ["Fitted", "fit_by_blocks", "number_blocks"]

BLOCKS = 5
PENALTIES = np.array([3e-4, 3e-3, 3e-2, 0.3])
"""Penalties that are tried, relative to the mean variance of the features."""
MIN_SHARE = 0.01
"""A smaller share is rounding: of a covariate that changes within one block only, others say nothing."""


def number_blocks(lengths: NDArray[np.int64], *, time: int) -> NDArray[np.int64]:
    """The block of each step [batch, time], all of about the same length; -1 before the series begins."""
    within = np.arange(time) - (time - lengths[:, None])
    return np.where(within >= 0, within * BLOCKS // np.maximum(lengths[:, None], 1), -1)


@dataclass(frozen=True)
class Fitted:
    """Coefficients [batch, feature, target], what is predicted for steps of blocks that were left out
    [batch, time, target], and for each target the share that this explains and the factor it is best shrunk by.
    """

    coefficients: Array
    left_out: Array
    share: Array
    shrinkage: Array


def fit_by_blocks(features: Array, targets: Array, blocks: NDArray[np.int64]) -> Fitted:
    """Ridge regression of `targets` on `features` [batch, time, .], by the penalty that predicts other blocks best."""
    batch, _, count = features.shape
    squares, products = [], []
    for number in range(BLOCKS):
        steps = np.flatnonzero((blocks == number).any(axis=0))
        around = slice(steps[0], steps[-1] + 1)
        masked = (features[:, around] * (blocks[:, around] == number)[:, :, None]).transpose(0, 2, 1)
        squares.append(masked @ features[:, around])
        products.append(masked @ targets[:, around])
    all_squares, all_products = np.sum(squares, axis=0), np.sum(products, axis=0)
    variances = np.diagonal(all_squares, axis1=1, axis2=2)
    mean_variance = (variances.sum(axis=1) / np.maximum((variances > 0).sum(axis=1), 1))[:, None, None]
    mean_variance = np.where(mean_variance > 0, mean_variance, 1.0)
    identity = np.eye(count)
    total = (targets**2).sum(axis=1)  # [batch, target]
    solved = []  # by penalty: coefficients without each block
    gains, explained = [], []
    for penalty in PENALTIES:
        ridge = penalty * mean_variance * identity
        without = [
            np.linalg.solve(all_squares - square + ridge, all_products - product)
            for square, product in zip(squares, products, strict=True)
        ]
        gains.append(sum((one * product).sum(axis=1) for one, product in zip(without, products, strict=True)))
        explained.append(sum((one * (square @ one)).sum(axis=1) for one, square in zip(without, squares, strict=True)))
        solved.append(without)
    gained, used = np.stack(gains), np.stack(explained)  # [penalty, batch, target]
    best = np.argmax(2 * gained - used, axis=0)  # [batch, target]: smallest squared error
    pick = best, np.arange(batch)[:, None], np.arange(targets.shape[2])[None]
    gained, used = gained[pick], used[pick]
    share = np.where(total > 0, (2 * gained - used) / np.where(total > 0, total, 1.0), 0.0)
    is_worth_it = (share > MIN_SHARE) & (used > 0)
    shrinkage = np.where(is_worth_it, np.clip(gained / np.where(used > 0, used, 1.0), 0.0, 1.0), 0.0)
    left_out = np.zeros(targets.shape)
    for number in range(BLOCKS):
        by_penalty = np.stack([without[number] for without in solved])  # [penalty, batch, feature, target]
        one = np.take_along_axis(by_penalty, best[None, :, None, :], axis=0)[0]
        left_out += (features @ one) * (blocks == number)[:, :, None] * shrinkage[:, None]
    ridges = PENALTIES[best][:, None, None, :] * identity[None, :, :, None] * mean_variance[..., None]
    final = np.stack(
        [
            np.linalg.solve(all_squares + ridges[..., target], all_products[..., target : target + 1])[..., 0]
            for target in range(targets.shape[2])
        ],
        axis=2,
    )
    return Fitted(final, left_out, np.clip(share, 0.0, 1.0), shrinkage)
