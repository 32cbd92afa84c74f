"""Seasonal decompositions, profiles and lags of a whole batch of pasts, folded into cycles."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import Array, average, carry_forward, fold

__all__ = [
    "ALL_CYCLES",
    "LONGEST_WEEK",
    "SECONDARY_CYCLES",
    "Decomposition",
    "Profile",
    "Seasons",
    "count_shrunken_cycles",
    "count_week",
    "find_profile",
    "find_seasons",
    "find_secondary_lag",
    "find_shrunken_profile",
    "find_smooth_profile",
    "lag_by_phase",
]

RECENT_CYCLES, ALL_CYCLES, SECONDARY_CYCLES = 3, 16, 6
SHRUNKEN_STEPS, SHRUNKEN_CYCLES = 364, (7, 52)
"""Steps that a shrunken profile is made from, and the minimum and maximum number of cycles."""
LONGEST_WEEK = 7
TREND_ODDS = 9.0
"""How much more often the means of two cycles differ by a trend than by a jump between them."""
SLOPE_VARIANCE, LEAST_SLOPE = 5.0, 0.2
"""Variance of the slope of a season over a cycle, a sine at any phase, over that of the rest of the season; and the
least standard deviation of a slope, in drifts: no trend is exactly straight."""
TRIMMED = 0.2
"""Fraction of the cycles that is trimmed at each end, for each phase: holidays, strikes, typing errors."""
MIN_RATIO = 1e-3
"""Minimum ratio of the lowest value to the highest for a multiplicative season."""


@dataclass(frozen=True)
class Profile:
    """A seasonal profile: the sum of `parts`, each [batch, period], phase 0 the first step after the cutoff.

    `cycles` [batch] is how many cycles it is the average of; where that is 0 the profile is 0.0.
    """

    parts: tuple[Array, ...]
    cycles: NDArray[np.int64]

    def over(self, begin: int, end: int) -> Array:
        """The profile on the steps from `begin` to `end`, counted from the cutoff: [batch, time]."""
        steps = np.arange(begin, end)
        return np.asarray(np.sum([part[:, steps % part.shape[1]] for part in self.parts], axis=0))


@dataclass(frozen=True)
class Decomposition:
    """Pasts [batch, time] decomposed into a seasonal profile and the `remainder`: their sum is the past."""

    profile: Profile
    remainder: Array

    @classmethod
    def of(cls, past: Array, profile: Profile) -> Self:
        """`past` minus `profile`."""
        return cls(profile, past - profile.over(-past.shape[1], 0))


@dataclass(frozen=True)
class Seasons:
    """A batch of pasts, decomposed in five ways.

    recent          by the main period, over its newest cycles
    average         by the main period, over all cycles
    secondary       by the secondary period; the same object as `average` where there is none
    multiplicative  the logarithms by the main period, so that the season grows with the level; profile 0 and
                    remainder NaN where `is_multiplicative` [batch] is false, as some value is not well above zero
    shrunken        by the shrunken profile of the main period; `shrinkage_weight` [batch] is its factor, 0 to 1
    """

    recent: Decomposition
    average: Decomposition
    secondary: Decomposition
    multiplicative: Decomposition
    is_multiplicative: NDArray[np.bool_]
    shrunken: Decomposition
    shrinkage_weight: Array


def find_seasons(past: Array, lengths: NDArray[np.int64], *, periods: tuple[int, ...]) -> Seasons:
    """Decompose `past` [batch, time], of which the last `lengths` [batch] steps are in the series, by `periods`."""
    main = periods[0]
    profile = find_profile(past, lengths, period=main, cycles=ALL_CYCLES)
    by_average = Decomposition.of(past, profile)
    if len(periods) < 2:
        secondary = by_average
    elif periods[1] % main == 0:
        secondary = Decomposition.of(past, find_profile(past, lengths, period=periods[1], cycles=SECONDARY_CYCLES))
    else:
        smooth = find_smooth_profile(past, lengths, short=profile, short_period=main, period=periods[1])
        secondary = Decomposition.of(past, smooth)
    is_multiplicative = _is_well_above_zero(past)
    logarithms = np.log(np.where(is_multiplicative[:, None], past, np.nan))
    shrunken, shrinkage_weight = find_shrunken_profile(past, lengths, period=main)
    return Seasons(
        recent=Decomposition.of(past, find_profile(past, lengths, period=main, cycles=RECENT_CYCLES)),
        average=by_average,
        secondary=secondary,
        multiplicative=Decomposition.of(logarithms, find_profile(logarithms, lengths, period=main, cycles=ALL_CYCLES)),
        is_multiplicative=is_multiplicative,
        shrunken=Decomposition.of(past, shrunken),
        shrinkage_weight=shrinkage_weight,
    )


def find_secondary_lag(periods: tuple[int, ...]) -> int:
    """Steps back to the same phase of the secondary period: whole short cycles, such as 364 days for a year."""
    return max(round(periods[-1] / periods[0]), 1) * periods[0]


def count_week(periods: tuple[int, ...]) -> int:
    """Main cycles in a secondary one where these are few, such as seven days in a week, else 1."""
    ratio = periods[1] // periods[0] if len(periods) > 1 and periods[1] % periods[0] == 0 else 1
    return ratio if ratio <= LONGEST_WEEK else 1


def count_shrunken_cycles(period: int) -> int:
    """Maximum number of cycles that `find_shrunken_profile` uses."""
    return min(max(SHRUNKEN_STEPS // period, SHRUNKEN_CYCLES[0]), SHRUNKEN_CYCLES[1])


def find_profile(past: Array, lengths: NDArray[np.int64], *, period: int, cycles: int) -> Profile:
    """The average deviation of each phase from the level and drift of its cycle, over the last `cycles` cycles.

    Cycles that began before the series did, or with fewer than half of their steps observed, do not count.
    """
    deviations, counted = _find_deviations(past, lengths, period=period, cycles=cycles)
    index = np.nan_to_num(average(deviations, axis=1))  # [batch, period]
    return Profile((index - index.mean(axis=1, keepdims=True),), counted)


def find_shrunken_profile(past: Array, lengths: NDArray[np.int64], *, period: int) -> tuple[Profile, Array]:
    """A profile of trimmed means, shrunk towards 0; and the factor it was multiplied by, 0 to 1 [batch].

    Each phase is the trimmed mean of its deviations, and all phases are shrunk towards 0 by the fraction of their
    variance that noise alone would give them: empirical Bayes (James & Stein 1961), similar to Miller & Williams
    2003 ("Shrinkage estimators of time series seasonal factors", International Journal of Forecasting 19), but
    without their (s − 3) / s, which shrinks a season of few phases less and forecast worse. A single cycle cannot
    show what repeats: its weight is 0.
    """
    deviations, counted = _find_deviations(past, lengths, period=period, cycles=count_shrunken_cycles(period))
    index = np.nan_to_num(_trimmed_mean(deviations))  # [batch, period]
    index -= index.mean(axis=1, keepdims=True)
    observed = (~np.isnan(deviations)).sum(axis=(1, 2))
    residuals = np.nan_to_num(deviations - index[:, None])
    # scaled, so that squares neither overflow nor vanish
    size = np.maximum(np.abs(residuals).max(axis=(1, 2), initial=0.0), np.abs(index).max(axis=1))
    size = np.where(size > 0, size, 1.0)
    cycles = np.maximum(counted, 1)
    squares = ((residuals / size[:, None, None]) ** 2).sum(axis=(1, 2))
    # degrees of freedom: one less for the mean of each cycle and the average of each phase; and one more for the drift
    # of each cycle, as if independent of its neighbours, which raises the noise of short seasons, at most threefold
    degrees = observed - cycles - (~np.isnan(deviations)).any(axis=1).sum(axis=1) + 1
    noise = squares / np.maximum(np.maximum(observed - 2 * cycles - period + 1, degrees / 3), 1) / cycles
    variance = (index / size[:, None]).var(axis=1)
    known = (counted > 1) & (variance > noise)
    weight = np.where(known, 1 - noise / np.where(known, variance, 1.0), 0.0)
    return Profile((weight[:, None] * index,), counted), weight


def find_smooth_profile(
    past: Array, lengths: NDArray[np.int64], *, short: Profile, short_period: int, period: int
) -> Profile:
    """A profile over a long cycle that the short one does not divide, such as a year of weeks of 7 days.

    The remainder without the short profile is folded and smoothed over two short cycles; the short
    profile is added back.
    """
    remainder = Decomposition.of(past, short).remainder
    secondary = find_profile(remainder, lengths, period=period, cycles=SECONDARY_CYCLES)
    index = secondary.parts[0]
    width = 2 * short_period + 1
    around = np.concatenate([index[:, -short_period:], index, index[:, :short_period]], axis=1)
    sums = np.cumsum(np.pad(around, ((0, 0), (1, 0))), axis=1)
    return Profile((*short.parts, (sums[:, width:] - sums[:, :-width]) / width), secondary.cycles)


def lag_by_phase(past: Array, *, period: int, context_length: int, horizon: int) -> Array:
    """The last value known one or more whole periods earlier: [batch, context_length + horizon], NaN for none.

    On context steps this is the last value at the same phase before the step, on horizon steps the
    last one before the cutoff. `past` has at least `context_length + period` steps.
    """
    carried = carry_forward(fold(past, period=period))  # [batch, cycle, period]
    flat = carried.reshape(len(past), -1)
    assert flat.shape[1] >= context_length + period
    ahead = carried[:, -1][:, np.arange(horizon) % period]
    return np.concatenate([flat[:, -context_length - period : flat.shape[1] - period], ahead], axis=1)


def _find_deviations(
    past: Array, lengths: NDArray[np.int64], *, period: int, cycles: int
) -> tuple[Array, NDArray[np.int64]]:
    """The last `cycles` cycles without their level, [batch, cycle, period], and how many of them count, [batch].

    From each cycle its mean and the drift between its neighbours' means are subtracted, as in classical
    decomposition (Hyndman & Athanasopoulos, Forecasting: Principles and Practice, 3rd ed., section 3.4); of two cycles,
    whose means a jump sets apart as well as a trend, only the part of the drift that is likely to be a trend.
    Cycles that do not count are NaN.
    """
    folded = fold(past, period=period)[:, -cycles:]  # [batch, cycle, period]
    count = folded.shape[1]
    age = np.arange(count, 0, -1) * period  # steps from the cutoff back to each cycle's start
    observed = (~np.isnan(folded)).sum(axis=2)
    counts = (age <= lengths[:, None]) & (observed * 2 >= period)  # [batch, cycle]
    folded = np.where(counts[:, :, None], folded, np.nan)
    means = average(folded, axis=2)
    drift = _drift_of_cycles(means)  # per cycle
    pairs = np.flatnonzero((counts.sum(axis=1) == 2) & (drift != 0).any(axis=1))
    if period > 2 and len(pairs):
        drift[pairs] *= _trust_drift(folded[pairs] - means[pairs, :, None], drift[pairs])[:, None]
    drift /= period  # per step
    ramp = drift[:, :, None] * (np.arange(period) - (period - 1) / 2)
    return folded - means[:, :, None] - ramp, counts.sum(axis=1)


def _trust_drift(deviations: Array, drift: Array) -> Array:
    """How far two cycles [batch, cycle, period] show a trend and not a jump between them: a factor, 0 to 1 [batch].

    Both change the mean of a cycle in the same way, but within the cycles only a trend shows, as the slope that all
    phases have in common with the season: the probability of a trend, given that slope, where that of a season is
    normal with the variance that its other phases tell of.
    """
    size = average(np.where(drift != 0, drift, np.nan), axis=1)
    index = average(deviations, axis=1) / size[:, None]  # [batch, period], in drifts
    seen, index = ~np.isnan(index), np.nan_to_num(index)
    period = index.shape[1]
    ramp = (np.arange(period) - (period - 1) / 2) / period  # rises by 1 in a cycle
    slope = index @ ramp / (ramp**2 * seen).sum(axis=1)
    residual = (index - slope[:, None] * ramp) * seen
    variance = SLOPE_VARIANCE * (residual**2).sum(axis=1) / np.maximum(seen.sum(axis=1) - 2, 1) + LEAST_SLOPE**2
    odds = np.log(TREND_ODDS) + (2 * slope - 1) / (2 * variance)
    return np.asarray(1 / (1 + np.exp(-np.clip(odds, -50, 50))))


def _trimmed_mean(values: Array) -> Array:
    """Trimmed mean over axis 1 of [batch, cycle, period], without TRIMMED at each end; NaN for no values."""
    ordered = np.sort(values, axis=1)  # NaN comes last
    count = (~np.isnan(values)).sum(axis=1, keepdims=True)
    rank = np.arange(values.shape[1])[:, None]
    # a value at the cut counts in part
    weight = np.clip(np.minimum(rank + 1, count - rank) - TRIMMED * count, 0, 1)
    total = weight.sum(axis=1)
    mean = (weight * np.nan_to_num(ordered)).sum(axis=1) / np.where(total > 0, total, 1.0)
    return np.where(total > 0, mean, np.nan)


def _is_well_above_zero(past: Array) -> NDArray[np.bool_]:
    """Rows whose lowest value is positive and not negligible compared with the highest: [batch]."""
    seen = ~np.isnan(past)
    lowest = np.where(seen, past, np.inf).min(axis=1)
    highest = np.where(seen, past, 0.0).max(axis=1)
    return np.asarray(np.isfinite(lowest) & (lowest > 0) & (lowest >= MIN_RATIO * highest))


def _drift_of_cycles(means: Array) -> Array:
    """Change of level per cycle, from the means of the cycles before and after: [batch, cycle]."""
    if means.shape[1] < 2:
        return np.zeros_like(means)
    steps = np.diff(means, axis=1)
    known = ~np.isnan(steps)
    total, count = np.zeros(means.shape), np.zeros(means.shape, np.int64)
    for neighbours in (slice(1, None), slice(-1)):
        total[:, neighbours] += np.where(known, steps, 0.0)
        count[:, neighbours] += known
    return np.asarray(total / np.maximum(count, 1))
