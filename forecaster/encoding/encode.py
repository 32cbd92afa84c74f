"""Encode pasts of any kind and length as the network's inputs: channels, and candidate forecasts to mix."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import Array
from forecaster.encoding.autoregression import forecast_by_own_year, has_own_year
from forecaster.encoding.bounding import BoundedPast, bound_past, leave_out_wait
from forecaster.encoding.candidates import forecast_candidates
from forecaster.encoding.channels import make_channels
from forecaster.encoding.climatology import Climatology
from forecaster.encoding.daylight import find_usual, has_usual
from forecaster.encoding.driven import Driven
from forecaster.encoding.effects import Effects
from forecaster.encoding.encoded import Encoded
from forecaster.encoding.encoding import Encoding
from forecaster.encoding.features import find_features
from forecaster.encoding.last_year import forecast_days
from forecaster.encoding.own_season import find_window_seasons
from forecaster.encoding.prepared_pasts import Unsure, prepare_pasts
from forecaster.encoding.regression import Regression, forecast_by_regression
from forecaster.encoding.roots import Roots, take_roots
from forecaster.encoding.running_totals import RunningTotals, take_increments
from forecaster.encoding.second_forecast import SecondForecast
from forecaster.encoding.smooth_growth import forecast_smooth
from forecaster.encoding.steady_cycles import forecast_steady
from forecaster.encoding.walks import may_walk
from forecaster.encoding.wave_forecasts import forecast_waves
from forecaster.encoding.whole_cycles import WholeCycles, forecast_by_whole_cycles
from forecaster.windows import Windows

__all__ = ["MAX_JOINT", "encode", "settle_season"]

MAX_JOINT = 8
"""With more covariates than this the regression on own cycles has their effect as its only covariate."""
_Second = Callable[..., SecondForecast]


@dataclass(frozen=True)
class _Pasts:
    """Pasts [batch, time] with what covariates add to them, and how far that is not known; `free` is without it."""

    free: Array
    lengths: NDArray[np.int64]
    effects: Effects
    unsure: Unsure
    driven: Driven | None

    @classmethod
    def of(cls, windows: Windows, rows: NDArray[np.int64], *, encoding: Encoding, horizon: int) -> "_Pasts":
        """The newest steps of some `rows` of `windows` that the encoding reads."""
        past = windows.past[rows, -encoding.past_length :]
        lengths = np.minimum(windows.lengths[rows], past.shape[1])
        if windows.covariates is None:
            batch, time = past.shape
            return cls(past, lengths, Effects.none(batch, time, horizon), Unsure.none(batch, horizon), None)
        given = prepare_pasts(windows, rows, encoding=encoding, horizon=horizon)
        effects, unsure = given.find_effects(encoding)
        driven = Driven(given.scaled, given.is_known)
        if len(given.is_known) > MAX_JOINT:
            added = (np.log(effects.factor) + effects.shift)[:, :, None]
            within = np.arange(past.shape[1], 0, -1)[:, None] <= lengths[:, None, None]
            size = added[:, : past.shape[1]].std(axis=1, keepdims=True, where=within)
            driven = Driven(added / np.where(size > 0, size, 1.0), np.ones(1, bool))
        return cls(effects.remove(past, begin=0), lengths, effects, unsure, driven)

    def look_back(self, some: NDArray[np.int64], bounded: BoundedPast) -> tuple[Array, NDArray[np.int64]]:
        """All of the past of the rows `some`, without effects and outliers, and how long each is."""
        time, reach = self.free.shape[1], bounded.past.shape[1]
        past = self.free[some]
        past[:, time - reach :] = bounded.past[some] + bounded.offset[some, None]
        is_cut = bounded.lengths[some] < np.minimum(self.lengths[some], reach)
        return past, np.where(is_cut, bounded.lengths[some], self.lengths[some])

    def regress(self, some: NDArray[np.int64], bounded: BoundedPast, *, encoding: Encoding, horizon: int) -> Regression:
        """The regression of the rows `some`, without the effects and the offset of `bounded`."""
        time = self.free.shape[1]
        if not encoding.has_regression:
            return Regression.none(len(some), time, horizon)
        past, lengths, driven = self._with_effects(some, bounded)
        found = forecast_by_regression(past, lengths, periods=encoding.periods, horizon=horizon, driven=driven)
        effects, offset = self.effects.take(some), bounded.offset[some, None]
        return replace(
            found,
            forecast=effects.remove(found.forecast, begin=time) - offset,
            fitted=effects.remove(found.fitted, begin=0) - offset,
        )

    def regress_whole(
        self, some: NDArray[np.int64], bounded: BoundedPast, *, encoding: Encoding, horizon: int
    ) -> WholeCycles:
        """The same by regressions of whole cycles."""
        if not encoding.has_regression:
            return WholeCycles.none(len(some), horizon)
        past, lengths, driven = self._with_effects(some, bounded)
        found = forecast_by_whole_cycles(past, lengths, periods=encoding.periods, horizon=horizon, driven=driven)
        without = self.effects.take(some).remove(found.forecast, begin=past.shape[1])
        return replace(found, forecast=without - bounded.offset[some, None])

    def _with_effects(
        self, some: NDArray[np.int64], bounded: BoundedPast
    ) -> tuple[Array, NDArray[np.int64], Driven | None]:
        """All of the past of the rows `some` without outliers, how long each is, and its covariates."""
        past, lengths = self.look_back(some, bounded)
        driven = None if self.driven is None else self.driven.take(some)
        return self.effects.take(some).add(past, begin=0), lengths, driven

    def forecast_second(
        self, some: NDArray[np.int64], bounded: BoundedPast, *, encoding: Encoding, horizon: int, by: _Second
    ) -> SecondForecast:
        """The forecast of the rows `some` `by` a function, without the effects and the offset of `bounded`."""
        past, lengths = self.look_back(some, bounded)
        found = by(past, lengths, periods=encoding.periods, horizon=horizon)
        return replace(found, forecast=found.forecast - bounded.offset[some, None])

    def find_climatology(
        self,
        some: NDArray[np.int64],
        bounded: BoundedPast,
        *,
        encoding: Encoding,
        horizon: int,
        levels: tuple[float, ...],
    ) -> Climatology:
        """The climatology of the rows `some`, without the effects and the offset of `bounded`."""
        if not has_usual(encoding.periods):
            return Climatology.none(len(some), horizon, len(levels))
        past, lengths = self.look_back(some, bounded)
        past = np.where(np.arange(past.shape[1], 0, -1) <= lengths[:, None], past, np.nan)
        found = find_usual(past, periods=encoding.periods, horizon=horizon, levels=levels)
        return replace(found, quantiles=found.quantiles - bounded.offset[some, None, None])


def encode(
    windows: Windows, *, encoding: Encoding, horizon: int, is_averaged: bool = True, levels: tuple[float, ...] = ()
) -> Encoded:
    """Encode `windows` for a forecast of `horizon` steps, for which covariates were cut, too.

    Each past is bounded to the range that the network has learned, and encoded with the periods that its own length
    allows, or with its own one where it repeats after other steps: the other rows of the batch change nothing. Of
    running totals the increments are encoded, and `Encoded.totals` says which these are. Without
    `is_averaged` there is no second forecast, and without `levels` no climatology.
    """
    windows, totals = take_increments(windows, encoding=encoding)
    encoded = _encode_by_season(windows, encoding=encoding, horizon=horizon, is_averaged=is_averaged, levels=levels)
    return replace(encoded, totals=totals)


def _encode_by_season(
    windows: Windows, *, encoding: Encoding, horizon: int, is_averaged: bool, levels: tuple[float, ...]
) -> Encoded:
    """Encode `windows` without running totals, each by the season that it has."""
    windows = leave_out_wait(windows, period=encoding.periods[0])
    found = find_window_seasons(windows, encoding=encoding)
    if not found.any():
        return _encode_alike(windows, encoding=encoding, horizon=horizon, is_averaged=is_averaged, levels=levels)
    parts = []
    for season in np.unique(found):
        rows = np.flatnonzero(found == season)
        own = encoding.repeat_after(int(season)) if season else encoding
        some = windows.take(rows, reach=own.reach_into(0))
        part = _encode_alike(some, encoding=own, horizon=horizon, is_averaged=is_averaged, levels=levels)
        parts.append((rows, replace(part, own_season=found[rows])))
    return Encoded.join(parts)


def settle_season(windows: Windows, *, encoding: Encoding) -> tuple[Windows, Encoding]:
    """A single window, and the encoding of what it is: parts of it may be hidden, and it has the same season still.

    The same is so of running totals.
    """
    seen, totals = take_increments(windows, encoding=encoding)
    settled = replace(encoding, has_own_seasons=False, running_totals=bool(totals.is_total[0]))
    season = int(find_window_seasons(leave_out_wait(seen, period=encoding.periods[0]), encoding=encoding)[0])
    if not season:
        return windows, settled
    settled = settled.repeat_after(season)
    return windows.take(np.zeros(1, np.int64), reach=settled.reach_into(0)), settled


def _encode_alike(
    windows: Windows, *, encoding: Encoding, horizon: int, is_averaged: bool, levels: tuple[float, ...]
) -> Encoded:
    """Encode `windows` whose seasons are those of the `encoding`, as far as they are long enough."""
    roots = Roots.none(len(windows.past))
    if encoding.has_roots:
        windows, roots = take_roots(windows, periods=encoding.periods)
    parts = []
    for shown, rows in encoding.split(windows.lengths):
        # no more of the past than these periods need, however long the array is for other rows of the batch
        pasts = _Pasts.of(windows, rows, encoding=shown, horizon=horizon)
        reach = shown.recent_length
        bounded = bound_past(
            pasts.free[:, -reach:],
            np.minimum(pasts.lengths, reach),
            context_length=encoding.context_length,
            period=encoding.periods[0],
        )
        for own, some in shown.split(bounded.lengths):
            given = windows.past[rows[some]]
            found = pasts.regress(some, bounded, encoding=own, horizon=horizon)
            encoded = _encode_group(
                bounded.take(some, newest=own.recent_length),
                encoding=own,
                horizon=horizon,
                regression=found,
                effects=pasts.effects.take(some),
                given=given,
            )
            scales = encoded.scales
            if is_averaged:
                forecast = partial(pasts.forecast_second, some, bounded, encoding=own, horizon=horizon)
                by = _choose_second(own)
                if by is not None:
                    second = forecast(by=by)
                else:
                    whole = pasts.regress_whole(some, bounded, encoding=own, horizon=horizon)
                    second = SecondForecast.of_cycles(found, whole, scales.seasonal, past=given, periods=own.periods)
                others = np.where(found.rows > 0, found.error, np.inf)
                if own.has_steady_cycles:
                    second = second.average_with(forecast(by=partial(forecast_steady, others=others)))
                if own.has_waves and windows.covariates is None:
                    second = second.average_with(
                        forecast(by=partial(forecast_waves, others=others, is_own=own.is_own_season))
                    )
                if own.has_smooth_growth:
                    second = second.or_stronger(forecast(by=forecast_smooth))
                encoded = replace(encoded, second=second.scale(scales.level, scales.noise_scale))
            if own.has_climatology and levels:
                usual = pasts.find_climatology(some, bounded, encoding=own, horizon=horizon, levels=levels)
                encoded = replace(encoded, climatology=usual.scale(scales.level, scales.noise_scale))
            level = scales.level + bounded.offset[some]
            unsure = pasts.unsure.take(some).measure(level) / scales.divisor[:, None]
            parts.append((rows[some], replace(encoded, scales=replace(scales, level=level), unsure=unsure)))
    return _with_roots(Encoded.join(parts), roots)


def _with_roots(encoded: Encoded, roots: Roots) -> Encoded:
    """`encoded` with the `roots` that were taken; what does not change any more is in data units again."""
    is_still = encoded.scales.noise_scale == 0
    level = np.where(is_still, roots.undo(encoded.scales.level), encoded.scales.level)
    return replace(
        encoded, scales=replace(encoded.scales, level=level), roots=Roots(np.where(is_still, 1.0, roots.degree))
    )


def _choose_second(encoding: Encoding) -> _Second | None:
    """How to forecast a second time; None for regressions on own cycles."""
    if encoding.has_regression and has_own_year(encoding.periods):
        return forecast_by_own_year
    return forecast_days if encoding.has_days and may_walk(encoding.periods) else None


def _encode_group(
    bounded: BoundedPast, *, encoding: Encoding, horizon: int, regression: Regression, effects: Effects, given: Array
) -> Encoded:
    """Encode pasts that are all long enough for the periods of `encoding`; `given` are these pasts as they were.

    Nothing to average with is looked for.
    """
    features = find_features(
        bounded,
        encoding=encoding,
        horizon=horizon,
        regression=regression,
        effects=effects,
        given=given[:, -encoding.context_length :],
    )
    scales = features.scales
    named = forecast_candidates(features)
    candidates = np.stack([named[name] for name in encoding.candidates], axis=1)
    scaled = (candidates - scales.level[:, None, None]) / scales.divisor[:, None, None]
    # every candidate of a past that never changes is its level, despite rounding
    scaled = np.where(scales.noise_scale[:, None, None] > 0, np.nan_to_num(scaled), 0.0)
    return Encoded(
        make_channels(features),
        scaled.astype(np.float32),
        scales,
        effects.factor[:, -horizon:],
        effects.shift[:, -horizon:],
        np.zeros((len(given), horizon)),
        SecondForecast.none(len(given), horizon),
        Climatology.none(len(given), horizon, 0),
        Roots.none(len(given)),
        np.zeros(len(given), np.int64),
        RunningTotals.none(len(given)),
    )
