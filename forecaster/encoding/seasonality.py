"""Seasonal profiles and lags of a whole batch of pasts, the cycles folded under one another."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "ALL_CYCLES",
    "LONG_CYCLES",
    "Profile",
    "Seasons",
    "average",
    "carry_forward",
    "find_long_lag",
    "find_profile",
    "find_seasons",
    "find_smooth_profile",
    "fold",
    "lag_by_phase",
]

Array = NDArray[np.float64]

RECENT_CYCLES, ALL_CYCLES, LONG_CYCLES = 3, 16, 6
LEAST_RATIO = 1e-3
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
    `is_relative` [batch] is false, as some value is not well above zero.
    """

    recent: Profile
    full: Profile
    long: Profile
    relative: Profile
    rest_recent: Array
    rest: Array
    rest_long: Array
    rest_relative: Array
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
    rests = [past - profile.over(-past.shape[1], 0) for profile in (recent, full, long)]
    rest_relative = logarithms - relative.over(-past.shape[1], 0)
    return Seasons(recent, full, long, relative, rests[0], rests[1], rests[2], rest_relative, is_relative)


def find_long_lag(periods: tuple[int, ...]) -> int:
    """Steps back to the same phase of the longer period: whole short cycles, such as 364 days for a year."""
    return max(round(periods[-1] / periods[0]), 1) * periods[0]


def find_profile(past: Array, lengths: NDArray[np.int64], *, period: int, cycles: int) -> Profile:
    """The average deviation of each phase from the level of its cycle, over the last `cycles` cycles.

    Each cycle is freed from its mean and from the drift between its neighbours' means, as in classical
    decomposition (Hyndman & Athanasopoulos, Forecasting: Principles and Practice, 3rd ed., section 3.4).
    Cycles that began before the series did, or with fewer than half of their steps observed, do not count.
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
    index = np.nan_to_num(average(folded - means[:, :, None] - ramp, axis=1))  # [batch, period]
    return Profile((index - index.mean(axis=1, keepdims=True),), counts.sum(axis=1))


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


def _is_well_above_zero(past: Array) -> NDArray[np.bool_]:
    """Rows whose lowest value is not negligible beside the highest: [batch]."""
    seen = ~np.isnan(past)
    lowest = np.where(seen, past, np.inf).min(axis=1)
    highest = np.where(seen, past, 0.0).max(axis=1)
    return np.asarray(np.isfinite(lowest) & (lowest > 0) & (lowest >= LEAST_RATIO * highest))


def _drift_of_cycles(means: Array) -> Array:
    """Change of level per cycle, from the neighbours' means where both are there: [batch, cycle]."""
    if means.shape[1] < 2:
        return np.zeros_like(means)
    steps = np.diff(means, axis=1)
    before = np.pad(steps, ((0, 0), (1, 0)), constant_values=np.nan)
    after = np.pad(steps, ((0, 0), (0, 1)), constant_values=np.nan)
    return np.nan_to_num(average(np.stack([before, after]), axis=0))
