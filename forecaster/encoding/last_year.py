"""The same weekdays of last year as a second forecast of days, where they have told the years before.

Holidays, school terms and sales come again at nearly the same weekday of the year, 364 days later, and are no smooth
season. The network sees last year as a whole, smoothed. So the values of 364 days before, brought to the level of the
last four weeks, are a second forecast, as far as they would have been better than the mean of the last weekdays in
each of the two years before the cutoff: what has come again once may be chance, or a feast that moves. What does not
follow weekdays, as weather and rivers, has none. Measured in `benchmarks/`.
"""

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import Array, average
from forecaster.encoding.climatology import average_around, measure_weekdays
from forecaster.encoding.second_forecast import SecondForecast
from forecaster.encoding.walks import forecast_walk

__all__ = ["forecast_days", "forecast_last_year", "has_last_year"]

LAST_YEAR = "last_year"
YEAR, WEEK, WEEKS = 364, 7, 4
LEAD = 14
"""Days ahead for which it is measured what last year would have told."""
FEWEST, ENOUGH = 120, 300
"""Days of each year on which that is measured: up to how many no weight is left, and from how many on all of it."""
SHARES = np.arange(11) / 10
SMALL, LARGE, KEPT = 0.2, 0.4, 0.65
"""Of the share that would have been best: up to where and from where on it counts, and how much of it is the weight."""
ANY_DAY, WEEKLY = 0.15, 0.3
"""Share of the variance within weeks that weekdays explain: up to where none is left, and from where on the whole."""
LARGEST_RATIO = 3.0
NEAR, FAR = 1.3, 1.8
"""Ratio of the level of now to that of a year before, or the other way round: up to where, and from where on none."""


def has_last_year(periods: tuple[int, ...]) -> bool:
    """Whether the seasons are a week and a year of days."""
    return periods == (7, 365)


def forecast_last_year(
    past: Array, lengths: NDArray[np.int64], *, periods: tuple[int, ...], horizon: int
) -> SecondForecast:
    """Forecast each `past` [batch, time], of which the last `lengths` [batch] steps lie within the series."""
    found = SecondForecast.none(len(past), horizon, kind=LAST_YEAR)
    time = past.shape[1]
    if not has_last_year(periods) or time <= 2 * YEAR + LEAD + FEWEST:
        return found
    past = np.where(np.arange(time, 0, -1) <= lengths[:, None], past, np.nan)
    level = average_around(past, before=WEEK * WEEKS - 1, after=0)
    rows = np.flatnonzero(~np.isnan(level[:, -1]) & ~np.isnan(level[:, -1 - YEAR]))
    if not len(rows):
        return found
    past, level = past[rows], level[rows]
    best = np.minimum(_measure_best(past, level), _measure_best(past[:, :-YEAR], level[:, :-YEAR]))
    weekdays = measure_weekdays(past[:, -YEAR:], week=WEEK)
    found.weight[rows] = (
        KEPT
        * best
        * np.clip((best - SMALL) / (LARGE - SMALL), 0.0, 1.0)
        * np.clip((weekdays - ANY_DAY) / (WEEKLY - ANY_DAY), 0.0, 1.0)
        * np.clip((FAR - _measure_ratio(level[:, -1], level[:, -1 - YEAR])) / (FAR - NEAR), 0.0, 1.0)
    )
    steps = time - YEAR + np.arange(horizon) % YEAR
    found.forecast[rows] = _bring(past[:, steps], level[:, -1:], level[:, -1 - YEAR, None], past)
    return found


def forecast_days(past: Array, lengths: NDArray[np.int64], *, periods: tuple[int, ...], horizon: int) -> SecondForecast:
    """The last value of walks, or last year, whichever has the larger weight: of series of days."""
    walk = forecast_walk(past, lengths, periods=periods, horizon=horizon)
    year = forecast_last_year(past, lengths, periods=periods, horizon=horizon)
    return walk.or_stronger(year)


def _bring(values: Array, level: Array, before: Array, past: Array) -> Array:
    """`values` of a year before, when the level was that `before`, at the `level` of now; all [batch, step]."""
    is_ratio = (np.nanmin(past, axis=1, keepdims=True) >= 0) & (before > 0)
    ratio = np.clip(level / np.where(is_ratio, before, 1.0), 1 / LARGEST_RATIO, LARGEST_RATIO)
    return np.where(is_ratio, values * ratio, values + level - before)


def _measure_ratio(now: Array, before: Array) -> Array:
    """How many times the larger of two levels [batch] is the smaller one; infinite where their signs differ."""
    larger, smaller = np.maximum(np.abs(now), np.abs(before)), np.minimum(np.abs(now), np.abs(before))
    is_alike = now * before > 0
    return np.where(is_alike, larger / np.where(is_alike, smaller, 1.0), np.inf)


def _measure_best(past: Array, level: Array) -> Array:
    """The share of the year before in an average with the last weekdays, the best one in the newest year: [batch]."""
    days = min(YEAR, past.shape[1] - YEAR - LEAD)
    end = past.shape[1]
    truth = past[:, end - days :]
    first = average(np.stack([past[:, end - days - WEEK * n : end - WEEK * n] for n in range(2, 2 + WEEKS)]), axis=0)
    now, before = level[:, end - days - LEAD : end - LEAD], level[:, end - days - LEAD - YEAR : end - LEAD - YEAR]
    second = _bring(past[:, end - days - YEAR : end - YEAR], now, before, past)
    known = ~np.isnan(truth + first + second)
    errors = [
        np.cumsum(np.where(known, np.abs(truth - first - share * (second - first)), 0.0), axis=1)[:, -1]
        for share in SHARES
    ]
    best = SHARES[np.argmin(errors, axis=0)]
    return np.asarray(best * np.clip((known.sum(axis=1) - FEWEST) / (ENOUGH - FEWEST), 0.0, 1.0))
