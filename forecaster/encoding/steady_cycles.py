"""Forecast cycles that hardly change from one to the next: a second forecast, where there is next to no noise.

Days of a climate, tides and schedules repeat so nearly that a cycle differs from the last one by a slow drift of each
of its phases alone. The network has learned from series with noise, and smooths away what is none. So the last cycle
goes on with the slope that each phase has had over the last cycles, damped (Gardner & McKenzie 1985, "Forecasting
trends in time series", Management Science 31), as far as cycles differ by little of what varies within them, and
regressions on own cycles have not been better. Measured in `benchmarks/`.
"""

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import Array, fold
from forecaster.encoding.seasonality import LONGEST_WEEK, count_week
from forecaster.encoding.second_forecast import SecondForecast

__all__ = ["forecast_steady"]

STEADY_CYCLES = "steady_cycles"
CYCLES, FEWEST, CHECKED = 10, 5, 4
"""Newest cycles that slopes are of, how many of them at the least, and on how many of the last ones that is checked."""
AS_GOOD, MUCH_WORSE = 1.0, 1.5
"""Its errors on these as a multiple of those of the regressions on own cycles: from which on the weight falls to 0."""
SHORTEST = 4
DAMPED = 0.9
"""Share of what the slopes of the phases differ that is left after each cycle, and of their mean for days of a week."""
AROUND, FINE = 2, 24
"""Phases before and after each whose slopes are averaged, where a cycle has at least so many."""
ALIKE, UNLIKE = 2.5, 4.0
"""The largest of these errors as a multiple of their median, as on a Saturday, from which on it falls to 0, too."""
STEADY, UNSTEADY, WEIGHT = 0.06, 0.12, 0.5
"""Standard deviation of the difference of two cycles as a share of that of two values within one: up to where the whole
WEIGHT, and from where on none."""


def forecast_steady(
    past: Array, lengths: NDArray[np.int64], *, periods: tuple[int, ...], horizon: int, others: Array
) -> SecondForecast:
    """Forecast each `past` [batch, time], of which the last `lengths` [batch] steps lie within the series.

    `others` [batch] are the errors of the regressions on own cycles, one cycle ahead; infinite where there is none.
    """
    found = SecondForecast.none(len(past), horizon, kind=STEADY_CYCLES)
    period = periods[0]
    reach = min(CYCLES + LONGEST_WEEK, past.shape[1] // period) * period
    if period < SHORTEST or reach <= FEWEST * period:
        return found
    gaps = np.isnan(past[:, -reach:])
    # nothing before a gap counts
    known = np.minimum(np.where(gaps.any(axis=1), np.argmax(gaps[:, ::-1], axis=1), reach), lengths) // period
    # a Saturday is forecast like the Friday before it, so a whole week is checked where there is one
    week = count_week(periods)
    for count in np.unique(known[known >= FEWEST + week]):
        rows = np.flatnonzero(known == count)
        cycles = fold(past[rows, -count * period :], period=period)
        found.weight[rows] = _trust(cycles[:, -CYCLES:]) * _compare(cycles, others[rows], week=week)
        found.forecast[rows] = _go_on(cycles, horizon=horizon, week=week)
    return found


def _compare(cycles: Array, others: Array, *, week: int) -> Array:
    """From 1 to 0 the larger the errors on the last of `cycles` [batch, cycle, phase] are than `others` [batch]."""
    count, period = cycles.shape[1:]
    errors = [
        np.abs(_go_on(cycles[:, :-back], horizon=period, week=week) - cycles[:, -back]).mean(axis=1)
        for back in range(1, min(max(CHECKED, week), count - FEWEST) + 1)
    ]
    ratio = np.where(others > 0, np.mean(errors, axis=0) / np.where(others > 0, others, 1.0), np.inf)
    usual = np.median(errors, axis=0)
    worst = np.max(errors, axis=0) / np.where(usual > 0, usual, 1.0)
    return np.asarray(
        np.clip((MUCH_WORSE - ratio) / (MUCH_WORSE - AS_GOOD), 0.0, 1.0)
        * np.clip((UNLIKE - worst) / (UNLIKE - ALIKE), 0.0, 1.0)
    )


def _trust(cycles: Array) -> Array:
    """The weight of what `cycles` [batch, cycle, phase] tell: [batch]."""
    apart = np.diff(cycles, axis=1)
    between = (apart - apart.mean(axis=(1, 2), keepdims=True)).std(axis=(1, 2))
    count, period = cycles.shape[1:]
    # a trend within cycles is none of what they have in common
    slope = (cycles[:, -1] - cycles[:, 0]).mean(axis=1) / ((count - 1) * period)
    phases = cycles - slope[:, None, None] * (np.arange(period) - (period - 1) / 2)
    within = np.sqrt(2) * (phases - phases.mean(axis=2, keepdims=True)).std(axis=(1, 2))
    share = np.where(within > 0, between / np.where(within > 0, within, 1.0), np.inf)
    return np.asarray(WEIGHT * np.clip((UNSTEADY - share) / (UNSTEADY - STEADY), 0.0, 1.0))


def _go_on(cycles: Array, *, horizon: int, week: int) -> Array:
    """The last of `cycles` [batch, cycle, phase] with the damped slope of each phase: [batch, horizon]."""
    cycles = cycles[:, -CYCLES:]
    count, period = cycles.shape[1:]
    since = np.arange(count) - (count - 1) / 2
    slope = np.einsum("bcp,c->bp", cycles, since) / (since**2).sum()
    if period >= FINE:
        slope = np.mean([np.roll(slope, shift, axis=1) for shift in range(-AROUND, AROUND + 1)], axis=0)
    steps = np.arange(horizon)
    cycle, phase = steps // period, steps % period
    grown = np.cumsum(DAMPED ** np.arange(1, cycle[-1] + 2))
    trend = slope.mean(axis=1, keepdims=True)
    trend_grown = grown if week > 1 else np.arange(1, cycle[-1] + 2)
    return np.asarray(cycles[:, -1, phase] + trend * trend_grown[cycle] + (slope - trend)[:, phase] * grown[cycle])
