"""Calibration of prediction intervals: their coverage on held-out windows decides how far they are scaled.

Split-conformal prediction (Vovk et al. 2005; Romano, Patterson & Candès 2019), on errors divided by the
network's own half-width, so that intervals of noisy series stay wide and those of calm ones narrow. Where the network
has learned from many other series the factors are shrunk: see `weigh_cutoffs`. Errors at one cutoff are correlated, so
few cutoffs have few independent errors, however many series there are, and intervals are made wider: see `widen`.
"""

import math
from dataclasses import replace
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from forecaster.data.calendar import DAY, Calendar
from forecaster.forecasting.correlation import count_effective
from forecaster.model.card import Calibration

__all__ = [
    "Calibration",
    "calibrate",
    "calibrate_across",
    "find_cycle",
    "fit_calibration",
    "fit_to_cutoffs",
    "min_residuals",
    "weigh_cutoffs",
    "widen",
]

BLOCKS = 4
RESIDUALS_PER_BLOCK = 200
MIN_EFFECTIVE = 2.0
"""The formula of `widen` is close to Student's distribution from this number on."""
MIN_WINDOWS_TO_NARROW = 20
"""With fewer held-out windows than this, intervals are only widened: the errors are too similar to one another."""

LARGEST_FACTOR = 5.0
"""Intervals that are about right are not widened more: where errors were larger, it was the forecast that was wrong."""


def find_cycle(calendar: Calendar, *, horizon: int, period: int) -> int:
    """The steps after which the blocks of a `horizon` begin anew: those of days, of steps within them; 0 for no cycle.

    Cutoffs lie at the same time of day then, so that a block is a part of it, such as the night, when a shop is closed.
    The factor of the last block says nothing of the next day. Months and days of a week differ too little for that.
    """
    is_within_day = calendar.unit == "microsecond" and calendar.multiple < DAY
    return horizon if is_within_day and period > 1 and horizon % period == 0 else 0


def min_residuals(level: float) -> int:
    """Minimum number of residuals to calibrate a central interval of `level`: n ≥ L / (1 − L)."""
    return math.ceil(round(level / (1 - level), 9))


def weigh_cutoffs(cutoff_index: NDArray[np.int64]) -> float:
    """Shrinkage weight of factors from windows at the cutoffs `cutoff_index` [window], for a pre-trained network.

    All series of a file have a good or a bad year together. So, however many there are, the errors at one cutoff
    get only half of the weight: n / (n + 1) for n cutoffs, where n is the effective number (Kish) if they have
    different numbers of windows. `benchmarks/README.md` has the measured coverage of such intervals.
    """
    counts = np.bincount(cutoff_index).astype(np.float64)
    cutoffs = counts.sum() ** 2 / (counts**2).sum()
    return float(cutoffs / (cutoffs + 1))


def widen(level: float, *, effective: float) -> float:
    """Factor by which an interval of `level` is wider because its width is from only `effective` independent errors.

    Student's quantile over the normal one, by the formula of Wallace (1959).
    """
    effective = max(effective, MIN_EFFECTIVE)
    normal = NormalDist().inv_cdf((1 + level) / 2)
    exponent = (normal * (8 * effective + 3) / (8 * effective + 1)) ** 2 / effective
    return math.sqrt(effective * math.expm1(exponent)) / normal


def fit_to_cutoffs(
    quantiles: NDArray[np.float64],
    y_true: NDArray[np.float64],
    *,
    levels: tuple[float, ...],
    cutoff_index: NDArray[np.int64],
    correlation: float,
    is_fair: bool,
) -> Calibration:
    """Factors for future cutoffs, from windows at the cutoffs `cutoff_index` [window]; see `fit_calibration`.

    `correlation` is that of `measure_correlation`. `is_fair` says that the network's own intervals are about right, as
    those of the base model are, so that the factors are shrunk towards 1, and limited; else the errors alone decide.
    """
    weight = weigh_cutoffs(cutoff_index) if is_fair else 1.0
    effective = count_effective(y_true, cutoff_index, correlation=correlation)
    found = fit_calibration(quantiles, y_true, levels=levels, weight=weight, effective=effective)
    if not is_fair:
        return found
    return replace(found, factors=[[min(factor, LARGEST_FACTOR) for factor in row] for row in found.factors])


