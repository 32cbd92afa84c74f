"""A point mass at zero for intermittent series, and whole numbers for small counts.

The network's quantiles are smooth, while rare demand is zero on most steps: a median of 0.2 is always wrong. So the
probability of zero is the mean of two: that of the network, and that of the past, in which recent steps count more.
Quantiles at levels up to it are zero; those above are the network's own for values above zero. `benchmarks/README.md`
has what this is worth.
"""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import Array, average, fold
from forecaster.forecasting.level_of_value import find_level, take_levels

__all__ = ["Discrete", "ZerosOfPast", "estimate_zeros", "find_small_counts", "make_discrete"]

WEIGHT_OF_PAST = 0.5
HALF_LIFE, HALF_LIFE_CYCLES = 32, 4
"""Steps, and cycles of the period, after which a step of the past counts half; the longer of both."""
MIN_CYCLES = 8
"""Cycles of a period that a past must span before its phases have probabilities of their own."""
FEWEST_ZEROS = 0.05
"""Share of zeros, as the past is weighted, from which a series is intermittent."""
SMALL_COUNT = 5.0
"""Mean of the past below which whole numbers are small counts; for larger ones fractions are no error."""
ROUNDS_TO_ZERO = 0.5


@dataclass(frozen=True)
class ZerosOfPast:
    """What pasts say of zeros.

    probability [batch, horizon]  of zero on each step to forecast
    mean        [batch, horizon]  of the past at the phase of each step, recent steps counting more
    trust       [batch]           how far zeros come at random, 0 to 1: near 0 for those of one long break
    share       [batch]           of zeros in the past, recent steps counting more
    """

    probability: Array
    mean: Array
    trust: Array
    share: Array

    @property
    def weight(self) -> Array:
        """How much the past counts beside the network, [batch]; 0 where a series is not intermittent."""
        return np.asarray(WEIGHT_OF_PAST * self.trust * (self.share >= FEWEST_ZEROS))


@dataclass(frozen=True)
class Discrete:
    """Quantiles [batch, horizon, level] with exact zeros, whole numbers where `is_count` [batch].

    `zero_probability` [batch, horizon] is the level up to which quantiles are zero; 0 where they were left as they are.
    """

    quantiles: Array
    zero_probability: Array
    is_count: NDArray[np.bool_]


def find_small_counts(past: Array) -> NDArray[np.bool_]:
    """Which rows of `past` [batch, time] have only whole numbers, none negative, with a mean below SMALL_COUNT."""
    known = np.nan_to_num(past)
    is_whole = ((known >= 0) & (known == np.round(known))).all(axis=1)
    return np.asarray(is_whole & (np.nan_to_num(average(past, axis=1), nan=np.inf) < SMALL_COUNT))


def estimate_zeros(past: Array, lengths: NDArray[np.int64], *, periods: tuple[int, ...], horizon: int) -> ZerosOfPast:
    """How often each step to forecast will be zero, from `past` [batch, time] alone; 0 where it has a negative value.

    The last `lengths` [batch] steps lie within the series. Phases of the longest period that is long enough observed
    have probabilities of their own, shrunk to the overall one: see `_shrink_phases`.
    """
    steps, rows_only = (len(past), horizon), len(past)
    found = ZerosOfPast(np.zeros(steps), np.zeros(steps), np.zeros(rows_only), np.zeros(rows_only))
    # the others are not intermittent
    left = (past == 0).any(axis=1) & ~(past < 0).any(axis=1)
    for period in (*sorted({*periods} - {1}, reverse=True), 1):
        rows = np.flatnonzero(left & ((lengths >= MIN_CYCLES * period) | (period == 1)))
        left[rows] = False
        if len(rows):
            own = _estimate_zeros_by_phase(past[rows], period=period, horizon=horizon)
            for field in fields(ZerosOfPast):
                getattr(found, field.name)[rows] = getattr(own, field.name)
    return found


