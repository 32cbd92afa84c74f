"""Covariates that act some steps later: sales after advertising, shipments after orders, a river after the rain.

Which do, and after how many steps, is searched for in `lag_search.py`; how much each does is left to the regression of
`effects.py`. What is not known ahead counts up to its last value, and from there on as it is expected.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import Array
from forecaster.encoding.expected_covariates import expect_covariates
from forecaster.encoding.free_series import SHORTEST_LEVEL, remove_level_and_season
from forecaster.encoding.lag_search import choose_lags
from forecaster.encoding.seasonality import count_week

__all__ = ["MAX_LATE", "LateColumns", "Measured", "find_late_columns"]

MAX_LATE = 4
"""Most columns that are found for a past; several lags of a covariate are an effect that lasts."""
CYCLES_OF_LAGS, FEWEST_LAGS, MOST_LAGS = 2, 12, 52
"""Lags that are tried: two main seasons, within these limits."""
MIN_STEPS = 32
MIN_SEASONS = 3
MAX_ELEMENTS = 1_000_000
"""Elements of an array of Fourier transforms, which limits the memory."""


@dataclass(frozen=True)
class Measured:
    """Covariates as `standardise` returns them.

    values    [batch, time + horizon, covariate]
    is_ahead  [covariate]         whether it is known over the horizon
    unknown   [batch, covariate]  how many of the newest steps of the past have no value, of those not known ahead
    """

    values: Array
    is_ahead: NDArray[np.bool_]
    unknown: NDArray[np.int64]

    @classmethod
    def of(cls, scaled: Array, given: Array, is_ahead: NDArray[np.bool_], *, time: int) -> "Measured":
        """The `scaled` covariates, of which the values were `given`, NaN where missing."""
        newest = ~np.isnan(given[:, time - 1 :: -1])
        unknown = np.where(newest.any(axis=1), np.argmax(newest, axis=1), time)
        return cls(scaled, is_ahead, np.where(is_ahead, 0, unknown))

    def take(self, rows: NDArray[np.int64]) -> "Measured":
        """Those of some pasts."""
        return Measured(self.values[rows], self.is_ahead, self.unknown[rows])


@dataclass(frozen=True)
class LateColumns:
    """Covariates at the steps that they act on.

    values  [batch, time + horizon, MAX_LATE]  0 where there is none; what is not known yet as it is expected
    spread  [batch, horizon, MAX_LATE]         the standard deviation of what is not known of them
    owners  [batch, MAX_LATE]                  the covariate of each, -1 for none
    lags    [batch, MAX_LATE]                  after how many steps it acts
    """

    values: Array
    spread: Array
    owners: NDArray[np.int64]
    lags: NDArray[np.int64]

    @classmethod
    def none(cls, batch: int, time: int, horizon: int) -> "LateColumns":
        """No column for any past."""
        return cls(
            np.zeros((batch, time + horizon, MAX_LATE)),
            np.zeros((batch, horizon, MAX_LATE)),
            np.full((batch, MAX_LATE), -1),
            np.zeros((batch, MAX_LATE), np.int64),
        )

    def leave_out(self, rows: NDArray[np.int64]) -> "LateColumns":
        """The same without those of some pasts."""
        values, spread, owners = self.values.copy(), self.spread.copy(), self.owners.copy()
        values[rows], spread[rows], owners[rows] = 0.0, 0.0, -1
        return LateColumns(values, spread, owners, self.lags)


def count_lags(period: int) -> int:
    """The longest lag that is tried where a season has `period` steps."""
    return min(max(CYCLES_OF_LAGS * period, FEWEST_LAGS), MOST_LAGS)


def find_late_columns(
    past: Array, lengths: NDArray[np.int64], covariates: Measured, *, periods: tuple[int, ...]
) -> LateColumns:
    """The late columns of each `past` [batch, time], of which the last `lengths` [batch] steps lie in the series.

    The lags do not depend on the horizon, nor on other pasts.
    """
    batch, time = past.shape
    horizon = covariates.values.shape[1] - time
    found = LateColumns.none(batch, time, horizon)
    is_known = ~np.isnan(past) & (np.arange(time, 0, -1) <= lengths[:, None])
    seasons = _choose_season(is_known.sum(axis=1), periods=periods)
    seasons[~covariates.values[:, :time].any(axis=(1, 2))] = 0
    size = max(1, MAX_ELEMENTS // max(1, 2 * time * covariates.values.shape[2]))
    for rows, season in _group(seasons, size=size):
        columns = np.concatenate([np.nan_to_num(past[rows])[:, :, None], covariates.values[rows, :time]], axis=2)
        free = remove_level_and_season(columns, is_known[rows], periods=(season,))[0]
        owners, lags = choose_lags(free, is_known[rows], lags=count_lags(periods[0]), most=MAX_LATE)
        found.owners[rows], found.lags[rows] = owners, lags
        place, number = np.nonzero(owners >= 0)
        at = rows[place]
        values, spread = _move(
            covariates.take(at), lengths[at], owners[place, number], lags[place, number], period=periods[0], time=time
        )
        found.values[at, :, number], found.spread[at, :, number] = values, spread
    return found


def _choose_season(count: NDArray[np.int64], *, periods: tuple[int, ...]) -> NDArray[np.int64]:
    """The season that is removed from pasts with `count` [batch] known values, in steps; 1 for none, 0 for too short.

    The days of a week differ, too, where there are weeks enough. A season that is long goes with the level.
    """
    seasons = np.zeros(len(count), np.int64)
    without = [1] if periods[0] == 1 or periods[0] > SHORTEST_LEVEL else []
    for season in (*without, periods[0], periods[0] * count_week(periods)):
        seasons[count >= (max(MIN_STEPS, MIN_SEASONS * season) if season > 1 else MIN_STEPS)] = season
    return seasons


def _group(seasons: NDArray[np.int64], *, size: int) -> Iterator[tuple[NDArray[np.int64], int]]:
    """At most `size` rows at once with the same season, and that season; those with 0 are left out."""
    for season in np.unique(seasons[seasons > 0]):
        rows = np.flatnonzero(seasons == season)
        yield from ((rows[begin : begin + size], int(season)) for begin in range(0, len(rows), size))


def _move(
    covariates: Measured,
    lengths: NDArray[np.int64],
    owners: NDArray[np.int64],
    lags: NDArray[np.int64],
    *,
    period: int,
    time: int,
) -> tuple[Array, Array]:
    """The covariate `owners` [row] of each row, `lags` [row] steps later, [row, time + horizon], and how far what is
    not known yet may be off [row, horizon]; 0 before the series begins.
    """
    row = np.arange(len(owners))
    values, horizon = covariates.values[row, :, owners], covariates.values.shape[1] - time
    spread = np.zeros(values.shape)
    guessed = np.flatnonzero(~covariates.is_ahead[owners])
    unknown = covariates.unknown[guessed, owners[guessed]]
    values[guessed], spread[guessed] = expect_covariates(
        values[guessed, :time], lengths[guessed], unknown, period=period, horizon=horizon
    )
    steps = np.arange(time + horizon) - lags[:, None]
    is_in_series = steps >= (time - lengths)[:, None]
    values, spread = (np.where(is_in_series, one[row[:, None], np.maximum(steps, 0)], 0.0) for one in (values, spread))
    return values, spread[:, time:]
