"""What a forecast asks for of each window, and the arrays that its batches fill in."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecaster.cutoffs import WindowIndex
from forecaster.data.panel import Panel
from forecaster.forecasting.bounds import Bounds
from forecaster.windows import History

__all__ = ["Asked", "Filled"]


@dataclass(frozen=True)
class Asked:
    """The windows `index` of `panel` on the steps of the local clock, and what is asked for of each.

    wanted          [window, horizon]  steps after the cutoff, 0 for the first
    history         of the windows
    is_unsupported  [window, level] flags quantiles that the history has too few values for
    is_corrected    [window] flags those that the correction is for; batches take out what is unlike that learned from
    """

    panel: Panel
    index: WindowIndex
    wanted: NDArray[np.int64]
    history: History
    bounds: Bounds
    is_unsupported: NDArray[np.bool_]
    is_corrected: NDArray[np.bool_]

    @property
    def ahead(self) -> int:
        """How many steps after its cutoff any window needs."""
        return int(self.wanted.max(initial=0)) + 1


@dataclass(frozen=True)
class Filled:
    """Forecasts of all windows; each batch fills in its own, so that several may at once.

    quantiles [window, horizon, level], in data units
    mean, past_mean, zero_probability, is_zero [window, horizon]  as in `Forecast`
    past_weight, is_count, own_season, is_total [window]  the same
    zero_by [window, column] flags the covariates that say of a step that it is zero
    """

    quantiles: NDArray[np.float64]
    mean: NDArray[np.float64]
    past_mean: NDArray[np.float64]
    zero_probability: NDArray[np.float64]
    past_weight: NDArray[np.float64]
    is_count: NDArray[np.bool_]
    is_zero: NDArray[np.bool_]
    zero_by: NDArray[np.bool_]
    own_season: NDArray[np.int64]
    is_total: NDArray[np.bool_]

    @classmethod
    def make(cls, windows: int, *, horizon: int, levels: int, columns: int) -> "Filled":
        """Arrays to be filled in."""
        quantiles, by_column = np.empty((windows, horizon, levels)), np.zeros((windows, columns), bool)
        mean, past_mean, zero_probability = np.zeros((3, windows, horizon))
        is_zero = np.zeros((windows, horizon), bool)
        is_count, is_total = np.zeros((2, windows), bool)
        weight, season = np.zeros(windows), np.zeros(windows, np.int64)
        return cls(quantiles, mean, past_mean, zero_probability, weight, is_count, is_zero, by_column, season, is_total)

    def finish(self, bounds: Bounds, *, lowest_seen: NDArray[np.float64]) -> NDArray[np.bool_] | None:
        """Put zeros where covariates say so, and all within the `bounds`; `lowest_seen` [window] is of the history.

        Gives which quantiles a bound that was asked for has changed; None without one.
        """
        for values in (self.quantiles, self.mean, self.past_mean):
            values[self.is_zero] = 0.0
        bounds.apply(self.mean[:, :, None], lowest_seen=lowest_seen)
        moved = bounds.apply(self.quantiles, lowest_seen=lowest_seen)
        return bounds.drop_usual(moved, self.quantiles, lowest_seen=lowest_seen) if bounds.is_given else None
