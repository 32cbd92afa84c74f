"""Statistics, lags and filling along time for float arrays in which NaN marks steps that were not observed.

Also where each of several series lies in an array that holds one after the other.
"""

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "ROUNDING",
    "Array",
    "average",
    "carry_forward",
    "count_within",
    "fill_forward",
    "find_last_observed",
    "find_median",
    "find_offsets",
    "fold",
    "mean_difference",
]

Array = NDArray[np.float64]

ROUNDING = 32 * float(np.finfo(np.float64).eps)
"""A difference of 0 may be this large because of rounding, relative to the largest value."""


def find_offsets(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where series of these `lengths` begin in an array that holds one after the other, and where the last one ends."""
    return np.concatenate([[0], np.cumsum(lengths)])


def count_within(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """The number of each step within its own series, from 0 on, for series of these `lengths` one after the other."""
    return np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)


def average(values: Array, *, axis: int) -> Array:
    """Mean of the observed values along `axis`; NaN where there is none, without a warning."""
    seen = ~np.isnan(values)
    count = seen.sum(axis=axis)
    total = np.where(seen, values, 0.0).sum(axis=axis)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def find_median(values: Array) -> Array:
    """Median of the observed values in each row of [batch, time], robust to outliers; NaN where there is none."""
    ordered = np.sort(values, axis=1)  # NaN comes last
    count = (~np.isnan(values)).sum(axis=1)
    row = np.arange(len(values))
    middle = [ordered[row, np.maximum(position, 0)] for position in ((count - 1) // 2, count // 2)]
    return np.where(count > 0, middle[0] + (middle[1] - middle[0]) / 2, np.nan)


def find_last_observed(past: Array) -> Array:
    """The newest value of each row of [batch, time]; NaN where there is none."""
    seen = ~np.isnan(past)
    newest = past.shape[1] - 1 - np.argmax(seen[:, ::-1], axis=1)
    return np.asarray(past[np.arange(len(past)), newest])


def mean_difference(past: Array, *, lag: int) -> Array:
    """Mean absolute difference between each row of [batch, time] and itself `lag` steps earlier; NaN where unknown."""
    if past.shape[1] <= lag:
        return np.full(len(past), np.nan)
    return average(np.abs(past[:, lag:] - past[:, :-lag]), axis=1)


def fold(past: Array, *, period: int) -> Array:
    """Complete cycles of `past` [batch, time], the last one ending at the cutoff: [batch, cycle, period]."""
    cycles = past.shape[1] // period
    return past[:, past.shape[1] - cycles * period :].reshape(len(past), cycles, period)


def carry_forward(folded: Array) -> Array:
    """Fill unobserved steps of [batch, cycle, period] with the same phase of the newest earlier cycle that has it."""
    seen = ~np.isnan(folded)
    newest = np.where(seen, np.arange(folded.shape[1])[None, :, None], 0)
    newest = np.maximum.accumulate(newest, axis=1)
    return np.take_along_axis(folded, newest, axis=1)


def fill_forward(values: Array) -> tuple[Array, NDArray[np.bool_]]:
    """[batch, time] forward-filled, and back-filled before the first observed value; and which were observed."""
    seen = ~np.isnan(values)
    steps = np.arange(values.shape[1])
    newest = np.maximum.accumulate(np.where(seen, steps, -1), axis=1)
    newest = np.where(newest < 0, np.argmax(seen, axis=1)[:, None], newest)
    return np.nan_to_num(np.take_along_axis(values, newest, axis=1)), seen
