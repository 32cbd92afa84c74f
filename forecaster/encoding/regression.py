"""Ridge regressions of each past on its own earlier cycles, and on covariates: a candidate forecast.

A day of hours is forecast hour by hour from the days before it: the same hour one, two, three, seven and fourteen days
ago, its neighbours, the last value, and the means of the last day and week. Linear models of this kind are hard to beat
where the history is long (LEAR: Lago, Marcjasz, De Schutter & Weron 2021, "Forecasting day-ahead electricity prices",
Applied Energy 293). All phases and a whole batch of pasts are fitted at once; the penalty is chosen by the errors that
each cycle has when it is left out, which also say how good the regression is.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import Array, average, fold
from forecaster.encoding.driven import Driven
from forecaster.encoding.effects import MAX_ELEMENTS
from forecaster.encoding.scaled_cycles import ScaledCycles
from forecaster.encoding.seasonality import count_week

__all__ = ["LONGEST_REGRESSION", "Regression", "count_cycles", "forecast_by_regression"]

LONGEST_REGRESSION = 8736
"""Steps of past that are used at the most: 52 weeks of hours."""
MAX_CYCLES = 364
MIN_ROWS = 12
"""Fewest cycles to learn from; with fewer the regression is left out."""
SHORT_LAGS = (1, 2, 3)
PENALTIES = np.array([0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0])
"""Penalties that are tried, per row and for features of unit variance."""
PENALTY_PHASES = 8
"""Phases by which the penalty is chosen: as good as by all of them, and faster."""
BEND = 0.43
"""Standard deviations from the mean at which a third of a normal distribution lies beyond."""
MAX_LEVERAGE = 1 - 1e-6
"""For rounding alone: with a lower limit, the less is left of a penalty the better it would seem to forecast."""
MARGIN = 0.5
"""How far a forecast may lie outside of the range of the scaled past, as a fraction of that range."""


@dataclass(frozen=True)
class Regression:
    """The regression of each past; NaN where there are too few cycles.

    forecast  [batch, horizon]
    fitted    [batch, time]     each step of the past, forecast one cycle ahead by a regression without its own cycle
    error     [batch]           mean absolute error of `fitted`
    rows      [batch]           cycles that it was learned from; 0 for none
    freedom   [batch]           effective degrees of freedom, as a fraction of the rows
    """

    forecast: Array
    fitted: Array
    error: Array
    rows: NDArray[np.int64]
    freedom: Array

    @classmethod
    def none(cls, batch: int, time: int, horizon: int) -> "Regression":
        """No regression, for any past."""
        return cls(
            np.full((batch, horizon), np.nan),
            np.full((batch, time), np.nan),
            np.full(batch, np.nan),
            np.zeros(batch, np.int64),
            np.zeros(batch),
        )


def count_cycles(period: int) -> int:
    """Maximum number of cycles of `period` steps that the regression uses, 0 where there is no season."""
    return min(MAX_CYCLES, LONGEST_REGRESSION // period) if period > 1 else 0


def forecast_by_regression(
    past: Array,
    lengths: NDArray[np.int64],
    *,
    periods: tuple[int, ...],
    horizon: int,
    driven: Driven | None = None,
) -> Regression:
    """Forecast each `past` [batch, time], of which the last `lengths` [batch] steps lie within the series.

    `driven` are covariates of the past and the horizon. Steps later than one main period after the cutoff are forecast
    from the forecasts before them.
    """
    period, week = periods[0], count_week(periods)
    batch, time = past.shape
    cycles = min(count_cycles(period), time // period)
    found = Regression.none(batch, time, horizon)
    warm_up = week if week > 1 else SHORT_LAGS[-1]
    usable = np.minimum(lengths // max(period, 1), cycles) - warm_up
    fits = np.flatnonzero(usable >= MIN_ROWS)
    if not len(fits):
        return found
    # no more cycles than the longest of these pasts has
    cycles = int(usable[fits].max()) + warm_up
    size = max(1, MAX_ELEMENTS // (cycles * period * _count_features(period, week=week, driven=driven)))
    for some in (fits[begin : begin + size] for begin in range(0, len(fits), size)):
        folded = fold(past[some], period=period)[:, -cycles:]
        own = None if driven is None else driven.take(some)
        part = _regress(folded, usable[some], week=week, horizon=horizon, driven=own)
        found.forecast[some], found.error[some] = part.forecast, part.error
        found.fitted[some, time - part.fitted.shape[1] :] = part.fitted
        found.rows[some], found.freedom[some] = part.rows, part.freedom
    return found


def _regress(folded: Array, usable: NDArray[np.int64], *, week: int, horizon: int, driven: Driven | None) -> Regression:
    """The regression of pasts [batch, cycle, period], of which the last `usable` [batch] cycles have all features."""
    batch, cycles, period = folded.shape
    warm_up = week if week > 1 else SHORT_LAGS[-1]
    is_in_series = np.arange(cycles, 0, -1) <= usable[:, None] + warm_up
    scaled = ScaledCycles.of(np.where(is_in_series[:, :, None], folded, np.nan))
    rows = np.arange(warm_up, cycles)
    is_row = (np.arange(cycles, 0, -1) <= usable[:, None])[:, rows]
    known = is_row[:, :, None] & ~np.isnan(scaled.values[:, rows])  # [batch, row, period]
    filled = np.nan_to_num(scaled.values)
    ahead_cycles = -(-horizon // period)
    covariates = None if driven is None else driven.fold(cycles, ahead_cycles, period=period, horizon=horizon)
    features = _make_features(filled, rows, week=week, driven=covariates)
    fitted = _fit(features, filled[:, rows], known)
    ahead = _continue(filled, fitted, week=week, cycles=ahead_cycles, driven=covariates)
    left_out = np.where(known, scaled.restore(fitted.left_out), np.nan)
    return Regression(
        scaled.restore(ahead).reshape(batch, -1)[:, :horizon],
        left_out.reshape(batch, -1),
        average(np.abs(folded[:, rows] - left_out).reshape(batch, -1), axis=1),
        is_row.sum(axis=1),
        fitted.freedom,
    )


def _count_features(period: int, *, week: int, driven: Driven | None) -> int:
    """About how many features each phase is forecast from."""
    covariates = 0 if driven is None else driven.values.shape[2]
    return len(SHORT_LAGS) + 5 + (2 if period > 2 else 0) + (week if week > 1 else 0) + 6 * covariates


@dataclass(frozen=True)
class _Fitted:
    """Coefficients [batch, period, feature] of centred features, what is to be subtracted from these
    [batch, 1, period, feature], the mean of the target [batch, 1, period]; forecasts of left-out cycles and freedom.
    """

    coefficients: Array
    centre: Array
    mean: Array
    left_out: Array
    freedom: Array


def _make_features(values: Array, rows: NDArray[np.int64], *, week: int, driven: Driven | None = None) -> Array:
    """What each phase of the cycles `rows` is forecast from: [batch, row, period, feature]."""
    period = values.shape[2]
    lags = (*SHORT_LAGS, week, 2 * week) if week > max(SHORT_LAGS) else SHORT_LAGS
    before = [np.where((rows >= lag)[:, None], values[:, np.maximum(rows - lag, 0)], 0.0) for lag in lags]
    last = before[0]
    means = np.cumsum(np.pad(values.mean(axis=2), ((0, 0), (1, 0))), axis=1)
    wide = max(week, 4)
    recent = (means[:, rows] - means[:, np.maximum(rows - wide, 0)]) / wide
    wholes = [last[:, :, -1], last.mean(axis=2), recent]
    features = [*before, *(np.repeat(whole[:, :, None], period, axis=2) for whole in wholes)]
    if period > 2:
        features += [np.roll(last, 1, axis=2), np.roll(last, -1, axis=2)]
    if driven is not None:
        features += _follow_covariates(driven, rows, week=week)
    if week > 1:
        # counted from the end, so that a cycle has the same number in pasts of any length
        day = (rows - values.shape[1]) % week == np.arange(week)[:, None]
        shape = (len(values), len(rows), period)
        features += [np.broadcast_to(is_day[:, None], shape) for is_day in day.astype(np.float64)]
    return np.stack(features, axis=3)


def _follow_covariates(driven: Driven, rows: NDArray[np.int64], *, week: int) -> list[Array]:
    """Features of covariates: now, bent, a cycle and a week ago, and as the mean of the cycle, or of the one before."""
    features = []
    assert driven.means is not None
    for number, is_known in enumerate(driven.is_known):
        own, mean = driven.values[..., number], driven.means[..., number]
        before = mean[:, np.maximum(rows - 1, 0), -1:]
        if is_known:
            now = own[:, rows]
            features += [now, np.minimum(now + BEND, 0.0), np.maximum(now - BEND, 0.0)]
        features += [own[:, np.maximum(rows - lag, 0)] for lag in dict.fromkeys((1, week))]
        features.append(mean[:, rows] if is_known else np.repeat(before, own.shape[2], axis=2))
    return features


def _fit(features: Array, target: Array, known: NDArray[np.bool_]) -> _Fitted:
    """Ridge regression for each phase, all with the penalty that has the smallest left-out errors."""
    weight = known.astype(np.float64)
    count = np.maximum(weight.sum(axis=1, keepdims=True), 1.0)
    centre = (features * weight[..., None]).sum(axis=1, keepdims=True) / count[..., None]
    mean = (target * weight).sum(axis=1, keepdims=True) / count
    centred = (features - centre) * weight[..., None]
    variance = (centred**2).sum(axis=(1, 2)) / np.maximum(weight.sum(axis=(1, 2)), 1.0)[:, None]
    size = np.where(variance > 1e-12, np.sqrt(np.maximum(variance, 1e-300)), np.inf)[:, None, None]
    design = np.ascontiguousarray((centred / size).transpose(0, 2, 1, 3))  # [batch, period, row, feature]
    wanted = ((target - mean) * weight).transpose(0, 2, 1)[..., None]
    rows = count.transpose(0, 2, 1)[..., None]  # [batch, period, 1, 1]
    squares = design.transpose(0, 1, 3, 2) @ design
    some = slice(None, None, max(1, design.shape[1] // PENALTY_PHASES))
    penalty = _choose_penalty(design[:, some], wanted[:, some], squares[:, some], rows[:, some])
    inverse = np.linalg.inv(squares + penalty[:, None, None, None] * rows * np.eye(design.shape[3]))
    solved = inverse @ (design.transpose(0, 1, 3, 2) @ wanted)
    leverage = ((design @ inverse) * design).sum(axis=3, keepdims=True) + 1 / rows
    left_out = wanted - (wanted - design @ solved) / (1 - np.minimum(leverage, MAX_LEVERAGE))
    freedom = (inverse * squares).sum(axis=(2, 3)) / rows[..., 0, 0]
    return _Fitted(
        solved[..., 0] / size[:, 0, 0, None],
        centre,
        mean,
        left_out[..., 0].transpose(0, 2, 1) + mean,
        freedom.mean(axis=1),
    )


def _choose_penalty(design: Array, wanted: Array, squares: Array, rows: Array) -> Array:
    """The penalty per row with the smallest left-out errors over some phases: [batch].

    With the eigenvectors of the squares, the errors of all penalties cost little more than those of one (Golub, Heath &
    Wahba 1979, "Generalized cross-validation as a method for choosing a good ridge parameter").
    """
    eigenvalues, vectors = np.linalg.eigh(squares)
    rotated = design @ vectors
    projected = rotated.transpose(0, 1, 3, 2) @ wanted  # [batch, period, feature, 1]
    factors = 1 / (np.maximum(eigenvalues, 0.0)[..., None] + PENALTIES * rows)
    leverage = np.minimum(rotated**2 @ factors + 1 / rows, MAX_LEVERAGE)
    errors = (wanted - rotated @ (projected * factors)) / (1 - leverage)  # [batch, period, row, penalty]
    return np.asarray(PENALTIES[np.argmin((errors**2).sum(axis=(1, 2)), axis=1)])


def _continue(values: Array, fitted: _Fitted, *, week: int, cycles: int, driven: Driven | None) -> Array:
    """Forecast `cycles` further cycles one after the other: [batch, cycle, period]."""
    lowest, highest = values.min(axis=(1, 2), keepdims=True), values.max(axis=(1, 2), keepdims=True)
    room = MARGIN * (highest - lowest)
    begin = values.shape[1]
    # the days of the week are counted from the end of the array
    whole = np.concatenate([values, np.zeros((len(values), cycles, values.shape[2]))], axis=1)
    shift = cycles % week
    for number in range(begin, begin + cycles):
        features = _make_features(whole, np.array([number]), week=week, driven=driven)
        if week > 1 and shift:
            features[..., -week:] = np.roll(features[..., -week:], shift, axis=3)
        ahead = ((features - fitted.centre)[:, 0] * fitted.coefficients).sum(axis=2) + fitted.mean[:, 0]
        whole[:, number] = np.clip(ahead, (lowest - room)[:, 0], (highest + room)[:, 0])
    return whole[:, begin:]
