"""Forecast pasts that are smooth by their changes: a second forecast, where it has been far better than simple ones.

Populations, lengths of life and totals that add up change in each step by nearly as much as in the one before. The
network has learned from series with noise, and expects less of such changes to go on than does. An autoregression of
two lags on the changes of changes, the ARIMA(2, 2, 0) of Box & Jenkins (1970, "Time series analysis: forecasting and
control"), follows them; on others it is bad. So its errors at earlier cutoffs of the same past tell how much it counts,
in relation to those of repeating the last value, the usual change, half of the last one, and the last season. Measured
in `benchmarks/`.
"""

from dataclasses import replace

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from forecaster.arrays import Array
from forecaster.encoding.second_forecast import SecondForecast

__all__ = ["forecast_smooth"]

SMOOTH_GROWTH = "smooth_growth"
NEWEST, FEWEST = 96, 14
"""Steps that are looked at, and how many a past needs."""
LAGS, LONGEST_LEAD = 2, 6
"""Lags of the autoregression, and steps ahead by which errors are measured, at the most."""
LARGEST_ROOT, PENALTY = 0.8, 0.1
ROUGH = 0.3
"""Changes of changes as a share of the changes, at the most: of walks they are 1.4, of noise 1.7."""
WEIGHT = 0.95
SURE, UNSURE = 0.4, 0.75
SURE_OF_SEASONS, UNSURE_OF_SEASONS = 0.3, 0.5
"""Errors as a share of those of the best simple forecast: up to where the whole WEIGHT, and from where on none; without
and with a season."""
BEFORE, LARGER, LARGEST = 10, 1.2, 1.6
"""The last change as a multiple of the largest of so many before it: from which on the weight falls, and is 0."""
MARGIN = 1.0
"""How far outside of what the past has seen it may go, in ranges of that."""
SMALLEST = 1e-11
WIDER, GROWTH = 1.5, 1.5
"""Errors ahead as a multiple of those in the past, which the regression has learned from, and the power of the lead by
which they grow further ahead than they were measured."""


def forecast_smooth(
    past: Array, lengths: NDArray[np.int64], *, periods: tuple[int, ...], horizon: int
) -> SecondForecast:
    """Forecast each `past` [batch, time], of which the last `lengths` [batch] steps lie within the series."""
    found = SecondForecast.none(len(past), horizon, kind=SMOOTH_GROWTH)
    reach = min(NEWEST, past.shape[1])
    known = ~np.isnan(past[:, -reach:])
    # steps without a gap before the cutoff
    run = np.where(known.all(axis=1), reach, np.argmin(known[:, ::-1], axis=1))
    run = np.minimum(run, lengths)
    is_smooth = _is_smooth(past[:, -reach:])
    for length in np.unique(run[is_smooth & (run >= FEWEST)]):
        some = np.flatnonzero(is_smooth & (run == length))
        values = past[some, -length:]
        part = _forecast(values, period=periods[0], horizon=horizon)
        found.forecast[some], found.weight[some], found.error[some] = part.forecast, part.weight, part.error
        # what is smooth may be a season of so many steps that errors are not compared with it
        found.is_free[some] = periods[0] == 1 or length // 2 > periods[0]
    return found


def _is_smooth(past: Array) -> NDArray[np.bool_]:
    """Whether changes of each `past` [batch, time] are like those before them: [batch]."""
    changes = np.diff(past, axis=1)
    rough = np.nan_to_num(np.abs(np.diff(changes, axis=1))).sum(axis=1)
    return np.asarray(rough <= ROUGH * np.nan_to_num(np.abs(changes)).sum(axis=1))


