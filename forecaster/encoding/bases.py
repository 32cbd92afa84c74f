"""Simple forecasts of a whole batch of pasts, for the network to mix."""

import numpy as np
from numpy.typing import NDArray

from forecaster.encoding.scaling import find_last_observed
from forecaster.encoding.seasonality import Seasons, average
from forecaster.encoding.smoothing import Smoothed, find_median

__all__ = ["BASES", "find_drifts", "forecast_bases"]

Array = NDArray[np.float64]

DRIFT_CYCLES = 5
MEAN_CYCLES = 4
MEDIAN_CYCLES = 8
FIXED_RATE = 0.3
MIN_GROWTH, MAX_GROWTH = -3.0, 1.5
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
    "steady",
    "steady_trend",
    "steady_median",
    "steady_long",
)


def forecast_bases(
    past: Array,
    seasons: Seasons,
    *,
    lags_ahead: list[Array],
    drifts: list[Array],
    growth: Array,
    smoothing: Smoothed,
    context_length: int,
    period: int,
) -> Array:
    """The forecasts named in BASES, in data units: [batch, base, horizon].

    `lags_ahead` are the last values at the same phase, [batch, horizon] per period; `drifts` and
    `growth`, that of the logarithms, as `find_drifts` has them; `smoothing` is of the
    rest without what repeats. With half of its slope that is much like the Theta method (Assimakopoulos & Nikolopoulos
    2000, in the form of Hyndman & Billah 2003, "Unmasking the Theta method"), its rate an average of likely ones.
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
        for grown in (0.0, np.clip(growth[:, None] * ahead, MIN_GROWTH, MAX_GROWTH))
    ]
    steady = smoothing.level[:, None] + seasons.steady.over(0, horizon)
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
        steady,
        steady + smoothing.slope[:, None] / 2 * (ahead + smoothing.lag[:, None]),
        *_forecast_medians(seasons, horizon=horizon, reach=min(MEDIAN_CYCLES * period, context_length)),
    ]
    # where a season was never seen, the plainest forecast stands in
    return np.stack([np.where(np.isnan(base), last, base) for base in bases], axis=1)


def _forecast_medians(seasons: Seasons, *, horizon: int, reach: int) -> list[Array]:
    """The median of the newest `reach` steps and what repeats, without and with the longer season: [batch, horizon].

    Of n cycles of the longer season n / (n + 1) are believed: a single one is half noise.
    """
    has_long = seasons.long is not seasons.full  # which stands in for it
    cycles = seasons.long.cycles[:, None] if has_long else 0
    share = cycles / (cycles + 1)
    behind, ahead = (share * (seasons.long.over(*of) - seasons.steady.over(*of)) for of in ((-reach, 0), (0, horizon)))
    rest, steady = seasons.rest_steady[:, -reach:], seasons.steady.over(0, horizon)
    return [find_median(rest)[:, None] + steady, find_median(rest - behind)[:, None] + steady + ahead]


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
    weights = (1 - FIXED_RATE) ** np.arange(rest.shape[1] - 1, -1, -1)
    seen = ~np.isnan(rest)
    total = (weights * seen).sum(axis=1)
    return np.where(total > 0, np.where(seen, rest, 0.0) @ weights, np.nan) / np.where(total > 0, total, 1.0)