def calibrate_across(
    quantiles: NDArray[np.float64],
    y_true: NDArray[np.float64],
    *,
    levels: tuple[float, ...],
    cutoff_index: NDArray[np.int64],
    correlation: float,
    is_fair: bool,
) -> NDArray[np.float64] | None:
    """`quantiles` with those of each cutoff calibrated by the other cutoffs alone; None where there is one cutoff.

    Series have a good or a bad year together, so windows of the same cutoff would leak one another's errors.
    """
    if len(np.unique(cutoff_index)) < 2:
        return None
    crossed = np.empty_like(quantiles)
    for number in np.unique(cutoff_index):
        is_scored = cutoff_index == number
        calibration = fit_to_cutoffs(
            quantiles[~is_scored],
            y_true[~is_scored],
            levels=levels,
            cutoff_index=cutoff_index[~is_scored],
            correlation=correlation,
            is_fair=is_fair,
        )
        crossed[is_scored] = calibrate(quantiles[is_scored], calibration=calibration)
    return crossed


def fit_calibration(
    quantiles: NDArray[np.float64],
    y_true: NDArray[np.float64],
    *,
    levels: tuple[float, ...],
    weight: float = 1.0,
    effective: float = math.inf,
) -> Calibration:
    """Factors that give central intervals of `quantiles` their nominal coverage of `y_true`.

    `quantiles` [window, horizon, quantile] at `levels`, `y_true` [window, horizon] with NaN where unknown. The factors
    are larger for few `effective` independent errors, see `widen`; a `weight` below 1 shrinks their logarithms, see
    `weigh_cutoffs`.
    """
    horizon, count = quantiles.shape[1:]
    half = count // 2
    scores = _half_width_scores(quantiles, y_true)  # [window, horizon, interval]
    known = np.asarray(np.isfinite(scores).all(axis=2))
    windows = int(known.any(axis=1).sum())
    blocks = max(1, min(BLOCKS, int(known.sum()) // RESIDUALS_PER_BLOCK, horizon))
    edges = [horizon * block // blocks for block in range(blocks)]
    factors, residuals, uncalibrated = [], [], set()
    for begin, end in zip(edges, [*edges[1:], horizon], strict=True):
        block = scores[:, begin:end][known[:, begin:end]]  # [residual, interval]
        row = []
        for interval in range(half):
            nominal = round(levels[count - 1 - interval] - levels[interval], 9)
            if len(block) < min_residuals(nominal):
                uncalibrated.add(nominal)
                row.append(1.0)
                continue
            rank = min(math.ceil(round((len(block) + 1) * nominal, 9)), len(block))
            factor = float(np.sort(block[:, interval])[rank - 1])
            factor = max(factor, 1.0) if windows < MIN_WINDOWS_TO_NARROW else factor
            row.append(factor * (widen(nominal, effective=effective) if math.isfinite(effective) else 1.0))
        factors.append([factor**weight for factor in row])
        residuals.append(len(block))
    return Calibration(edges, factors, residuals, sorted(uncalibrated))


def calibrate(quantiles: NDArray[np.float64], *, calibration: Calibration) -> NDArray[np.float64]:
    """`quantiles` [window, horizon, quantile] with their half-widths scaled; the median stays."""
    horizon, count = quantiles.shape[1:]
    half = count // 2
    ahead = np.arange(horizon)
    within = ahead % calibration.cycle if calibration.cycle else ahead
    block = np.searchsorted(calibration.edges, within, side="right") - 1
    factors = np.asarray(calibration.factors)[block]  # [horizon, interval]
    median = quantiles[:, :, half : half + 1]
    below = (median - quantiles[:, :, :half]) * factors
    above = (quantiles[:, :, half + 1 :] - median) * factors[:, ::-1]
    # an interval of a higher level always contains those of lower ones
    below = np.maximum.accumulate(below[:, :, ::-1], axis=2)[:, :, ::-1]
    above = np.maximum.accumulate(above, axis=2)
    return np.concatenate([median - below, median, median + above], axis=2)


def _half_width_scores(quantiles: NDArray[np.float64], y_true: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distance of the truth from the median, in half-widths on its side: [window, horizon, interval]."""
    half = quantiles.shape[2] // 2
    median = quantiles[:, :, half : half + 1]
    error = y_true[:, :, None] - median
    below = median - quantiles[:, :, :half]
    above = (quantiles[:, :, half + 1 :] - median)[:, :, ::-1]
    width = np.where(error < 0, below, above)
    scores = np.abs(error) / np.where(width > 0, width, np.nan)
    return np.where(np.isnan(error), np.nan, scores)