def make_discrete(
    quantiles: Array,
    past: Array,
    zeros: ZerosOfPast,
    *,
    levels: tuple[float, ...],
    allow_fractions: bool = False,
) -> Discrete:
    """`quantiles` [batch, horizon, level] with a point mass at zero where `past` is intermittent by its `zeros`.

    Those of small counts are rounded to whole numbers unless `allow_fractions`. Others are left as they are.
    """
    result = Discrete(quantiles.copy(), np.zeros(quantiles.shape[:2]), np.zeros(len(quantiles), bool))
    has_quantiles = ~np.isnan(quantiles).any(axis=(1, 2))
    is_count = find_small_counts(past) & has_quantiles & (not allow_fractions)
    is_intermittent = (zeros.share >= FEWEST_ZEROS) & has_quantiles
    rows = np.flatnonzero(is_count | is_intermittent)
    if not len(rows):
        return result
    is_count, weight = is_count[rows], zeros.weight[rows, None]
    threshold = np.where(is_count, ROUNDS_TO_ZERO, 0.0)
    below = find_level(quantiles[rows], threshold, levels=levels)
    probability = (1 - weight) * below + weight * zeros.probability[rows]
    spread = _spread_above(quantiles[rows], below, probability, levels=levels)
    whole = np.floor(np.maximum(spread, ROUNDS_TO_ZERO) + 0.5)
    found = np.where(is_count[:, None, None], whole, spread)
    found = np.where(np.asarray(levels) <= probability[:, :, None], 0.0, found)
    result.quantiles[rows], result.zero_probability[rows], result.is_count[rows] = found, probability, is_count
    return result


def _estimate_zeros_by_phase(past: Array, *, period: int, horizon: int) -> ZerosOfPast:
    """See `estimate_zeros`, for pasts that are all long enough for `period`."""
    past = np.pad(past, ((0, 0), (-past.shape[1] % period, 0)), constant_values=np.nan)
    age = np.arange(past.shape[1])[::-1]
    weight = np.where(np.isnan(past), 0.0, 0.5 ** (age / max(HALF_LIFE, HALF_LIFE_CYCLES * period)))
    is_zero = past == 0
    values = np.nan_to_num(past)
    by_phase = [
        fold(every, period=period).sum(axis=1) for every in (weight, weight * is_zero, weight**2, weight * values)
    ]  # [batch, period]
    weights, zeros, squares, sums = by_phase
    share = zeros.sum(axis=1) / np.maximum(weights.sum(axis=1), 1e-300)
    counts = weights**2 / np.maximum(squares, 1e-300)  # Kish's effective number
    raw = np.where(weights > 0, zeros / np.maximum(weights, 1e-300), share[:, None])
    phases = _shrink_phases(raw, counts, share) if period > 1 else raw
    # how often zeros and others follow one another, and how often they would if they came at random
    expected = np.tile(phases, past.shape[1] // period)
    both = weight[:, 1:] * (weight[:, :-1] > 0)
    changes = (both * (is_zero[:, 1:] != is_zero[:, :-1])).sum(axis=1)
    now, before = expected[:, 1:], expected[:, :-1]
    at_random = (both * (now * (1 - before) + before * (1 - now))).sum(axis=1)
    trust = np.where(at_random > 0, np.minimum(changes / np.where(at_random > 0, at_random, 1.0), 1.0), 1.0) ** 2
    overall = (weight * values).sum(axis=1) / np.maximum(weight.sum(axis=1), 1e-300)
    means = np.where(weights > 0, sums / np.maximum(weights, 1e-300), overall[:, None])
    ahead = np.arange(horizon) % period
    return ZerosOfPast(phases[:, ahead], means[:, ahead], trust, share)


def _shrink_phases(raw: Array, counts: Array, share: Array) -> Array:
    """Shares of zeros of each phase, `raw` [batch, period] from `counts` steps, shrunk to the overall `share` [batch].

    The mean of a beta distribution after its data, whose prior has the mean and the variance of the phases, without the
    variance that comes from few steps (moments, as in empirical Bayes).
    """
    seen = counts > 0
    phases = np.maximum(seen.sum(axis=1), 1)
    between = (((raw - share[:, None]) ** 2) * seen).sum(axis=1) / np.maximum(phases - 1, 1)
    by_chance = (raw * (1 - raw) / np.maximum(counts - 1, 1) * seen).sum(axis=1) / phases
    variance = np.maximum(between - by_chance, 0.0)
    # steps that the prior counts as; without any variance between phases all have the overall share
    prior = np.maximum(share * (1 - share) / np.maximum(variance, 1e-9) - 1, 1e-9)[:, None]
    return np.asarray((counts * raw + prior * share[:, None]) / (counts + prior))


def _spread_above(quantiles: Array, below: Array, probability: Array, *, levels: tuple[float, ...]) -> Array:
    """The quantiles of values above zero, spread over the levels above `probability` instead of those above `below`."""
    known = np.asarray(levels)
    # the same value has (level - below) / (1 - below) before, and (level - probability) / (1 - probability) now
    beyond = (known - probability[:, :, None]) / np.maximum(1 - probability, 1e-12)[:, :, None]
    wanted = below[:, :, None] + (1 - below)[:, :, None] * np.clip(beyond, 0.0, 1.0)
    return take_levels(quantiles, wanted, levels=levels)
