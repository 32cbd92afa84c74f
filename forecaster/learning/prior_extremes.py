"""Rare extremes of real files for the prior: distant levels, old regimes, typing errors. Arrays [count, length]."""

import numpy as np

from forecaster.arrays import Array
from forecaster.learning.prior_parts import log_uniform

__all__ = ["add_extremes"]

Generator = np.random.Generator

FAR_SHARE, REGIME_SHARE, ERROR_SHARE = 0.06, 0.04, 0.02
CURRENT_SHARE = 0.3
"""Minimum fraction of the steps of a series that is in the current regime."""


def add_extremes(generator: Generator, series: Array) -> Array:
    """Give a few of `series` an old regime, a value with a misplaced decimal point, or a level far from zero."""
    series = _add_old_regimes(generator, series)
    series = _add_typing_errors(generator, series)
    return _move_away(generator, series)


def _move_away(generator: Generator, series: Array) -> Array:
    """Levels up to 10,000 standard deviations from zero, of either sign: temperatures in kelvin, counters, indices."""
    count = len(series)
    deviation = series.std(axis=1, keepdims=True)
    distance = deviation * log_uniform(generator, 10.0, 1e4, count)[:, None]
    sign = np.where(generator.random((count, 1)) < 0.5, -1.0, 1.0)
    is_far = generator.random((count, 1)) < FAR_SHARE
    return np.where(is_far, series + sign * distance, series)


def _add_old_regimes(generator: Generator, series: Array) -> Array:
    """Before some step, all values varied many times as much, or as little, as after it."""
    count, length = series.shape
    factor = log_uniform(generator, 5.0, 200.0, count)[:, None]
    factor = np.where(generator.random((count, 1)) < 0.7, factor, 1 / factor)
    begin = (generator.uniform(0, 1 - CURRENT_SHARE, (count, 1)) * length).astype(np.int64)
    is_old = (np.arange(length) < begin) & (generator.random((count, 1)) < REGIME_SHARE)
    mean = series.mean(axis=1, keepdims=True)
    return np.where(is_old, mean + factor * (series - mean), series)


def _add_typing_errors(generator: Generator, series: Array) -> Array:
    """Multiply one value by ten, a hundred or a thousand."""
    count, length = series.shape
    position = generator.integers(0, length, (count, 1))
    factor = 10.0 ** generator.integers(1, 4, (count, 1))
    is_wrong = (np.arange(length) == position) & (generator.random((count, 1)) < ERROR_SHARE)
    return np.where(is_wrong, factor * series, series)
