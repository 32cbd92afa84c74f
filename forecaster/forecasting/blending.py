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
"""Levels of the network's quantiles that the averaged median does not leave, unless the second forecast may."""


def average_with_second(scaled: Array, encoded: Encoded, *, levels: tuple[float, ...]) -> Array:
    """Quantiles `scaled` [window, horizon, level] in noise scales, all moved as their median is by the average.

    Where it is known how far off the second forecast usually is, they are averaged with its own quantiles.
    """
    if not encoded.second.weight.any():
        return scaled
    moved = scaled + _find_move(scaled, encoded, levels=levels)[:, :, None]
    second = encoded.second
    has_error = ~np.isnan(second.error) & (second.weight > 0)[:, None]
    if not has_error.any():
        return np.asarray(moved)
    median = moved[:, :, levels.index(0.5), None]
    weight = np.where(has_error, second.weight[:, None], 0.0)[:, :, None]
    own = np.nan_to_num(second.error)[:, :, None] * _spread_out(levels)
    return np.asarray(median + (1 - weight) * (moved - median) + weight * own)


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
    limited = np.clip(move, lowest - median, highest - median)
    return np.asarray(np.nan_to_num(np.where(encoded.second.is_free[:, None], move, limited), nan=0.0))


def _spread_out(levels: tuple[float, ...]) -> Array:
    """Quantiles at `levels` of a Laplace distribution around 0 with a mean absolute deviation of 1."""
    level = np.asarray(levels)
    return np.asarray(np.sign(0.5 - level) * np.log(2 * np.minimum(level, 1 - level)))
