"""Whether the last step of the series may be incomplete, as when half a day of sales was exported."""

import numpy as np
from numpy.typing import NDArray

from forecaster.data.panel import Panel

__all__ = ["find_incomplete"]

COMPARABLE, FEWEST = 8, 5
"""Steps at the same place of the last seasons that the last step is compared with, and how many must be known."""
LEAST_SHARE = 0.5
"""Share of the series, of those that can be judged, that must end so."""
FAR_BELOW = 0.7
"""Below the lowest of the comparable values by this factor at least; by the ratio of lowest to highest, where lower."""
SMALL_COUNT, NEWEST = 5.0, 2
"""Mean of the newest seasons, so many, below which whole numbers are small counts."""


def find_incomplete(panel: Panel) -> NDArray[np.int64]:
    """The numbers of the series whose last value is far below all comparable ones; none unless most of them end so.

    Only series are judged that reach the newest step of all, that have no value below zero, and whose comparable values
    are all above it. What the newest seasons have had as low is not far below, and of small counts not even a zero that
    they have had.
    """
    filled = np.flatnonzero(panel.lengths > 0)
    nothing = np.zeros(0, np.int64)
    if not len(filled):
        return nothing
    ends = panel.calendar.count_steps(np.min(panel.starts[filled], keepdims=True), panel.starts[filled])
    ends = ends + panel.lengths[filled]
    newest = filled[ends == ends.max()]
    season = panel.calendar.periods[0]
    back = 1 + season * np.arange(1, COMPARABLE + 1)
    is_there = back <= panel.lengths[newest][:, None]
    places = np.where(is_there, panel.offsets[newest + 1][:, None] - back, 0)
    comparable = np.where(is_there, panel.values[places], np.nan)
    last = panel.values[panel.offsets[newest + 1] - 1]
    known = ~np.isnan(comparable)
    lowest = np.where(known, comparable, np.inf).min(axis=1)
    highest = np.where(known, comparable, -np.inf).max(axis=1)
    can_be_judged = (known.sum(axis=1) >= FEWEST) & (lowest > 0) & ~np.isnan(last) & ~_have_negative(panel)[newest]
    if not can_be_judged.any():
        return nothing
    newest, last = newest[can_be_judged], last[can_be_judged]
    lowest, highest = lowest[can_be_judged], highest[can_be_judged]
    is_far = last < lowest * np.minimum(FAR_BELOW, lowest / highest)
    is_far[is_far] = ~_is_usual(panel, newest[is_far])
    return np.asarray(newest[is_far], np.int64) if is_far.mean() > LEAST_SHARE else nothing


def _have_negative(panel: Panel) -> NDArray[np.bool_]:
    """Which series have a value below zero, as temperatures do: a low one says nothing of how much there is."""
    below = np.concatenate([[0], np.cumsum(panel.values < 0)])
    return np.asarray(below[panel.offsets[1:]] > below[panel.offsets[:-1]])


def _is_usual(panel: Panel, series: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which of the `series` have a positive value as low as the last in their newest seasons, or are small counts.

    That is where these seasons have a zero, too, as the last value is.
    """
    back = 2 + np.arange(NEWEST * panel.calendar.periods[0])
    is_there = back <= panel.lengths[series][:, None]
    values = panel.values[np.where(is_there, panel.offsets[series + 1][:, None] - back, 0)]
    last, known = panel.values[panel.offsets[series + 1] - 1], is_there & ~np.isnan(values)
    is_low = (known & (values > 0) & (values <= last[:, None])).any(axis=1)
    values = np.where(known, values, 0.0)
    is_count = ((values >= 0) & (values == np.round(values))).all(axis=1)
    is_small = values.sum(axis=1) < SMALL_COUNT * known.sum(axis=1)
    return np.asarray(is_low | (is_count & is_small & (known & (values == last[:, None])).any(axis=1)))
