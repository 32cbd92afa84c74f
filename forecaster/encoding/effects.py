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
from forecaster.encoding.block_ridge import Season, fit_by_blocks, number_blocks
from forecaster.encoding.covariate_basis import Basis, count_features, make_basis
from forecaster.encoding.pooled_effects import MAX_POOLED, Prior
from forecaster.encoding.seasonality import count_week

__all__ = [
    "MIN_STEPS",
    "Effects",
    "FreeSeries",
    "find_effects",
    "free_series",
    "split_effects",
]

MIN_STEPS = 16
"""Fewest steps with a value from which an effect is learned."""
MIN_SEASONS = 3
"""Fewest cycles from which the season is removed before the comparison."""
SHORTEST_LEVEL, SEASONS_OF_LEVEL = 13, 3
"""Steps, and main seasons, over which the slow level is averaged."""
MAX_COVARIATES = MAX_POOLED
"""With more covariates, those are used that go best with the target."""
MAX_ELEMENTS = 4_000_000
"""Elements of an array of features, which limits the memory."""
MAX_LOGARITHM = 5.0
FAVOURED = 1.2
"""An effect on a positive series grows with the level, unless adding it leaves errors smaller by this factor."""


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


def _choose_covariates(scaled: Array, target: Array, is_known: NDArray[np.bool_], *, periods: tuple[int, ...]) -> Array:
    """Of many covariates those that go best with the `target` [batch, time], for each row."""
    if scaled.shape[2] <= MAX_COVARIATES:
        return scaled
    time = target.shape[1]
    both = np.concatenate([np.nan_to_num(target)[:, :, None], scaled[:, :time]], axis=2)
    free = _remove_level_and_season(both, is_known, periods=periods)[0]
    size = np.sqrt((free**2).sum(axis=1))
    fits = np.abs((free[:, :, :1] * free[:, :, 1:]).sum(axis=1)) / np.where(size[:, 1:] > 0, size[:, 1:], np.inf)
    best = np.sort(np.argsort(-fits, axis=1, kind="stable")[:, :MAX_COVARIATES], axis=1)
    return np.take_along_axis(scaled, best[:, None, :], axis=2)


def _make_basis(past: Array, lengths: NDArray[np.int64], scaled: Array, *, periods: tuple[int, ...]) -> Basis:
    """The features of the covariates that are used, see `make_basis`."""
    chosen = _choose_covariates(scaled, past, ~np.isnan(past), periods=periods)
    return make_basis(chosen, lengths, time=past.shape[1], period=periods[0])


def _remove_level_and_season(
    values: Array, is_known: NDArray[np.bool_], *, periods: tuple[int, ...]
) -> tuple[Array, Array]:
    """`values` [batch, time, column] without their slow level and the mean of each phase; 0 where not known.

    The second array has their sums of squares without the level, but with the season: [batch, column].
    """
    period = periods[0]
    width = max(SHORTEST_LEVEL, SEASONS_OF_LEVEL * period if period <= SHORTEST_LEVEL else count_week(periods) * period)
    counts = _sum_around(is_known.astype(np.float64)[:, :, None], width)
    cycles = is_known.sum(axis=1) // period
    # the season is removed from the level-free values, and the level that was wrong because of it once more
    for number in range(2):
        values = np.where(is_known[:, :, None], values, 0.0)
        values = values - _sum_around(values, width) / np.maximum(counts, 1.0)
        if number == 0:
            sizes = (values**2 * is_known[:, :, None]).sum(axis=1)
        if period > 1 and cycles.max(initial=0) >= MIN_SEASONS:
            values = values - _find_season(values, is_known, period=period) * (cycles >= MIN_SEASONS)[:, None, None]
    return np.where(is_known[:, :, None], values, 0.0), sizes


def _find_season(values: Array, is_known: NDArray[np.bool_], *, period: int) -> Array:
    """The mean of each phase, repeated over all steps: as `values` [batch, time, column]."""
    time = values.shape[1]
    phase = (np.arange(time) - time) % period
    before = -time % period
    weights = np.pad(is_known, ((0, 0), (before, 0))).reshape(len(values), -1, period).sum(axis=1)
    known = np.where(is_known[:, :, None], values, 0.0)
    folded = np.pad(known, ((0, 0), (before, 0), (0, 0))).reshape(len(values), -1, period, values.shape[2])
    means = folded.sum(axis=1) / np.maximum(weights, 1)[:, :, None]
    return np.asarray(means[:, phase])


