"""A second forecast of each window, made without the network, to average with the network's median."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import Array
from forecaster.encoding.regression import Regression
from forecaster.encoding.seasonality import count_week
from forecaster.encoding.whole_cycles import WholeCycles
from forecaster.encoding.zero_share import trust_few_zeros_when_open

__all__ = ["SecondForecast"]

KIND, OWN_CYCLES = "<U16", "own_cycles"
MIN_WEEK = 2
WHOLE_SHARE = 2 / 3
"""Of the two regressions on whole cycles together, in a mean with the one on each step alone."""
WEIGHT, WEIGHT_SLOPE, MAX_WEIGHT = 0.9, 0.5, 0.8
"""Of all three, in an average with the network's median."""
USUAL_SHIFT, LARGEST_SHIFT = 3.0, 6.0
"""Up to where the newest week counts as usual, and from where as of a level that the regressions do not know."""


@dataclass(frozen=True)
class SecondForecast:
    """Forecasts, in the units of the past, and the weight of each in an average with the network's median.

    forecast  [batch, horizon]  NaN where there is none: only the network's counts on such steps
    weight    [batch]           0 to 1, 0 where there is none
    error     [batch, horizon]  how far off it usually is; NaN where the network alone tells how far apart quantiles are
    kind      [batch]           what it is, as `inspect` names it
    is_free   [batch]           whether the average may leave the network's interval
    """

    forecast: Array
    weight: Array
    error: Array
    kind: NDArray[np.str_]
    is_free: NDArray[np.bool_]

    @classmethod
    def of(cls, kind: str, forecast: Array, weight: Array) -> "SecondForecast":
        """Those of one `kind`, which do not tell how far apart quantiles are."""
        batch = len(weight)
        error, is_free = np.full(forecast.shape, np.nan), np.zeros(batch, bool)
        return cls(forecast, weight, error, np.full(batch, kind, KIND), is_free)

    @classmethod
    def none(cls, batch: int, horizon: int, *, kind: str = "") -> "SecondForecast":
        """No second forecast, for any past; those that are filled in later are of this `kind`."""
        return cls.of(kind, np.full((batch, horizon), np.nan), np.zeros(batch))

    @classmethod
    def of_cycles(
        cls, regression: Regression, whole: WholeCycles, seasonal_error: Array, *, past: Array, periods: tuple[int, ...]
    ) -> "SecondForecast":
        """The mean of regressions on own cycles: of each step and, where the past is long enough, of whole cycles.

        Their weight falls with their error in relation to the `seasonal_error` [batch], that of repeating the last
        cycle, and where the newest week is of a new level: the cycles a week before are of the old one. It is 0 for the
        rare demand of a `past`, of which they are a mean, far above a median of zero; and but for cycles within a week,
        such as days of hours: for others an average was no better.
        """
        if count_week(periods) < MIN_WEEK:
            return cls.none(*regression.forecast.shape)
        is_alone = np.isnan(whole.error)
        error = np.where(is_alone, regression.error, (regression.error + whole.error) / 2)
        is_known = (regression.rows > 0) & (seasonal_error > 0)
        ratio = np.where(is_known, error / np.where(is_known, seasonal_error, 1.0), np.inf)
        mean = (1 - WHOLE_SHARE) * regression.forecast + WHOLE_SHARE * whole.forecast
        trust = np.clip((LARGEST_SHIFT - whole.level_shift) / (LARGEST_SHIFT - USUAL_SHIFT), 0.0, 1.0)
        trust *= trust_few_zeros_when_open(past, period=max(periods))
        return cls.of(
            OWN_CYCLES,
            np.where(is_alone[:, None], regression.forecast, mean),
            trust * np.clip(WEIGHT - WEIGHT_SLOPE * np.minimum(ratio, 10.0), 0.0, MAX_WEIGHT),
        )

    def scale(self, level: Array, divisor: Array) -> "SecondForecast":
        """In `divisor` [batch] above the `level` [batch]; no weight where the divisor is 0."""
        one = np.where(divisor > 0, divisor, 1.0)
        forecast = (self.forecast - level[:, None]) / one[:, None]
        return SecondForecast(forecast, self.weight * (divisor > 0), self.error / one[:, None], self.kind, self.is_free)

    def or_stronger(self, other: "SecondForecast") -> "SecondForecast":
        """Of each window, that of the two which has the larger weight."""
        return self._replace(other.weight > self.weight, other)

    def average_with(self, other: "SecondForecast") -> "SecondForecast":
        """What gives the same as an average with this one, and then of that with `other`; that names it."""
        own = np.where(np.isnan(self.forecast).any(axis=1), 0.0, self.weight * (1 - other.weight))
        whole = own + other.weight
        share = own / np.where(whole > 0, whole, 1.0)
        forecast = share[:, None] * np.nan_to_num(self.forecast) + (1 - share)[:, None] * other.forecast
        averaged = SecondForecast(forecast, whole, other.error, other.kind, other.is_free)
        return self._replace(other.weight > 0, averaged)

    def _replace(self, is_other: NDArray[np.bool_], other: "SecondForecast") -> "SecondForecast":
        """That of `other` where `is_other` [batch]."""
        return SecondForecast(
            np.where(is_other[:, None], other.forecast, self.forecast),
            np.where(is_other, other.weight, self.weight),
            np.where(is_other[:, None], other.error, self.error),
            np.where(is_other, other.kind, self.kind),
            np.where(is_other, other.is_free, self.is_free),
        )

    def take(self, rows: NDArray[np.int64]) -> "SecondForecast":
        """Those of some windows, in the order of `rows`."""
        return SecondForecast(
            self.forecast[rows], self.weight[rows], self.error[rows], self.kind[rows], self.is_free[rows]
        )

    @classmethod
    def join(cls, parts: list["SecondForecast"]) -> "SecondForecast":
        """One batch from several."""
        return cls(
            np.concatenate([part.forecast for part in parts]),
            np.concatenate([part.weight for part in parts]),
            np.concatenate([part.error for part in parts]),
            np.concatenate([part.kind for part in parts]),
            np.concatenate([part.is_free for part in parts]),
        )
