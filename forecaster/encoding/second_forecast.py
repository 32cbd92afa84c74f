"""A second forecast of each window, made without the network, to average with the network's median."""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import Array
from forecaster.encoding.regression import Regression
from forecaster.encoding.seasonality import count_week

__all__ = ["SecondForecast"]


@dataclass(frozen=True)
class SecondForecast:
    """Forecasts in the units of the past, and how far off such forecasts have been on this past.

    forecast  [batch, horizon]  NaN where there is none
    error     [batch, horizon]  mean absolute error of steps that were left out, NaN where it is not known
    share     [batch]           of the weight that these errors allow, 0 to 1; 0 for none
    """

    forecast: Array
    error: Array
    share: Array

    @classmethod
    def none(cls, batch: int, horizon: int) -> "SecondForecast":
        """No second forecast, for any past."""
        return cls(np.full((batch, horizon), np.nan), np.full((batch, horizon), np.nan), np.zeros(batch))

    @classmethod
    def of_cycles(cls, regression: Regression, *, periods: tuple[int, ...]) -> "SecondForecast":
        """The regression on own cycles, whose errors are those of the first cycle after the cutoff.

        Only for cycles within a week, such as days of hours: for others an average was no better.
        """
        batch, horizon = regression.forecast.shape
        if count_week(periods) < 2:
            return cls.none(batch, horizon)
        is_measured = np.arange(horizon) < periods[0]
        error = np.where(is_measured, regression.error[:, None], np.nan)
        return cls(regression.forecast, error, (regression.rows > 0).astype(np.float64))

    def scale(self, level: Array, divisor: Array) -> "SecondForecast":
        """In `divisor` [batch] above the `level` [batch], without NaN in the forecast; no share where it is NaN."""
        is_known = ~np.isnan(self.forecast).any(axis=1) & (divisor > 0)
        divisor = np.where(divisor > 0, divisor, 1.0)[:, None]
        return SecondForecast(
            np.nan_to_num((self.forecast - level[:, None]) / divisor),
            self.error / divisor,
            self.share * is_known,
        )

    def take(self, rows: NDArray[np.int64]) -> "SecondForecast":
        """Those of some windows, in the order of `rows`."""
        return SecondForecast(self.forecast[rows], self.error[rows], self.share[rows])

    @classmethod
    def join(cls, parts: list["SecondForecast"]) -> "SecondForecast":
        """One batch from several."""
        return cls(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(cls)))
