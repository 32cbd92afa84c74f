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
from forecaster.model.correction_card import CorrectionCard
from forecaster.windows import WindowCovariates, Windows

__all__ = ["INTERVAL", "Correction", "Features", "Regressors", "limit"]

INTERVAL = (0.1, 0.9)
"""Levels of the interval whose width at the first step is the unit."""
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
    def each(self) -> int:
        """Features of each covariate."""
        return 1 + sum(period > 1 for period in self.periods)

    @property
    def size(self) -> int:
        """The number of features."""
        return self.lags + 1 + self.each * len(self.names)

    def make(self, windows: Windows, quantiles: Array, *, levels: tuple[float, ...]) -> Features:
        """The features of `windows` with the network's own `quantiles` [batch, horizon, level] in data units."""
        low, median, high = (quantiles[:, :, levels.index(level)] for level in (INTERVAL[0], 0.5, INTERVAL[1]))
        past = windows.past[:, -self.lags :]
        past = np.pad(past, ((0, 0), (self.lags - past.shape[1], 0)), constant_values=np.nan)
        # a single wrong value must not move all of it
        newest, usual = (find_median(some) for some in (past[:, -self.periods[0] :], past))
        level = np.where(np.isnan(newest), usual, newest)[:, None]
        unit = high[:, 0] - low[:, 0]
        is_sound = (unit > 0) & np.isfinite(unit) & ~np.isnan(level[:, 0]) & (windows.lengths >= self.lags)
        divisor = np.where(is_sound, unit, 1.0)[:, None]
        past, ahead = (
            np.clip(np.nan_to_num(np.arcsinh((values - level) / divisor)), -FURTHEST, FURTHEST)
            for values in (past, median)
        )
        ahead = ahead[:, :, None]
        if self.names:
            units = np.repeat(self.units, self.each)
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
    time_of_day  microseconds from midnight to the first step of the forecasts that it is for; None for any
    """

    regressors: Regressors
    weights: Array
    time_of_day: int | None = None

    @classmethod
    def from_card(cls, card: CorrectionCard, *, levels: tuple[float, ...]) -> "Correction":
        """That of a model card. Raises ValueError where it does not fit itself, or the `levels`."""
        regressors = Regressors(card.lags, card.periods, tuple(card.names), tuple(card.units))
        if not {*INTERVAL, 0.5} <= {*levels}:
            raise ValueError("'correction' needs quantile levels that are not there")
        if any(len(row) != regressors.size for row in card.weights):
            raise ValueError("'correction.weights' do not match the features")
        return cls(regressors, card.kept.share * np.array(card.weights), card.time_of_day)

    def expect(self, windows: Windows, quantiles: Array, *, levels: tuple[float, ...]) -> Array:
        """What to add to the `quantiles` [batch, horizon, level] of a network: [batch, horizon], in data units.

        At most half of the interval's width at each step: what is further away was hardly seen. Steps beyond the
        horizon that was learned are corrected like those of the season before.
        """
        return limit(self.regress(self.regressors.make(windows, quantiles, levels=levels)), quantiles, levels=levels)

    def regress(self, features: Features) -> Array:
        """The errors that are expected, [batch, horizon], in data units."""
        learned, lags = len(self.weights), self.regressors.lags
        steps = np.arange(features.ahead.shape[1])
        period = self.regressors.periods[0] if self.regressors.periods[0] <= learned else 1
        steps = np.where(steps < learned, steps, learned - period + (steps - learned) % period)
        weights = self.weights[steps]
        by_past = features.past @ weights[:, :lags].T
        by_ahead = np.einsum("bso,so->bs", features.ahead, weights[:, lags:])
        return np.asarray((by_past + by_ahead) * features.unit[:, None])


def limit(expected: Array, quantiles: Array, *, levels: tuple[float, ...]) -> NDArray[np.float64]:
    """`expected` errors [batch, horizon] within half of the width of the interval of the `quantiles`."""
    low, high = (quantiles[:, :, levels.index(level)] for level in INTERVAL)
    half = np.nan_to_num((high - low) / 2)
    return np.clip(np.nan_to_num(expected), -half, half)
