"""How covariates that are not known ahead are expected to go on."""

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import Array, average
from forecaster.encoding.seasonality import find_shrunken_profile

__all__ = ["expect_covariates"]

UNIT_ROOT = 13.7
"""A series of n values wanders where n · (1 − its autocorrelation at lag one) is smaller, as it is for 19 of 20 random
walks (Dickey & Fuller 1979, "Distribution of the estimators for autoregressive time series with a unit root")."""
RECENT_CHANGES = 26
"""Newest changes from which a drift is estimated."""
MIN_DRIFT = 3.0
"""Standard errors from which what wanders also drifts."""


def expect_covariates(
    past: Array, lengths: NDArray[np.int64], unknown: NDArray[np.int64], *, period: int, horizon: int
) -> tuple[Array, Array]:
    """`past` [row, time] covariates as they are expected to go on, and how far each step may be off: both
    [row, time + horizon].

    The last `unknown` [row] steps of the past are not known. Without its season a covariate comes back to its mean, as
    an autoregressive process of the first order (deviation · persistence^k after k steps), or goes on from its last
    value.
    """
    row, time = np.arange(len(past)), past.shape[1]
    last = time - 1 - np.minimum(unknown, time - 1)
    steps = np.arange(time + horizon)
    is_known = (steps[:time] >= (time - lengths)[:, None]) & (steps[:time] <= last[:, None])
    known = np.where(is_known, past, np.nan)
    season = np.zeros((len(past), time + horizon))
    if period > 1:
        season = find_shrunken_profile(known, lengths, period=period)[0].over(-time, horizon)
    left = known - season[:, :time]
    count = np.maximum(is_known.sum(axis=1), 1)[:, None]
    mean = np.nan_to_num(average(left, axis=1))[:, None]
    off = np.nan_to_num(left - mean)
    squares = (off**2).sum(axis=1)
    persistence = np.clip((off[:, 1:] * off[:, :-1]).sum(axis=1) / np.where(squares > 0, squares, np.inf), 0.0, 1.0)[
        :, None
    ]
    deviation = np.sqrt(squares[:, None] / count)
    later = np.maximum(steps - last[:, None], 0)
    newest = off[row, last][:, None]
    returning = mean + newest * persistence**later, deviation * np.sqrt(1 - persistence ** (2 * later))
    changes = np.diff(left, axis=1)
    drift = np.nan_to_num(average(changes[:, -RECENT_CHANGES:], axis=1))[:, None]
    rough = np.sqrt(np.nan_to_num(average((changes - average(changes, axis=1)[:, None]) ** 2, axis=1)))[:, None]
    is_drift = np.abs(drift) > MIN_DRIFT * rough / np.sqrt(np.minimum(count, RECENT_CHANGES))
    drift = np.where(is_drift, drift, 0.0)
    wandering = mean + newest + drift * later, rough * np.sqrt(later)
    wanders = count * (1 - persistence) < UNIT_ROOT
    expected, spread = (np.where(wanders, *pair) for pair in zip(wandering, returning, strict=True))
    expected, padded = expected + season, np.pad(past, ((0, 0), (0, horizon)))
    return np.where(later > 0, expected, padded), np.where(later > 0, spread, 0.0)
