"""Covariates as the regression on own cycles takes them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import Array

__all__ = ["Driven"]


@dataclass(frozen=True)
class Driven:
    """Covariates for a regression: standardised, without missing values.

    values   [batch, time + horizon, covariate], or [batch, cycle, period, covariate] when folded
    is_known [covariate]  whether it is known ahead; of the others only earlier cycles are used
    means    like the folded `values`, over the cycle up to each step
    """

    values: Array
    is_known: NDArray[np.bool_]
    means: Array | None = None

    def take(self, rows: NDArray[np.int64]) -> "Driven":
        """Those of some pasts."""
        return Driven(self.values[rows], self.is_known)

    def fold(self, before: int, after: int, *, period: int, horizon: int) -> "Driven":
        """In so many cycles before and after the cutoff; the last value is repeated up to the end of the last cycle."""
        kept = self.values[:, -(before * period + horizon) :]
        padded = np.pad(kept, ((0, 0), (0, after * period - horizon), (0, 0)), mode="edge")
        sums = np.cumsum(np.pad(padded, ((0, 0), (period, 0), (0, 0)), mode="edge"), axis=1)
        shape = (len(padded), before + after, period, padded.shape[2])
        means = (sums[:, period:] - sums[:, :-period]) / period
        return Driven(padded.reshape(shape), self.is_known, means.reshape(shape))
