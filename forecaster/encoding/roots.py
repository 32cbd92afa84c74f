"""Take roots of pasts in which a few values are many times as high as the others, as of rivers, or changes are shares.

What comes after a flood is a share of it, and what comes in a dry month a share of little; differences from a level,
by which the network compares values, show it nothing but the floods. Their square roots show both (the transformation
of Box & Cox 1964, "An analysis of transformations", with a power of one half), and a quantile of roots, squared, is
that quantile of the values. Which pasts these are is told by their L-skewness, and by how their spread grows with their
level. What grows itself is as skewed, but roots would let it grow too far. Measured in `benchmarks/`.
"""

from dataclasses import dataclass, replace

import numpy as np

from forecaster.arrays import Array
from forecaster.encoding.bounding import find_outliers
from forecaster.encoding.grown_spread import measure_grown_spread
from forecaster.encoding.zero_share import trust_few_zeros
from forecaster.windows import Windows

__all__ = ["Roots", "measure_growth", "measure_skewness", "take_roots"]

SKEWED, VERY_SKEWED = 0.45, 0.55
"""L-skewness above which a root is taken, and from which on it is the square root: of an exponential distribution it is
0.33, of a lognormal one, with a standard deviation of 1, it is 0.46."""
STEADY, GROWING = 0.8, 0.9
"""Rank correlation of values and time, up or down: up to where roots are taken as usual, and from where on none."""
HIGHEST = 3.0
"""The root of pasts whose spread is a share of their level."""
FLAT, UP = 0.3, 0.6
"""Rank correlation up to where these are taken, and from where on they are not: growth by a share often breaks off."""
NEWEST, FEWEST = 512, 24
"""Steps that tell the skewness, and how many values they have to have."""


@dataclass(frozen=True)
class Roots:
    """Which root was taken of each window, `degree` [batch]: 1 where the values are as they were, up to 3."""

    degree: Array

    @classmethod
    def none(cls, batch: int) -> "Roots":
        """All values are as they were."""
        return cls(np.ones(batch))

    def take(self, values: Array) -> Array:
        """The roots of `values` [batch, ...] in data units; those below zero keep their sign."""
        return self._raise(values, 1 / self.degree)

    def undo(self, roots: Array) -> Array:
        """The values in data units of which `roots` [batch, ...] are the roots."""
        return self._raise(roots, self.degree)

    def _raise(self, values: Array, powers: Array) -> Array:
        rows = np.flatnonzero(powers != 1)
        if not len(rows):
            return values
        raised, some = values.copy(), values[rows]
        raised[rows] = np.sign(some) * np.abs(some) ** powers[rows].reshape(-1, *[1] * (values.ndim - 1))
        return raised


def take_roots(windows: Windows, *, periods: tuple[int, ...]) -> tuple[Windows, Roots]:
    """`windows` with roots in place of very skewed pasts, and of those whose spread grows with their level, and which.

    No root is taken where a value is negative, or where there are covariates: their effects, often factors, explain
    what is unusually high. Outliers, which are taken for errors, do not make a past skewed.
    """
    if windows.covariates is not None:
        return windows, Roots.none(len(windows.past))
    newest = windows.past[:, -NEWEST:]
    usual = np.where(find_outliers(newest), np.nan, newest)
    share = np.clip((measure_skewness(usual) - SKEWED) / (VERY_SKEWED - SKEWED), 0.0, 1.0)
    rows = np.flatnonzero(share)
    if len(rows):
        some = usual[rows]
        growth = np.abs(measure_growth(some))
        share[rows] *= np.clip((GROWING - growth) / (GROWING - STEADY), 0.0, 1.0) * trust_few_zeros(some)
    grown = measure_grown_spread(usual, periods=periods)
    rows = np.flatnonzero(grown)
    if len(rows):
        some = usual[rows]
        grown[rows] *= np.clip((UP - measure_growth(some)) / (UP - FLAT), 0.0, 1.0) * trust_few_zeros(some)
    roots = Roots(1 + np.maximum(share, (HIGHEST - 1) * grown))
    return replace(windows, past=roots.take(windows.past)), roots


def measure_skewness(past: Array) -> Array:
    """L-skewness of the newest values of each `past` [batch, time], from -1 to 1.

    0 where there are few of them, or any is negative, or all are the same. The third L-moment over the second (Hosking
    1990, "L-moments: analysis and estimation of distributions using linear combinations of order statistics").
    """
    values = np.sort(past[:, -NEWEST:], axis=1)  # NaN comes last
    count = (~np.isnan(values)).sum(axis=1, keepdims=True)
    rank, divisor = np.arange(values.shape[1]), np.maximum(count, 3)
    share = np.nan_to_num(values) / divisor
    weights = (1.0, rank / (divisor - 1), rank * (rank - 1) / ((divisor - 1) * (divisor - 2)))
    # one after the other, so that the width of the array does not change the rounding
    mean, first, second = (np.cumsum(share * weight, axis=1)[:, -1] for weight in weights)
    scale = 2 * first - mean
    is_told = (count[:, 0] >= FEWEST) & (values[:, 0] >= 0) & (scale > 0)
    return np.where(is_told, (6 * second - 6 * first + mean) / np.where(is_told, scale, 1.0), 0.0)


def measure_growth(past: Array) -> Array:
    """The rank correlation of the known values of each `past` [batch, time] with time (Spearman 1904), [batch].

    Ranks of equal values are averaged.
    """
    known = ~np.isnan(past)
    ranks = (_rank(past) + _rank(past[:, ::-1])[:, ::-1]) / 2
    places = np.cumsum(known, axis=1) - 1.0
    middle = (known.sum(axis=1, keepdims=True) - 1) / 2
    ranks, places = np.where(known, ranks - middle, 0.0), np.where(known, places - middle, 0.0)
    size = np.sqrt((ranks**2).sum(axis=1) * (places**2).sum(axis=1))
    return np.asarray((ranks * places).sum(axis=1) / np.where(size > 0, size, 1.0))


def _rank(values: Array) -> Array:
    """The rank of each value within its row, 0 for the lowest; of equal ones the first has the lowest."""
    order = np.argsort(values, axis=1, kind="stable")  # NaN comes last
    return np.asarray(np.argsort(order, axis=1).astype(np.float64))
