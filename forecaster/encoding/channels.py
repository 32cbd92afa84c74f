"""The channels of the network's input, for each step of a whole batch of pasts and their horizons.

Channels that are known in advance (phases, lags, profiles, distance) continue over the horizon; the others are zero
there. Values enter as asinh((y − level) / deviation), differences as asinh(difference / noise scale): heavy tails are
compressed and nothing overflows.
"""

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import Array, find_last_observed, mean_difference
from forecaster.encoding.features import Features
from forecaster.encoding.seasonality import ALL_CYCLES, SECONDARY_CYCLES

__all__ = ["make_channels"]


def make_channels(features: Features) -> NDArray[np.float32]:
    """The channels of the encoding, in its order: [batch, context + horizon, channel]; NaN becomes 0."""
    batch, length = len(features.past), features.encoding.context_length
    place = {name: number for number, name in enumerate(features.encoding.channels)}
    # numbers next to each other are written and transposed several times as fast as single ones
    filled = np.zeros((len(place), batch, length + features.horizon), np.float32)
    for steps, channels in (
        (slice(length), _make_past_channels(features)),
        (slice(None), _make_known_channels(features)),
        (slice(None), {name: value[:, None] for name, value in _make_constant_channels(features).items()}),
    ):
        for name in channels.keys() & place.keys():
            filled[place[name], :, steps] = channels[name]
    np.copyto(filled, 0.0, where=np.isnan(filled))
    return np.ascontiguousarray(filled.transpose(1, 2, 0))


def _make_past_channels(features: Features) -> dict[str, Array]:
    """Channels that are zero on the horizon steps, [batch, context] each."""
    past, seasons, scales, main = features.past, features.seasons, features.scales, features.encoding.periods[0]
    length, divisor = features.encoding.context_length, features.scales.divisor[:, None]
    context = past[:, -length:]

    def remove_last(remainder: Array) -> Array:
        return np.arcsinh((remainder[:, -length:] - find_last_observed(remainder)[:, None]) / divisor)

    return {
        "value": np.arcsinh((context - scales.level[:, None]) / _positive(scales.deviation)[:, None]),
        "seasonal_difference": np.arcsinh((context - past[:, -length - main : past.shape[1] - main]) / divisor),
        "first_difference": np.arcsinh((context - past[:, -length - 1 : -1]) / divisor),
        "deseasonalised": remove_last(seasons.average.remainder),
        "deseasonalised_secondary": remove_last(seasons.secondary.remainder),
        "deseasonalised_shrunken": remove_last(seasons.shrunken.remainder),
        "is_observed": ~np.isnan(context),
        "is_in_series": np.arange(length, 0, -1) <= features.lengths[:, None],
    }


def _make_known_channels(features: Features) -> dict[str, Array]:
    """Channels that are known on every step, [batch, context + horizon] or [context + horizon]."""
    scales, seasons = features.scales, features.seasons
    length, horizon = features.encoding.context_length, features.horizon
    main, secondary = features.encoding.periods[0], features.encoding.periods[-1]
    steps = np.arange(-length, horizon)
    ahead = np.maximum(steps + 1, 0)
    channels = {"distance_steps": np.log1p(ahead), "distance_cycles": np.log1p(ahead / main), "is_ahead": steps >= 0}
    for name, lag in (("seasonal_lag", features.seasonal_lag), ("secondary_lag", features.secondary_lag)):
        channels[name] = np.arcsinh((lag - scales.level[:, None]) / _positive(scales.deviation)[:, None])
        channels[f"has_{name}"] = ~np.isnan(lag)
    for name, of in (
        ("profile_recent", seasons.recent),
        ("profile", seasons.average),
        ("profile_secondary", seasons.secondary),
        ("profile_shrunken", seasons.shrunken),
    ):
        channels[name] = np.arcsinh(of.profile.over(-length, horizon) / scales.divisor[:, None])
    for suffix, period in (("", main), ("_secondary", secondary)):
        channels[f"phase_sine{suffix}"] = np.sin(2 * np.pi * steps / period)
        channels[f"phase_cosine{suffix}"] = np.cos(2 * np.pi * steps / period)
    regression = np.concatenate([features.regression.fitted[:, -length:], features.regression.forecast], axis=1)
    channels["regression"] = np.arcsinh((regression - scales.level[:, None]) / _positive(scales.deviation)[:, None])
    channels["has_regression"] = ~np.isnan(regression)
    effects = features.effects
    added = effects.shift + (effects.factor - 1) * (scales.level + features.offset)[:, None]
    channels["effect"] = np.arcsinh(added[:, -length - horizon :] / scales.divisor[:, None])
    channels["outside"] = np.pad(np.log1p(effects.outside), ((0, 0), (length, 0)))
    return channels


