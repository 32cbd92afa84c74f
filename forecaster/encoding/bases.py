"""Simple forecasts of a whole batch of pasts, for the network to mix."""

import numpy as np
from numpy.typing import NDArray

from forecaster.encoding.scaling import find_last_observed
from forecaster.encoding.seasonality import Seasons, average

__all__ = ["BASES", "find_drifts", "forecast_bases"]

Array = NDArray[np.float64]

DRIFT_CYCLES = 5
MEAN_CYCLES = 4
SMOOTHING = 0.3
LEAST_GROWTH, MOST_GROWTH = -3.0, 1.5
"""Bounds of growth over the horizon, in logarithms: beyond them it is a mistake more often than not."""

BASES = (
    "last",
    "same_phase",
    "same_phase_long",
    "deseasonalised_recent",
    "deseasonalised",
    "deseasonalised_long",
    "season_mean",
    "season_mean_long",
    "smoothed",
    "drift",
    "recent_drift",
    "cycles_mean",
    "relative",
    "relative_growth",
)


def forecast_bases(
    past: Array,
    seasons: Seasons,
    *,
    lags_ahead: list[Array],
    drifts: list[Array],
    growth: Array,
    context_length: int,
    period: int,
) -> Array:
    """The forecasts named in BASES, in data units: [batch, base, horizon].

    `lags_ahead` are the last values at the same phase, [batch, horizon] per period; `drifts` and
    `growth`, that of the logarithms, as `find_drifts` has them.
    """
    horizon = lags_ahead[0].shape[1]
    last = np.repeat(find_last_observed(past)[:, None], horizon, axis=1)
    recent, full, long = (profile.over(0, horizon) for profile in (seasons.recent, seasons.full, seasons.long))
    last_rest = find_last_observed(seasons.rest)[:, None]
    mean, mean_long = (average(rest[:, -period:], axis=1)[:, None] for rest in (seasons.rest, seasons.rest_long))
    ahead = np.arange(1, horizon + 1)
    relative = find_last_observed(seasons.rest_relative)[:, None] + seasons.relative.over(0, horizon)
    relatives = [
        np.where(seasons.is_relative[:, None], np.exp(relative + grown), last_rest + full)
        for grown in (0.0, np.clip(growth[:, None] * ahead, LEAST_GROWTH, MOST_GROWTH))
    ]
    bases = [
        last,
        *lags_ahead,
        find_last_observed(seasons.rest_recent)[:, None] + recent,
        last_rest + full,
        find_last_observed(seasons.rest_long)[:, None] + long,
        mean + full,
        mean_long + long,
        _smooth(seasons.rest[:, -context_length:])[:, None] + full,
        *(last_rest + full + drift[:, None] * ahead for drift in drifts),
        average(seasons.rest[:, -MEAN_CYCLES * period :], axis=1)[:, None] + full,
        *relatives,
    ]
    # where a season was never seen, the plainest forecast stands in
    return np.stack([np.where(np.isnan(base), last, base) for base in bases], axis=1)


def find_drifts(rest: Array, *, context_length: int, period: int) -> list[Array]:
    """Mean change per step over the context, and over its newest cycles, [batch] each."""
    drifts = []
    for reach in (context_length, DRIFT_CYCLES * period):
        context = rest[:, -min(context_length, reach + 1) :]
        seen = ~np.isnan(context)
        first = np.argmax(seen, axis=1)
        last = context.shape[1] - 1 - np.argmax(seen[:, ::-1], axis=1)
        row = np.arange(len(rest))
        change = context[row, last] - context[row, first]
        drifts.append(np.nan_to_num(change / np.maximum(last - first, 1)))
    return drifts


def _smooth(rest: Array) -> Array:
    """Exponentially weighted mean of [batch, time], weights falling by a fixed share per step: [batch]."""
    weights = (1 - SMOOTHING) ** np.arange(rest.shape[1] - 1, -1, -1)
    seen = ~np.isnan(rest)
    total = (weights * seen).sum(axis=1)
    return np.where(total > 0, np.where(seen, rest, 0.0) @ weights, np.nan) / np.where(total > 0, total, 1.0)
