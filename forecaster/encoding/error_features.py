"""What the errors of a network are explained by: its own forecast, the newest steps, covariates, and attributes.

Everything about the target is in units of the network's own interval, so that values that are shifted or scaled are
corrected alike, and volatile series with caution.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from forecaster.arrays import Array, average, find_median
from forecaster.encoding.attribute_codes import AttributeCode
from forecaster.windows import WindowCovariates, Windows

__all__ = ["INTERVAL", "Features", "Regressors"]

INTERVAL = (0.1, 0.9)
"""Levels of the interval whose width at the first step is the unit."""
MOST_MISSING = 0.2
"""Of the newest steps; of windows that lack more nothing is corrected."""
FURTHEST = 4.0
"""A value counts as no further away than so far: of a covariate in usual deviations, of the target in the inverse
hyperbolic sine of intervals."""


@dataclass(frozen=True, eq=False)
class Features:
    """What the errors of a batch of windows are explained by.

    past    [batch, lag]            the newest steps
    ahead   [batch, horizon, one]   the median of the network, and covariates
    unit    [batch]                 of the errors; 0 where there is nothing to correct, as of shorter pasts
    static  [batch, code]           what describes the series
    """

    past: Array
    ahead: Array
    unit: Array
    static: Array

    def take(self, rows: Any) -> "Features":
        """Those of some windows."""
        return Features(self.past[rows], self.ahead[rows], self.unit[rows], self.static[rows])

    @staticmethod
    def join(parts: "Sequence[Features]") -> "Features":
        """Those of several batches, one after the other."""
        return Features(*(np.concatenate([getattr(one, each.name) for one in parts]) for each in fields(Features)))


@dataclass(frozen=True)
class Regressors:
    """Which features there are.

    lags     newest steps of the past
    periods  of the seasons, (1,) for none
    names    covariates that are known ahead, see `Covariates`
    units    [covariate]  the usual deviation from the mean of the newest steps
    codes    what describes the series, in numbers
    """

    lags: int
    periods: tuple[int, ...]
    names: tuple[str, ...] = ()
    units: tuple[float, ...] = ()
    codes: tuple[AttributeCode, ...] = ()

    @property
    def features_per_covariate(self) -> int:
        """How many features each covariate has."""
        return 1 + sum(period > 1 for period in self.periods)

    @property
    def ahead(self) -> int:
        """The number of features of each step of the horizon."""
        return 1 + self.features_per_covariate * len(self.names)

    @property
    def size(self) -> int:
        """The number of features of a step, without what describes the series."""
        return self.lags + self.ahead

    @property
    def static(self) -> int:
        """How many numbers describe a series."""
        return sum(code.size for code in self.codes)

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
        static = self.describe(windows)
        return Features(past, np.nan_to_num(ahead), np.where(is_sound, unit, 0.0), static)

    def describe(self, windows: Windows) -> Array:
        """The numbers that describe the series of `windows`, [batch, code]; 0 where nothing is known."""
        covariates, batch = windows.covariates, len(windows.past)
        attributes = None if covariates is None else covariates.attributes
        if attributes is None:
            return np.zeros((batch, self.static))
        return np.concatenate([np.zeros((batch, 0)), *(code.weigh(attributes) for code in self.codes)], axis=1)

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
