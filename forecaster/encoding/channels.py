"""What the network sees: the channels of a whole batch of pasts, and its base forecasts beside them.

Only the past comes in. What is known of the future steps (phases, lags, profiles, distance) goes on
over the horizon; what is not is zero there. Values enter as asinh((y − level) / spread), differences as
asinh(difference / unit): heavy tails are tamed and nothing overflows.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from forecaster.data.panel import MIN_LONG_CYCLES
from forecaster.encoding.bases import BASES, find_drifts, forecast_bases
from forecaster.encoding.scaling import Scales, find_last_observed, find_scales, mean_difference
from forecaster.encoding.seasonality import (
    ALL_CYCLES,
    LONG_CYCLES,
    Seasons,
    count_steady_cycles,
    find_long_lag,
    find_seasons,
    lag_by_phase,
)
from forecaster.encoding.smoothing import Smoothed, smooth_exponentially

__all__ = ["BASES", "CHANNELS", "Encoded", "Encoding", "encode_alike"]

Array = NDArray[np.float64]

LONGEST_PAST = 8192

PAST_CHANNELS = (
    "value",
    "seasonal_difference",
    "first_difference",
    "deseasonalised",
    "deseasonalised_long",
    "deseasonalised_steady",
    "is_observed",
    "is_in_series",
)
KNOWN_CHANNELS = (
    "lag",
    "lag_long",
    "has_lag",
    "has_lag_long",
    "profile_recent",
    "profile",
    "profile_long",
    "profile_steady",
    "phase_sine",
    "phase_cosine",
    "phase_sine_long",
    "phase_cosine_long",
    "distance_steps",
    "distance_cycles",
    "is_ahead",
)
CONSTANT_CHANNELS = (
    "unit_to_spread",
    "spread_to_level",
    "first_to_unit",
    "seasonal_to_unit",
    "seasonal_long_to_unit",
    "deseasonalised_to_unit",
    "relative_to_unit",
    "history_steps",
    "history_cycles",
    "sign_of_level",
    "distance_to_minimum",
    "distance_to_last",
    "recent_drift",
    "recent_growth",
    "steady_slope",
    "steady_memory",
    "steady_share",
    "cycles_seen",
    "cycles_seen_long",
)
CHANNELS = PAST_CHANNELS + KNOWN_CHANNELS + CONSTANT_CHANNELS


@dataclass(frozen=True)
class Encoding:
    """How windows are encoded: steps of context, and one or two periods, (1,) for no season.

    The main period comes first. The longer one is left out of windows whose own past does not show it, see `split`.
    """

    context_length: int
    periods: tuple[int, ...]

    def split(self, lengths: NDArray[np.int64]) -> list[tuple["Encoding", NDArray[np.int64]]]:
        """How to encode windows with `lengths` [window] steps of past, and the numbers of those it is for."""
        main = replace(self, periods=self.periods[:1])
        shows_all = lengths >= MIN_LONG_CYCLES * self.periods[-1] if len(self.periods) > 1 else lengths < 0
        groups = [(self, np.flatnonzero(shows_all)), (main, np.flatnonzero(~shows_all))]
        return [(encoding, rows) for encoding, rows in groups if len(rows)]

    @property
    def past_length(self) -> int:
        """Steps of past that the encoding looks at, at the most."""
        reach = [self._min_past]
        main_cycles = max(ALL_CYCLES, count_steady_cycles(self.periods[0]))
        for period, cycles in zip(self.periods, (main_cycles, LONG_CYCLES), strict=False):
            reach += [min(cycles, max(LONGEST_PAST // period, 1)) * period if period > 1 else 0]
        return max(reach)

    def reach_into(self, longest: int) -> int:
        """Steps of past to cut from series of which the longest has `longest` steps: no more than are there."""
        return min(self.past_length, max(self._min_past, longest))

    @property
    def _min_past(self) -> int:
        """Steps without which `encode` cannot do, observed or not."""
        reach = [self.context_length + 1]
        for period in self.periods:
            lag = max(period, find_long_lag((self.periods[0], period)))
            reach += [-(-self.context_length // lag) * lag + lag]
        return max(reach)


@dataclass(frozen=True)
class Encoded:
    """A batch, ready for the network.

    inputs [batch, context + horizon, channel] float32, in the order of CHANNELS
    bases  [batch, base, horizon]              float32, in units above the level, in the order of BASES
    scales level and unit of each window, float64
    """

    inputs: NDArray[np.float32]
    bases: NDArray[np.float32]
    scales: Scales


def encode_alike(past: Array, lengths: NDArray[np.int64], *, encoding: Encoding, horizon: int) -> Encoded:
    """Encode `past` [batch, time], of which the last `lengths` [batch] steps lie within the series, all in one way."""
    context_length, periods = encoding.context_length, encoding.periods
    seasons = find_seasons(past, lengths, periods=periods)
    scales = find_scales(
        past,
        context_length=context_length,
        periods=periods,
        deseasonalised=seasons.rest,
        deseasonalised_long=seasons.rest_long,
    )
    smoothing = smooth_exponentially(seasons.rest_steady[:, -context_length:])
    shared = _Shared(past, lengths, encoding, horizon, seasons, scales, smoothing)
    lags = [
        lag_by_phase(past, period=period, context_length=context_length, horizon=horizon)
        for period in (periods[0], find_long_lag(periods))
    ]
    drifts = find_drifts(seasons.rest, context_length=context_length, period=periods[0])
    growth = find_drifts(seasons.rest_relative, context_length=context_length, period=periods[0])[1]
    columns = [
        *_past_channels(shared),
        *_known_channels(shared, lags),
        *_constant_channels(shared, recent_drift=drifts[1], recent_growth=growth),
    ]
    inputs = np.stack(columns, axis=2).astype(np.float32)  # [batch, context + horizon, channel]
    lags_ahead = [lag[:, context_length:] for lag in lags]
    bases = forecast_bases(
        past,
        seasons,
        lags_ahead=lags_ahead,
        drifts=drifts,
        growth=growth,
        smoothing=smoothing,
        context_length=context_length,
        period=periods[0],
    )
    assert inputs.shape == (len(past), context_length + horizon, len(CHANNELS))
    assert bases.shape == (len(past), len(BASES), horizon)
    in_units = (bases - scales.level[:, None, None]) / scales.divisor[:, None, None]
    # a past that never changes has no bases but its level, whatever rounding makes of it
    in_units = np.where(scales.unit[:, None, None] > 0, np.nan_to_num(in_units), 0.0)
    return Encoded(inputs, in_units.astype(np.float32), scales)


@dataclass(frozen=True)
class _Shared:
    """What the channels are made from."""

    past: Array
    lengths: NDArray[np.int64]
    encoding: Encoding
    horizon: int
    seasons: Seasons
    scales: Scales
    smoothing: Smoothed


def _past_channels(shared: _Shared) -> list[Array]:
    """Channels that are zero on the horizon steps, [batch, context + horizon] each."""
    past, scales, main = shared.past, shared.scales, shared.encoding.periods[0]
    length = shared.encoding.context_length
    context, unit = past[:, -length:], scales.divisor[:, None]
    in_series = np.arange(length, 0, -1) <= shared.lengths[:, None]
    channels = [
        np.arcsinh((context - scales.level[:, None]) / _positive(scales.spread)[:, None]),
        np.arcsinh((context - past[:, -length - main : past.shape[1] - main]) / unit),
        np.arcsinh((context - past[:, -length - 1 : -1]) / unit),
        *(
            np.arcsinh((rest[:, -length:] - find_last_observed(rest)[:, None]) / unit)
            for rest in (shared.seasons.rest, shared.seasons.rest_long, shared.seasons.rest_steady)
        ),
        ~np.isnan(context),
        in_series,
    ]
    return [np.pad(np.nan_to_num(channel.astype(np.float64)), ((0, 0), (0, shared.horizon))) for channel in channels]


def _known_channels(shared: _Shared, lags: list[Array]) -> list[Array]:
    """Channels that are known on every step, [batch, context + horizon] each."""
    scales, length, horizon = shared.scales, shared.encoding.context_length, shared.horizon
    main, second = shared.encoding.periods[0], shared.encoding.periods[-1]
    steps = np.arange(-length, horizon)
    ahead = np.maximum(steps + 1, 0)
    channels = [np.arcsinh((lag - scales.level[:, None]) / _positive(scales.spread)[:, None]) for lag in lags]
    channels += [~np.isnan(lag) for lag in lags]
    channels += [
        np.arcsinh(profile.over(-length, horizon) / scales.divisor[:, None])
        for profile in (shared.seasons.recent, shared.seasons.full, shared.seasons.long, shared.seasons.steady)
    ]
    everywhere = [wave(2 * np.pi * steps / period) for period in (main, second) for wave in (np.sin, np.cos)]
    everywhere += [np.log1p(ahead), np.log1p(ahead / main), steps >= 0]
    channels += [np.broadcast_to(row, (len(shared.past), len(steps))) for row in everywhere]
    return [np.nan_to_num(channel.astype(np.float64)) for channel in channels]


def _constant_channels(shared: _Shared, *, recent_drift: Array, recent_growth: Array) -> list[Array]:
    """Channels that do not change over a window, [batch, context + horizon] each."""
    scales, main = shared.scales, shared.encoding.periods[0]
    unit, has_long = scales.divisor, len(shared.encoding.periods) > 1
    kinds = (scales.first, scales.seasonal, scales.seasonal_long, scales.deseasonalised)
    last = find_last_observed(shared.past)
    # how much moves once the season is a share of the level, in data units
    relative = mean_difference(shared.seasons.rest_relative, lag=1) * np.abs(scales.level)
    minimum = np.where(np.isnan(shared.past), np.inf, shared.past).min(axis=1)
    minimum = np.where(np.isfinite(minimum), minimum, scales.level)
    constants = [
        _log_ratio(scales.unit, scales.spread),
        _log_ratio(scales.spread, np.abs(scales.level) + scales.spread),
        *(_log_ratio(kind, unit) for kind in (*kinds, relative)),
        np.log1p(shared.lengths) / 4,
        np.log1p(shared.lengths / main) / 4,
        np.sign(scales.level),
        np.arcsinh((minimum - scales.level) / _positive(scales.spread)),
        np.arcsinh((last - scales.level) / unit),
        np.arcsinh(recent_drift * main / unit),
        np.arcsinh(recent_growth * main * 4),
        np.arcsinh(shared.smoothing.slope * main / unit),
        np.log(shared.smoothing.memory) / 4,
        shared.seasons.steady_share,
        shared.seasons.full.cycles / ALL_CYCLES,
        shared.seasons.long.cycles / LONG_CYCLES if has_long else np.zeros(len(unit)),
    ]
    time = shared.encoding.context_length + shared.horizon
    return [np.repeat(np.nan_to_num(constant)[:, None], time, axis=1) for constant in constants]


def _log_ratio(above: Array, below: Array) -> Array:
    """log(above / below), 0 where either is 0 or unknown, kept within ±10."""
    known = (above > 0) & (below > 0)
    ratio = np.where(known, above, 1.0) / np.where(known, below, 1.0)
    return np.clip(np.log(ratio), -10, 10)


def _positive(scale: Array) -> Array:
    return np.where(scale > 0, scale, 1.0)
