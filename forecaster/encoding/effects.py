"""The effect of covariates on each past, and its continuation over the horizon: ridge regression on a fixed basis.

Target and covariates are compared without their slow level and their season, so that what only rises together, or
has the same season, is not taken for an effect (partial regression: Frisch & Waugh 1933; Lovell 1963). The basis of a
covariate is itself, bent at the terciles of its past, its mean over the last main season, and all but the last at
different times of the season. What the regression is worth is measured on blocks of the past that it has not seen: that
chooses the penalty, whether the effect is added or grows with the level, and how far it is shrunk, down to nothing.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import Array
from forecaster.encoding.block_ridge import MIN_SHARE, Fitted, fit_by_blocks, number_blocks
from forecaster.encoding.covariate_basis import ROOM, WITHOUT_BEFORE, count_features
from forecaster.encoding.free_series import (
    MAX_COVARIATES,
    SHORTEST_LEVEL,
    FreeSeries,
    free_series,
    make_own_basis,
    sum_around,
)
from forecaster.encoding.newest_steps import learn_on
from forecaster.encoding.pooled_effects import Prior

__all__ = [
    "MAX_ELEMENTS",
    "MIN_STEPS",
    "Effects",
    "find_effects",
    "split_effects",
]

MIN_STEPS = 16
"""Fewest steps with a value from which an effect is learned."""
MAX_ELEMENTS = 400_000
"""Elements of an array of features, which limits the memory; what the caches of a core hold is not slower."""
MAX_LOGARITHM = 5.0
STEPS_TO_BE_SURE, LEAST_ADDED = 200, 0.05
"""Steps for each covariate below which effects on the next step have to explain so much of what is left otherwise."""
FAVOURED = 1.2
"""An effect on a positive series grows with the level, unless adding it leaves errors smaller by this factor."""
TOLERATED = 0.05
"""Variance that the error of an effect may have over its whole range, as a share of that of the values."""
SMALLEST = 1e-9


@dataclass(frozen=True)
class Effects:
    """What covariates add to each step: y = factor · (y without the effect) + shift.

    factor, shift  [batch, time + horizon]  1 and 0 where there is no effect; one of them changes at the most
    share          [batch]           fraction of the variance that is explained in blocks of the past not learned from
    shrinkage      [batch]           what the fitted effect was multiplied by
    outside        [batch, horizon]  the largest distance of a covariate from the range of its past, in such ranges
    """

    factor: Array
    shift: Array
    share: Array
    shrinkage: Array
    outside: Array

    @classmethod
    def none(cls, batch: int, time: int, horizon: int) -> "Effects":
        """No effect at all."""
        steps = (batch, time + horizon)
        return cls(np.ones(steps), np.zeros(steps), np.zeros(batch), np.zeros(batch), np.zeros((batch, horizon)))

    def put(self, rows: NDArray[np.int64], part: "Effects") -> None:
        """Replace the effects of some rows, but not what lies outside, by those of a `part`."""
        self.factor[rows], self.shift[rows] = part.factor, part.shift
        self.share[rows], self.shrinkage[rows] = part.share, part.shrinkage

    def take(self, rows: NDArray[np.int64]) -> "Effects":
        """The effects of some rows."""
        return Effects(*(values[rows] for values in vars(self).values()))

    def add(self, values: Array, *, begin: int) -> Array:
        """`values` [batch, steps] with the effects, from step `begin` on."""
        steps = slice(begin, begin + values.shape[1])
        return np.asarray(values * self.factor[:, steps] + self.shift[:, steps])

    def remove(self, values: Array, *, begin: int) -> Array:
        """`values` [batch, steps] without the effects, from step `begin` on."""
        steps = slice(begin, begin + values.shape[1])
        return np.asarray((values - self.shift[:, steps]) / self.factor[:, steps])


def find_effects(
    past: Array,
    lengths: NDArray[np.int64],
    scaled: Array,
    outside: Array,
    *,
    periods: tuple[int, ...],
    prior: Prior | None = None,
) -> Effects:
    """The effects on `past` [batch, time] of covariates that are known ahead, as `standardise` returns them.

    The last `lengths` [batch] steps of each past lie within the series. With a `prior`, for which covariates are in
    common units, short pasts have the effects that it says.
    """
    batch, time = past.shape
    past = np.where(np.arange(time, 0, -1) <= lengths[:, None], past, np.nan)
    found = replace(Effects.none(batch, time, scaled.shape[1] - time), outside=outside.max(axis=2, initial=0.0))
    changes = (scaled != 0).any(axis=(1, 2))
    fewest = MIN_STEPS if prior is None else 1
    learns = np.flatnonzero(((~np.isnan(past)).sum(axis=1) >= fewest) & changes)
    features = count_features(scaled.shape[2], period=periods[0])
    size = max(1, MAX_ELEMENTS // max(1, scaled.shape[1] * features))
    for rows in (learns[begin : begin + size] for begin in range(0, len(learns), size)):
        own = None if prior is None else prior.take(rows)
        part = _learn(past[rows], lengths[rows], scaled[rows], periods=periods, prior=own)
        found.put(rows, part)
    return found


@dataclass(frozen=True)
class _Learned:
    """What each covariate adds, [batch, time + horizon, covariate], and the mean of all together in the past [batch].

    `owners` [feature] are the covariates of the features of `basis` [batch, time + horizon, feature]. `is_factor`
    [batch] is whether the sum is the logarithm of a factor; share and shrinkage as in `Effects`.
    """

    parts: Array
    basis: Array
    owners: NDArray[np.int64]
    constant: Array
    is_factor: NDArray[np.bool_]
    share: Array
    shrinkage: Array


def _learn(
    past: Array, lengths: NDArray[np.int64], scaled: Array, *, periods: tuple[int, ...], prior: Prior | None
) -> Effects:
    """The effects on pasts that are long enough, see `find_effects`."""
    learned = _regress(past, lengths, scaled, periods=periods, prior=prior)
    effect = learned.parts.sum(axis=2) - learned.constant[:, None]
    factor = np.exp(np.clip(effect, -MAX_LOGARITHM, MAX_LOGARITHM))
    is_factor = learned.is_factor[:, None]
    return Effects(
        np.where(is_factor, factor, 1.0),
        np.where(is_factor, 0.0, effect),
        learned.share,
        learned.shrinkage,
        np.zeros((len(past), 0)),
    )


def _regress(
    past: Array,
    lengths: NDArray[np.int64],
    scaled: Array,
    *,
    periods: tuple[int, ...],
    prior: Prior | None = None,
) -> _Learned:
    """The regression of pasts that are long enough; with a `prior`, of shorter ones what it says."""
    batch, time = past.shape
    free = free_series(past, lengths, scaled, periods=periods)
    targets, is_known, is_positive = free.targets, free.is_known, free.is_positive
    basis = free.basis.values
    begin = None
    if prior is not None and scaled.shape[2] <= MAX_COVARIATES:
        begin = prior.coefficients[:, free.basis.labels]
        begin = begin * np.stack([free.deviation, np.ones(batch)], axis=1)[:, None]
    features = np.where(free.is_single[:, None], 0.0, free.features)
    is_before = free.basis.labels >= WITHOUT_BEFORE * min(scaled.shape[2], MAX_COVARIATES)
    unsure = np.flatnonzero(lengths < STEPS_TO_BE_SURE * scaled.shape[2])
    fitted = _fit(features, free, number_blocks(lengths, time=time), begin, extra=is_before, rows=unsure)
    fitted = learn_on(fitted, features, free, lengths)
    errors = np.abs(targets - fitted.left_out)
    level = sum_around(np.nan_to_num(past)[:, :, None], 2 * SHORTEST_LEVEL + 1)
    count = sum_around(is_known.astype(np.float64)[:, :, None], 2 * SHORTEST_LEVEL + 1)
    in_units = errors[:, :, 1:] * level / np.maximum(count, 1.0)
    is_factor = is_positive & (in_units.sum(axis=(1, 2)) < FAVOURED * errors[:, :, 0].sum(axis=1))
    is_short = is_known.sum(axis=1) < MIN_STEPS
    if begin is not None and prior is not None:
        says_little = is_short | (fitted.share <= MIN_SHARE).all(axis=1)
        is_factor = np.where(says_little, is_positive & prior.is_factor, is_factor)
    chosen = np.arange(batch), is_factor.astype(np.int64)
    share, shrinkage = fitted.share[chosen], fitted.shrinkage[chosen]
    coefficients = fitted.coefficients[chosen[0], :, chosen[1]]
    pooled = np.zeros_like(coefficients) if begin is None else begin[chosen[0], :, chosen[1]]
    if begin is not None:
        coefficients = np.where(is_short[:, None], pooled, coefficients)
        share, shrinkage = np.where(is_short, 0.0, share), np.where(is_short, 1.0, shrinkage)
    covariates = min(scaled.shape[2], MAX_COVARIATES)
    owners = free.basis.labels % covariates
    add_up = np.eye(covariates)[owners]  # [feature, covariate]
    parts = (basis * coefficients[:, None]) @ add_up
    expected = (basis[:, time:] * pooled[:, None]) @ add_up
    parts[:, time:] = _stay_near(parts[:, time:], parts[:, :time], is_known, expected=expected)
    effect = parts[:, :time].sum(axis=2)
    if prior is None:
        values = np.where(is_known, past, 1.0)
        logarithms = np.log(np.where(is_factor[:, None], values, 1.0))
        targets = np.where(is_factor[:, None], logarithms, values)
        kept = _keep_calm(targets, effect, is_known, explained=share)
        parts, effect, shrinkage = parts * kept[:, None, None], effect * kept[:, None], shrinkage * kept
    constant = (effect * is_known).sum(axis=1) / is_known.sum(axis=1)
    return _Learned(parts, basis, owners, constant, is_factor, share, shrinkage)


def _fit(
    features: Array,
    free: FreeSeries,
    blocks: NDArray[np.int64],
    prior: Array | None,
    *,
    extra: NDArray[np.bool_],
    rows: NDArray[np.int64],
) -> Fitted:
    """The regression of pasts, in `rows` without the features that are `extra` [feature] where these add little."""
    fitted = fit_by_blocks(features, free.targets, blocks, free.season, prior=prior)
    if not len(rows) or not extra.any():
        return fitted
    own = None if prior is None else prior[rows][:, ~extra]
    season = replace(free.season, counts=free.season.counts[rows], sizes=free.season.sizes[rows][:, ~extra])
    without = fit_by_blocks(features[rows][:, :, ~extra], free.targets[rows], blocks[rows], season, prior=own)
    # what is expected of features that are left out stays
    whole = np.zeros_like(fitted.coefficients[rows]) if prior is None else prior[rows]
    whole[:, ~extra] = without.coefficients
    without = replace(without, coefficients=whole)
    is_enough = fitted.share[rows] > without.share + LEAST_ADDED * (1 - without.share)
    for name, values in vars(fitted).items():
        other = getattr(without, name)
        values[rows] = np.where(is_enough[:, None] if other.ndim == 3 else is_enough, values[rows], other)
    return fitted


def _stay_near(ahead: Array, past: Array, is_known: NDArray[np.bool_], *, expected: Array) -> Array:
    """What covariates add `ahead` [batch, horizon, covariate], kept near the range of what they add in the `past`.

    What is `expected` without this past, as other series show it, or nothing at all, is never too far. A promotion that
    has only ever been on for single days says nothing of a whole week of it, nor of other weekdays.
    """
    seen = is_known[:, :, None]
    lowest = np.where(seen, past, np.inf).min(axis=1, keepdims=True)
    highest = np.where(seen, past, -np.inf).max(axis=1, keepdims=True)
    room = ROOM * (highest - lowest)
    return np.clip(ahead, np.minimum(lowest - room, expected), np.maximum(highest + room, expected))


def _keep_calm(values: Array, effect: Array, is_known: NDArray[np.bool_], *, explained: Array) -> Array:
    """The share of an `effect` [batch, time] that is kept, so that `values` vary no more without it: [batch].

    An effect is learned from what is left of a covariate without its slow level. Where that is little, as of one that
    rises all the time, it is extended to many times what it was learned from. So it is kept as it is only as far as it
    is known: the square of its relative error is (1 - R²) / (R² n), by what it has `explained` [batch] of n steps.
    """
    count = is_known.sum(axis=1, keepdims=True)
    own, added = (
        np.where(is_known, one - np.where(is_known, one, 0.0).sum(axis=1, keepdims=True) / count, 0.0)
        for one in (values, effect)
    )
    before, size, common = (own**2).sum(axis=1), (added**2).sum(axis=1), (own * added).sum(axis=1)
    calm = np.clip(2 * common / np.where(size > 0, size, 1.0), 0.0, 1.0)
    error = (1 - explained) / np.maximum(explained * count[:, 0], SMALLEST) * size
    doubt = np.clip(error / np.where(before > 0, TOLERATED * before, 1.0), 0.0, 1.0)
    return np.asarray(1 - doubt * (1 - calm))


def split_effects(
    past: Array,
    lengths: NDArray[np.int64],
    scaled: Array,
    *,
    periods: tuple[int, ...],
    prior: Prior | None = None,
) -> tuple[Array, bool]:
    """What each covariate adds to a single past, [time + horizon, covariate]; whether these are logarithms of factors.

    The arguments are as in `find_effects`, with a batch of one; the sum is its shift, or the logarithm of its factor.
    """
    parts = np.zeros(scaled.shape[1:])
    if (~np.isnan(past)).sum() < (MIN_STEPS if prior is None else 1) or not scaled.any():
        return parts, False
    learned = _regress(past, lengths, scaled, periods=periods, prior=prior)
    for number in range(scaled.shape[2]):
        # each feature is made of one covariate, and changes with it alone
        larger = scaled * np.where(np.arange(scaled.shape[2]) == number, 2.0, 1.0)
        own = (make_own_basis(past, lengths, larger, periods=periods).values != learned.basis).any(axis=(0, 1))
        effect = learned.parts[0][:, np.unique(learned.owners[own])].sum(axis=1)
        parts[:, number] = effect - effect[: past.shape[1]][~np.isnan(past[0])].mean()
    total = parts.sum(axis=1, keepdims=True)
    is_factor = bool(learned.is_factor[0])
    if is_factor:
        parts *= MAX_LOGARITHM / np.maximum(np.abs(total), MAX_LOGARITHM)
    return parts, is_factor
