"""Average the network's median with the regression on own cycles, where that has forecast the past well.

The network mixes the regression with other candidate forecasts, too, but it has learned how much from synthetic series,
few of which depend on their own past as much as loads, prices and traffic do. Averages of forecasts made in different
ways are better than each alone (Bates & Granger 1969, "The combination of forecasts"). Measured in `benchmarks/`.
"""

import numpy as np

from forecaster.arrays import Array
from forecaster.encoding.encode import Encoded

__all__ = ["blend_regression", "measure_blend"]

LOWEST, HIGHEST = 0.1, 0.9
"""Levels of the network's quantiles that the averaged median does not leave."""


def blend_regression(scaled: Array, encoded: Encoded, *, levels: tuple[float, ...]) -> Array:
    """Quantiles `scaled` [window, horizon, level] in noise scales, all moved as their median is by the average."""
    if not encoded.regression_weight.any():
        return scaled
    return np.asarray(scaled + _find_move(scaled, encoded, levels=levels)[:, :, None])


def measure_blend(scaled: Array, encoded: Encoded, *, levels: tuple[float, ...]) -> Array:
    """The weight that the regression really has in each averaged median, [window, horizon], for quantiles `scaled`.

    It is smaller than the one asked for where the average stops at the end of the interval.
    """
    distance = encoded.regression - scaled[:, :, levels.index(0.5)]
    move = _find_move(scaled, encoded, levels=levels)
    asked = np.broadcast_to(encoded.regression_weight[:, None], distance.shape)
    return np.where(distance == 0, asked, move / np.where(distance == 0, 1.0, distance))


def _find_move(scaled: Array, encoded: Encoded, *, levels: tuple[float, ...]) -> Array:
    """By how much the average moves the median, [window, horizon]."""
    median = scaled[:, :, levels.index(0.5)]
    lowest, highest = (scaled[:, :, levels.index(level)] if level in levels else median for level in (LOWEST, HIGHEST))
    move = encoded.regression_weight[:, None] * (encoded.regression - median)
    return np.clip(move, lowest - median, highest - median)
