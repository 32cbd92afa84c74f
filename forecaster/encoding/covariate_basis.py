"""Covariates as standard deviations from their mean, and the features of them that a regression is fitted on."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import Array, average

__all__ = [
    "KINDS",
    "KINDS_OF_SHORT",
    "MANY_SEASONS",
    "ROOM",
    "WITHOUT_BEFORE",
    "Basis",
    "count_features",
    "make_basis",
    "standardise",
]

MANY_SEASONS = 16
"""Fewest cycles from which an effect may change over the season."""
WAVES = 3
"""Sine and cosine pairs by which an effect may change over the main season."""
PART_SIZE, BEFORE_SIZE = 0.5, 0.25
"""Size of features for parts of the range or the season, and for the step before, relative to the covariate itself:
they are shrunk more."""
WITHOUT_BEFORE = 4 + 6 * WAVES
KINDS, KINDS_OF_SHORT = WITHOUT_BEFORE + 2, 5
"""Kinds of features: a covariate, its two bent parts, its mean over a season, these but the mean times waves, and how
far it fell and rose since the step before; and without those of many seasons."""
STEPS_FOR_BEFORE = 20
"""Steps of the series for each covariate from which the step before is a feature."""
MAX_FEATURES = 120
"""Waves are added as long as there are no more features, without those of the step before."""
ROOM = 0.25
"""How far a covariate may lie outside of the range of its past, as a fraction of that range; beyond it is clipped."""


def standardise(covariates: Array, *, lengths: NDArray[np.int64], time: int) -> tuple[Array, Array]:
    """`covariates` [batch, time + horizon, covariate] as standard deviations from the mean of the past.

    They are 0 where missing, or where the past is constant, and are kept near the range of the past. The second array
    says how far the future lies outside of that range, in such ranges: [batch, horizon, covariate]. The last `lengths`
    [batch] of the `time` steps of past lie within the series.
    """
    is_in_series = np.arange(time, 0, -1) <= lengths[:, None]
    seen = np.where(is_in_series[:, :, None], covariates[:, :time], np.nan)
    mean = average(seen, axis=1)[:, None]
    deviation = np.sqrt(average((seen - mean) ** 2, axis=1))[:, None]
    known = deviation > 1e-9 * np.nan_to_num(np.abs(mean))
    scaled = np.where(known, (covariates - mean) / np.where(known, deviation, 1.0), 0.0)
    filled = np.where(np.isnan(seen), mean, seen)
    lowest, highest = (
        np.where(known, (extreme - mean) / np.where(known, deviation, 1.0), 0.0)
        for extreme in (filled.min(axis=1, keepdims=True), filled.max(axis=1, keepdims=True))
    )
    span = np.where(highest > lowest, highest - lowest, 1.0)
    beyond = np.nan_to_num(np.maximum(lowest - scaled, scaled - highest)[:, time:] / span)
    # what never changed and then does has no known effect
    changes = np.nan_to_num(np.abs(covariates - mean)[:, time:]) > 1e-9 * np.nan_to_num(np.abs(mean))
    beyond = np.where(known, beyond, changes)
    kept = np.clip(np.nan_to_num(scaled), lowest - ROOM * span, highest + ROOM * span)
    kept = np.where(known, kept, 0.0)
    kept[:, :time][~is_in_series] = 0.0
    return kept, np.maximum(beyond, 0.0)


@dataclass(frozen=True)
class Basis:
    """The features of covariates.

    values  [batch, time + horizon, feature]
    labels  [feature]  what each is: the number of its kind, times the number of covariates, plus that of its covariate
    """

    values: Array
    labels: NDArray[np.int64]

    @classmethod
    def join(cls, parts: "list[Basis]") -> "Basis":
        """The features of all parts."""
        return cls(
            np.concatenate([part.values for part in parts], axis=2), np.concatenate([part.labels for part in parts])
        )

    def filled(self) -> "Basis":
        """Without features that are 0 everywhere."""
        is_filled = (self.values != 0).any(axis=(0, 1))
        return Basis(self.values[:, :, is_filled], self.labels[is_filled])


def count_features(covariates: int, *, period: int) -> int:
    """How many features so many covariates have at the most."""
    all_kinds = 3 * (1 + 2 * WAVES) + 1 if period > 1 else 3
    # those without waves are never left out
    return 2 * covariates + max(4 * covariates, min(all_kinds * covariates, MAX_FEATURES))


def make_basis(scaled: Array, lengths: NDArray[np.int64], *, time: int, period: int) -> Basis:
    """The features of covariates; the simplest first, and those of all covariates.

    Those that follow the season are 0 where the series has too few cycles.
    """
    has_many = (lengths >= MANY_SEASONS * period)[:, None, None] & (period > 1)
    # terciles of the steps in the series: steps before it are there for other rows of the batch
    is_in_series = (np.arange(time, 0, -1) <= lengths[:, None])[:, :, None]
    past = np.where(is_in_series, scaled[:, :time], np.inf)
    ordered = np.sort(past, axis=1)
    rank = (lengths - 1) // 3
    low, high = (np.take_along_axis(ordered, at[:, None, None], axis=1) for at in (rank, lengths - 1 - rank))
    lowest, highest = (np.take_along_axis(ordered, at[:, None, None], axis=1) for at in (0 * lengths, lengths - 1))
    # nothing of two values is bent
    has_more = ((past > lowest) & (past < highest)).any(axis=1, keepdims=True)
    size = PART_SIZE * has_more
    bent = [size * np.minimum(scaled - low, 0.0), size * np.maximum(scaled - high, 0.0)]
    parts = [scaled, *bent]
    if has_many.any():
        sums = np.cumsum(np.pad(scaled, ((0, 0), (period, 0), (0, 0))), axis=1)
        parts.append((sums[:, period:] - sums[:, :-period]) / period * has_many)
    count = scaled.shape[2]
    basis = Basis(np.concatenate(parts, axis=2), np.arange(len(parts) * count)).filled()
    before = _look_back(scaled, lengths, time=time, is_flag=np.asarray(~has_more))
    if not has_many.any():
        return Basis.join([basis, before])
    angle = 2 * np.pi * (np.arange(scaled.shape[1]) - time) / period
    varying = Basis(np.concatenate([scaled, *bent], axis=2), np.arange(3 * count)).filled()
    varying = Basis(varying.values * (PART_SIZE * has_many), varying.labels)
    # of each row its own: another one may have more of them that are not 0
    few, further = (((part.values != 0).any(axis=1)).sum(axis=1)[:, None, None] for part in (basis, varying))
    for order in range(1, min(WAVES, (period - 1) // 2) + 1):
        waves = [varying.values * wave(order * angle)[:, None] for wave in (np.cos, np.sin)]
        fits = few + 2 * order * further <= MAX_FEATURES
        kinds = [4 + 6 * (order - 1) + 3 * number for number in range(len(waves))]
        added = [Basis(wave * fits, kind * count + varying.labels) for wave, kind in zip(waves, kinds, strict=True)]
        basis = Basis.join([basis, *(part.filled() for part in added)])
    return Basis.join([basis, before])


def _look_back(scaled: Array, lengths: NDArray[np.int64], *, time: int, is_flag: NDArray[np.bool_]) -> Basis:
    """How far each covariate fell since the step before, and how far a flag rose, as features.

    Sales fall on the day after a promotion, and only after its last day: so what falls and what rises is apart where
    there are two values, `is_flag` [batch, 1, covariate]. 0 where the series is short for so many covariates, and on
    its first step.
    """
    count = scaled.shape[2]
    is_long = (lengths >= STEPS_FOR_BEFORE * count)[:, None]
    has_before = np.arange(scaled.shape[1]) > (time - lengths)[:, None]
    falls = -np.diff(scaled, axis=1, prepend=scaled[:, :1]) * (BEFORE_SIZE * (is_long & has_before))[:, :, None]
    parts = [np.where(is_flag & (falls < 0), 0.0, falls), np.where(is_flag & (falls < 0), -falls, 0.0)]
    return Basis(np.concatenate(parts, axis=2), WITHOUT_BEFORE * count + np.arange(2 * count)).filled()
