"""Encode pasts of any kind and length as the network's inputs: channels, and candidate forecasts to mix."""

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import Array
from forecaster.encoding.autoregression import forecast_by_own_year, has_own_year
from forecaster.encoding.bounding import BoundedPast, bound_past, find_outliers, find_starts
from forecaster.encoding.candidates import forecast_candidates
from forecaster.encoding.channels import make_channels
from forecaster.encoding.covariate_basis import standardise
from forecaster.encoding.effects import Effects, find_effects, split_effects
from forecaster.encoding.encoding import Encoding
from forecaster.encoding.features import find_features
from forecaster.encoding.pooled_effects import Prior
from forecaster.encoding.regression import Driven, Regression, forecast_by_regression
from forecaster.encoding.scaling import Scales
from forecaster.encoding.second_forecast import SecondForecast
from forecaster.windows import Windows

__all__ = ["MAX_JOINT", "Encoded", "encode", "explain_effects"]

MAX_JOINT = 8
"""With more covariates than this the regression on own cycles has their effect as its only covariate."""


@dataclass(frozen=True)
class Encoded:
    """A batch, ready for the network.

    inputs     [batch, context + horizon, channel] float32, in the order of the encoding's channels
    candidates [batch, candidate, horizon]         float32, in noise scales above the level, in the encoding's order
    scales     level and noise scale of each window, float64
    factor, shift  [batch, horizon]                the effect of covariates, see `restore`
    second         a forecast to average with the network's median, scaled as the candidates
    """

    inputs: NDArray[np.float32]
    candidates: NDArray[np.float32]
    scales: Scales
    factor: Array
    shift: Array
    second: SecondForecast

    def restore(self, scaled: Array, *, level: Array, noise_scale: Array) -> Array:
        """Quantiles [batch, horizon, level] in noise scales above the level, in data units, with the effects."""
        without = level[:, None, None] + noise_scale[:, None, None] * scaled
        return np.asarray(self.factor[:, :, None] * without + self.shift[:, :, None])

    def scale(self, y_true: Array) -> Array:
        """Values [batch, horizon] in data units as noise scales above the level, without the effects."""
        without = (y_true - self.shift) / self.factor
        return np.asarray((without - self.scales.level[:, None]) / self.scales.divisor[:, None])


@dataclass(frozen=True)
class _Pasts:
    """Pasts [batch, time] with what covariates add to them; `free` is without it."""

    free: Array
    lengths: NDArray[np.int64]
    effects: Effects
    driven: Driven | None

    @classmethod
    def of(cls, windows: Windows, rows: NDArray[np.int64], *, encoding: Encoding, horizon: int) -> "_Pasts":
        """The newest steps of some `rows` of `windows` that the encoding reads."""
        past = windows.past[rows, -encoding.past_length :]
        lengths = np.minimum(windows.lengths[rows], past.shape[1])
        if windows.covariates is None:
            return cls(past, lengths, Effects.none(len(past), past.shape[1], horizon), None)
        given = _prepare(windows, rows, encoding=encoding, horizon=horizon)
        is_known, scaled, outside = windows.covariates.is_known, given.scaled, given.outside[:, :, given.is_known]
        effects = _find_effects(given, outside, encoding=encoding)
        driven = Driven(scaled, is_known)
        if len(is_known) > MAX_JOINT:
            added = (np.log(effects.factor) + effects.shift)[:, :, None]
            within = np.arange(past.shape[1], 0, -1)[:, None] <= lengths[:, None, None]
            size = added[:, : past.shape[1]].std(axis=1, keepdims=True, where=within)
            driven = Driven(added / np.where(size > 0, size, 1.0), np.ones(1, bool))
        return cls(effects.remove(past, begin=0), lengths, effects, driven)

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
        past, lengths = self.look_back(some, bounded)
        effects, offset = self.effects.take(some), bounded.offset[some, None]
        found = forecast_by_regression(
            effects.add(past, begin=0),
            lengths,
            periods=encoding.periods,
            horizon=horizon,
            driven=None if self.driven is None else self.driven.take(some),
        )
        return replace(
            found,
            forecast=effects.remove(found.forecast, begin=time) - offset,
            fitted=effects.remove(found.fitted, begin=0) - offset,
        )

    def forecast_own_year(
        self, some: NDArray[np.int64], bounded: BoundedPast, *, encoding: Encoding, horizon: int
    ) -> SecondForecast:
        """The forecast of the rows `some` by their own last year, without the effects and the offset of `bounded`."""
        past, lengths = self.look_back(some, bounded)
        found = forecast_by_own_year(past, lengths, periods=encoding.periods, horizon=horizon)
        return replace(found, forecast=found.forecast - bounded.offset[some, None])


@dataclass(frozen=True)
class _Explained:
    """Pasts without outliers, and their covariates, see `standardise`.

    `common` are those known ahead in common units, with the `prior` of the rows that `shares` numbers; None without
    pooled effects.
    """

    usual: Array
    lengths: NDArray[np.int64]
    scaled: Array
    outside: Array
    is_known: NDArray[np.bool_]
    shares: NDArray[np.int64]
    common: Array | None = None
    prior: Prior | None = None


def _find_effects(given: _Explained, outside: Array, *, encoding: Encoding) -> Effects:
    """The effects of covariates that are known ahead, those of some pasts shrunk towards the pooled ones."""
    usual, lengths, scaled = given.usual, given.lengths, given.scaled[:, :, given.is_known]
    if given.common is None:
        return find_effects(usual, lengths, scaled, outside, periods=encoding.periods)
    rows = given.shares
    part = find_effects(
        usual[rows], lengths[rows], given.common, outside[rows], periods=encoding.periods, prior=given.prior
    )
    if len(rows) == len(usual):
        return part
    others = np.setdiff1d(np.arange(len(usual)), rows)
    alone = find_effects(usual[others], lengths[others], scaled[others], outside[others], periods=encoding.periods)
    found = Effects.none(len(usual), usual.shape[1], outside.shape[1])
    found.put(rows, part)
    found.put(others, alone)
    found.outside[rows], found.outside[others] = part.outside, alone.outside
    return found


