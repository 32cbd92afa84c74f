"""How far quantiles may lie from the median: as far as the past reaches, and a little further than it ranged."""

import numpy as np

from forecaster.arrays import Array
from forecaster.forecasting.mean import MIN_OBSERVED
from forecaster.windows import History

__all__ = ["compress_tails"]

ALLOWANCE = 30.0
"""By how many ranges, over the number of values, the limit may exceed the range: few values show little of it."""
BEYOND = 0.1
"""Ranges that there are at least beyond the past: one that has just been at its lowest may go on falling."""
GROWTH = 1.35
"""The limit is at least this number of ranges at a step as far ahead as the past is long; it grows with the root."""


def compress_tails(quantiles: Array, history: History, *, levels: tuple[float, ...]) -> Array:
    """`quantiles` [window, horizon, level] whose tails end about as far from the median as the past ranged in all.

    After a burst in a short past, or where intervals are widened much, the outermost ones would be far beyond anything
    that was ever seen. What lies within the past stays. Of a side, what is beyond it is compressed from d to
    d / (1 + d (1 / L − 1 / D)), where D is the largest and L its limit, so that no two become the same.
    """
    middle = levels.index(0.5)
    median = quantiles[:, :, middle, None]
    is_limited = (history.observed >= MIN_OBSERVED) & (history.highest > history.lowest)
    observed = np.maximum(history.observed, 1)[:, None]
    size = np.where(is_limited, history.highest - history.lowest, np.inf)[:, None] * (1 + ALLOWANCE / observed)
    ahead = np.arange(1, quantiles.shape[1] + 1)
    size = (size * np.maximum(1.0, GROWTH * np.sqrt(ahead / observed)))[:, :, None]
    below, above = median - history.lowest[:, None, None], history.highest[:, None, None] - median
    under = median - _compress(median - quantiles[:, :, :middle], reach=below, size=size, outermost=0)
    over = median + _compress(quantiles[:, :, middle + 1 :] - median, reach=above, size=size, outermost=-1)
    return np.concatenate([under, median, over], axis=2)


def _compress(distances: Array, *, reach: Array, size: Array, outermost: int) -> Array:
    """The `distances` [window, horizon, level] from the median, what is beyond the `reach` of the past compressed."""
    reach = np.maximum(reach, 0.0)
    room = np.maximum(size - reach, BEYOND * size)
    excess = distances - reach
    width = excess[:, :, outermost, None]
    more = np.where(width > room, 1 / room - 1 / np.where(width > 0, width, 1.0), 0.0)
    return np.where(excess > 0, reach + excess / (1 + np.maximum(excess, 0.0) * more), distances)
