"""A point mass at the last value, where values stay exactly the same for many steps: prices, rates, set points.

The network's quantiles are smooth, so that the interval of a price that has been 3.49 for weeks began at 3.51. How
often a value that had stayed for about as long was there again so many steps later, in the past of the series itself,
is the probability of the last value. The levels around that of the last value become it; quantiles further out stay, as
they are those of all that may come.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import Array
from forecaster.forecasting.level_of_value import find_level
from forecaster.windows import Windows

__all__ = ["Repeats", "estimate_repeats", "keep_repeats"]

NEWEST = 512
"""Steps that show how often values stay the same."""
STAYED = 3
"""Steps for which a value has to have been there: one that has just come may be gone soon."""
SELDOM, OFTEN = 0.6, 0.8
"""Share of steps with the value of the step before: up to where there is no point mass, and from where on all of it."""
VISITS = 4
"""Times that a value has come, from which on it tells by itself how long it stays; others are told by those like it."""
FEWEST = 10
"""Values that stayed, for which it has to be known what came so many steps later."""


@dataclass(frozen=True)
class Repeats:
    """The last `value` [batch], and its `probability` [batch, horizon] on each step; 0 where there is no point mass."""

    value: Array
    probability: Array


def estimate_repeats(windows: Windows, *, periods: tuple[int, ...], horizon: int) -> Repeats:
    """How often the last value of each past will be there again, from that past alone.

    There is no point mass at zero, which has one of its own, in pasts that never change, of values that repeat with the
    season more than from one step to the next, and where covariates may explain when they change.
    """
    past = windows.past[:, -NEWEST:]
    found = Repeats(np.nan_to_num(past[:, -1]), np.zeros((len(past), horizon)))
    if windows.covariates is not None or past.shape[1] <= STAYED:
        return found
    stays = past[:, 1:] == past[:, :-1]
    rows = np.flatnonzero(stays[:, 1 - STAYED :].all(axis=1) & (past[:, -1] != 0))
    if not len(rows):
        return found
    some = past[rows]
    repeats = _count(some, 1)
    share = np.clip((repeats - SELDOM) / (OFTEN - SELDOM), 0.0, 1.0)
    seasons = [period for period in periods if 1 < period < some.shape[1]]
    share[np.any([_count(some, period) > repeats for period in seasons], axis=0)] = 0.0
    share[(stays[rows] | np.isnan(some[:, 1:]) | np.isnan(some[:, :-1])).all(axis=1)] = 0.0
    chosen = np.flatnonzero(share)
    found.probability[rows[chosen]] = share[chosen, None] * _estimate(some[chosen], horizon=horizon)
    return found


def keep_repeats(quantiles: Array, repeats: Repeats, *, levels: tuple[float, ...]) -> Array:
    """`quantiles` [batch, horizon, level] with the point masses of `repeats`.

    Of the levels below and above that of the last value, the same share becomes it: its probability.
    """
    rows = np.flatnonzero(repeats.probability.any(axis=1) & ~np.isnan(quantiles).any(axis=(1, 2)))
    if not len(rows):
        return quantiles
    result, known, value = quantiles.copy(), np.asarray(levels), repeats.value[rows]
    weight = repeats.probability[rows][:, :, None]
    below = (1 - weight) * find_level(quantiles[rows], value, levels=levels)[:, :, None]
    result[rows] = np.where((known > below) & (known <= below + weight), value[:, None, None], quantiles[rows])
    return result


def _count(past: Array, lag: int) -> Array:
    """The share of the values of each `past` [batch, time] that are those of `lag` steps before; 0 for none known."""
    known = ~np.isnan(past[:, lag:]) & ~np.isnan(past[:, :-lag])
    return np.asarray((past[:, lag:] == past[:, :-lag]).sum(axis=1) / np.maximum(known.sum(axis=1), 1))


def _estimate(past: Array, *, horizon: int) -> Array:
    """How often a value that had stayed was there again after each number of steps: [batch, horizon].

    Beyond what is known it falls on as it has fallen.
    """
    begins = np.ones(past.shape, bool)
    begins[:, 1:] = past[:, 1:] != past[:, :-1]
    place = np.arange(past.shape[1])
    run = place + 1 - np.maximum.accumulate(np.where(begins, place, 0), axis=1)
    stayed = run >= np.maximum(STAYED, run[:, -1:] / 2)
    visits = _count_visits(past, begins)
    is_often = visits >= VISITS
    stayed &= np.where(is_often[:, -1:], past == past[:, -1:], ~is_often)
    found, last, at = np.zeros((len(past), horizon)), np.zeros(len(past)), np.ones(len(past))
    for step in range(1, horizon + 1):
        is_known = np.zeros(len(past), bool)
        if step < past.shape[1]:
            seen = stayed[:, :-step] & ~np.isnan(past[:, step:])
            count = seen.sum(axis=1)
            same = (seen & (past[:, step:] == past[:, :-step])).sum(axis=1)
            is_known = count >= FEWEST
            last = np.where(is_known, same / (count + 1), last)
            at = np.where(is_known, step, at)
        found[:, step - 1] = np.where(is_known, last, last ** (step / at))
    return found


def _count_visits(past: Array, begins: NDArray[np.bool_]) -> NDArray[np.int64]:
    """How often the value of each step of `past` [batch, time] `begins` after another one: [batch, time]."""
    row = np.repeat(np.arange(len(past)), past.shape[1])
    order = np.lexsort((past.ravel(), row))
    is_new = np.ones(len(order), bool)
    is_new[1:] = (np.diff(row[order]) > 0) | (past.ravel()[order][1:] != past.ravel()[order][:-1])
    group = np.cumsum(is_new) - 1
    counts = np.bincount(group, weights=begins.ravel()[order])
    visits = np.empty(len(order), np.int64)
    visits[order] = counts[group]
    return visits.reshape(past.shape)
