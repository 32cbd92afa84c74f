"""A forecast: quantiles of many windows, and what a user should know about each."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecaster.cutoffs import WindowIndex
from forecaster.forecasting.left_out_values import LeftOut
from forecaster.forecasting.origins import Origins
from forecaster.forecasting.quantiles import check_columns, interpolate_levels
from forecaster.forecasting.unseen_values import Unseen

__all__ = ["Forecast"]


@dataclass(frozen=True)
class Forecast:
    """Quantiles in data units after each cutoff, with flags that the user should know about.

    quantiles [window, horizon, level] at `levels`; NaN intervals where the history has too few values, all equal
    mean      [window, horizon] of the distribution, see `forecasting/mean.py`
    zero_probability [window, horizon]  the level up to which quantiles are zero, see `forecasting/zeros.py`
    is_count  [window] flags small counts, whose quantiles are whole numbers
    is_constant, is_short [window] flag histories that never change or have fewer than three values
    failed     [series] numbers of the series that cannot be forecast, as they have no value
    clipped    number of steps with a quantile that was clipped to a bound
    is_bounded [window, horizon, level] flags quantiles that a bound that was asked for has changed; None without one
    mean_factor  by which the mean of what was never negative is corrected, see `fit_mean_factor`
    past_mean, past_weight [window, horizon], [window]  what the mean was averaged with, see `average_with_past`
    is_zero   [window, horizon] flags steps that are zero as covariates say; None where nothing is known of it
    zero_by   the columns that say so of any step
    origins    how series that do not end together were treated; None for other cutoffs than the ends of the series
    shared     covariates with effects that series without enough past have in common with others
    lacks_year [window] flags steps later than what is known of all series at the same time of each year; None: none
    is_uncorrected [window] flags those that the correction is not for, see `find_corrected`; None: no correction
    own_season [window] is after how many steps a past repeats, and not after those of the calendar; 0: it does not
    is_total [window] flags running totals, whose increments were forecast and added up
    unseen     what covariates have on the steps to forecast that the past has not shown, once they are filled in
    left_out   the values of covariates that are taken for typing errors
    """

    index: WindowIndex
    quantiles: NDArray[np.float64]
    levels: tuple[float, ...]
    mean: NDArray[np.float64]
    zero_probability: NDArray[np.float64]
    is_count: NDArray[np.bool_]
    is_constant: NDArray[np.bool_]
    is_short: NDArray[np.bool_]
    failed: NDArray[np.int64]
    clipped: int
    is_bounded: NDArray[np.bool_] | None = None
    mean_factor: float = 1.0
    past_mean: NDArray[np.float64] | None = None
    past_weight: NDArray[np.float64] | None = None
    is_zero: NDArray[np.bool_] | None = None
    zero_by: tuple[str, ...] = ()
    origins: Origins | None = None
    shared: tuple[str, ...] = ()
    lacks_year: NDArray[np.bool_] | None = None
    is_uncorrected: NDArray[np.bool_] | None = None
    own_season: NDArray[np.int64] | None = None
    is_total: NDArray[np.bool_] | None = None
    unseen: tuple[Unseen, ...] = ()
    left_out: tuple[LeftOut, ...] = ()

    @property
    def first_steps(self) -> NDArray[np.int64]:
        """The first forecast step of each window, counted from the start of its series: [window]."""
        return self.index.cutoffs + (0 if self.origins is None else self.origins.lead)

    def lacks_support(self, columns: Mapping[str, float]) -> NDArray[np.bool_]:
        """Which windows never change and have too few values for any of `columns`, see `columns_for`: [window]."""
        wanted = [*columns.values()]
        found = interpolate_levels(self.quantiles[self.is_constant], levels=self.levels, wanted=wanted)
        lacks = self.is_constant.copy()
        lacks[self.is_constant] = np.isnan(found).any(axis=(1, 2))
        return lacks

    def count_bounded(self, columns: Mapping[str, float]) -> Counter[str]:
        """At how many steps of how many series a bound that was asked for has changed any of `columns`."""
        if self.is_bounded is None:
            return Counter()
        moved = self.is_bounded.astype(float)
        share = interpolate_levels(moved, levels=self.levels, wanted=[*columns.values()])
        steps = np.asarray((share > 0).any(axis=2))
        series = np.unique(self.index.series[steps.any(axis=1)])
        return Counter({"forecasts": int(steps.sum()), "series": len(series)})

    @property
    def median(self) -> NDArray[np.float64]:
        """The forecast itself, [window, horizon]."""
        return self.quantiles[:, :, self.levels.index(0.5)]

    def at_levels(self, columns: Mapping[str, float]) -> NDArray[np.float64]:
        """Quantiles at the levels of `columns`, [window, horizon, column]; see `columns_for`.

        Raises UsageError for a level that the model does not know.

        Between the known levels, too, they are zero up to the probability of zero, and counts are whole numbers: those
        of the next higher level.
        """
        check_columns(columns, levels=self.levels)
        wanted = [*columns.values()]
        found = interpolate_levels(self.quantiles, levels=self.levels, wanted=wanted)
        higher = np.searchsorted(self.levels, np.asarray(wanted) - 1e-9)
        found = np.where(self.is_count[:, None, None], self.quantiles[:, :, higher], found)
        return np.where(np.asarray(wanted) <= self.zero_probability[:, :, None], 0.0, found)
