"""Find columns that follow the target, and are not it in another unit: its logarithm, it rounded, or nearly it."""

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import Array

__all__ = ["follows_exactly", "follows_nearly", "is_product"]

FEW, MOST = 200, 5_000
"""Steps that are compared at first, and at last where there are more; spread evenly."""
FEWEST, FEWEST_VALUES = 30, 12
"""Steps at which both have a value, and different values of each, that it takes to tell a relation from chance."""
EXCEPTIONS = 0.001
"""Share of the steps that may not follow an exact relation."""
BOTH_WAYS = 0.2
"""Share of rises, and of falls, of a target that is no counter: all counters rise together."""
NEAR = 0.98
"""Least rank correlation of the values, and of their changes, of a column that follows the target nearly."""
HARDLY = 0.9
"""Rank correlation of a few steps below which all are not looked at."""
SAME, ROUNDED = 1e-3, 0.99
"""Relative difference of a product from rounding, and the share of the steps at which it is no larger."""


def follows_exactly(own: Array, other: Array) -> bool:
    """Whether a column is higher, or lower, wherever the target is: one of them is a function of the other."""
    both = np.flatnonzero(~np.isnan(own) & ~np.isnan(other))
    if len(both) < FEWEST:
        return False
    for most in (FEW, MOST):  # most columns need a few steps only
        chosen = _thin_out(both, most)
        target, column = own[chosen], other[chosen]
        if _count_exceptions(target, column) > EXCEPTIONS * len(chosen):
            return False
    has_many = len(np.unique(target)) >= FEWEST_VALUES and len(np.unique(column)) >= FEWEST_VALUES
    return has_many and _goes_both_ways(own)


def _count_exceptions(target: Array, column: Array) -> int:
    """How many times a column falls from one value of the target to the next higher one, or rises, if that is less."""
    order = np.lexsort((column, target))
    target, column = target[order], column[order]
    ends = np.flatnonzero(target[1:] != target[:-1])
    lowest, highest = column[np.append(0, ends + 1)], column[np.append(ends, len(column) - 1)]
    falls, rises = lowest[1:] < highest[:-1], highest[1:] > lowest[:-1]
    return min(int(np.count_nonzero(falls)), int(np.count_nonzero(rises)))


def follows_nearly(own: Array, other: Array, *, period: int) -> bool:
    """Whether the ranks of the values, of their changes, and of those within `period` steps are nearly the same.

    What is only as regular as the target, such as the time of day, does not change within a season.
    """
    if not _goes_both_ways(own):
        return False
    lags = [lag for lag in {1, period} if lag < len(own)]
    pairs = [(own, other), *((own[lag:] - own[:-lag], other[lag:] - other[:-lag]) for lag in lags)]
    return all(abs(_correlate_ranks(one, two)) >= NEAR for one, two in pairs)


def is_product(own: Array, one: Array, other: Array) -> bool:
    """Whether a column is the target times another one, or divided by that, but for a factor."""
    both = np.flatnonzero(~np.isnan(own) & (own != 0) & ~np.isnan(one) & (one != 0) & ~np.isnan(other) & (other != 0))
    if len(both) < FEWEST:
        return False
    both = _thin_out(both, FEW)
    target, first, second = own[both], one[both], other[both]
    if any(len(np.unique(values)) < FEWEST_VALUES for values in (target, first)) or len(np.unique(second)) < 2:
        return False
    for ratio in (first / (target * second), first * second / target):
        usual = float(np.median(ratio))
        if float((np.abs(ratio - usual) <= SAME * abs(usual)).mean()) >= ROUNDED:
            return True
    return False


def _goes_both_ways(values: Array) -> bool:
    changes = np.diff(values)
    changes = changes[~np.isnan(changes) & (changes != 0)]
    rises = float((changes > 0).mean()) if len(changes) >= FEWEST // 2 else 0.0
    return BOTH_WAYS <= rises <= 1 - BOTH_WAYS


def _thin_out(places: NDArray[np.int64], most: int = MOST) -> NDArray[np.int64]:
    return places[:: len(places) // most + 1]


def _correlate_ranks(one: Array, other: Array) -> float:
    """The rank correlation; 0 where there is none, as one never changes."""
    both = np.flatnonzero(~np.isnan(one) & ~np.isnan(other))
    if len(both) < FEWEST:
        return 0.0
    found = 0.0
    for most in (FEW, MOST):
        chosen = _thin_out(both, most)
        first, second = (_rank(values[chosen]) for values in (one, other))
        size = float(np.sqrt((first @ first) * (second @ second)))
        found = float(first @ second) / size if size > 0 else 0.0
        if abs(found) < HARDLY:
            return found
    return found


def _rank(values: Array) -> Array:
    """The ranks, less their mean; equal values share theirs."""
    _, number, count = np.unique(values, return_inverse=True, return_counts=True)
    ranks = np.cumsum(count) - (count - 1) / 2
    return np.asarray(ranks[number] - ranks[number].mean())
