"""Pasts and the features of their covariates without slow level and season, as a regression compares them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import Array
from forecaster.encoding.block_ridge import TENTHS, Season, happened_once, number_blocks
from forecaster.encoding.covariate_basis import Basis, make_basis
from forecaster.encoding.pooled_effects import MAX_POOLED
from forecaster.encoding.seasonality import count_week

__all__ = [
    "MAX_COVARIATES",
    "SHORTEST_LEVEL",
    "FreeSeries",
    "find_season",
    "free_series",
    "make_own_basis",
    "sum_around",
]

MIN_SEASONS = 3
"""Fewest cycles from which the season is removed before the comparison."""
SHORTEST_LEVEL, SEASONS_OF_LEVEL = 13, 3
"""Steps, and main seasons, over which the slow level is averaged."""
MAX_COVARIATES = MAX_POOLED
"""With more covariates, those are used that go best with the target."""


@dataclass(frozen=True)
class FreeSeries:
    """Pasts and the features of their covariates, without level and season, 0 where a past is not known.

    targets      [batch, time, 2]        the values, and their logarithms, which are 0 unless all values are above 0
    features     [batch, time, feature]  as in `basis`
    is_single    [batch, feature]        whether it varied only once, see `happened_once`
    is_known     [batch, time]
    is_positive  [batch]
    deviation    [batch]                 the standard deviation of the values without level and season
    season       the season that was removed
    """

    targets: Array
    features: Array
    is_single: NDArray[np.bool_]
    is_known: NDArray[np.bool_]
    is_positive: NDArray[np.bool_]
    deviation: Array
    basis: Basis
    season: Season


def free_series(past: Array, lengths: NDArray[np.int64], scaled: Array, *, periods: tuple[int, ...]) -> FreeSeries:
    """What a regression of pasts on covariates is fitted on; the arguments are as in `find_effects`."""
    is_known = ~np.isnan(past)
    is_positive = np.where(is_known, past, 1.0).min(axis=1) > 0
    basis = make_own_basis(past, lengths, scaled, periods=periods)
    logarithms = np.log(np.where(is_positive[:, None] & is_known, past, 1.0))
    columns = np.concatenate(
        [np.stack([np.nan_to_num(past), logarithms], axis=2), basis.values[:, : past.shape[1]]], axis=2
    )
    free, level_free = remove_level_and_season(columns, is_known, periods=periods)
    tenths = number_blocks(lengths, time=past.shape[1], blocks=TENTHS)
    # a season without an event is none, and its mean brings the event to all other cycles: hence both
    is_single = happened_once(level_free[:, :, 2:], tenths) | happened_once(free[:, :, 2:], tenths)
    is_single |= _change_once(basis, lengths, time=past.shape[1], covariates=min(scaled.shape[2], MAX_COVARIATES))
    sizes = (level_free[:, :, 2:] ** 2).sum(axis=1)
    squares = (free[:, :, 0] ** 2).sum(axis=1)
    deviation = np.sqrt(squares / np.maximum(is_known.sum(axis=1), 1))
    has_season = (is_known.sum(axis=1) // periods[0] >= MIN_SEASONS) & (periods[0] > 1)
    season = Season(periods[0], (is_known & has_season[:, None]).astype(np.float64), sizes)
    return FreeSeries(free[:, :, :2], free[:, :, 2:], is_single, is_known, is_positive, deviation, basis, season)


def _change_once(basis: Basis, lengths: NDArray[np.int64], *, time: int, covariates: int) -> NDArray[np.bool_]:
    """Whether the covariate of a feature has one value, and then another for the rest of the past: [batch, feature].

    What the series does since then may have any other reason.
    """
    is_inside = np.arange(time - 1, 0, -1) < lengths[:, None]
    changes = np.diff(basis.values[:, :time, basis.labels < covariates], axis=1) != 0
    once = (changes & is_inside[:, :, None]).sum(axis=1) <= 1
    found = np.zeros((len(once), covariates), bool)
    found[:, basis.labels[basis.labels < covariates]] = once
    return np.asarray(found[:, basis.labels % covariates])


def _choose_covariates(scaled: Array, target: Array, is_known: NDArray[np.bool_], *, periods: tuple[int, ...]) -> Array:
    """Of many covariates those that go best with the `target` [batch, time], for each row."""
    if scaled.shape[2] <= MAX_COVARIATES:
        return scaled
    time = target.shape[1]
    both = np.concatenate([np.nan_to_num(target)[:, :, None], scaled[:, :time]], axis=2)
    free = remove_level_and_season(both, is_known, periods=periods)[0]
    size = np.sqrt((free**2).sum(axis=1))
    fits = np.abs((free[:, :, :1] * free[:, :, 1:]).sum(axis=1)) / np.where(size[:, 1:] > 0, size[:, 1:], np.inf)
    best = np.sort(np.argsort(-fits, axis=1, kind="stable")[:, :MAX_COVARIATES], axis=1)
    return np.take_along_axis(scaled, best[:, None, :], axis=2)


def make_own_basis(past: Array, lengths: NDArray[np.int64], scaled: Array, *, periods: tuple[int, ...]) -> Basis:
    """The features of the covariates that are used, see `make_basis`."""
    chosen = _choose_covariates(scaled, past, ~np.isnan(past), periods=periods)
    return make_basis(chosen, lengths, time=past.shape[1], period=periods[0])


def remove_level_and_season(
    values: Array, is_known: NDArray[np.bool_], *, periods: tuple[int, ...]
) -> tuple[Array, Array]:
    """`values` [batch, time, column] without their slow level and the mean of each phase; 0 where not known.

    The second array is without the level, but with the season.
    """
    period = periods[0]
    width = max(SHORTEST_LEVEL, SEASONS_OF_LEVEL * period if period <= SHORTEST_LEVEL else count_week(periods) * period)
    counts = sum_around(is_known.astype(np.float64)[:, :, None], width)
    cycles = is_known.sum(axis=1) // period
    # the season is removed from the level-free values, and the level that was wrong because of it once more
    for number in range(2):
        values = np.where(is_known[:, :, None], values, 0.0)
        values = values - sum_around(values, width) / np.maximum(counts, 1.0)
        if number == 0:
            level_free = np.where(is_known[:, :, None], values, 0.0)
        if period > 1 and cycles.max(initial=0) >= MIN_SEASONS:
            values = values - find_season(values, is_known, period=period) * (cycles >= MIN_SEASONS)[:, None, None]
    return np.where(is_known[:, :, None], values, 0.0), level_free


def find_season(values: Array, is_known: NDArray[np.bool_], *, period: int) -> Array:
    """The mean of each phase, repeated over all steps: as `values` [batch, time, column]."""
    time = values.shape[1]
    phase = (np.arange(time) - time) % period
    before = -time % period
    weights = np.pad(is_known, ((0, 0), (before, 0))).reshape(len(values), -1, period).sum(axis=1)
    known = np.where(is_known[:, :, None], values, 0.0)
    folded = np.pad(known, ((0, 0), (before, 0), (0, 0))).reshape(len(values), -1, period, values.shape[2])
    means = folded.sum(axis=1) / np.maximum(weights, 1)[:, :, None]
    return np.asarray(means[:, phase])


def sum_around(values: Array, width: int) -> Array:
    """Sums over the `width` steps around each step of [batch, time, column], fewer at both ends."""
    time, half = values.shape[1], min(width // 2, values.shape[1])
    sums = np.cumsum(values, axis=1)
    around = np.empty(values.shape)
    # slices, as picking steps by their numbers would take twice the time
    around[:, : time - half] = sums[:, half:]
    around[:, time - half :] = sums[:, -1:]
    around[:, half + 1 :] -= sums[:, : max(time - half - 1, 0)]
    return around
