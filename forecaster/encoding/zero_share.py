"""How far a past is free of zeros: rare demand has quantiles of its own, which no smooth forecast is averaged with."""

import numpy as np

from forecaster.arrays import Array, average

__all__ = ["trust_few_zeros"]

FEW_ZEROS, MANY_ZEROS = 0.2, 0.35
"""Share of zeros up to which a past is like any other, and from which on it is that of rare demand, or of the sun."""


def trust_few_zeros(past: Array) -> Array:
    """From 1 for few zeros among the known values of each `past` [batch, time] to 0 for many, [batch]."""
    share = np.nan_to_num(average(np.where(np.isnan(past), np.nan, past == 0), axis=1))
    return np.asarray(np.clip((MANY_ZEROS - share) / (MANY_ZEROS - FEW_ZEROS), 0.0, 1.0))