def _make_constant_channels(features: Features) -> dict[str, Array]:
    """Channels that do not change over a window, [batch] each."""
    scales, seasons, smoothing = features.scales, features.seasons, features.smoothing
    main, has_secondary = features.encoding.periods[0], len(features.encoding.periods) > 1
    divisor, deviation = scales.divisor, _positive(scales.deviation)
    # mean absolute difference without the multiplicative season, in data units
    multiplicative = mean_difference(seasons.multiplicative.remainder, lag=1) * np.abs(scales.level)
    minimum = np.where(np.isnan(features.past), np.inf, features.past).min(axis=1)
    minimum = np.where(np.isfinite(minimum), minimum, scales.level)
    secondary_cycles = seasons.secondary.profile.cycles / SECONDARY_CYCLES
    return {
        "noise_to_deviation": _log_ratio(scales.noise_scale, scales.deviation),
        "deviation_to_level": _log_ratio(scales.deviation, np.abs(scales.level) + scales.deviation),
        "first_difference_to_noise": _log_ratio(scales.first, divisor),
        "seasonal_difference_to_noise": _log_ratio(scales.seasonal, divisor),
        "secondary_difference_to_noise": _log_ratio(scales.secondary, divisor),
        "deseasonalised_difference_to_noise": _log_ratio(scales.deseasonalised, divisor),
        "multiplicative_difference_to_noise": _log_ratio(multiplicative, divisor),
        "history_steps": np.log1p(features.lengths) / 4,
        "history_cycles": np.log1p(features.lengths / main) / 4,
        "sign_of_level": np.sign(scales.level),
        "distance_to_minimum": np.arcsinh((minimum - scales.level) / deviation),
        "distance_to_last": np.arcsinh((find_last_observed(features.past) - scales.level) / divisor),
        "recent_drift": np.arcsinh(features.recent_drift * main / divisor),
        "recent_growth": np.arcsinh(features.recent_growth * main * 4),
        "smoothing_slope": np.arcsinh(smoothing.slope * main / divisor),
        "smoothing_memory": np.log(smoothing.memory) / 4,
        "shrinkage_weight": seasons.shrinkage_weight,
        "cycles_seen": seasons.average.profile.cycles / ALL_CYCLES,
        "cycles_seen_secondary": secondary_cycles if has_secondary else np.zeros(len(divisor)),
        "regression_error_to_noise": _log_ratio(features.regression.error, divisor),
        "regression_rows": np.log1p(features.regression.rows) / 4,
        "regression_freedom": features.regression.freedom,
        "effect_share": features.effects.share,
        "effect_shrinkage": features.effects.shrinkage,
        **_describe_zeros(features.given),
    }


def _describe_zeros(context: Array) -> dict[str, Array]:
    """How much of `context` [batch, time] is exactly zero, and for how long it has been, as for rare demand."""
    is_zero = context == 0
    seen = np.maximum((~np.isnan(context)).sum(axis=1), 1)
    other = ~is_zero & ~np.isnan(context)
    since = np.where(other.any(axis=1), np.argmax(other[:, ::-1], axis=1), context.shape[1])
    share = is_zero.sum(axis=1) / seen
    return {"zero_share": share, "steps_since_positive": np.where(share > 0, np.log1p(since) / 4, 0.0)}


def _log_ratio(above: Array, below: Array) -> Array:
    """log(above / below), 0 where either is 0 or unknown, kept within ±10."""
    known = (above > 0) & (below > 0)
    ratio = np.where(known, above, 1.0) / np.where(known, below, 1.0)
    return np.clip(np.log(ratio), -10, 10)


def _positive(scale: Array) -> Array:
    return np.where(scale > 0, scale, 1.0)
