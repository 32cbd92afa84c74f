"""Any past, brought into the range of what the network has learned from.

Three things that real files hold and that the synthetic series never showed: a value a thousand times too large, a
time long ago when all moved ten times as much, and a level so far from zero that what moves is nothing beside it.
The first two are left out of what is encoded, the third is subtracted and comes back with the level.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecaster.encoding.scaling import find_level, find_spread
from forecaster.encoding.seasonality import average, fold

__all__ = ["BoundedPast", "bound_past"]

Array = NDArray[np.float64]

OUTLIER_RATIO = 100.0
"""A value that lies this many times as far from the median as nearly all others is an error, not an observation."""
OUTLIER_SHARE, MAX_OUTLIERS = 0.02, 3
"""Of the values, and of each past: what happens more often than that is how the series is."""
MIN_OBSERVED = 8
"""Values without which nobody can tell an outlier."""
SUSPECT_RATIO = 8.0
"""Largest over mean change, below which no value can be an outlier: what spares most rows the search."""

REGIME_RATIO = 10.0
"""How many times more or less a regime moves than the one before it."""
REGIME_STEPS, REGIME_BLOCKS = 16, 3
"""Least steps of a block that is compared with others, and the least blocks of the present regime."""

MIN_LOG_SPREAD = -3.75
"""Least log(spread / (|level| + spread)) that a past is encoded with. Nearly all synthetic series lie above it."""


@dataclass(frozen=True)
class BoundedPast:
    """Pasts that the network can be shown.

    past     [batch, time]  without outliers, old regimes and `offset`; NaN where unobserved
    lengths  [batch]        steps of `past` that lie within the present regime of the series
    offset   [batch]        what to add to everything that is told of `past` in data units
    """

    past: Array
    lengths: NDArray[np.int64]
    offset: Array


def bound_past(past: Array, lengths: NDArray[np.int64], *, context_length: int, period: int) -> BoundedPast:
    """Bound `past` [batch, time], of which the last `lengths` [batch] steps lie within the series.

    `period` is the main one. A past that is within the range already comes back as it is.
    """
    changes = np.abs(np.diff(past, axis=1))
    outliers = _find_outliers(past, changes)
    if outliers.any():
        past = np.where(outliers, np.nan, past)
        changes = np.abs(np.diff(past, axis=1))
    kept = _find_present_regime(changes, period=period)
    if (kept < lengths).any():
        lengths = np.minimum(lengths, kept)
        past = np.where(np.arange(past.shape[1], 0, -1) <= lengths[:, None], past, np.nan)
    level = find_level(past, period=period)
    most = find_spread(past, level=level, context_length=context_length) * np.expm1(-MIN_LOG_SPREAD)
    # a past that never changes has no spread, and nothing but its level
    offset = np.where((most > 0) & (np.abs(level) > most), level - np.sign(level) * most, 0.0)
    return BoundedPast(past - offset[:, None] if offset.any() else past, lengths, offset)


def _find_outliers(past: Array, changes: Array) -> NDArray[np.bool_]:
    """Which values are too far from all others to be true, [batch, time].

    The newest values never are, however far: they may be where the series is from now on.
    """
    found = np.zeros(past.shape, bool)
    seen = ~np.isnan(past)
    observed = seen.sum(axis=1)
    largest = np.where(np.isnan(changes), 0.0, changes).max(axis=1, initial=0.0)
    # one outlier among a few values is a large part of their mean change, however large it is
    suspect = largest > np.minimum(SUSPECT_RATIO, observed / 4) * np.nan_to_num(average(changes, axis=1))
    rows = np.flatnonzero(suspect & (observed >= MIN_OBSERVED))
    if not len(rows):
        return found
    values, count = past[rows], observed[rows]
    ordered = np.sort(values, axis=1)  # NaN comes last
    row = np.arange(len(rows))
    median = (ordered[row, (count - 1) // 2] + ordered[row, count // 2]) / 2
    distance = np.abs(values - median[:, None])
    allowed = np.clip((OUTLIER_SHARE * count).astype(np.int64), 1, MAX_OUTLIERS)
    usual = np.sort(distance, axis=1)[row, count - 1 - allowed]
    is_far = (distance > OUTLIER_RATIO * usual[:, None]) & (usual > 0)[:, None]
    # from the end back to the newest value that is near
    is_newest = np.logical_and.accumulate((is_far | np.isnan(values))[:, ::-1], axis=1)[:, ::-1]
    found[rows] = is_far & ~is_newest
    return found


def _find_present_regime(changes: Array, *, period: int) -> NDArray[np.int64]:
    """Steps of the past since when it moves as it does now, [batch]; all of them where it always has.

    `changes` [batch, time - 1]. Whole blocks are compared: a new regime begins where every block after moves ten times
    as much, or as little, as every block before. A season of calm is none, as it has been seen before.
    """
    everything = np.full(len(changes), changes.shape[1] + 1)
    block = -(-REGIME_STEPS // period) * period
    moves = average(fold(changes, period=block), axis=2)[:, ::-1]  # [batch, block], the newest first
    if moves.shape[1] <= REGIME_BLOCKS + 1:
        return everything
    known = ~np.isnan(moves)
    highs, lows = np.where(known, moves, 0.0), np.where(known, moves, np.inf)
    high_after, low_after = np.maximum.accumulate(highs, axis=1), np.minimum.accumulate(lows, axis=1)
    high_before = np.maximum.accumulate(highs[:, ::-1], axis=1)[:, ::-1]
    low_before = np.minimum.accumulate(lows[:, ::-1], axis=1)[:, ::-1]
    # between each block and the next older one
    fell = (low_before[:, 1:] >= REGIME_RATIO * high_after[:, :-1]) & (high_after[:, :-1] > 0)
    rose = (low_after[:, :-1] >= REGIME_RATIO * high_before[:, 1:]) & (high_before[:, 1:] > 0)
    changed = (fell | rose) & np.isfinite(low_before[:, 1:]) & np.isfinite(low_after[:, :-1])
    # the oldest block of a regime may begin with the end of the one before
    changed[:, :REGIME_BLOCKS] = False
    first = np.argmax(changed, axis=1)
    return np.where(changed.any(axis=1), first * block, everything)
