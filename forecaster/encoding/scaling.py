"""Where a window lies and how much it moves, told from its past alone. All in float64."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecaster.encoding.seasonality import ROUNDING, average

__all__ = ["Scales", "find_last_observed", "find_level", "find_scales", "find_spread", "mean_difference"]

Array = NDArray[np.float64]

MIN_UNIT = 0.02
"""The unit as a share of the spread, at the least: a smooth series still has some noise."""


@dataclass(frozen=True)
class Scales:
    """Level and scales of each window, [batch], in data units.

    level        mean of the last season, or the last value where there is none or the past never changes
    spread       mean absolute deviation from the level over the context
    unit         noise scale; 0 where the past never changes

    Mean absolute differences, NaN where unknown:

    first           of neighbouring steps
    seasonal        of steps a main period apart; `first` where there is none
    seasonal_long   of steps a longer period apart; `seasonal` where there is none
    deseasonalised  of neighbouring steps, without the average season
    """

    level: Array
    spread: Array
    unit: Array
    first: Array
    seasonal: Array
    seasonal_long: Array
    deseasonalised: Array

    @property
    def divisor(self) -> Array:
        """The unit, made safe to divide by."""
        return np.where(self.unit > 0, self.unit, 1.0)


def find_scales(
    past: Array, *, context_length: int, periods: tuple[int, ...], deseasonalised: Array, deseasonalised_long: Array
) -> Scales:
    """Level, spread and unit of each `past` [batch, time].

    The unit is the smallest of the mean absolute differences, as in the denominator of MASE (Hyndman &
    Koehler 2006): at lag one, at each period, and at lag one without each of the two seasons; never below
    2 % of the spread.
    """
    level = find_level(past, period=periods[0])
    rounding = ROUNDING * np.where(np.isnan(past), 0.0, np.abs(past)).max(axis=1)
    spread = find_spread(past, level=level, context_length=context_length)
    spread = np.where(spread > rounding, spread, 0.0)
    first = mean_difference(past, lag=1)
    seasonal = mean_difference(past, lag=periods[0]) if periods[0] > 1 else first
    seasonal_long = mean_difference(past, lag=periods[1]) if len(periods) > 1 else seasonal
    rests = [mean_difference(rest, lag=1) for rest in (deseasonalised, deseasonalised_long)]
    differences = np.stack([first, seasonal, seasonal_long, *rests])  # [kind, batch]
    differences[differences <= rounding] = 0.0
    # a difference of exactly 0 tells nothing about noise where others are above it
    positive = np.where(differences > 0, differences, np.inf).min(axis=0)
    unit = np.where(np.isfinite(positive), np.maximum(positive, MIN_UNIT * spread), MIN_UNIT * spread)
    level = np.where(unit > 0, level, np.nan_to_num(find_last_observed(past)))
    return Scales(level, np.maximum(spread, unit), unit, *differences[:4])


def find_level(past: Array, *, period: int) -> Array:
    """Mean of the last `period` steps of [batch, time]; the last value where none of them is observed, 0 for none."""
    level = average(past[:, -period:], axis=1)
    return np.nan_to_num(np.where(np.isnan(level), find_last_observed(past), level))


def find_spread(past: Array, *, level: Array, context_length: int) -> Array:
    """Mean absolute deviation from `level` [batch] over the context of [batch, time]; 0 where none is observed."""
    return np.nan_to_num(average(np.abs(past[:, -context_length:] - level[:, None]), axis=1))


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
