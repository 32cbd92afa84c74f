"""A linear regression of each past on its own last year, for each step of the horizon: a second forecast.

Where many years of weeks, months or quarters are known, what follows from the last year is learned better from the
series itself than from synthetic ones. Each step of the horizon has a regression of its own ("direct" forecasts:
Marcellino, Stock & Watson 2006, "A comparison of direct and iterated multistep AR methods for forecasting macroeconomic
time series", Journal of Econometrics 135), on all steps of the year before the cutoff, relative to the last one; of
positive series their logarithms. The penalty is chosen by the errors of cutoffs that are left out.
"""

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from forecaster.arrays import Array, fill_forward
from forecaster.encoding.regression import MARGIN, MAX_LEVERAGE, PENALTIES
from forecaster.encoding.second_forecast import SecondForecast

__all__ = ["PERIODS_OF_A_YEAR", "forecast_by_own_year"]

PERIODS_OF_A_YEAR = (4, 12, 52)
"""Steps of the season in quarters, months and weeks; for days and hours an average with it was no better."""
FEWEST_CUTOFFS, ENOUGH_CUTOFFS = 7, 14
"""Past cutoffs for each lag: with fewer it is left out, and from the second number on it has its whole weight."""
MOST_CUTOFFS = 1500
MOST_NUMBERS = 4_000_000
"""Numbers of one array at the most, which limits the memory."""


def forecast_by_own_year(
    past: Array, lengths: NDArray[np.int64], *, periods: tuple[int, ...], horizon: int
) -> SecondForecast:
    """Forecast each `past` [batch, time], of which the last `lengths` [batch] steps lie within the series."""
    found = SecondForecast.none(len(past), horizon)
    if periods not in [(period,) for period in PERIODS_OF_A_YEAR]:
        return found
    lags = periods[0] + 1
    cutoffs = np.minimum(lengths - lags - horizon + 1, MOST_CUTOFFS)
    fits = np.flatnonzero(cutoffs >= FEWEST_CUTOFFS * lags)
    if not len(fits):
        return found
    together = max(1, MOST_NUMBERS // int(cutoffs[fits].max() * (lags + horizon)))
    for begin in range(0, len(fits), together):
        rows = fits[begin : begin + together]
        reach = int(cutoffs[rows].max()) + lags + horizon - 1
        is_inside = np.arange(reach, 0, -1) <= lengths[rows, None]
        part = _forecast(np.where(is_inside, past[rows, -reach:], np.nan), lags=lags, horizon=horizon)
        found.forecast[rows], found.error[rows], found.share[rows] = part.forecast, part.error, part.share
    return found


def _forecast(past: Array, *, lags: int, horizon: int) -> SecondForecast:
    """Forecast each `past` [batch, time], NaN before the series and where unobserved."""
    is_positive = np.nanmin(past, axis=1, keepdims=True) > 0
    values = np.where(is_positive, np.log(np.where(is_positive, past, 1.0)), past)
    filled, seen = fill_forward(values)
    steps = sliding_window_view(filled, lags + horizon, axis=1)
    is_seen = sliding_window_view(seen, lags + horizon, axis=1)
    # steps before the series are no lags, and a value that was filled in teaches nothing
    begins = np.argmax(seen, axis=1)
    is_row = is_seen[:, :, lags - 1 :].all(axis=2) & (np.arange(steps.shape[1]) >= begins[:, None])
    last = steps[:, :, lags - 1 : lags]
    design = _Design.of(steps[:, :, : lags - 1] - last, is_row)
    wanted = steps[:, :, lags:] - last
    newest = filled[:, -lags:]
    change, error = design.fit(wanted, newest[:, :-1] - newest[:, -1:])
    lowest, highest = np.nanmin(values, axis=1, keepdims=True), np.nanmax(values, axis=1, keepdims=True)
    room = MARGIN * (highest - lowest)
    forecast = np.clip(newest[:, -1:] + change, lowest - room, highest + room)
    growth = np.exp(np.where(is_positive, forecast, 0.0))
    # an error of logarithms is one relative to the forecast
    is_enough = (design.count / lags - FEWEST_CUTOFFS) / (ENOUGH_CUTOFFS - FEWEST_CUTOFFS)
    return SecondForecast(
        np.where(is_positive, growth, forecast),
        np.where(is_positive, error * growth, error),
        np.clip(is_enough, 0.0, 1.0),
    )


@dataclass(frozen=True)
class _Design:
    """Standardised features `values` [batch, row, feature], 0 in rows that do not count; and how they were made.

    centre and size  [batch, feature]
    is_row           [batch, row]
    count            [batch]  rows that count, at least 1
    """

    values: Array
    centre: Array
    size: Array
    is_row: NDArray[np.bool_]
    count: Array

    @classmethod
    def of(cls, features: Array, is_row: NDArray[np.bool_]) -> "_Design":
        """Standardise `features` [batch, row, feature] by the rows that count."""
        count = np.maximum(is_row.sum(axis=1), 1.0)
        centre = (features * is_row[:, :, None]).sum(axis=1) / count[:, None]
        values = (features - centre[:, None]) * is_row[:, :, None]
        deviation = np.sqrt((values**2).sum(axis=1) / count[:, None])
        size = np.where(deviation > 1e-9 * deviation.max(axis=1, keepdims=True), deviation, np.inf)
        return cls(values / size[:, None], centre, size, is_row, count)

    def fit(self, wanted: Array, newest: Array) -> tuple[Array, Array]:
        """Forecasts for the features `newest` [batch, feature], and errors of rows left out, both [batch, horizon].

        With the eigenvectors of the squares, the errors of all penalties cost little more than those of one (Golub,
        Heath & Wahba 1979, "Generalized cross-validation as a method for choosing a good ridge parameter").
        """
        rows, count = self.is_row[:, :, None], self.count[:, None]
        mean = (wanted * rows).sum(axis=1) / count
        targets = (wanted - mean[:, None]) * rows
        eigenvalues, vectors = np.linalg.eigh(self.values.transpose(0, 2, 1) @ self.values)
        rotated = self.values @ vectors
        projected = rotated.transpose(0, 2, 1) @ targets
        ahead = np.einsum("bf,bfe->be", (newest - self.centre) / self.size, vectors)
        squared = rotated**2
        least = np.full(len(wanted), np.inf)
        forecast, error = mean.copy(), np.full_like(mean, np.inf)
        for penalty in PENALTIES:
            factors = 1 / (np.maximum(eigenvalues, 0.0) + penalty * count)
            solved = factors[:, :, None] * projected
            leverage = np.minimum((squared @ factors[:, :, None])[:, :, 0] + 1 / count, MAX_LEVERAGE)
            left_out = np.abs(targets - rotated @ solved) / (1 - leverage)[:, :, None]
            errors = (left_out * rows).sum(axis=1) / count
            is_better = errors.mean(axis=1) < least
            least = np.where(is_better, errors.mean(axis=1), least)
            error = np.where(is_better[:, None], errors, error)
            forecast = np.where(is_better[:, None], mean + np.einsum("be,beh->bh", ahead, solved), forecast)
        return forecast, error
