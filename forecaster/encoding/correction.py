"""A correction of what a network's median misses, by a regression on the newest steps that all series have in common.

A training fits it to the errors of the network at many earlier cutoffs of all series: how the values of a file go on
after such a past, which the network could not learn from synthetic series, nor in the few steps of a fine-tuning. One
model over all series is a global model (Montero-Manso and Hyndman 2021, "Principles and algorithms for forecasting
groups of time series"), fitted to errors it is one step of boosting (Friedman 2001). Everything is in units of the
network's own interval, so that values that are shifted or scaled are corrected alike, and volatile series with caution.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import Array, average, find_median
from forecaster.model.calibration_card import Calibration
from forecaster.model.correction_card import CorrectionCard, decode_numbers
from forecaster.windows import WindowCovariates, Windows

__all__ = [
    "INTERVAL",
    "Correction",
    "Features",
    "Regressors",
    "apply_weights",
    "limit",
    "measure_distance",
]

INTERVAL = (0.1, 0.9)
"""Levels of the interval whose width at the first step is the unit."""
MOST_MISSING = 0.2
"""Of the newest steps; of windows that lack more nothing is corrected."""
MOST_UNUSUAL = 1.5
"""Distances from what was seen, in those that 99 of 100 windows stay below, beyond which nothing is corrected."""
FURTHEST = 4.0
"""A value counts as no further away than so far: of a covariate in usual deviations, of the target in the inverse
hyperbolic sine of intervals."""


@dataclass(frozen=True, eq=False)
class Features:
    """What the errors of a batch of windows are explained by.

    past    [batch, lag]            the newest steps
    ahead   [batch, horizon, one]   the median of the network, and covariates
    unit    [batch]                 of the errors; 0 where there is nothing to correct, as of shorter pasts
    """

    past: Array
    ahead: Array
    unit: Array


@dataclass(frozen=True)
class Regressors:
    """Which features there are.

    lags     newest steps of the past
    periods  of the seasons, (1,) for none
    names    covariates that are known ahead, see `Covariates`
    units    [covariate]  the usual deviation from the mean of the newest steps
    """

    lags: int
    periods: tuple[int, ...]
    names: tuple[str, ...] = ()
    units: tuple[float, ...] = ()

    @property
    def features_per_covariate(self) -> int:
        """How many features each covariate has."""
        return 1 + sum(period > 1 for period in self.periods)

    @property
    def size(self) -> int:
        """The number of features."""
        return self.lags + 1 + self.features_per_covariate * len(self.names)

    def make(self, windows: Windows, quantiles: Array, *, levels: tuple[float, ...]) -> Features:
        """The features of `windows` with the network's own `quantiles` [batch, horizon, level] in data units."""
        low, median, high = (quantiles[:, :, levels.index(level)] for level in (INTERVAL[0], 0.5, INTERVAL[1]))
        past = windows.past[:, -self.lags :]
        past = np.pad(past, ((0, 0), (self.lags - past.shape[1], 0)), constant_values=np.nan)
        # a single wrong value must not move all of it
        newest, usual = (find_median(some) for some in (past[:, -self.periods[0] :], past))
        level = np.where(np.isnan(newest), usual, newest)[:, None]
        unit = high[:, 0] - low[:, 0]
        is_known = (windows.lengths >= self.lags) & (np.isnan(past).mean(axis=1) <= MOST_MISSING)
        is_sound = (unit > 0) & np.isfinite(unit) & ~np.isnan(level[:, 0]) & is_known
        divisor = np.where(is_sound, unit, 1.0)[:, None]
        past, ahead = (
            np.clip(np.nan_to_num(np.arcsinh((values - level) / divisor)), -FURTHEST, FURTHEST)
            for values in (past, median)
        )
        ahead = ahead[:, :, None]
        if self.names:
            units = np.repeat(self.units, self.features_per_covariate)
            away = self.look_ahead(windows, horizon=median.shape[1]) / np.where(units > 0, units, np.inf)
            ahead = np.concatenate([ahead, np.clip(away, -FURTHEST, FURTHEST)], axis=2)
        return Features(past, np.nan_to_num(ahead), np.where(is_sound, unit, 0.0))

    def look_ahead(self, windows: Windows, *, horizon: int) -> Array:
        """How far covariates are off the mean of the newest steps, and off a season before: [batch, horizon, feature].

        NaN where unknown; those of a covariate are next to each other, in its own units.
        """
        found = []
        for name in self.names:
            values = _take(windows.covariates, name, like=windows, horizon=horizon)
            before = values.shape[1] - horizon
            away = values - average(values[:, max(before - self.lags, 0) : before], axis=1)[:, None]
            found.append(away[:, before:])
            for period in self.periods:
                earlier = np.pad(away, ((0, 0), (period, 0)), constant_values=np.nan)[:, before : before + horizon]
                found += [away[:, before:] - earlier] if period > 1 else []
        return np.stack(found, axis=2)


