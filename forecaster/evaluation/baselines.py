"""Simple baseline forecasts (naive, seasonal naive, drift) of whole batches, with normal intervals; and zeros.

Formulas from Hyndman & Athanasopoulos, Forecasting: Principles and Practice, 3rd ed., sections 5.2 and 5.5.
"""

from collections.abc import Callable
from statistics import NormalDist

import numpy as np

from forecaster.arrays import Array, carry_forward, find_last_observed, fold
from forecaster.forecasting.adding_up import add_up

__all__ = [
    "BASELINES",
    "INCREMENTS_NAME",
    "ZERO_NAME",
    "forecast_drift",
    "forecast_increments",
    "forecast_naive",
    "forecast_seasonal_naive",
]

Baseline = Callable[..., Array]


def forecast_naive(past: Array, *, horizon: int, season: int, levels: tuple[float, ...]) -> Array:
    """The last value, repeated: [window, horizon, level]. `past` [window, time], NaN where unobserved."""
    del season
    return forecast_seasonal_naive(past, horizon=horizon, season=1, levels=levels)


def forecast_seasonal_naive(past: Array, *, horizon: int, season: int, levels: tuple[float, ...]) -> Array:
    """The last value known at the same phase; where there is none, the last value: [window, horizon, level].

    Intervals widen with the whole seasons since the value that is repeated, also where steps are missing at the end.
    """
    ahead = np.arange(horizon)
    # an incomplete oldest cycle still has values of some phases
    whole = np.pad(past, ((0, 0), (-past.shape[1] % season, 0)), constant_values=np.nan)
    cycles = fold(whole, period=season)  # [window, cycle, season]
    newest = carry_forward(cycles)[:, -1]  # [window, season]
    age = np.argmax(~np.isnan(cycles[:, ::-1]), axis=1)  # cycles between the newest value of a phase and the end
    point, seasons = newest[:, ahead % season], age[:, ahead % season] + ahead // season + 1
    sigma = _residual_deviation(past, lag=season)[:, None] * np.sqrt(seasons)
    # where no two values lie a season apart, the errors of the naive forecast are used instead
    since_last = np.argmax(~np.isnan(past[:, ::-1]), axis=1)
    plain = _residual_deviation(past, lag=1)[:, None] * np.sqrt(since_last[:, None] + ahead + 1)
    sigma = np.where(np.isnan(sigma), plain, sigma)
    # a phase without a value repeats the last one, as the naive forecast does
    has_none = np.isnan(point)
    point = np.where(has_none, find_last_observed(past)[:, None], point)
    sigma = np.where(has_none & ~np.isnan(plain), plain, sigma)
    return _normal_quantiles(point, np.nan_to_num(sigma), levels=levels)


def forecast_drift(past: Array, *, horizon: int, season: int, levels: tuple[float, ...]) -> Array:
    """The line through the first and the last value, continued: [window, horizon, level]."""
    del season
    seen = ~np.isnan(past)
    first, since_last = np.argmax(seen, axis=1), np.argmax(seen[:, ::-1], axis=1)
    steps = past.shape[1] - 1 - since_last - first
    start, last = past[np.arange(len(past)), first], find_last_observed(past)
    slope = np.where(steps > 0, (last - start) / np.maximum(steps, 1), 0.0)
    ahead = since_last[:, None] + np.arange(1, horizon + 1)
    sigma = np.nan_to_num(_residual_deviation(past, lag=1, slope=slope))
    widening = np.sqrt(ahead * (1 + ahead / np.maximum(steps, 1)[:, None]))
    return _normal_quantiles(last[:, None] + slope[:, None] * ahead, sigma[:, None] * widening, levels=levels)


def forecast_increments(past: Array, *, horizon: int, season: int, levels: tuple[float, ...]) -> Array:
    """The last value, and what was added in each step of the last season on top of it: [window, horizon, level].

    For running totals, next to which the season of their increments is hardly seen.
    """
    increments = np.diff(past, axis=1, prepend=np.nan)
    increments[increments < 0] = np.nan
    increments = forecast_seasonal_naive(increments, horizon=horizon, season=season, levels=levels)
    start, middle = find_last_observed(past), levels.index(0.5)
    added = add_up(increments, start=start, levels=levels)
    # the sum of what was added, whatever spike in the past makes intervals wide
    point = start[:, None] + np.cumsum(increments[:, :, middle], axis=1)
    return np.maximum(added + (point - added[:, :, middle])[:, :, None], start[:, None, None])


BASELINES: dict[str, Baseline] = {
    "SeasonalNaive": forecast_seasonal_naive,
    "Naive": forecast_naive,
    "Drift": forecast_drift,
}


ZERO_NAME = "Zero"
"""The baseline that forecasts zeros, with intervals of zeros: where demand is rare, its MASE is hard to beat."""


INCREMENTS_NAME = "SeasonalIncrements"
"""The baseline of running totals; others are forecast by the last season."""


def _residual_deviation(past: Array, *, lag: int, slope: Array | None = None) -> Array:
    """Root mean square of the in-sample errors, NaN where there are none: [window]."""
    if past.shape[1] <= lag:
        return np.full(len(past), np.nan)
    error = past[:, lag:] - past[:, :-lag]
    if slope is not None:
        error = error - slope[:, None]
    known = ~np.isnan(error)
    # one parameter is estimated when there is a slope
    degrees_of_freedom = np.maximum(known.sum(axis=1) - (slope is not None), 1)
    deviation = np.sqrt((np.where(known, error, 0.0) ** 2).sum(axis=1) / degrees_of_freedom)
    return np.where(known.any(axis=1), deviation, np.nan)


def _normal_quantiles(point: Array, sigma: Array, *, levels: tuple[float, ...]) -> Array:
    scores = np.array([NormalDist().inv_cdf(level) for level in levels])
    return np.asarray(point[:, :, None] + sigma[:, :, None] * scores)
