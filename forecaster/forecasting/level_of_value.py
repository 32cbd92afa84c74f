"""The level of a value among quantiles, and the quantiles of levels between those that are known."""

import numpy as np

from forecaster.arrays import Array

__all__ = ["find_level", "take_levels"]


def find_level(quantiles: Array, threshold: Array, *, levels: tuple[float, ...]) -> Array:
    """The level at which `quantiles` [batch, horizon, level] pass the `threshold` [batch]: [batch, horizon].

    0 where all are above it, the highest level where none is.
    """
    known, limit = np.asarray(levels), threshold[:, None]
    count = (quantiles <= limit[:, :, None]).sum(axis=2)
    above = np.clip(count, 1, len(levels) - 1)
    low = np.take_along_axis(quantiles, above[:, :, None] - 1, axis=2)[:, :, 0]
    high = np.take_along_axis(quantiles, above[:, :, None], axis=2)[:, :, 0]
    share = np.where(high > low, (limit - low) / np.where(high > low, high - low, 1.0), 0.0)
    between = known[above - 1] + np.clip(share, 0.0, 1.0) * (known[above] - known[above - 1])
    return np.where(count == 0, 0.0, np.where(count == len(levels), known[-1], between))


def take_levels(quantiles: Array, wanted: Array, *, levels: tuple[float, ...]) -> Array:
    """The quantiles of the levels `wanted` [batch, horizon, level], between those of `quantiles` that are known.

    Beyond the outermost they are those.
    """
    known = np.asarray(levels)
    above = np.clip(np.searchsorted(known, wanted), 1, len(known) - 1)
    share = np.clip((wanted - known[above - 1]) / (known[above] - known[above - 1]), 0.0, 1.0)
    low = np.take_along_axis(quantiles, above - 1, axis=2)
    high = np.take_along_axis(quantiles, above, axis=2)
    return np.asarray(low + share * (high - low))