def _take(covariates: WindowCovariates | None, name: str, *, like: Windows, horizon: int) -> Array:
    """The covariate `name` [batch, time + horizon], NaN where it is not there, or not known ahead."""
    if covariates is not None and name in covariates.names:
        number = covariates.names.index(name)
        if covariates.is_known[number]:
            return np.asarray(covariates.values[:, : like.past.shape[1] + horizon, number])
    return np.full((len(like.past), like.past.shape[1] + horizon), np.nan)


@dataclass(frozen=True, eq=False)
class Correction:
    """What is added to all quantiles of a network.

    weights      [step, feature]  of the regression, for each step of the horizon that was learned
    precision    [lag, lag]  the inverse of the mean products of the newest steps, see `measure_distance`
    usual        the distance that 99 of 100 windows stay below
    time_of_day  microseconds from midnight to the first step of the forecasts that it is for; None for any
    without      the calibration of what is not corrected
    """

    regressors: Regressors
    weights: Array
    precision: Array
    usual: float
    time_of_day: int | None = None
    without: Calibration | None = None

    @classmethod
    def from_card(cls, card: CorrectionCard, *, periods: tuple[int, ...], levels: tuple[float, ...]) -> "Correction":
        """That of the card of a model with these `periods` and quantile `levels`.

        Raises ValueError where it does not fit itself, or them.
        """
        regressors = Regressors(card.lags, periods, tuple(card.names), tuple(card.units))
        if not {*INTERVAL, 0.5} <= {*levels}:
            raise ValueError("'correction' needs quantile levels that are not there")
        weights, precision = decode_numbers(card.weights), decode_numbers(card.precision)
        if len(weights) % regressors.size or len(precision) != card.lags**2:
            raise ValueError("'correction.weights' and 'precision' do not match the features")
        return cls(
            regressors,
            card.kept.share * weights.reshape(-1, regressors.size),
            precision.reshape(card.lags, card.lags),
            card.usual,
            card.time_of_day,
            card.without,
        )

    def expect(
        self, windows: Windows, quantiles: Array, *, levels: tuple[float, ...]
    ) -> tuple[Array, NDArray[np.bool_]]:
        """What to add to the `quantiles` [batch, horizon, level] of a network: [batch, horizon], in data units.

        At most half of the interval's width at each step. And where that is: not of windows that are unlike those that
        were learned from, nor of steps beyond the horizon that was learned.
        """
        features = self.regressors.make(windows, quantiles, levels=levels)
        is_due = self.find_usual(features)[:, None] & (np.arange(quantiles.shape[1]) < len(self.weights))
        return limit(self.regress(features), quantiles, levels=levels) * is_due, is_due

    def find_usual(self, features: Features) -> NDArray[np.bool_]:
        """Which windows are like those that were learned from, [batch]."""
        is_near = measure_distance(features, self.precision) <= MOST_UNUSUAL * self.usual
        return np.asarray(is_near & (features.unit > 0))

    def regress(self, features: Features) -> Array:
        """The errors that are expected, [batch, horizon], in data units; 0 beyond the horizon that was learned."""
        batch, horizon = features.ahead.shape[:2]
        found = np.zeros((batch, horizon))
        found[:, : len(self.weights)] = apply_weights(features, self.weights[:horizon])
        return found * features.unit[:, None]


def apply_weights(features: Features, weights: Array) -> Array:
    """The errors that a regression with `weights` [step, feature] expects at these steps, [batch, step], in units."""
    steps, lags = len(weights), features.past.shape[1]
    by_ahead = np.einsum("bso,so->bs", features.ahead[:, :steps], weights[:, lags:])
    return np.asarray(features.past @ weights[:, :lags].T + by_ahead)


def measure_distance(features: Features, precision: Array) -> Array:
    """How far the newest steps are from those that were learned from, [batch].

    The squared Mahalanobis distance from zero, divided by the number of lags: 1 on average of what was learned from.
    """
    return np.asarray(np.einsum("bl,bl->b", features.past @ precision, features.past) / len(precision))


def limit(expected: Array, quantiles: Array, *, levels: tuple[float, ...]) -> NDArray[np.float64]:
    """`expected` errors [batch, horizon] within half of the width of the interval of the `quantiles`."""
    low, high = (quantiles[:, :, levels.index(level)] for level in INTERVAL)
    half = np.nan_to_num((high - low) / 2)
    return np.clip(np.nan_to_num(expected), -half, half)
