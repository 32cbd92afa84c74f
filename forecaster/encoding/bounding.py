"""Bring each past into the range of the data that the network was trained on.

Three things occur in real files that the base model never saw: a value a thousand times too large, an old regime in
which all values varied ten times as much, and a level so far from zero that the variation is tiny compared with it.
The first two are left out before encoding, and where such a value is the newest it is brought nearer, as it may be the
first of a new level; the third is subtracted, and added back with the level.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import ROUNDING, Array, average, fold
from forecaster.encoding.scaling import find_deviation, find_level
from forecaster.windows import Windows

__all__ = ["BoundedPast", "bound_past", "find_outliers", "find_starts", "leave_out_outliers", "leave_out_wait"]

OUTLIER_RATIO = 100.0
"""A value that lies this many times as far from the median as nearly all others is treated as an error."""
OUTLIER_SHARE, MAX_OUTLIERS = 0.02, 3
"""Largest fraction and number of outliers in a past: what occurs more often belongs to the series."""
MIN_OBSERVED = 8
"""Fewest observed values from which outliers can be identified."""
SUSPECT_RATIO = 8.0
"""Largest over mean distance from the mean; below this ratio no value is an outlier, and most rows need no search."""

REGIME_RATIO = 10.0
"""How many times more or less the values of a regime vary than those of the one before it."""
REGIME_STEPS, REGIME_BLOCKS = 16, 3
"""Minimum number of steps in a block that is compared with others, and of blocks in the current regime."""

WAIT_CYCLES, MIN_WAIT, MIN_LIVE = 2, 8, 2
"""Fewest cycles, and zeros, that precede a start, and the fewest values since then: one may be a single order."""

MIN_LOG_DEVIATION = -3.75
"""Minimum of log(deviation / (|level| + deviation)) that is encoded: the base model saw hardly any series below it."""


@dataclass(frozen=True)
class BoundedPast:
    """Pasts within the range of the training data.

    past     [batch, time]  without outliers, old regimes and `offset`; NaN where unobserved
    lengths  [batch]        steps of `past` that lie within the current regime of the series
    offset   [batch]        what to add to everything computed from `past` in data units
    """

    past: Array
    lengths: NDArray[np.int64]
    offset: Array

    def take(self, rows: NDArray[np.int64], *, newest: int) -> "BoundedPast":
        """Some rows, and the `newest` steps of each."""
        past = self.past[rows, -newest:]
        return BoundedPast(past, np.minimum(self.lengths[rows], past.shape[1]), self.offset[rows])


def bound_past(past: Array, lengths: NDArray[np.int64], *, context_length: int, period: int) -> BoundedPast:
    """Bound `past` [batch, time], of which the last `lengths` [batch] steps lie within the series.

    `period` is the main one. A past that is already within the range is returned unchanged.
    """
    far = _find_far(past)
    past = _bring_newest_nearer(past, far)
    if far.is_outlier.any():
        past = np.where(far.is_outlier, np.nan, past)
    kept = _find_current_regime(past, lengths, period=period)
    if (kept < lengths).any():
        lengths = np.minimum(lengths, kept)
        past = np.where(np.arange(past.shape[1], 0, -1) <= lengths[:, None], past, np.nan)
    level = find_level(past, period=period)
    deviation = find_deviation(past, level=level, context_length=context_length)
    most = deviation * np.expm1(-MIN_LOG_DEVIATION)
    # a past that varies by no more than rounding is constant
    varies = deviation > ROUNDING * np.abs(np.nan_to_num(past)).max(axis=1)
    offset = np.where(varies & (np.abs(level) > most), level - np.sign(level) * most, 0.0)
    return BoundedPast(past - offset[:, None] if offset.any() else past, lengths, offset)


def find_outliers(past: Array) -> NDArray[np.bool_]:
    """Which values are too far from all others to be correct, [batch, time].

    The newest values never count as outliers, however far they are: they may be a shift of level.
    """
    return _find_far(past).is_outlier


def _bring_newest_nearer(past: Array, far: "_Far") -> Array:
    """`past` with the newest value no further from the median than errors are, where no other one is as far.

    Beyond that the network has seen nothing, and its median would be off by multiples of the usual deviation.
    """
    rows = np.flatnonzero(far.newest.sum(axis=1) == 1)
    if not len(rows):
        return past
    steps, nearer = np.argmax(far.newest[rows], axis=1), past.copy()
    low, high = far.median[rows] - far.furthest[rows], far.median[rows] + far.furthest[rows]
    nearer[rows, steps] = np.clip(past[rows, steps], low, high)
    return nearer


@dataclass(frozen=True)
class _Far:
    """Values far from all others.

    is_outlier, newest  [batch, time]  far ones before, and among, the newest values
    median, furthest    [batch]        what they are far from, and the distance from which on; 0 where none is
    """

    is_outlier: NDArray[np.bool_]
    newest: NDArray[np.bool_]
    median: Array
    furthest: Array


def _find_far(past: Array) -> _Far:
    found, newest = np.zeros((2, *past.shape), bool)
    medians, furthest = np.zeros((2, len(past)))
    seen = ~np.isnan(past)
    observed = seen.sum(axis=1)
    distance = np.abs(np.nan_to_num(past - average(past, axis=1)[:, None]))
    usual = distance.sum(axis=1) / np.maximum(observed, 1)
    # among few values a single outlier, however large, makes up much of the mean distance
    suspect = distance.max(axis=1) > np.minimum(SUSPECT_RATIO, observed / 4) * usual
    rows = np.flatnonzero(suspect & (observed >= MIN_OBSERVED))
    if not len(rows):
        return _Far(found, newest, medians, furthest)
    values, count = past[rows], observed[rows]
    ordered = np.sort(values, axis=1)  # NaN comes last
    row = np.arange(len(rows))
    median = (ordered[row, (count - 1) // 2] + ordered[row, count // 2]) / 2
    distance = np.abs(values - median[:, None])
    allowed = np.clip((OUTLIER_SHARE * count).astype(np.int64), 1, MAX_OUTLIERS)
    usual = np.sort(distance, axis=1)[row, count - 1 - allowed]
    is_far = (distance > OUTLIER_RATIO * usual[:, None]) & (usual > 0)[:, None]
    # from the end back to the newest value that is not far
    is_newest = np.logical_and.accumulate((is_far | np.isnan(values))[:, ::-1], axis=1)[:, ::-1]
    found[rows], newest[rows] = is_far & ~is_newest, is_far & is_newest
    medians[rows], furthest[rows] = median, OUTLIER_RATIO * usual
    return _Far(found, newest, medians, furthest)


def leave_out_outliers(covariates: Array, *, time: int) -> Array:
    """`covariates` [batch, time and more, covariate], NaN where one of the past is too far from all others.

    A column that is as large on the steps to forecast, such as the budget of a rare campaign, has no errors.
    """
    pasts = covariates[:, :time].transpose(0, 2, 1)
    found = find_outliers(pasts.reshape(-1, time)).reshape(pasts.shape).transpose(0, 2, 1)
    least = np.where(found, np.abs(covariates[:, :time]), np.inf).min(axis=1)
    planned = np.abs(np.nan_to_num(covariates[:, time:])).max(axis=1, initial=0.0)
    found &= (planned < least)[:, None]
    if not found.any():
        return covariates
    left = covariates.copy()
    left[:, :time][found] = np.nan
    return left


def find_starts(past: Array, lengths: NDArray[np.int64], *, period: int) -> NDArray[np.int64]:
    """Number of steps since the series really started, [batch]; `lengths` where it did with the first one.

    A series that was exactly zero for two cycles, and never since then, has just begun: a product before its launch.
    """
    is_zero = past == 0
    is_live = ~np.isnan(past) & ~is_zero
    first = np.argmax(is_live, axis=1)
    waited = np.where(np.arange(past.shape[1]) < first[:, None], is_zero, False).sum(axis=1)
    has_started = (waited == is_zero.sum(axis=1)) & (waited >= max(WAIT_CYCLES * period, MIN_WAIT))
    has_started &= is_live.sum(axis=1) >= MIN_LIVE
    return np.where(has_started, np.minimum(past.shape[1] - first, lengths), lengths)


def leave_out_wait(windows: Windows, *, period: int) -> Windows:
    """`windows` without the zeros before the start of a series; see `find_starts`."""
    lengths = find_starts(windows.past, windows.lengths, period=period)
    if (lengths == windows.lengths).all():
        return windows
    past = np.where(np.arange(windows.past.shape[1], 0, -1) <= lengths[:, None], windows.past, np.nan)
    return replace(windows, past=past, lengths=lengths)


def _find_current_regime(past: Array, lengths: NDArray[np.int64], *, period: int) -> NDArray[np.int64]:
    """Number of steps since the variation of the series last changed, [batch]; all of them where it never did.

    Whole blocks of the series are compared: a new regime starts where every block after varies ten times as much, or
    as little, as every block before. A calm season is not a new regime, as it has occurred before.
    """
    everything = np.full(len(past), past.shape[1])
    block = -(-REGIME_STEPS // period) * period
    moves = average(fold(np.abs(np.diff(past, axis=1)), period=block), axis=2)[:, ::-1]  # [batch, block], newest first
    if moves.shape[1] <= REGIME_BLOCKS + 1:
        return everything
    ages = np.arange(1, moves.shape[1] + 1) * block
    known = ~np.isnan(moves) & (ages < lengths[:, None])
    highs, lows = np.where(known, moves, 0.0), np.where(known, moves, np.inf)
    high_after, low_after = np.maximum.accumulate(highs, axis=1), np.minimum.accumulate(lows, axis=1)
    high_before = np.maximum.accumulate(highs[:, ::-1], axis=1)[:, ::-1]
    low_before = np.minimum.accumulate(lows[:, ::-1], axis=1)[:, ::-1]
    # between each block and the next older one
    fell = (low_before[:, 1:] >= REGIME_RATIO * high_after[:, :-1]) & (high_after[:, :-1] > 0)
    rose = (low_after[:, :-1] >= REGIME_RATIO * high_before[:, 1:]) & (high_before[:, 1:] > 0)
    changed = (fell | rose) & np.isfinite(low_before[:, 1:]) & np.isfinite(low_after[:, :-1])
    # the oldest block of a regime may start with the end of the previous one
    changed[:, :REGIME_BLOCKS] = False
    first = np.argmax(changed, axis=1)
    return np.where(changed.any(axis=1), first * block, everything)
