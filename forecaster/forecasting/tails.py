"""How far quantiles may lie from the median: about as far as the past ranged, and further only as a limit is neared."""

import numpy as np

from forecaster.arrays import Array
from forecaster.forecasting.mean import MIN_OBSERVED
from forecaster.windows import History

__all__ = ["compress_tails"]

ALLOWANCE = 30.0
"""By how many ranges, over the number of values, the limit may exceed the range: few values show little of it."""
GROWTH = 1.5
"""The limit is at least this number of ranges at a step as far ahead as the past is long; it grows with the root."""


def compress_tails(quantiles: Array, history: History, *, levels: tuple[float, ...]) -> Array:
    """`quantiles` [window, horizon, level] whose tails end about as far from the median as the past ranged in all.

    After a burst in a short past, or where intervals are widened much, the outermost ones would be far beyond anything
    that was ever seen. The distances d of a side are compressed to d / (1 + d (1 / L − 1 / D)), where D is the largest
    and L its limit: those near the median stay, and no two become the same. Where D is below L, nothing changes.
    """
    middle = levels.index(0.5)
    median = quantiles[:, :, middle, None]
    is_limited = (history.observed >= MIN_OBSERVED) & (history.highest > history.lowest)
    observed = np.maximum(history.observed, 1)[:, None]
    size = np.where(is_limited, history.highest - history.lowest, np.inf)[:, None] * (1 + ALLOWANCE / observed)
    ahead = np.arange(1, quantiles.shape[1] + 1)
    limit = (size * np.maximum(1.0, GROWTH * np.sqrt(ahead / observed)))[:, :, None]
    below = np.maximum(limit, median - history.lowest[:, None, None])
    above = np.maximum(limit, history.highest[:, None, None] - median)
    under = median - _compress(median - quantiles[:, :, :middle], outermost=0, limit=below)
    over = median + _compress(quantiles[:, :, middle + 1 :] - median, outermost=-1, limit=above)
    return np.concatenate([under, median, over], axis=2)


def _compress(distances: Array, *, outermost: int, limit: Array) -> Array:
    """The `distances` [window, horizon, level] from the median, the `outermost` of them at most the `limit`."""
    width = distances[:, :, outermost, None]
    excess = np.where(width > limit, 1 / limit - 1 / np.where(width > 0, width, 1.0), 0.0)
    return np.asarray(distances / (1 + distances * excess))
