"""How far a past is free of zeros: rare demand has quantiles of its own, which no smooth forecast is averaged with."""

import numpy as np

from forecaster.arrays import Array, average, fold

__all__ = ["trust_few_zeros", "trust_few_zeros_when_open"]

FEW_ZEROS, MANY_ZEROS = 0.2, 0.35
"""Share of zeros up to which a past is like any other, and from which on it is that of rare demand, or of the sun."""
CYCLES = 8
"""Newest cycles that tell which phases are open."""


def trust_few_zeros(past: Array) -> Array:
    """From 1 for few zeros among the known values of each `past` [batch, time] to 0 for many, [batch]."""
    return _trust(average(np.where(np.isnan(past), np.nan, past == 0), axis=1))


def trust_few_zeros_when_open(past: Array, *, period: int) -> Array:
    """The same without phases of the `period` that are always zero, as nights and closed days, [batch]."""
    past = past[:, -CYCLES * period :]
    past = np.pad(past, ((0, 0), (-past.shape[1] % period, 0)), constant_values=np.nan)
    known = fold(1.0 * ~np.isnan(past), period=period).sum(axis=1)
    zeros = fold(1.0 * (past == 0), period=period).sum(axis=1)
    is_open = known > zeros
    return _trust((zeros * is_open).sum(axis=1) / np.maximum((known * is_open).sum(axis=1), 1))


def _trust(share: Array) -> Array:
    return np.asarray(np.clip((MANY_ZEROS - np.nan_to_num(share)) / (MANY_ZEROS - FEW_ZEROS), 0.0, 1.0))
