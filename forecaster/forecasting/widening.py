"""Wider intervals where a part of what explains the values is not known yet."""

from statistics import NormalDist

import numpy as np

from forecaster.arrays import Array

__all__ = ["widen_by_unknown"]


def widen_by_unknown(scaled: Array, unsure: Array, *, levels: tuple[float, ...]) -> Array:
    """Quantiles `scaled` [window, horizon, level] with a normal deviate of standard deviation `unsure` added.

    It is [window, horizon], in the same units, and independent of the rest: distances from the median add up by their
    squares, as those of normal deviates do.
    """
    if not unsure.any():
        return scaled
    median = scaled[:, :, levels.index(0.5), None]
    off = np.array([NormalDist().inv_cdf(level) for level in levels]) * unsure[:, :, None]
    wider = median + np.sign(off) * np.hypot(scaled - median, off)
    return np.where(unsure[:, :, None] > 0, wider, scaled)
