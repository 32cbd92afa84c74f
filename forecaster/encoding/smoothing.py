"""Exponential smoothing and trends of a whole batch of pasts, without a loop over time."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import ROUNDING, Array, fill_forward

__all__ = ["Smoothed", "smooth_exponentially"]

RATES = np.array([0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 0.9, 1.0])
MAX_STEPS = 256
"""Older steps have almost no weight, and memory grows with the square of the steps."""
MOST_PRODUCTS = 250_000
"""Above 262,144 products OpenBLAS uses threads of its own, which then spin while other batches need the cores."""
MIN_ERROR = 1e-12
"""Squared errors below this fraction of the largest count as equal."""


@dataclass(frozen=True)
class Smoothed:
    """Result of exponential smoothing for each row, [batch] each.

    level   the smoothed level at the cutoff; NaN where nothing is observed
    memory  effective number of steps that are averaged, 1 / rate
    slope   of a straight line through the row, per step
    lag     steps by which the level lags behind a straight line
    """

    level: Array
    memory: Array
    slope: Array
    lag: Array


def smooth_exponentially(remainder: Array) -> Smoothed:
    """Smooth the newest 256 steps of [batch, time] at the rates that forecast each row best, one step ahead.

    The level is averaged over the RATES, weighted by the likelihood of their errors, mse^(−n/2) (simple exponential
    smoothing: Hyndman & Athanasopoulos, Forecasting: Principles and Practice, 3rd ed., section 8.1). Unobserved
    steps repeat the last observed value. Neither the first value, from which the level starts, nor the slope is
    robust: a single outlier can move them.
    """
    remainder = remainder[:, -MAX_STEPS:]
    filled, seen = fill_forward(remainder)
    first = filled[:, :1]
    moves = filled - first
    # scaled, so that squares neither overflow nor vanish
    size = np.abs(moves).max(axis=1, keepdims=True)
    # moves no larger than rounding errors identify no best rate
    size = np.where(size > ROUNDING * np.abs(filled).max(axis=1, keepdims=True), size, 0.0)
    moves = np.where(size > 0, moves, 0.0) / np.where(size > 0, size, 1.0)
    level_weights, forecast_weights = _weigh_ages(remainder.shape[1])
    start = np.argmax(seen, axis=1)
    is_scored = seen & (np.arange(remainder.shape[1]) > start[:, None])
    count = np.maximum(is_scored.sum(axis=1), 1)
    errors = _sum_squares(moves, is_scored, forecast_weights) / count[:, None]  # [batch, rate]
    largest = errors.max(axis=1, keepdims=True)
    errors = np.where(largest > 0, np.maximum(errors, MIN_ERROR * largest), 1.0)
    likelihood = (errors / errors.min(axis=1, keepdims=True)) ** (-count[:, None] / 2)
    weight = likelihood / likelihood.sum(axis=1, keepdims=True)  # [batch, rate]
    steps = (remainder.shape[1] - start)[:, None]
    lag = (1 - (1 - RATES) ** steps) / RATES - 1
    level = first[:, 0] + size[:, 0] * ((moves @ level_weights) * weight).sum(axis=1)
    return Smoothed(
        level=np.where(seen.any(axis=1), level, np.nan),
        memory=(weight / RATES).sum(axis=1),
        slope=_fit_slope(remainder),
        lag=(weight * lag).sum(axis=1),
    )


def _sum_squares(moves: Array, is_scored: NDArray[np.bool_], forecast_weights: Array) -> Array:
    """The sum of the squared errors of forecasts of `moves` [batch, time] at each rate: [batch, rate].

    In pieces with the same number of rows, so that a row is rounded in the same way in any batch.
    """
    batch, time = moves.shape
    rows = max(1, MOST_PRODUCTS // time**2)
    whole = np.zeros((-(-batch // rows) * rows, time))
    whole[:batch] = moves
    sums = np.empty((len(whole), len(RATES)))
    for piece in (slice(begin, begin + rows) for begin in range(0, batch, rows)):
        errors = whole[piece] @ forecast_weights  # [rate, row, time]
        errors -= whole[piece]
        errors *= errors
        errors[:, : batch - piece.start] *= is_scored[piece]
        sums[piece] = errors.sum(axis=2).T
    return sums[:batch]


def _fit_slope(values: Array) -> Array:
    """Least squares slope per step of each row of [batch, time]; 0 where fewer than two values are observed."""
    seen = ~np.isnan(values)
    count = np.maximum(seen.sum(axis=1, keepdims=True), 1)
    known = np.where(seen, values, 0.0)
    steps = np.arange(values.shape[1])
    steps = np.where(seen, steps - (steps * seen).sum(axis=1, keepdims=True) / count, 0.0)
    known = np.where(seen, known - known.sum(axis=1, keepdims=True) / count, 0.0)
    square = (steps**2).sum(axis=1)
    return np.asarray((steps * known).sum(axis=1) / np.where(square > 0, square, 1.0))


@lru_cache(maxsize=2)
def _weigh_ages(time: int) -> tuple[Array, Array]:
    """Weight of each step in the final level, [time, rate], and in the forecast of each step, [rate, from, to].

    Read-only, as the results are cached.
    """
    steps = np.arange(time)
    by_age: Array = RATES[:, None] * (1 - RATES[:, None]) ** steps  # [rate, age]
    age = steps[None, :] - steps[:, None] - 1  # of the step `from` when the step `to` is forecast
    level, forecast = by_age[:, ::-1].T, np.where(age >= 0, by_age[:, np.maximum(age, 0)], 0.0)
    for weights in (level, forecast):
        weights.setflags(write=False)
    return level, forecast