def _sum_around(values: Array, width: int) -> Array:
    """Sums over the `width` steps around each step of [batch, time, column], fewer at both ends."""
    time, half = values.shape[1], min(width // 2, values.shape[1])
    sums = np.cumsum(values, axis=1)
    around = np.empty(values.shape)
    # slices, as picking steps by their numbers would take twice the time
    around[:, : time - half] = sums[:, half:]
    around[:, time - half :] = sums[:, -1:]
    around[:, half + 1 :] -= sums[:, : max(time - half - 1, 0)]
    return around


@dataclass(frozen=True)
class _Learned:
    """Features [batch, time + horizon, feature] with their shrunken coefficients [batch, feature] and constant [batch].

    `is_factor` [batch] is whether their sum is the logarithm of a factor; share and shrinkage as in `Effects`.
    """

    basis: Array
    coefficients: Array
    constant: Array
    is_factor: NDArray[np.bool_]
    share: Array
    shrinkage: Array


def _learn(
    past: Array, lengths: NDArray[np.int64], scaled: Array, *, periods: tuple[int, ...], prior: Prior | None
) -> Effects:
    """The effects on pasts that are long enough, see `find_effects`."""
    learned = _regress(past, lengths, scaled, periods=periods, prior=prior)
    effect = (learned.basis @ learned.coefficients[:, :, None])[:, :, 0] - learned.constant[:, None]
    factor = np.exp(np.clip(effect, -MAX_LOGARITHM, MAX_LOGARITHM))
    is_factor = learned.is_factor[:, None]
    return Effects(
        np.where(is_factor, factor, 1.0),
        np.where(is_factor, 0.0, effect),
        learned.share,
        learned.shrinkage,
        np.zeros((len(past), 0)),
    )


@dataclass(frozen=True)
class FreeSeries:
    """Pasts and the features of their covariates, without level and season, 0 where a past is not known.

    targets      [batch, time, 2]        the values, and their logarithms, which are 0 unless all values are above 0
    features     [batch, time, feature]  as in `basis`
    is_known     [batch, time]
    is_positive  [batch]
    deviation    [batch]                 the standard deviation of the values without level and season
    season       the season that was removed
    """

    targets: Array
    features: Array
    is_known: NDArray[np.bool_]
    is_positive: NDArray[np.bool_]
    deviation: Array
    basis: Basis
    season: Season


def free_series(past: Array, lengths: NDArray[np.int64], scaled: Array, *, periods: tuple[int, ...]) -> FreeSeries:
    """What a regression of pasts on covariates is fitted on; the arguments are as in `find_effects`."""
    is_known = ~np.isnan(past)
    is_positive = np.where(is_known, past, 1.0).min(axis=1) > 0
    basis = _make_basis(past, lengths, scaled, periods=periods)
    logarithms = np.log(np.where(is_positive[:, None] & is_known, past, 1.0))
    columns = np.concatenate(
        [np.stack([np.nan_to_num(past), logarithms], axis=2), basis.values[:, : past.shape[1]]], axis=2
    )
    free, sizes = _remove_level_and_season(columns, is_known, periods=periods)
    squares = (free[:, :, 0] ** 2).sum(axis=1)
    deviation = np.sqrt(squares / np.maximum(is_known.sum(axis=1), 1))
    has_season = (is_known.sum(axis=1) // periods[0] >= MIN_SEASONS) & (periods[0] > 1)
    season = Season(periods[0], (is_known & has_season[:, None]).astype(np.float64), sizes[:, 2:])
    return FreeSeries(free[:, :, :2], free[:, :, 2:], is_known, is_positive, deviation, basis, season)


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
    fitted = fit_by_blocks(free.features, targets, number_blocks(lengths, time=time), free.season, prior=begin)
    errors = np.abs(targets - fitted.left_out)
    level = _sum_around(np.nan_to_num(past)[:, :, None], 2 * SHORTEST_LEVEL + 1)
    count = _sum_around(is_known.astype(np.float64)[:, :, None], 2 * SHORTEST_LEVEL + 1)
    in_units = errors[:, :, 1:] * level / np.maximum(count, 1.0)
    is_factor = is_positive & (in_units.sum(axis=(1, 2)) < FAVOURED * errors[:, :, 0].sum(axis=1))
    is_short = is_known.sum(axis=1) < MIN_STEPS
    if begin is not None and prior is not None:
        is_factor = np.where(is_short, is_positive & prior.is_factor, is_factor)
    chosen = np.arange(batch), is_factor.astype(np.int64)
    share, shrinkage = fitted.share[chosen], fitted.shrinkage[chosen]
    coefficients = fitted.coefficients[chosen[0], :, chosen[1]] * shrinkage[:, None]
    if begin is not None:
        coefficients = np.where(is_short[:, None], begin[chosen[0], :, chosen[1]], coefficients)
        share, shrinkage = np.where(is_short, 0.0, share), np.where(is_short, 1.0, shrinkage)
    effect = (basis[:, :time] @ coefficients[:, :, None])[:, :, 0]
    constant = (effect * is_known).sum(axis=1) / is_known.sum(axis=1)
    return _Learned(basis, coefficients, constant, is_factor, share, shrinkage)


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
        own = (_make_basis(past, lengths, larger, periods=periods).values != learned.basis).any(axis=(0, 1))
        effect = learned.basis[0] @ (learned.coefficients[0] * own)
        parts[:, number] = effect - effect[: past.shape[1]][~np.isnan(past[0])].mean()
    total = parts.sum(axis=1, keepdims=True)
    is_factor = bool(learned.is_factor[0])
    if is_factor:
        parts *= MAX_LOGARITHM / np.maximum(np.abs(total), MAX_LOGARITHM)
    return parts, is_factor
