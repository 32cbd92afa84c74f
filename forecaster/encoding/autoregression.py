"""A linear regression of each past on its own last year, for each step of the horizon: a second forecast.

Where many years of weeks, months or quarters are known, what follows from the last year is learned better from the
series itself than from synthetic ones. Each step of the horizon has a regression of its own ("direct" forecasts:
Marcellino, Stock & Watson 2006, "A comparison of direct and iterated multistep AR methods for forecasting macroeconomic
time series", Journal of Econometrics 135), on all steps of the year before the cutoff, relative to the last one; of
positive series their logarithms. The penalty is chosen by the errors of cutoffs that are left out.

A last year unlike all those before it, as after a dip or a changed level, tells such a regression nothing. Whether the
forecast counts is decided by how far that year is from the others (its leverage), and by the newest errors.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from forecaster.arrays import Array, average, fill_forward
from forecaster.encoding.regression import MARGIN, MAX_LEVERAGE, PENALTIES
from forecaster.encoding.second_forecast import SecondForecast
from forecaster.encoding.zero_share import trust_few_zeros

__all__ = ["forecast_by_own_year", "has_own_year"]

OWN_YEAR = "own_year"
STEPS_AT_ONCE = {4: 4, 12: 12, 52: 13}
"""By the steps of the season in quarters, months and weeks, for which it is: steps of the horizon learned from the same
cutoffs, so that none depends on how many are asked for. For days and hours an average with it was no better."""
FEWEST_CUTOFFS, ENOUGH_CUTOFFS = 7, 14
"""Past cutoffs for each lag: with fewer it is left out, and from the second number on it has its whole weight."""
MOST_CUTOFFS = 1500
WEIGHT = 0.4
USUAL, FURTHEST = 0.99, 2.0
"""The share of past cutoffs that are usual, and at how many times the leverage of these no weight is left."""
LARGER, LARGEST, FEWEST_NEWEST = 1.5, 3.0, 12
"""Errors of the cutoffs of the last year, at the least of so many, as multiples of all: from which on the weight falls,
and at which none is left."""
PENALTY_STEPS = 4
"""Steps by which the penalty is chosen: as good as by all of them, and faster."""
NEWEST = 512
"""Steps that tell whether demand is rare: a regression of such a past is a mean, far above a median of zero."""
MOST_NUMBERS = 1_000_000
"""Numbers of one array at the most, which limits the memory."""


def has_own_year(periods: tuple[int, ...]) -> bool:
    """Whether the season is a year of weeks, months or quarters."""
    return len(periods) == 1 and periods[0] in STEPS_AT_ONCE


def forecast_by_own_year(
    past: Array, lengths: NDArray[np.int64], *, periods: tuple[int, ...], horizon: int
) -> SecondForecast:
    """Forecast each `past` [batch, time], of which the last `lengths` [batch] steps lie within the series."""
    found = SecondForecast.none(len(past), horizon, kind=OWN_YEAR)
    if not has_own_year(periods):
        return found
    lags, together = periods[0] + 1, STEPS_AT_ONCE[periods[0]]
    for begin in range(0, horizon, together):
        ahead = np.arange(begin, begin + together)
        part = _forecast_some(past, lengths, lags=lags, ahead=ahead)
        is_asked = ahead < horizon
        found.forecast[:, ahead[is_asked]] = part.forecast[:, is_asked]
        if not begin:
            found = replace(found, weight=part.weight * trust_few_zeros(past[:, -NEWEST:]))
    return found


def _forecast_some(past: Array, lengths: NDArray[np.int64], *, lags: int, ahead: NDArray[np.int64]) -> SecondForecast:
    """The steps `ahead` of the cutoff, next to each other and counted from 0, of each past that is long enough."""
    found = SecondForecast.none(len(past), len(ahead), kind=OWN_YEAR)
    width = lags + int(ahead[-1]) + 1
    cutoffs = np.minimum(lengths - width + 1, MOST_CUTOFFS)
    fits = np.flatnonzero(cutoffs >= FEWEST_CUTOFFS * lags)
    if not len(fits):
        return found
    many = max(1, MOST_NUMBERS // int(cutoffs[fits].max() * (lags + len(ahead))))
    for begin in range(0, len(fits), many):
        rows = fits[begin : begin + many]
        reach = int(cutoffs[rows].max()) + width - 1
        is_inside = np.arange(reach, 0, -1) <= lengths[rows, None]
        part = _forecast(np.where(is_inside, past[rows, -reach:], np.nan), lags=lags, ahead=ahead)
        found.forecast[rows], found.weight[rows] = part.forecast, part.weight
    return found


def _forecast(past: Array, *, lags: int, ahead: NDArray[np.int64]) -> SecondForecast:
    """Forecast each `past` [batch, time], NaN before the series and where unobserved."""
    is_positive = np.nanmin(past, axis=1, keepdims=True) > 0
    values = np.where(is_positive, np.log(np.where(is_positive, past, 1.0)), past)
    filled, seen = fill_forward(values)
    width = lags + int(ahead[-1]) + 1
    # [batch, step of the window, row], so that rows, over which all sums are, lie next to each other
    steps = sliding_window_view(filled, filled.shape[1] - width + 1, axis=1)
    is_seen = sliding_window_view(seen, seen.shape[1] - width + 1, axis=1)
    # steps before the series are no lags, and a value that was filled in teaches nothing
    begins = np.argmax(seen, axis=1)
    is_taught = is_seen[:, lags - 1] & is_seen[:, lags + ahead].all(axis=1)
    is_row = is_taught & (np.arange(steps.shape[2]) >= begins[:, None])
    last = steps[:, lags - 1 : lags]
    design = _Design.of(steps[:, : lags - 1] - last, is_row)
    newest = filled[:, -lags:]
    fitted = design.fit(steps[:, lags + ahead] - last, newest[:, :-1] - newest[:, -1:])
    lowest, highest = np.nanmin(values, axis=1, keepdims=True), np.nanmax(values, axis=1, keepdims=True)
    room = MARGIN * (highest - lowest)
    forecast = np.clip(newest[:, -1:] + fitted.ahead, lowest - room, highest + room)
    is_enough = (design.count / lags - FEWEST_CUTOFFS) / (ENOUGH_CUTOFFS - FEWEST_CUTOFFS)
    is_usual = (FURTHEST - fitted.distance) / (FURTHEST - 1)
    is_reliable = (LARGEST - fitted.newest_error) / (LARGEST - LARGER)
    return SecondForecast.of(
        OWN_YEAR,
        np.where(is_positive, np.exp(np.where(is_positive, forecast, 0.0)), forecast),
        WEIGHT * np.prod([np.clip(share, 0.0, 1.0) for share in (is_enough, is_usual, is_reliable)], axis=0),
    )


@dataclass(frozen=True)
class _Fitted:
    """What a regression forecasts, and how far to trust it.

    ahead         [batch, step]
    distance      [batch]  leverage of the newest features, as a multiple of that of nearly all rows
    newest_error  [batch]  errors of the newest rows, each left out, as a multiple of those of all
    """

    ahead: Array
    distance: Array
    newest_error: Array


@dataclass(frozen=True)
class _Design:
    """Standardised features `values` [batch, feature, row], 0 in rows that do not count; and how they were made.

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
        """Standardise `features` [batch, feature, row] by the rows that count."""
        rows, count = is_row[:, None].astype(np.float64), np.maximum(is_row.sum(axis=1), 1.0)
        centre = (features * rows).sum(axis=2) / count[:, None]
        values = (features - centre[:, :, None]) * rows
        deviation = np.sqrt(np.square(values).sum(axis=2) / count[:, None])
        size = np.where(deviation > 1e-9 * deviation.max(axis=1, keepdims=True), deviation, np.inf)
        return cls(values / size[:, :, None], centre, size, is_row, count)

    def fit(self, wanted: Array, newest: Array) -> _Fitted:
        """Regress `wanted` [batch, step, row] on the features, and forecast from the `newest` ones [batch, feature].

        With the eigenvectors of the squares, the errors of all penalties cost little more than those of one (Golub,
        Heath & Wahba 1979, "Generalized cross-validation as a method for choosing a good ridge parameter").
        """
        rows, count = self.is_row[:, None].astype(np.float64), self.count[:, None]
        mean = (wanted * rows).sum(axis=2) / count
        targets = (wanted - mean[:, :, None]) * rows
        eigenvalues, vectors = np.linalg.eigh(self.values @ self.values.transpose(0, 2, 1))
        rotated = vectors.transpose(0, 2, 1) @ self.values
        projected = targets @ rotated.transpose(0, 2, 1)
        ahead = np.einsum("bf,bfe->be", (newest - self.centre) / self.size, vectors)
        year = max(self.values.shape[1], FEWEST_NEWEST)
        factors = 1 / (np.maximum(eigenvalues, 0.0)[:, None] + PENALTIES[:, None] * count[:, None])
        # [batch, penalty, row], and the errors of some steps by one penalty after the other
        leverage = np.minimum(factors @ np.square(rotated) + 1 / count[:, None], MAX_LEVERAGE)
        some = slice(None, None, max(1, targets.shape[1] // PENALTY_STEPS))
        few, projected_few = np.ascontiguousarray(targets[:, some]), projected[:, some]
        forecasts = ((each[:, None] * projected_few) @ rotated for each in factors.swapaxes(0, 1))
        left_out = np.stack([np.abs(few - fitted).mean(axis=1) for fitted in forecasts], axis=1)
        left_out *= rows / (1 - leverage)
        errors = left_out.sum(axis=2) / count
        best, batch = np.argmin(errors, axis=1), np.arange(len(wanted))
        chosen, error = factors[batch, best], errors[batch, best]
        own = (ahead**2 * chosen).sum(axis=1) + 1 / self.count
        usual = _find_usual(np.where(self.is_row, leverage[batch, best], np.nan))
        newest_error = average(np.where(self.is_row, left_out[batch, best], np.nan)[:, -year:], axis=1)
        return _Fitted(
            mean + np.einsum("be,bhe->bh", ahead * chosen, projected),
            own / usual,
            np.nan_to_num(newest_error / np.where(error > 0, error, 1.0), nan=np.inf),
        )


def _find_usual(values: Array) -> Array:
    """The value of each row of [batch, row] that all but the largest few are below, infinite where there is none."""
    ordered = np.sort(values, axis=1)  # NaN comes last
    position = (USUAL * np.maximum((~np.isnan(values)).sum(axis=1) - 1, 0)).astype(np.int64)
    return np.asarray(np.nan_to_num(ordered[np.arange(len(values)), position], nan=np.inf))
