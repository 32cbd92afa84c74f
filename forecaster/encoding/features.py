"""Features of a batch of pasts (seasons, scales, lags, drifts), used by channels and candidate forecasts."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import Array
from forecaster.encoding.bounding import BoundedPast
from forecaster.encoding.effects import Effects
from forecaster.encoding.encoding import Encoding
from forecaster.encoding.regression import Regression
from forecaster.encoding.scaling import Scales, find_scales
from forecaster.encoding.seasonality import Seasons, find_seasons, find_secondary_lag, lag_by_phase
from forecaster.encoding.smoothing import Smoothed, smooth_exponentially

__all__ = ["Features", "find_features"]

DRIFT_CYCLES = 5


@dataclass(frozen=True)
class Features:
    """Pasts [batch, time], of which the last `lengths` [batch] steps lie in the series, and their features.

    smoothing      of the shrunken decomposition's remainder, over the context
    seasonal_lag   [batch, context + horizon]  the last value at the same phase, NaN where unknown
    secondary_lag  [batch, context + horizon]  the same for the secondary period
    drift          [batch]  mean change per step of the remainder over the context, in data units
    recent_drift   [batch]  the same over its newest cycles
    recent_growth  [batch]  the same of the logarithms
    regression     of the past on its own cycles, and on covariates
    effects        of covariates, on the steps of the past and the horizon; `past` is without them
    offset         [batch]  what was subtracted from the past, see `BoundedPast`
    given          [batch, context]  the values as they were, with effects and outliers
    """

    past: Array
    lengths: NDArray[np.int64]
    encoding: Encoding
    horizon: int
    seasons: Seasons
    scales: Scales
    smoothing: Smoothed
    seasonal_lag: Array
    secondary_lag: Array
    drift: Array
    recent_drift: Array
    recent_growth: Array
    regression: Regression
    effects: Effects
    offset: Array
    given: Array


def find_features(
    bounded: BoundedPast,
    *,
    encoding: Encoding,
    horizon: int,
    regression: Regression,
    effects: Effects,
    given: Array,
) -> Features:
    """Compute all other features, from the `bounded` pasts alone; `given` is their context as it was."""
    past, lengths = bounded.past, bounded.lengths
    context_length, periods = encoding.context_length, encoding.periods
    seasons = find_seasons(past, lengths, periods=periods)
    remainder = seasons.average.remainder
    recent = min(context_length, DRIFT_CYCLES * periods[0] + 1)

    def find_lag(period: int) -> Array:
        return lag_by_phase(past, period=period, context_length=context_length, horizon=horizon)

    return Features(
        past,
        lengths,
        encoding,
        horizon,
        seasons=seasons,
        scales=find_scales(past, context_length=context_length, periods=periods, seasons=seasons),
        smoothing=smooth_exponentially(seasons.shrunken.remainder[:, -context_length:]),
        seasonal_lag=find_lag(periods[0]),
        secondary_lag=find_lag(find_secondary_lag(periods)),
        drift=_find_drift(remainder[:, -context_length:]),
        recent_drift=_find_drift(remainder[:, -recent:]),
        recent_growth=_find_drift(seasons.multiplicative.remainder[:, -recent:]),
        regression=regression,
        effects=effects,
        offset=bounded.offset,
        given=given,
    )


def _find_drift(values: Array) -> Array:
    """Mean change per step between the first and the last observed value of [batch, time]: [batch]."""
    seen = ~np.isnan(values)
    first = np.argmax(seen, axis=1)
    last = values.shape[1] - 1 - np.argmax(seen[:, ::-1], axis=1)
    row = np.arange(len(values))
    change = values[row, last] - values[row, first]
    return np.asarray(np.nan_to_num(change / np.maximum(last - first, 1)))
