"""How far the spread of a past grows with its level, as where all changes are shares of what there is.

The level and the spread of cycles are compared, as is done to choose the power of Box & Cox (Guerrero 1993,
"Time-series analysis supported by power transformations", Journal of Forecasting 12). Where the spread is a share of
the level, a season or an interval that fits the mean of the past is far too wide for a product whose sales have fallen
to a tenth.
"""

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import Array, find_median

__all__ = ["measure_grown_spread"]

SHORTEST, FEWEST = 8, 4
"""Steps of a cycle, or of several short ones together, and how many of these are compared at least."""
LOW, HIGH = 0.4, 0.8
"""Slope of the logarithm of the spread over that of the level, less its standard error: up to where it does not count,
and from where on it counts in full. It is 0 where the spread is the same at all levels, and 1 where it is a share."""
FLAT, WIDE = 2.0, 4.0
"""The highest level over the lowest: up to where it does not count, and from where on it counts in full."""
WEEKS = 8
"""Cycles that the next longer season has at the most, where these differ among themselves as the days of a week do."""


def measure_grown_spread(past: Array, *, periods: tuple[int, ...]) -> Array:
    """How far the spread of each `past` [batch, time] grows with its level, from 0 to 1: [batch].

    0 where a value is negative, or fewer than four cycles are known.
    """
    size = _choose_size(periods)
    count = past.shape[1] // size
    if count < FEWEST:
        return np.zeros(len(past))
    cycles = past[:, past.shape[1] - count * size :].reshape(len(past), count, size)
    level, spread, is_known = _describe(cycles)
    is_told = ~(past < 0).any(axis=1) & (is_known.sum(axis=1) >= FEWEST)
    x, y = (np.log(np.where(is_known, values, 1.0)) for values in (level, spread))
    slope, error = _fit(x, y, is_known=is_known)
    highest = np.where(is_known, x, -np.inf).max(axis=1)
    lowest = np.where(is_known, x, np.inf).min(axis=1)
    span = np.where(is_told, highest - lowest, 0.0)
    share = np.clip((slope - error - LOW) / (HIGH - LOW), 0.0, 1.0)
    share *= np.clip((span - np.log(FLAT)) / (np.log(WIDE) - np.log(FLAT)), 0.0, 1.0)
    return np.where(is_told, share, 0.0)


def _choose_size(periods: tuple[int, ...]) -> int:
    """The steps of what is compared: cycles, or weeks of days whose levels differ, or several short cycles."""
    main, *longer = periods
    size = next((period for period in longer if period <= WEEKS * main), main)
    return size * -(-SHORTEST // size)


def _describe(cycles: Array) -> tuple[Array, Array, NDArray[np.bool_]]:
    """The median of `cycles` [batch, cycle, step], the mean distance from their own trends, and where there is one.

    A few high values raise the mean and the spread of the same cycle, where they come by chance.
    """
    known = ~np.isnan(cycles)
    counts = known.sum(axis=2, keepdims=True)
    divisor = np.maximum(counts, 1)
    places = np.where(known, np.arange(cycles.shape[2]), 0.0)
    places = np.where(known, places - places.sum(axis=2, keepdims=True) / divisor, 0.0)
    mean = np.nan_to_num(cycles).sum(axis=2, keepdims=True) / divisor
    deviations = np.where(known, np.nan_to_num(cycles) - mean, 0.0)
    squares = (places**2).sum(axis=2, keepdims=True)
    trend = (places * deviations).sum(axis=2, keepdims=True) / np.where(squares > 0, squares, 1.0)
    spread = np.abs(deviations - trend * places).sum(axis=2) / divisor[:, :, 0]
    level = find_median(cycles.reshape(-1, cycles.shape[2])).reshape(spread.shape)
    return level, spread, (2 * counts[:, :, 0] > cycles.shape[2]) & (level > 0) & (spread > 0)


def _fit(x: Array, y: Array, *, is_known: NDArray[np.bool_]) -> tuple[Array, Array]:
    """The slope of `y` over `x` [batch, cycle] and its standard error; 0 where they are not known.

    What is added up begins with the oldest, so that the width of the array does not change the rounding.
    """
    count = np.maximum(is_known.sum(axis=1), 3)

    def add(values: Array) -> Array:
        return np.cumsum(np.where(is_known, values, 0.0), axis=1)[:, -1]

    x, y = (np.where(is_known, values - (add(values) / count)[:, None], 0.0) for values in (x, y))
    squares = add(x**2)
    squares = np.where(squares > 0, squares, np.inf)
    slope = add(x * y) / squares
    return slope, np.sqrt(add((y - slope[:, None] * x) ** 2) / (count - 2) / squares)
