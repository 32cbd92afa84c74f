"""Whether a past is a walk: then its last value is as good a forecast as any, and a second one.

Prices and exchange rates of days go on from where they are: changes tell nothing of later ones (Fama 1970, "Efficient
capital markets"). The network has learned from series most of which go on or come back, and expects a little of both.
Whether changes are independent is told by their correlations, and by the variance ratio of Lo & MacKinlay (1988,
"Stock market prices do not follow random walks: evidence from a simple specification test"). Measured in `benchmarks/`.
"""

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import Array, find_last_observed
from forecaster.encoding.second_forecast import SecondForecast

__all__ = ["forecast_walk", "may_walk"]

LAST_VALUE = "last_value"
OF_DAYS = (5, 7)
"""Main periods of days of business and of all days; on weeks and months an average was no better."""
NEWEST, FEWEST, ENOUGH = 500, 250, 400
"""Values that are looked at; up to how many of them no weight is left, and from how many on the whole of it."""
LAGS = 7
UNRELATED, RELATED = 0.12, 0.16
"""Largest correlation of changes up to so many LAGS: up to where, and from where on none is left."""
LONG = 20
RATIOS = (0.5, 0.7, 1.3, 1.6)
"""Variance of changes over so many steps, over that of as many single ones: from the second to the third the whole."""
WEIGHT = 0.5


def may_walk(periods: tuple[int, ...]) -> bool:
    """Whether the steps are days."""
    return periods[0] in OF_DAYS


def forecast_walk(past: Array, lengths: NDArray[np.int64], *, periods: tuple[int, ...], horizon: int) -> SecondForecast:
    """The last value of each `past` [batch, time], of which the last `lengths` [batch] steps lie within the series.

    Its weight is 0 where the past is no walk.
    """
    found = SecondForecast.none(len(past), horizon, kind=LAST_VALUE)
    if not may_walk(periods) or past.shape[1] <= FEWEST:
        return found
    past = np.where(np.arange(past.shape[1], 0, -1) <= lengths[:, None], past, np.nan)
    rows = np.flatnonzero((~np.isnan(past)).sum(axis=1) > FEWEST)
    if len(rows):
        found.forecast[rows] = find_last_observed(past[rows])[:, None]
        found.weight[rows] = WEIGHT * _measure_trust(_keep_known(past[rows]))
    return found


def _keep_known(past: Array) -> Array:
    """The newest known values of each row of `past` [batch, time], without gaps, at the end: [batch, NEWEST]."""
    order = np.argsort(~np.isnan(past), axis=1, kind="stable")[:, -NEWEST:]
    values = np.take_along_axis(past, order, axis=1)
    return np.concatenate([np.full((len(past), NEWEST - values.shape[1]), np.nan), values], axis=1)


def _measure_trust(values: Array) -> Array:
    """How far each row of `values` [batch, NEWEST] may be taken for a walk, 0 to 1: [batch]."""
    count = (~np.isnan(values)).sum(axis=1)
    changes = np.diff(values, axis=1)
    variance = _measure_variance(changes)
    is_moving = variance > 0
    divisor = np.where(is_moving, variance, 1.0)
    centred = np.nan_to_num(changes - np.nanmean(changes, axis=1, keepdims=True))
    known = np.maximum(count - 1, 1)
    correlations = [
        np.abs((centred[:, lag:] * centred[:, :-lag]).sum(axis=1)) / (known * divisor) for lag in range(1, LAGS + 1)
    ]
    ratio = _measure_variance(values[:, LONG:] - values[:, :-LONG]) / (LONG * divisor)
    shares = (
        (count - FEWEST) / (ENOUGH - FEWEST),
        (RELATED - np.max(correlations, axis=0)) / (RELATED - UNRELATED),
        (ratio - RATIOS[0]) / (RATIOS[1] - RATIOS[0]),
        (RATIOS[3] - ratio) / (RATIOS[3] - RATIOS[2]),
    )
    return np.asarray(is_moving * np.prod([np.clip(share, 0.0, 1.0) for share in shares], axis=0))


def _measure_variance(values: Array) -> Array:
    """The variance of the known values of each row of [batch, value]."""
    return np.asarray(np.nanvar(values, axis=1))
