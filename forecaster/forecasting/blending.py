"""Average the network's median with a second forecast, where that has forecast the past well.

That is of regressions on own cycles, or on the own last year, see `SecondForecast`. The network mixes the first of them
with other candidate forecasts, too, but it has learned how much from synthetic series, few of which depend on their own
past as much as loads, prices and traffic do. Averages of forecasts made in different ways are better than each alone
(Bates & Granger 1969, "The combination of forecasts"). Measured in `benchmarks/`.
"""

import numpy as np

from forecaster.arrays import Array
from forecaster.encoding.encoded import Encoded

__all__ = ["average_with_climatology", "average_with_second", "measure_average"]

LOWEST, HIGHEST = 0.1, 0.9
"""Levels of the network's quantiles that the averaged median does not leave."""


def average_with_second(scaled: Array, encoded: Encoded, *, levels: tuple[float, ...]) -> Array:
    """Quantiles `scaled` [window, horizon, level] in noise scales, all moved as their median is by the average."""
    if not encoded.second.weight.any():
        return scaled
    return np.asarray(scaled + _find_move(scaled, encoded, levels=levels)[:, :, None])


def average_with_climatology(scaled: Array, encoded: Encoded) -> Array:
    """Quantiles `scaled` [window, horizon, level] in noise scales, each averaged with that of the same level."""
    weight = encoded.climatology.weight[:, :, None]
    if not weight.any():
        return scaled
    return np.asarray(scaled + weight * (encoded.climatology.quantiles - scaled))


def measure_average(scaled: Array, encoded: Encoded, *, levels: tuple[float, ...]) -> Array:
    """The weight that the second forecast really has in each averaged median, [window, horizon].

    It is smaller than the one asked for where the average stops at the end of the interval.
    """
    distance = np.nan_to_num(encoded.second.forecast - scaled[:, :, levels.index(0.5)], nan=np.inf)
    move = _find_move(scaled, encoded, levels=levels)
    asked = np.broadcast_to(encoded.second.weight[:, None], distance.shape)
    return np.where(distance == 0, asked, move / np.where(distance == 0, 1.0, distance))


def _find_move(scaled: Array, encoded: Encoded, *, levels: tuple[float, ...]) -> Array:
    """By how much the average moves the median, [window, horizon]."""
    median = scaled[:, :, levels.index(0.5)]
    lowest, highest = (scaled[:, :, levels.index(level)] if level in levels else median for level in (LOWEST, HIGHEST))
    move = encoded.second.weight[:, None] * (encoded.second.forecast - median)
    return np.asarray(np.nan_to_num(np.clip(move, lowest - median, highest - median), nan=0.0))
