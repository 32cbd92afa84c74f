"""Read the errors of a network at earlier cutoffs, and the features that may explain them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import Array
from forecaster.cutoffs import WindowIndex
from forecaster.encoding.attribute_codes import find_codes
from forecaster.encoding.error_features import INTERVAL, Features, Regressors
from forecaster.encoding.explained_zeros import leave_out_explained_zeros
from forecaster.encoding.shared_year import remove_year
from forecaster.forecasting.forecaster import Forecaster
from forecaster.forecasting.local_clock import follow_local_clock
from forecaster.learning.dataset import LearningData
from forecaster.windows import Windows, cut_truth, iterate_windows

__all__ = ["ExampleReader", "Examples"]

MAX_COVARIATES = 12
"""More are left out, all of them."""
BATCH = 1000
FURTHEST_ERROR = 1.5
"""Widths of the interval beyond which an error counts as no larger."""


@dataclass(frozen=True)
class Examples:
    """Windows to learn from: their features, and the errors of the median [window, step] in units of these.

    ages  [window]  steps from the cutoff to the end of its series
    """

    features: Features
    errors: Array
    ages: NDArray[np.int64]

    def take(self, chosen: NDArray[np.bool_]) -> "Examples":
        """Some of them."""
        return Examples(self.features.take(chosen), self.errors[chosen], self.ages[chosen])

    def join(self, other: "Examples") -> "Examples":
        """Both."""
        features = Features.join([self.features, other.features])
        return Examples(features, np.concatenate([self.errors, other.errors]), np.concatenate([self.ages, other.ages]))


@dataclass(frozen=True)
class ExampleReader:
    """Reads the features of windows, and their errors."""

    forecaster: Forecaster
    data: LearningData
    regressors: Regressors

    @classmethod
    def of(cls, forecaster: Forecaster, *, data: LearningData, lags: int, index: WindowIndex) -> "ExampleReader":
        """One that measures the usual deviations of the covariates on the windows of `index`."""
        covariates, periods, attributes = data.panel.covariates, forecaster.encoding.periods, data.panel.attributes
        known = () if covariates is None else tuple(np.array(covariates.names, object)[covariates.is_known])
        codes = () if covariates is None or attributes is None else tuple(find_codes(attributes))
        if not 0 < len(known) <= MAX_COVARIATES:
            return cls(forecaster, data, Regressors(lags, periods, codes=codes))
        reader = cls(forecaster, data, Regressors(lags, periods, known, (1.0,) * len(known), codes))
        squares, count = np.zeros((2, len(known)))
        for _, windows in reader.cut(index):
            away = reader.regressors.look_ahead(windows, horizon=data.horizon)[
                :, :, :: reader.regressors.features_per_covariate
            ]
            squares += np.nansum(away**2, axis=(0, 1))
            count += (~np.isnan(away)).sum(axis=(0, 1))
        units = np.sqrt(squares / np.maximum(count, 1))
        return replace(reader, regressors=replace(reader.regressors, units=tuple(units.round(9).tolist())))

    def cut(self, index: WindowIndex) -> Iterator[tuple[slice, Windows]]:
        """The windows of `index` in batches, as the forecaster cuts them, but no more of the past than is read."""
        panel, horizon, time = self.data.panel, self.data.horizon, max(self.regressors.lags, *self.regressors.periods)
        wanted = np.broadcast_to(np.arange(horizon), (len(index), horizon))
        local, local_index, _ = follow_local_clock(panel, index, wanted=wanted)
        year = self.forecaster.encoding.shared_year
        # the shared year is in units of the changes over a year, and closed days may be rare
        is_long = year is not None or panel.covariates is not None
        past_length = self.forecaster.encoding.reach_into(int(local_index.cutoffs.max())) if is_long else time
        for chosen, windows in iterate_windows(
            local, index=local_index, past_length=past_length, batch_size=BATCH, horizon=horizon
        ):
            windows = leave_out_explained_zeros(windows, encoding=self.forecaster.encoding, horizon=horizon)
            yield chosen, remove_year(windows, year, panel=local, index=local_index[chosen], horizon=horizon)[0]

    def read(self, index: WindowIndex, quantiles: Array, *, held_out: int = 0) -> Examples:
        """The windows of `index`, and by how much the median of their `quantiles` was too low."""
        levels, horizon = self.forecaster.levels, self.data.horizon
        parts = [self.regressors.make(windows, quantiles[chosen], levels=levels) for chosen, windows in self.cut(index)]
        features = Features.join(parts)
        y_true = cut_truth(self.data.panel, index=index, horizon=horizon, held_out=held_out)
        error = y_true - quantiles[:, :, levels.index(0.5)]
        widths = quantiles[:, :, levels.index(INTERVAL[1])] - quantiles[:, :, levels.index(INTERVAL[0])]
        error = np.clip(error, -FURTHEST_ERROR * widths, FURTHEST_ERROR * widths)
        has_unit = features.unit > 0
        scaled = error / np.where(has_unit, features.unit, 1.0)[:, None] * has_unit[:, None]
        # an unknown error counts as none
        return Examples(features, np.nan_to_num(scaled), self.data.panel.lengths[index.series] - index.cutoffs)
