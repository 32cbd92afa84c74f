"""Find columns that are made of the target: its moving means, changes, growth, totals, and stocks it is taken from."""

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import Array

__all__ = ["is_made_of", "limit_window", "measure_reach"]

WINDOWS, LONGEST_LEAD = (*range(1, 32), 48, 52, 90, 168), 3
"""Steps of moving means and changes that are tried, and how many of them may come later."""
STEPS_PER_WINDOW = 4
MOST, FEWEST = 200, 60
"""Steps that are compared, spread evenly, and those at which all must be known."""
SAME = 0.9999
"""Least squared correlation: the rest is from rounding."""
EXACT, MOSTLY = 0.03, 0.85
"""What is left of a step, as a share of what the target does to it, and at how many of the steps: totals begin anew."""
TURNS = 4
LEAST = 1e-6
"""A change that is smaller, in relation to the values, is from rounding."""


def limit_window(lengths: NDArray[np.int64]) -> int:
    """The longest window that is tried in series of these `lengths`, in steps."""
    return int(np.clip(np.median(lengths) // STEPS_PER_WINDOW, 1, max(WINDOWS)))


def measure_reach(window: int, *, period: int) -> int:
    """How many steps lie between the first and the last one that are compared at once."""
    return period + window + LONGEST_LEAD


def is_made_of(own: Array, other: Array, *, period: int, window: int) -> bool:
    """Whether a column follows from the target of the same step and from what was before, in a `window` at most.

    Without their season both are compared: what is only as regular as the target has the same one. Gaps between series
    are longer than what `measure_reach` says, as the levels of two series would go with each other.
    """
    return _adds_up(own, other, period=period) or _spans(own, other, period=period, window=window)


def _adds_up(own: Array, other: Array, *, period: int) -> bool:
    """Whether a column is a share of its last value and a share of the target: totals, stocks, exponential means."""
    target, column = own[period:] - own[:-period], other[period:] - other[:-period]
    steps = _choose(~np.isnan(target[1:]) & ~np.isnan(column[1:]) & ~np.isnan(column[:-1]))
    wanted, before, values = column[1:][steps], column[:-1][steps], target[1:][steps]
    if len(steps) < FEWEST or not _vary(values, own) or not _vary(wanted, other):
        return False
    features = np.stack([values, before, np.ones(len(steps))], axis=1)
    features = features / np.abs(features).max(axis=0)
    # what the last value does not tell of the target: both may be nearly the same
    alone = features[:, 0] - features[:, 1:] @ np.linalg.lstsq(features[:, 1:], features[:, 0], rcond=None)[0]
    left, part = np.zeros(len(steps)), 0.0
    for _ in range(TURNS):  # without the steps that fit worst
        used = left <= np.quantile(left, MOSTLY)
        fitted = np.linalg.lstsq(features[used], wanted[used], rcond=None)[0]
        left, part = np.abs(wanted - features @ fitted), float(np.std(fitted[0] * alone))
    matters = part > LEAST * float(np.std(wanted))
    return matters and float((left <= EXACT * part).mean()) >= MOSTLY


def _spans(own: Array, other: Array, *, period: int, window: int) -> bool:
    """Whether a column, or its change, goes with how far the target is from an earlier one."""
    tried = np.array([width for width in WINDOWS if width <= window])
    begin = period + int(tried.max()) + 1
    places = np.arange(begin, len(own) - LONGEST_LEAD)
    change = np.append(np.nan, np.diff(other))
    changed = [values[places] - values[places - period] for values in (other, change)]
    steps = _choose(~np.isnan(changed[0]) & ~np.isnan(own[places]))
    places, changed = places[steps], [values[steps] for values in changed]
    if len(places) < FEWEST or not _vary(changed[0], other):
        return False
    leads, windows = np.arange(LONGEST_LEAD + 1)[:, None, None], tried[None, :, None]
    now, ago = places + leads, places + leads - windows
    with np.errstate(divide="ignore", invalid="ignore"):
        spans = [
            measure(own[now], own[ago]) - measure(own[now - period], own[ago - period])
            for measure in (np.subtract, np.divide)
        ]
    return any(
        bool((_correlate(span.reshape(-1, len(places)), values) >= SAME).any()) for span in spans for values in changed
    )


def _choose(is_known: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Some of the steps that are known, spread evenly."""
    known = np.flatnonzero(is_known)
    return known[:: len(known) // MOST + 1]


def _vary(changes: Array, values: Array) -> bool:
    """Whether changes are more than rounding."""
    return bool(np.nanstd(changes) > LEAST * np.nanstd(values))


def _correlate(rows: Array, values: Array) -> Array:
    """The squared correlation of each of `rows` [row, step] with `values` [step], where both are known; 0 for few."""
    both = np.isfinite(rows) & np.isfinite(values)
    count = both.sum(axis=1)
    some = np.maximum(count, 1)
    one, two = np.where(both, rows, 0.0), np.where(both, values, 0.0)
    one = np.where(both, one - (one.sum(axis=1) / some)[:, None], 0.0)
    two = np.where(both, two - (two.sum(axis=1) / some)[:, None], 0.0)
    size = np.einsum("ij,ij->i", one, one) * np.einsum("ij,ij->i", two, two)
    products = np.einsum("ij,ij->i", one, two)
    return np.where((count >= FEWEST) & (size > 0), products**2 / np.where(size > 0, size, 1.0), 0.0)
