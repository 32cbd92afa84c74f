"""Average the network's median with a second forecast, where that has forecast the past well.

That is the regression on own cycles or on the own last year, see `SecondForecast`. The network mixes the first of them
with other candidate forecasts, too, but it has learned how much from synthetic series, few of which depend on their own
past as much as loads, prices and traffic do. Averages of forecasts made in different ways are better than each alone
(Bates & Granger 1969, "The combination of forecasts"). Measured in `benchmarks/`.
"""

import numpy as np

from forecaster.arrays import Array, average
from forecaster.encoding.encode import Encoded
from forecaster.encoding.second_forecast import SecondForecast

__all__ = ["average_with_second", "measure_average", "weigh"]

LOWEST, HIGHEST = 0.1, 0.9
"""Levels of the network's quantiles that the averaged median does not leave."""
WIDTH_OF_ERRORS = 3.212
"""The distance of these quantiles in mean absolute errors, for a normal distribution."""
WEIGHT, WEIGHT_SLOPE, MAX_WEIGHT = 0.7, 0.3, 0.6


def average_with_second(scaled: Array, encoded: Encoded, *, levels: tuple[float, ...]) -> Array:
    """Quantiles `scaled` [window, horizon, level] in noise scales, all moved as their median is by the average."""
    if not encoded.second.share.any():
        return scaled
    return np.asarray(scaled + _find_move(scaled, encoded.second, levels=levels)[:, :, None])


def measure_average(scaled: Array, encoded: Encoded, *, levels: tuple[float, ...]) -> Array:
    """The weight that the second forecast really has in each averaged median, [window, horizon].

    It is smaller than the one asked for where the average stops at the end of the interval.
    """
    distance = encoded.second.forecast - scaled[:, :, levels.index(0.5)]
    move = _find_move(scaled, encoded.second, levels=levels)
    asked = np.broadcast_to(weigh(scaled, encoded.second, levels=levels)[:, None], distance.shape)
    return np.where(distance == 0, asked, move / np.where(distance == 0, 1.0, distance))


def weigh(scaled: Array, second: SecondForecast, *, levels: tuple[float, ...]) -> Array:
    """The weight of the second forecast in the average, 0 to MAX_WEIGHT: [window].

    It falls with the error that this forecast had on the past, as a multiple of the one that the network expects of its
    own median on the same steps: where it is wider, it knows less.
    """
    lowest, _, highest = _find_interval(scaled, levels=levels)
    expected = np.where(np.isnan(second.error), np.nan, (highest - lowest) / WIDTH_OF_ERRORS)
    error, expected = average(second.error, axis=1), average(expected, axis=1)
    is_known = (second.share > 0) & (expected > 0)
    ratio = np.where(is_known, error / np.where(is_known, expected, 1.0), np.inf)
    return np.asarray(second.share * np.clip(WEIGHT - WEIGHT_SLOPE * np.minimum(ratio, 10.0), 0.0, MAX_WEIGHT))


def _find_interval(scaled: Array, *, levels: tuple[float, ...]) -> tuple[Array, Array, Array]:
    """The lower end of the network's interval, its median and the upper end, each [window, horizon]."""
    median = scaled[:, :, levels.index(0.5)]
    lowest, highest = (scaled[:, :, levels.index(level)] if level in levels else median for level in (LOWEST, HIGHEST))
    return lowest, median, highest


def _find_move(scaled: Array, second: SecondForecast, *, levels: tuple[float, ...]) -> Array:
    """By how much the average moves the median, [window, horizon]."""
    lowest, median, highest = _find_interval(scaled, levels=levels)
    move = weigh(scaled, second, levels=levels)[:, None] * (second.forecast - median)
    return np.clip(move, lowest - median, highest - median)