def _prepare(windows: Windows, rows: NDArray[np.int64], *, encoding: Encoding, horizon: int) -> _Explained:
    """The pasts of some `rows` without outliers, and their covariates."""
    covariates, pooled = windows.covariates, encoding.pooled
    assert covariates is not None
    past = windows.past[rows, -encoding.past_length :]
    begin = windows.past.shape[1] - past.shape[1]
    values = covariates.values[rows, begin : windows.past.shape[1] + horizon]
    lengths = np.minimum(windows.lengths[rows], past.shape[1])
    # a typing error would hide every effect
    usual = np.where(find_outliers(past), np.nan, past)
    scaled, outside = standardise(values, lengths=lengths, time=past.shape[1])
    is_known = covariates.is_known
    given = _Explained(usual, lengths, scaled, outside, is_known, np.zeros(0, np.int64))
    names = tuple(name for name, is_ahead in zip(covariates.names, is_known, strict=False) if is_ahead)
    if pooled is None or not pooled.fits(names):
        return given
    inside = np.arange(past.shape[1], 0, -1) <= lengths[:, None]
    known = (~np.isnan(usual) & inside).sum(axis=1)
    shares = pooled.choose_rows(known, scaled[:, : past.shape[1], is_known], names=names)
    if not len(shares):
        return given
    common = pooled.scale(
        values[shares][:, :, is_known],
        scaled[shares][:, :, is_known],
        names=names,
        lengths=lengths[shares],
        time=past.shape[1],
    )
    described = None if covariates.attributes is None else covariates.attributes.take(rows[shares])
    prior = pooled.make_prior(names, described, batch=len(shares))
    return replace(given, shares=shares, common=common, prior=prior)


def explain_effects(windows: Windows, *, encoding: Encoding, horizon: int) -> tuple[Array, bool]:
    """What each covariate that is known ahead adds to the horizon of a single window, [horizon, covariate].

    See `split_effects`; the sum is what `encode` used.
    """
    assert windows.covariates is not None
    shown, rows = next(iter(encoding.split(windows.lengths)))
    given = _prepare(windows, rows, encoding=shown, horizon=horizon)
    lengths = given.lengths
    usual = np.where(np.arange(given.usual.shape[1], 0, -1) <= lengths[:, None], given.usual, np.nan)
    scaled = given.scaled[:, :, given.is_known] if given.common is None else given.common
    parts, is_factor = split_effects(usual, lengths, scaled, periods=shown.periods, prior=given.prior)
    return parts[len(parts) - horizon :], is_factor


def encode(windows: Windows, *, encoding: Encoding, horizon: int, is_averaged: bool = True) -> Encoded:
    """Encode `windows` for a forecast of `horizon` steps, for which covariates were cut, too.

    Each past is bounded to the range that the network has learned, and encoded with the periods that its own length
    allows: the other rows of the batch change nothing. Without `is_averaged` there is no second forecast.
    """
    windows = _leave_out_wait(windows, period=encoding.periods[0])
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
            regression = pasts.regress(some, bounded, encoding=own, horizon=horizon)
            encoded = _encode_group(
                bounded.take(some, newest=own.recent_length),
                encoding=own,
                horizon=horizon,
                regression=regression,
                effects=pasts.effects.take(some),
                given=windows.past[rows[some]],
            )
            scales = encoded.scales
            if is_averaged:
                if own.has_regression and has_own_year(own.periods):
                    second = pasts.forecast_own_year(some, bounded, encoding=own, horizon=horizon)
                else:
                    second = SecondForecast.of_cycles(regression, scales.seasonal, periods=own.periods)
                encoded = replace(encoded, second=second.scale(scales.level, scales.noise_scale))
            level = scales.level + bounded.offset[some]
            parts.append((rows[some], replace(encoded, scales=replace(scales, level=level))))
    return parts[0][1] if len(parts) == 1 else _join(parts)


def _leave_out_wait(windows: Windows, *, period: int) -> Windows:
    """`windows` without the zeros before the start of a series; see `find_starts`."""
    lengths = find_starts(windows.past, windows.lengths, period=period)
    if (lengths == windows.lengths).all():
        return windows
    past = np.where(np.arange(windows.past.shape[1], 0, -1) <= lengths[:, None], windows.past, np.nan)
    return replace(windows, past=past, lengths=lengths)


def _encode_group(
    bounded: BoundedPast, *, encoding: Encoding, horizon: int, regression: Regression, effects: Effects, given: Array
) -> Encoded:
    """Encode pasts that are all long enough for the periods of `encoding`; `given` are these pasts as they were."""
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
        SecondForecast.none(len(given), horizon),
    )


def _join(parts: list[tuple[NDArray[np.int64], Encoded]]) -> Encoded:
    """One batch from parts, each with its row numbers in the whole."""
    order = np.argsort(np.concatenate([rows for rows, _ in parts]))
    encoded = [part for _, part in parts]
    scales = {
        field.name: np.concatenate([getattr(part.scales, field.name) for part in encoded])[order]
        for field in fields(Scales)
    }
    return Encoded(
        np.concatenate([part.inputs for part in encoded])[order],
        np.concatenate([part.candidates for part in encoded])[order],
        Scales(**scales),
        np.concatenate([part.factor for part in encoded])[order],
        np.concatenate([part.shift for part in encoded])[order],
        SecondForecast.join([part.second for part in encoded]).take(order),
    )
