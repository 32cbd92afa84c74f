"""A second forecast of each window, made without the network, to average with the network's median."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import Array
from forecaster.encoding.regression import Regression

__all__ = ["SecondForecast"]


@dataclass(frozen=True)
class SecondForecast:
    """Forecasts, in the units of the past, and the weight of each in an average with the network's median.

    forecast  [batch, horizon]  NaN where there is none: only the network's counts on such steps
    weight    [batch]           0 to 1, 0 where there is none
    """

    forecast: Array
    weight: Array

    @classmethod
    def none(cls, batch: int, horizon: int) -> "SecondForecast":
        """No second forecast, for any past."""
        return cls(np.full((batch, horizon), np.nan), np.zeros(batch))

    @classmethod
    def of_cycles(cls, regression: Regression, seasonal_error: Array, *, periods: tuple[int, ...]) -> "SecondForecast":
        """The regression on own cycles, see `Regression.weigh`."""
        return cls(regression.forecast, regression.weigh(seasonal_error, periods=periods))

    def scale(self, level: Array, divisor: Array) -> "SecondForecast":
        """In `divisor` [batch] above the `level` [batch]; no weight where the divisor is 0."""
        one = np.where(divisor > 0, divisor, 1.0)
        return SecondForecast((self.forecast - level[:, None]) / one[:, None], self.weight * (divisor > 0))

    def take(self, rows: NDArray[np.int64]) -> "SecondForecast":
        """Those of some windows, in the order of `rows`."""
        return SecondForecast(self.forecast[rows], self.weight[rows])

    @classmethod
    def join(cls, parts: list["SecondForecast"]) -> "SecondForecast":
        """One batch from several."""
        return cls(
            np.concatenate([part.forecast for part in parts]),
            np.concatenate([part.weight for part in parts]),
        )
