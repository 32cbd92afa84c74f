"""Candidate forecasts: simple forecasts of a whole batch of pasts, which the network mixes."""

import numpy as np

from forecaster.arrays import Array, average, find_last_observed, find_median
from forecaster.encoding.features import Features
from forecaster.encoding.seasonality import Profile

__all__ = ["forecast_candidates"]

MEAN_CYCLES = 4
MEDIAN_CYCLES = 8
FIXED_RATE = 0.3
MIN_GROWTH, MAX_GROWTH = -3.0, 1.5
"""Bounds of growth over the horizon, in logarithms: estimates beyond them are wrong more often than not."""


def forecast_candidates(features: Features) -> dict[str, Array]:
    """The forecasts named in CANDIDATES, in data units: [batch, horizon] each.

    "shrunken_theta" has half of the slope of the past, much like the Theta method (Assimakopoulos & Nikolopoulos 2000,
    in the form of Hyndman & Billah 2003, "Unmasking the Theta method"), with smoothing rates averaged by likelihood.
    """
    seasons, smoothing, horizon = features.seasons, features.smoothing, features.horizon
    context_length, period = features.encoding.context_length, features.encoding.periods[0]
    ahead = np.arange(1, horizon + 1)

    def extend(profile: Profile) -> Array:
        return profile.over(0, horizon)

    naive = np.repeat(find_last_observed(features.past)[:, None], horizon, axis=1)
    season, remainder = extend(seasons.average.profile), seasons.average.remainder
    secondary, secondary_remainder = extend(seasons.secondary.profile), seasons.secondary.remainder
    deseasonalised = find_last_observed(remainder)[:, None] + season
    logarithms = find_last_observed(seasons.multiplicative.remainder)[:, None] + extend(seasons.multiplicative.profile)
    growth = np.clip(features.recent_growth[:, None] * ahead, MIN_GROWTH, MAX_GROWTH)
    shrunken = smoothing.level[:, None] + extend(seasons.shrunken.profile)
    candidates = {
        "naive": naive,
        "seasonal_naive": features.seasonal_lag[:, context_length:],
        "seasonal_naive_secondary": features.secondary_lag[:, context_length:],
        "deseasonalised_recent": find_last_observed(seasons.recent.remainder)[:, None] + extend(seasons.recent.profile),
        "deseasonalised": deseasonalised,
        "deseasonalised_secondary": find_last_observed(secondary_remainder)[:, None] + secondary,
        "season_mean": average(remainder[:, -period:], axis=1)[:, None] + season,
        "season_mean_secondary": average(secondary_remainder[:, -period:], axis=1)[:, None] + secondary,
        "smoothed": _smooth(remainder[:, -context_length:])[:, None] + season,
        "drift": deseasonalised + features.drift[:, None] * ahead,
        "recent_drift": deseasonalised + features.recent_drift[:, None] * ahead,
        "cycles_mean": average(remainder[:, -MEAN_CYCLES * period :], axis=1)[:, None] + season,
        "shrunken": shrunken,
        "shrunken_theta": shrunken + smoothing.slope[:, None] / 2 * (ahead + smoothing.lag[:, None]),
        **_forecast_medians(features),
    }
    for name, grown in (("multiplicative", 0.0), ("multiplicative_growth", growth)):
        candidates[name] = np.where(seasons.is_multiplicative[:, None], np.exp(logarithms + grown), deseasonalised)
    candidates["regression"] = np.where(
        np.isnan(features.regression.forecast), candidates["shrunken_theta"], features.regression.forecast
    )
    # where a phase of the season was never observed, the naive forecast is used instead
    return {name: np.where(np.isnan(candidate), naive, candidate) for name, candidate in candidates.items()}


def _forecast_medians(features: Features) -> dict[str, Array]:
    """The median of the newest cycles plus the shrunken season, without and with the secondary one: [batch, horizon].

    The secondary season, from n cycles, is shrunk by n / (n + 1): a single cycle is half noise.
    """
    seasons, horizon = features.seasons, features.horizon
    reach = min(MEDIAN_CYCLES * features.encoding.periods[0], features.encoding.context_length)
    has_secondary = seasons.secondary is not seasons.average  # the same object where there is none
    cycles = seasons.secondary.profile.cycles[:, None] if has_secondary else 0
    share = cycles / (cycles + 1)
    shrunken, secondary = seasons.shrunken.profile, seasons.secondary.profile
    behind, ahead = (share * (secondary.over(*of) - shrunken.over(*of)) for of in ((-reach, 0), (0, horizon)))
    remainder, season = seasons.shrunken.remainder[:, -reach:], shrunken.over(0, horizon)
    return {
        "shrunken_median": find_median(remainder)[:, None] + season,
        "shrunken_secondary": find_median(remainder - behind)[:, None] + season + ahead,
    }


def _smooth(remainder: Array) -> Array:
    """Exponentially weighted mean of [batch, time], the weights falling by a fixed fraction per step: [batch]."""
    weights = (1 - FIXED_RATE) ** np.arange(remainder.shape[1] - 1, -1, -1)
    seen = ~np.isnan(remainder)
    total = (weights * seen).sum(axis=1)
    # a product with `@` is large enough for threads of OpenBLAS, see `smoothing`
    sums = np.einsum("bt,t->b", np.where(seen, remainder, 0.0), weights)
    return np.where(total > 0, sums, np.nan) / np.where(total > 0, total, 1.0)
