"""Level and scales of a window, computed from its past alone. All in float64."""

from dataclasses import dataclass

import numpy as np

from forecaster.arrays import ROUNDING, Array, average, find_last_observed, mean_difference
from forecaster.encoding.seasonality import Seasons

__all__ = ["Scales", "find_deviation", "find_level", "find_scales"]

MIN_NOISE_SCALE = 0.02
"""Minimum noise scale as a fraction of the mean absolute deviation: a smooth series still has some noise."""


@dataclass(frozen=True)
class Scales:
    """Level and scales of each window, [batch], in data units.

    level        mean of the last season, or the last value where there is none or the past never changes
    deviation    mean absolute deviation from the level over the context
    noise_scale  0 where the past never changes

    Mean absolute differences, NaN where unknown:

    first           of neighbouring steps
    seasonal        of steps a main period apart; `first` where there is none
    secondary       of steps a secondary period apart; `seasonal` where there is none
    deseasonalised  of neighbouring steps of the remainder, without the average season
    """

    level: Array
    deviation: Array
    noise_scale: Array
    first: Array
    seasonal: Array
    secondary: Array
    deseasonalised: Array

    @property
    def divisor(self) -> Array:
        """The noise scale, made safe to divide by."""
        return np.where(self.noise_scale > 0, self.noise_scale, 1.0)


def find_scales(past: Array, *, context_length: int, periods: tuple[int, ...], seasons: Seasons) -> Scales:
    """Level, deviation and noise scale of each `past` [batch, time].

    The noise scale is the smallest of the mean absolute differences, as in the denominator of MASE (Hyndman &
    Koehler 2006): at lag one, at each period, and at lag one without each of the two seasons; never below
    2% of the deviation.
    """
    level = find_level(past, period=periods[0])
    rounding = ROUNDING * np.where(np.isnan(past), 0.0, np.abs(past)).max(axis=1)
    deviation = find_deviation(past, level=level, context_length=context_length)
    deviation = np.where(deviation > rounding, deviation, 0.0)
    first = mean_difference(past, lag=1)
    seasonal = mean_difference(past, lag=periods[0]) if periods[0] > 1 else first
    secondary = mean_difference(past, lag=periods[1]) if len(periods) > 1 else seasonal
    remainders = [mean_difference(of.remainder, lag=1) for of in (seasons.average, seasons.secondary)]
    differences = np.stack([first, seasonal, secondary, *remainders])  # [kind, batch]
    differences[differences <= rounding] = 0.0
    # a difference of exactly 0 says nothing about noise where other differences are above it
    positive = np.where(differences > 0, differences, np.inf).min(axis=0)
    least = MIN_NOISE_SCALE * deviation
    noise_scale = np.where(np.isfinite(positive), np.maximum(positive, least), least)
    level = np.where(noise_scale > 0, level, np.nan_to_num(find_last_observed(past)))
    return Scales(level, np.maximum(deviation, noise_scale), noise_scale, *differences[:4])


def find_level(past: Array, *, period: int) -> Array:
    """Mean of the last `period` steps of [batch, time]; the last value where none of them is observed, 0 for none."""
    level = average(past[:, -period:], axis=1)
    return np.nan_to_num(np.where(np.isnan(level), find_last_observed(past), level))


def find_deviation(past: Array, *, level: Array, context_length: int) -> Array:
    """Mean absolute deviation from `level` [batch] over the context of [batch, time]; 0 where none is observed."""
    return np.nan_to_num(average(np.abs(past[:, -context_length:] - level[:, None]), axis=1))
