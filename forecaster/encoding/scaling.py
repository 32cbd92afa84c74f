"""Where a window lies and how much it moves, told from its past alone. All in float64."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecaster.encoding.seasonality import ROUNDING, average

__all__ = ["Scales", "find_last_observed", "find_scales", "mean_difference"]

Array = NDArray[np.float64]

LEAST_UNIT = 0.02
"""The unit as a share of the spread, at the least: a smooth series still has some noise."""


@dataclass(frozen=True)
class Scales:
    """Level and scales of each window, [batch], in data units.

    level       mean of the last season, or the last value where there is none or the past never changes
    spread      mean absolute deviation from the level over the context
    unit        noise scale; 0 where the past never changes
    differences [batch, kind] mean absolute first, seasonal and deseasonalised differences, NaN where unknown
    """

    level: Array
    spread: Array
    unit: Array
    differences: Array

    @property
    def divisor(self) -> Array:
        """The unit, made safe to divide by."""
        return np.where(self.unit > 0, self.unit, 1.0)


def find_scales(past: Array, *, context_length: int, periods: tuple[int, ...], deseasonalised: list[Array]) -> Scales:
    """Level, spread and unit of each `past` [batch, time].

    The unit is the smallest of the mean absolute differences, as in the denominator of MASE (Hyndman &
    Koehler 2006): at lag one, at each period, and at lag one in each of `deseasonalised`; never below
    2 % of the spread.
    """
    context = past[:, -context_length:]
    last = find_last_observed(past)
    level = average(past[:, -periods[0] :], axis=1)
    level = np.nan_to_num(np.where(np.isnan(level), last, level))
    rounding = ROUNDING * np.where(np.isnan(past), 0.0, np.abs(past)).max(axis=1)
    spread = np.nan_to_num(average(np.abs(context - level[:, None]), axis=1))
    spread = np.where(spread > rounding, spread, 0.0)
    kinds = [mean_difference(past, lag=1)]
    kinds += [mean_difference(past, lag=period) for period in periods if period > 1]
    kinds += [mean_difference(rest, lag=1) for rest in deseasonalised]
    differences = np.stack(kinds, axis=1)  # [batch, kind]
    differences[differences <= rounding[:, None]] = 0.0
    # a difference of exactly 0 tells nothing about noise where others are above it
    positive = np.where(differences > 0, differences, np.inf).min(axis=1)
    unit = np.where(np.isfinite(positive), np.maximum(positive, LEAST_UNIT * spread), LEAST_UNIT * spread)
    level = np.where(unit > 0, level, np.nan_to_num(last))
    return Scales(level, np.maximum(spread, unit), unit, differences)


def find_last_observed(past: Array) -> Array:
    """The newest value of each row of [batch, time]; NaN where there is none."""
    seen = ~np.isnan(past)
    newest = past.shape[1] - 1 - np.argmax(seen[:, ::-1], axis=1)
    return np.asarray(past[np.arange(len(past)), newest])


def mean_difference(past: Array, *, lag: int) -> Array:
    """Mean absolute difference of each row of [batch, time] with itself `lag` steps earlier; NaN where unknown."""
    if past.shape[1] <= lag:
        return np.full(len(past), np.nan)
    return average(np.abs(past[:, lag:] - past[:, :-lag]), axis=1)
