"""Seasonal profiles and lags of a whole batch of pasts, the cycles folded under one another."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "ALL_CYCLES",
    "LONG_CYCLES",
    "ROUNDING",
    "Profile",
    "Seasons",
    "average",
    "carry_forward",
    "count_steady_cycles",
    "find_long_lag",
    "find_profile",
    "find_seasons",
    "find_smooth_profile",
    "find_steady_profile",
    "fold",
    "lag_by_phase",
]

Array = NDArray[np.float64]

RECENT_CYCLES, ALL_CYCLES, LONG_CYCLES = 3, 16, 6
STEADY_STEPS, STEADY_CYCLES = 364, (7, 52)
"""What repeats is looked for in so many steps, but in this many cycles at least and at the most."""
TRIMMED = 0.2
"""Share of the cycles that is left out on either side of each phase: holidays, strikes, typing errors."""
ROUNDING = 32 * float(np.finfo(np.float64).eps)
"""What rounding alone can make of a difference of 0, as a share of the largest value."""
MIN_RATIO = 1e-3
"""Lowest value over highest, from which on a season may be a share of the level."""


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
class Seasons:
    """The profiles of a batch of pasts, and what is left of the pasts without them, [batch, time].

    `recent` and `full` are of the main period, over its newest and over all cycles; `long` is of the second
    period, and the same as `full` where there is none. `relative` is `full` taken of the logarithms, so that
    the season grows with the level; it and `rest_relative`, the logarithms without it, are 0 and NaN where
    `is_relative` [batch] is false, as some value is not well above zero. `steady` is what of the main season
    repeats, and `steady_share` [batch] how much of the average profile that is.
    """

    recent: Profile
    full: Profile
    long: Profile
    relative: Profile
    steady: Profile
    steady_share: Array
    rest_recent: Array
    rest: Array
    rest_long: Array
    rest_relative: Array
    rest_steady: Array
    is_relative: NDArray[np.bool_]


def average(values: Array, *, axis: int) -> Array:
    """Mean of what is observed along `axis`; NaN where nothing is, without a warning."""
    seen = ~np.isnan(values)
    count = seen.sum(axis=axis)
    total = np.where(seen, values, 0.0).sum(axis=axis)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def fold(past: Array, *, period: int) -> Array:
    """Whole cycles of `past` [batch, time], the last one ending at the cutoff: [batch, cycle, period]."""
    cycles = past.shape[1] // period
    return past[:, past.shape[1] - cycles * period :].reshape(len(past), cycles, period)


def find_seasons(past: Array, lengths: NDArray[np.int64], *, periods: tuple[int, ...]) -> Seasons:
    """Take `past` [batch, time], of which the last `lengths` [batch] steps are in the series, apart by `periods`."""
    main = periods[0]
    recent = find_profile(past, lengths, period=main, cycles=RECENT_CYCLES)
    full = find_profile(past, lengths, period=main, cycles=ALL_CYCLES)
    if len(periods) < 2:
        long = full
    elif periods[1] % main == 0:
        long = find_profile(past, lengths, period=periods[1], cycles=LONG_CYCLES)
    else:
        long = find_smooth_profile(past, lengths, short=full, short_period=main, period=periods[1], cycles=LONG_CYCLES)
    is_relative = _is_well_above_zero(past)
    logarithms = np.log(np.where(is_relative[:, None], past, np.nan))
    relative = find_profile(logarithms, lengths, period=main, cycles=ALL_CYCLES)
    steady, steady_share = find_steady_profile(past, lengths, period=main)
    rests = [past - profile.over(-past.shape[1], 0) for profile in (recent, full, long, steady)]
    return Seasons(
        recent=recent,
        full=full,
        long=long,
        relative=relative,
        steady=steady,
        steady_share=steady_share,
        rest_recent=rests[0],
        rest=rests[1],
        rest_long=rests[2],
        rest_relative=logarithms - relative.over(-past.shape[1], 0),
        rest_steady=rests[3],
        is_relative=is_relative,
    )


def find_long_lag(periods: tuple[int, ...]) -> int:
    """Steps back to the same phase of the longer period: whole short cycles, such as 364 days for a year."""
    return max(round(periods[-1] / periods[0]), 1) * periods[0]


def count_steady_cycles(period: int) -> int:
    """Of how many cycles `find_steady_profile` makes its profile, at the most."""
    return min(max(STEADY_STEPS // period, STEADY_CYCLES[0]), STEADY_CYCLES[1])


def find_profile(past: Array, lengths: NDArray[np.int64], *, period: int, cycles: int) -> Profile:
    """The average deviation of each phase from the level and drift of its cycle, over the last `cycles` cycles.

    Cycles that began before the series did, or with fewer than half of their steps observed, do not count.
    """
    deviations, counted = _find_deviations(past, lengths, period=period, cycles=cycles)
    index = np.nan_to_num(average(deviations, axis=1))  # [batch, period]
    return Profile((index - index.mean(axis=1, keepdims=True),), counted)


def find_steady_profile(past: Array, lengths: NDArray[np.int64], *, period: int) -> tuple[Profile, Array]:
    """What of the season repeats, cycle after cycle; and the share of the average profile that it is, [batch].

    Each phase is the mean of its deviations without the most extreme ones, and all of them are shrunk towards 0
    by the share of their variance that noise alone would give them: empirical Bayes, as James & Stein 1961 did it,
    in the manner of Miller & Williams 2003 ("Shrinkage estimators of time series seasonal factors", International
    Journal of Forecasting 19) though without their (s − 3) / s, which trusts a season of few phases more than it
    forecast well. A single cycle shows nothing that repeats.
    """
    deviations, counted = _find_deviations(past, lengths, period=period, cycles=count_steady_cycles(period))
    index = np.nan_to_num(_trimmed_mean(deviations))  # [batch, period]
    index -= index.mean(axis=1, keepdims=True)
    observed = (~np.isnan(deviations)).sum(axis=(1, 2))
    left = np.nan_to_num(deviations - index[:, None])
    # in sizes that can be squared
    size = np.maximum(np.abs(left).max(axis=(1, 2), initial=0.0), np.abs(index).max(axis=1))
    size = np.where(size > 0, size, 1.0)
    cycles = np.maximum(counted, 1)
    squares = ((left / size[:, None, None]) ** 2).sum(axis=(1, 2))
    # each cycle gave away its mean, each phase its average; and the drift as if it were free, which makes short
    # seasons prove themselves, but no more than threefold
    free = observed - cycles - (~np.isnan(deviations)).any(axis=1).sum(axis=1) + 1
    noise = squares / np.maximum(np.maximum(observed - 2 * cycles - period + 1, free / 3), 1) / cycles
    variance = (index / size[:, None]).var(axis=1)
    known = (counted > 1) & (variance > noise)
    share = np.where(known, 1 - noise / np.where(known, variance, 1.0), 0.0)
    return Profile((share[:, None] * index,), counted), share


def find_smooth_profile(
    past: Array, lengths: NDArray[np.int64], *, short: Profile, short_period: int, period: int, cycles: int
) -> Profile:
    """A profile over a long cycle that the short one does not divide, such as a year of weeks of 7 days.

    What is left of `past` without the short profile is folded, smoothed over two short cycles, and the
    short profile put back.
    """
    rest = past - short.over(-past.shape[1], 0)
    long = find_profile(rest, lengths, period=period, cycles=cycles)
    index = long.parts[0]
    width = 2 * short_period + 1
    around = np.concatenate([index[:, -short_period:], index, index[:, :short_period]], axis=1)
    sums = np.cumsum(np.pad(around, ((0, 0), (1, 0))), axis=1)
    return Profile((*short.parts, (sums[:, width:] - sums[:, :-width]) / width), long.cycles)


def carry_forward(folded: Array) -> Array:
    """Fill unobserved steps of [batch, cycle, period] with the same phase of the newest cycle before."""
    seen = ~np.isnan(folded)
    newest = np.where(seen, np.arange(folded.shape[1])[None, :, None], 0)
    newest = np.maximum.accumulate(newest, axis=1)
    return np.take_along_axis(folded, newest, axis=1)


def lag_by_phase(past: Array, *, period: int, context_length: int, horizon: int) -> Array:
    """The last value known one or more whole periods earlier: [batch, context_length + horizon], NaN for none.

    On the context steps that is the value at the same phase before the step, on the horizon steps the
    last one before the cutoff. `past` holds at least `context_length + period` steps.
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

    Each cycle is freed from its mean and from the drift between its neighbours' means, as in classical
    decomposition (Hyndman & Athanasopoulos, Forecasting: Principles and Practice, 3rd ed., section 3.4).
    Those that do not count are NaN.
    """
    folded = fold(past, period=period)[:, -cycles:]  # [batch, cycle, period]
    count = folded.shape[1]
    age = np.arange(count, 0, -1) * period  # steps from the cutoff back to each cycle's start
    observed = (~np.isnan(folded)).sum(axis=2)
    counts = (age <= lengths[:, None]) & (observed * 2 >= period)  # [batch, cycle]
    folded = np.where(counts[:, :, None], folded, np.nan)
    means = average(folded, axis=2)
    drift = _drift_of_cycles(means) / period  # per step
    ramp = drift[:, :, None] * (np.arange(period) - (period - 1) / 2)
    return folded - means[:, :, None] - ramp, counts.sum(axis=1)


def _trimmed_mean(values: Array) -> Array:
    """Mean over axis 1 of [batch, cycle, period] without the highest and the lowest of TRIMMED; NaN for nothing."""
    ordered = np.sort(values, axis=1)  # NaN comes last
    count = (~np.isnan(values)).sum(axis=1, keepdims=True)
    rank = np.arange(values.shape[1])[:, None]
    # the value that the cut goes through counts in part
    weight = np.clip(np.minimum(rank + 1, count - rank) - TRIMMED * count, 0, 1)
    total = weight.sum(axis=1)
    mean = (weight * np.nan_to_num(ordered)).sum(axis=1) / np.where(total > 0, total, 1.0)
    return np.where(total > 0, mean, np.nan)


def _is_well_above_zero(past: Array) -> NDArray[np.bool_]:
    """Rows whose lowest value is not negligible beside the highest: [batch]."""
    seen = ~np.isnan(past)
    lowest = np.where(seen, past, np.inf).min(axis=1)
    highest = np.where(seen, past, 0.0).max(axis=1)
    return np.asarray(np.isfinite(lowest) & (lowest > 0) & (lowest >= MIN_RATIO * highest))


def _drift_of_cycles(means: Array) -> Array:
    """Change of level per cycle, from the neighbours' means where both are there: [batch, cycle]."""
    if means.shape[1] < 2:
        return np.zeros_like(means)
    steps = np.diff(means, axis=1)
    before = np.pad(steps, ((0, 0), (1, 0)), constant_values=np.nan)
    after = np.pad(steps, ((0, 0), (0, 1)), constant_values=np.nan)
    return np.nan_to_num(average(np.stack([before, after]), axis=0))