def _forecast(values: Array, *, period: int, horizon: int) -> SecondForecast:
    """The forecast of whole pasts [batch, time], its weight, and by how much it is usually wrong."""
    time = values.shape[1]
    lead = min(LONGEST_LEAD, time // 4)
    cutoffs = np.arange(time // 2, time + 1)  # the last one is the forecast itself
    ahead = _iterate(values, cutoffs, steps=max(horizon, lead))
    cutoffs = cutoffs[:-1]
    later = np.pad(values, ((0, 0), (0, lead)), constant_values=np.nan)
    y_true = sliding_window_view(later, lead, axis=1)[:, cutoffs]
    errors = np.abs(y_true - ahead[:, :-1, :lead])
    simple = _forecast_simply(values, cutoffs, period=period, lead=lead)
    best = np.min([np.nanmean(np.abs(y_true - one), axis=(1, 2)) for one in simple], axis=0)
    is_known = best > SMALLEST * np.abs(values).mean(axis=1)
    ratio = np.where(is_known, np.nanmean(errors, axis=(1, 2)) / np.where(is_known, best, 1.0), np.inf)
    sure, unsure = (SURE, UNSURE) if period == 1 else (SURE_OF_SEASONS, UNSURE_OF_SEASONS)
    lowest, highest = values.min(axis=1, keepdims=True), values.max(axis=1, keepdims=True)
    room = MARGIN * (highest - lowest)
    steps = np.arange(horizon)
    beyond = np.maximum((steps + 1) / lead, 1.0) ** GROWTH
    found = SecondForecast.of(
        SMOOTH_GROWTH,
        np.clip(ahead[:, -1, :horizon], lowest - room, highest + room),
        WEIGHT * np.clip((unsure - ratio) / (unsure - sure), 0.0, 1.0) * _trust_last_change(values),
    )
    return replace(found, error=WIDER * np.nanmean(errors, axis=1)[:, np.minimum(steps, lead - 1)] * beyond)


def _trust_last_change(values: Array) -> Array:
    """From 1 to 0 for rows whose last change is larger than those before, which may be a single event: [batch]."""
    changes = np.abs(np.diff(values[:, -BEFORE - 2 :], axis=1))
    largest = changes[:, :-1].max(axis=1)
    ratio = np.where(largest > 0, changes[:, -1] / np.where(largest > 0, largest, 1.0), np.inf)
    return np.asarray(np.clip((LARGEST - ratio) / (LARGEST - LARGER), 0.0, 1.0))


def _forecast_simply(values: Array, cutoffs: NDArray[np.int64], *, period: int, lead: int) -> list[Array]:
    """The last value, the usual change, half of the last one, and the last season, each [batch, cutoff, step]."""
    steps = np.arange(1, lead + 1)
    last = values[:, cutoffs - 1, None]
    change = last - values[:, cutoffs - 2, None]
    usual = (last - values[:, :1, None]) / (cutoffs[:, None] - 1)
    found = [last + 0.0 * steps, last + usual * steps, last + 0.5 * change * steps]
    if 1 < period < cutoffs[0]:
        before = cutoffs[:, None] - period + (steps - 1) % period
        found.append(values[:, before] + last - values[:, cutoffs - 1 - period, None])
    return found


def _iterate(values: Array, cutoffs: NDArray[np.int64], *, steps: int) -> Array:
    """Forecasts of an autoregression on changes of changes of `values` [batch, time]: [batch, cutoff, step]."""
    second = np.diff(values, n=2, axis=1)
    first, before = _fit(second)
    newest, older = second[:, cutoffs - 3], second[:, cutoffs - 4]
    level, change = values[:, cutoffs - 1], values[:, cutoffs - 1] - values[:, cutoffs - 2]
    ahead = np.empty((*level.shape, steps))
    for step in range(steps):
        newest, older = first[:, None] * newest + before[:, None] * older, newest
        change = change + newest
        level = level + change
        ahead[:, :, step] = level
    return ahead


def _fit(second: Array) -> tuple[Array, Array]:
    """The two coefficients of each row of `second` [batch, time] by least squares, so that it does not explode."""
    size = np.abs(second).mean(axis=1, keepdims=True)
    scaled = second / np.where(size > 0, size, 1.0)
    now, one, two = scaled[:, LAGS:], scaled[:, 1:-1], scaled[:, :-LAGS]
    own, other, both = (one**2).sum(axis=1) + PENALTY, (two**2).sum(axis=1) + PENALTY, (one * two).sum(axis=1)
    from_one, from_two = (now * one).sum(axis=1), (now * two).sum(axis=1)
    determinant = own * other - both**2
    before = np.clip((from_two * own - from_one * both) / determinant, -LARGEST_ROOT, LARGEST_ROOT)
    bound = LARGEST_ROOT - before
    return np.clip((from_one * other - from_two * both) / determinant, -bound, bound), before
