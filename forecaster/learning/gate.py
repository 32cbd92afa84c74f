"""Decide how much of what was learned is kept: as far as held-out cutoffs agree that its gain is not chance.

The errors of the base model and of what was learned are compared window by window, so that what is hard to forecast for
both cancels out. Errors at one cutoff are correlated, so that many series at few cutoffs have few independent
differences (Kish's design effect, see `forecaster.forecasting.correlation`).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import Array, average
from forecaster.evaluation.backtest import Backtest
from forecaster.forecasting.calibration import widen
from forecaster.forecasting.correlation import correlate_within, count_effective
from forecaster.model.card import KeptCard

__all__ = ["SHARES", "Gain", "choose_share", "estimate_gain", "measure_errors", "measure_gain", "pick_share"]

SHARES = (0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1.0)
MARGIN = 1.1
"""Standard errors that a gain must exceed: one at a single cutoff comes near to one of them, whatever its size."""
WITHIN_ONE_ERROR = 0.6827
"""How often a normally distributed value is within one standard error of its mean."""


@dataclass(frozen=True)
class Gain:
    """By how much an error is lower, as a fraction of it, and the standard error of that."""

    mean: float
    error: float

    @property
    def lowest(self) -> float:
        """The gain less MARGIN standard errors."""
        return self.mean - MARGIN * self.error


def choose_share(base: Array, learned: Backtest, *, correlation: float) -> KeptCard:
    """Choose the share of what was `learned` to keep; `base` are the base model's quantiles of the same windows.

    Forecasts averaged with a share stand for those of weights interpolated by it. The largest share is taken whose gain
    is above MARGIN standard errors, up to the share with the largest gain; 0 where there is none. So less is kept where
    cutoffs agree less. The error of the median and the quantile loss count by half each. `correlation`, that of errors
    at the same cutoff, counts as one cutoff in addition to those measured.
    """
    cutoff_index, quantiles = learned.index.cutoff_index, learned.forecast.quantiles
    before = measure_errors(learned, base, base=base)
    gains = {}
    for share in SHARES:
        after = measure_errors(learned, base + share * (quantiles - base), base=base)
        gains[share] = measure_gain(before, after, cutoff_index=cutoff_index, correlation=correlation)
    share, gain = pick_share(gains)
    return KeptCard(
        share=share,
        gain=round(gain.mean, 5),
        error=round(gain.error, 5),
        cutoffs=len(np.unique(cutoff_index)),
        series=len(np.unique(learned.index.series)),
    )


def pick_share(gains: dict[float, Gain]) -> tuple[float, Gain]:
    """The largest share whose gain is above MARGIN standard errors, up to the one with the largest gain, and its gain.

    0 where there is none, with the gain that was nearest to one.
    """
    most = max(gains, key=lambda share: gains[share].mean)
    share = max((share for share in gains if share <= most and gains[share].lowest > 0), default=0.0)
    return share, gains[share or max(gains, key=lambda share: gains[share].lowest)]


def measure_gain(before: Array, after: Array, *, cutoff_index: NDArray[np.int64], correlation: float) -> Gain:
    """By which fraction errors `after` are lower than those `before`, both [window, time] with NaN where unknown.

    The standard error is that of the mean difference. It is larger by Student's factor for few independent ones.
    """
    difference = np.where(np.isnan(before), np.nan, before - after)
    known = ~np.isnan(difference)
    total = float(before[known].sum())
    if total <= 0:
        return Gain(0.0, 0.0)
    values = difference[known]
    mean = float(values.mean())
    cutoffs = correlate_within(difference - mean, cutoff_index, usual=correlation)
    effective = count_effective(difference, cutoff_index, correlation=cutoffs)
    error = float(values.std()) / np.sqrt(effective) * widen(WITHIN_ONE_ERROR, effective=effective)
    size = total / len(values)
    return Gain(mean / size, float(error) / size)


def estimate_gain(gains: Array) -> Gain:
    """The mean of independent relative `gains`, and its standard error, larger by Student's factor."""
    error = float(gains.std(ddof=1)) / np.sqrt(len(gains)) * widen(WITHIN_ONE_ERROR, effective=len(gains))
    return Gain(float(gains.mean()), float(error))


def measure_errors(found: Backtest, quantiles: Array, *, base: Array) -> Array:
    """The mean of the absolute errors of the median and the quantile losses, [window, time].

    Both in multiples of the mean one of the quantiles `base`.
    """
    sizes = [float(average(errors.ravel(), axis=0)) for errors in _measure_both(found, base)]
    errors = _measure_both(found, quantiles)
    return np.asarray(sum(error / size if size > 0 else error for error, size in zip(errors, sizes, strict=True)) / 2)


def _measure_both(found: Backtest, quantiles: Array) -> tuple[Array, Array]:
    """Absolute errors of the median and quantile losses, [window, time] each, in seasonal naive errors."""
    levels = np.asarray(found.forecast.levels)
    error = found.y_true[:, :, None] - quantiles
    loss = 2 * np.maximum(levels * error, (levels - 1) * error).mean(axis=2)
    median = np.abs(error[:, :, found.forecast.levels.index(0.5)])
    scale = found.absolute_scale[:, None]
    return median / scale, loss / scale
