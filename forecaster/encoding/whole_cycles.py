"""Ridge regressions of each whole cycle on whole cycles before it, and on covariates: part of a second forecast.

All hours of a day are forecast from all hours of the days one, two and seven days before, and from all hours of the
covariates on that day, the day before and a week before, as prices of electricity are (LEAR: Lago, Marcjasz, De
Schutter & Weron 2021, "Forecasting day-ahead electricity prices", Applied Energy 293); `regression.py` forecasts each
hour from a few features of its own. One regression learns from the newest weeks, and one from all of the past, as the
mean of such forecasts is better than each of them (Marcjasz, Serafin & Weron 2018, "Selection of calibration windows
for day-ahead electricity price forecasting", Energies 11). All hours have the same features, so one decomposition
serves them all.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import Array, average, fold
from forecaster.encoding.driven import Driven
from forecaster.encoding.effects import MAX_ELEMENTS
from forecaster.encoding.joint_ridge import JointRidge, fit_joint_ridge
from forecaster.encoding.level_shift import measure_level_shift
from forecaster.encoding.regression import MARGIN, count_cycles
from forecaster.encoding.scaled_cycles import ScaledCycles
from forecaster.encoding.seasonality import count_week

__all__ = ["WholeCycles", "forecast_by_whole_cycles"]

NEWEST_CYCLES = 84
"""Cycles that the regression on the newest weeks learns from."""
JUDGED_CYCLES = 56
"""Newest cycles whose left-out errors say how good the regressions are."""
MIN_ROWS = 21
"""Fewest cycles to learn from."""
SHORT_LAGS = (1, 2)


@dataclass(frozen=True)
class WholeCycles:
    """The mean of two regressions of each past.

    forecast     [batch, horizon]  NaN where there are too few cycles
    error        [batch]           mean absolute error of the newest cycles, each left out; NaN where there are too few
    level_shift  [batch]           shift of the newest week, see `measure_level_shift`; 0 where not known
    """

    forecast: Array
    error: Array
    level_shift: Array

    @classmethod
    def none(cls, batch: int, horizon: int) -> "WholeCycles":
        """No forecast, for any past."""
        return cls(np.full((batch, horizon), np.nan), np.full(batch, np.nan), np.zeros(batch))


def forecast_by_whole_cycles(
    past: Array,
    lengths: NDArray[np.int64],
    *,
    periods: tuple[int, ...],
    horizon: int,
    driven: Driven | None = None,
) -> WholeCycles:
    """Forecast each `past` [batch, time], of which the last `lengths` [batch] steps lie within the series.

    `driven` are covariates of the past and the horizon. Cycles later than the first are forecast from the forecasts
    before them. None are made but for cycles within a week, such as days of hours.
    """
    period, week = periods[0], count_week(periods)
    batch, time = past.shape
    found = WholeCycles.none(batch, horizon)
    if week < 2:
        return found
    rows = np.minimum(lengths, time) // period
    rows = np.minimum(rows, count_cycles(period)) - week
    # pasts of one length at a time, so that the forecast of none depends on the others
    for count in np.unique(rows[rows >= MIN_ROWS]):
        fits = np.flatnonzero(rows == count)
        columns = 0 if driven is None else driven.values.shape[2]
        width = period * (len(SHORT_LAGS) + 1 + 3 * columns)
        size = max(1, MAX_ELEMENTS // ((count + week) * max(width, count)))
        for some in (fits[begin : begin + size] for begin in range(0, len(fits), size)):
            own = None if driven is None else driven.take(some)
            folded = fold(past[some], period=period)[:, -(count + week) :]
            part = _forecast(folded, own, week=week, horizon=horizon)
            found.forecast[some], found.error[some], found.level_shift[some] = (
                part.forecast,
                part.error,
                part.level_shift,
            )
    return found


def _forecast(folded: Array, driven: Driven | None, *, week: int, horizon: int) -> WholeCycles:
    """The forecast of pasts [batch, cycle, period]; the first week is for lags."""
    batch, cycles, period = folded.shape
    scaled = ScaledCycles.of(folded)
    paths = _Paths.of(scaled.values, driven, week=week, ahead=-(-horizon // period), horizon=horizon)
    rows = np.arange(week, cycles)
    features, wanted = paths.make_features(rows), scaled.values[:, rows]
    forecasts, errors, shifts = [], [], []
    for newest in dict.fromkeys((min(NEWEST_CYCLES, len(rows)), len(rows))):
        used, known = features[:, -newest:], wanted[:, -newest:]
        # where days of the week differ much, which one it is tells more than as many noisy lags
        ridge = JointRidge.choose(fit_joint_ridge(used, known), fit_joint_ridge(used, known, free=week), known)
        forecasts.append(scaled.restore(paths.go_on(ridge, begin=cycles)))
        left_out = scaled.restore(ridge.left_out[:, -JUDGED_CYCLES:])
        residuals = folded[:, cycles - left_out.shape[1] :] - left_out
        errors.append(average(np.abs(residuals).reshape(batch, -1), axis=1))
        shifts.append(measure_level_shift(average(residuals, axis=2), newest=week))
    ahead = np.mean(forecasts, axis=0).reshape(batch, -1)[:, :horizon]
    return WholeCycles(ahead, np.mean(errors, axis=0), np.mean(shifts, axis=0))


@dataclass(frozen=True)
class _Paths:
    """Scaled cycles [batch, cycle, period], those ahead among them, without missing values, and covariates of each.

    covariates  [batch, cycle, period, covariate], of which those that `is_known` are known ahead
    """

    values: Array
    covariates: Array
    is_known: NDArray[np.bool_]
    week: int

    @classmethod
    def of(cls, values: Array, driven: Driven | None, *, week: int, ahead: int, horizon: int) -> "_Paths":
        """With room for so many cycles `ahead`; a missing value is that of the typical day."""
        batch, cycles, period = values.shape
        whole = np.concatenate([np.nan_to_num(values), np.zeros((batch, ahead, period))], axis=1)
        if driven is None:
            return cls(whole, np.zeros((*whole.shape, 0)), np.zeros(0, bool), week)
        given = driven.fold(cycles, ahead, period=period, horizon=horizon)
        return cls(whole, given.values, driven.is_known, week)

    def make_features(self, rows: NDArray[np.int64]) -> Array:
        """What the cycles `rows` are forecast from: [batch, row, feature]."""
        features = [self.values[:, rows - lag] for lag in dict.fromkeys((*SHORT_LAGS, self.week))]
        for number, is_known in enumerate(self.is_known):
            own = self.covariates[..., number]
            features += [own[:, rows - lag] for lag in dict.fromkeys((*([0] if is_known else []), 1, self.week))]
        # counted from any cycle, as all pasts have as many
        day = (rows % self.week)[:, None] == np.arange(self.week)
        features.append(np.broadcast_to(day.astype(np.float64), (len(self.values), *day.shape)))
        return np.concatenate(features, axis=2)

    def go_on(self, ridge: JointRidge, *, begin: int) -> Array:
        """The cycles from `begin` on, each forecast from those before it, near the range of the past."""
        past = self.values[:, :begin]
        lowest, highest = past.min(axis=(1, 2), keepdims=True), past.max(axis=(1, 2), keepdims=True)
        room = MARGIN * (highest - lowest)
        values = self.values.copy()
        path = _Paths(values, self.covariates, self.is_known, self.week)
        for number in range(begin, values.shape[1]):
            ahead = ridge.predict(path.make_features(np.array([number])))
            values[:, number] = np.clip(ahead, lowest - room, highest + room)[:, 0]
        return values[:, begin:]
