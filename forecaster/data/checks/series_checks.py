"""Checks of series beside each other: where they begin and end, totals, copies, days that never have a value."""

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import count_within
from forecaster.data.calendar import DAY
from forecaster.data.checks.value_checks import Hits
from forecaster.data.open_week import DAYS
from forecaster.data.panel import Panel
from forecaster.settings import default_horizon

__all__ = ["check_series", "count_closed_phases"]

LARGEST_SPAN = 20_000_000
"""Steps that all series may span together for their totals to be formed."""
ROUNDED = 1e-3
"""Relative error that the rounding of values may bring into a total."""
AGREEMENT, FEWEST = 0.95, 5
"""A total: so many of its values are the sum of the others, and it has at least so many."""
FEWEST_WEEKS, MOST_CLOSED = 4, 0.75


def check_series(panel: Panel) -> dict[str, Hits]:
    """What is found of whole series, by code."""
    lengths = panel.lengths
    found = {"N206": lengths == 0}
    filled = np.flatnonzero(lengths > 0)
    if len(filled):
        begins = panel.calendar.count_steps(np.min(panel.starts[filled], keepdims=True), panel.starts[filled])
        for code, flag in (_compare_ends(panel, filled, begins) | _compare_values(panel, filled, begins)).items():
            found[code] = np.zeros(len(panel), bool)
            found[code][filled[flag]] = True
    return {code: (np.flatnonzero(flag), np.full(int(flag.sum()), -1)) for code, flag in found.items() if flag.any()}


def _compare_ends(panel: Panel, filled: NDArray[np.int64], begins: NDArray[np.int64]) -> dict[str, NDArray[np.bool_]]:
    lengths, season = panel.lengths[filled], panel.calendar.periods[0]
    ends = begins + lengths
    behind = ends.max() - ends
    go_on_together = float((behind == 0).mean()) >= 0.5
    is_ended = (behind > default_horizon(season)) & go_on_together
    is_new = (ends.max() - begins < season) & (np.median(lengths) >= 2 * season)
    return {
        "N202": (lengths < 2 * season) & ~is_new,
        "W203": is_ended,
        "N207": (behind > 0) & ~is_ended,
        "N208": is_new,
    }


def _compare_values(panel: Panel, filled: NDArray[np.int64], begins: NDArray[np.int64]) -> dict[str, NDArray[np.bool_]]:
    """Series that are the sum of all others, and those with the same values as an earlier one."""
    lengths, offsets = panel.lengths[filled], panel.offsets[filled]
    if len(filled) < 2:
        return {}
    seen, values = ~np.isnan(panel.values), np.nan_to_num(panel.values)
    steps = count_within(lengths)
    # two sums stand for all values of a series; constant ones are alike by chance
    sums = [np.add.reduceat(values * weight, offsets) for weight in (1.0, np.sqrt(steps + 1.0))]
    highest = np.maximum.reduceat(np.where(seen, panel.values, -np.inf), offsets)
    lowest = np.minimum.reduceat(np.where(seen, panel.values, np.inf), offsets)
    keys = np.stack([begins.astype(np.float64), lengths.astype(np.float64), *sums], axis=1)
    _, first = np.unique(keys, axis=0, return_index=True)
    is_copy = np.ones(len(filled), bool)
    is_copy[first] = False
    found = {"W305": is_copy & (lengths >= FEWEST) & (highest > lowest)}
    span = int((begins + lengths).max())
    if span <= LARGEST_SPAN:
        places = steps + np.repeat(begins, lengths)
        total = np.bincount(places, weights=values, minlength=span)[places]
        series_there = np.bincount(places[seen], minlength=span)[places]
        is_sum = seen & (values != 0) & (series_there > 2) & (np.abs(2 * values - total) <= ROUNDED * np.abs(total))
        agreeing, counted = np.add.reduceat(is_sum, offsets, dtype=int), np.add.reduceat(seen, offsets, dtype=int)
        found["W304"] = (agreeing >= AGREEMENT * counted) & (counted >= FEWEST) & (highest > lowest)
    return found


def count_closed_phases(panel: Panel) -> list[str]:
    """Days of the week, or times of day, in words, that never have a value although others do, week after week."""
    calendar, starts = panel.calendar, panel.starts
    if calendar.unit != "microsecond" or calendar.multiple > DAY or DAY % calendar.multiple:
        return []
    is_daily = calendar.multiple == DAY
    phases = 7 if is_daily else DAY // calendar.multiple
    if phases > 24 * 60 or not len(panel.values):
        return []
    filled = np.flatnonzero(panel.lengths > 0)
    micros = starts[filled].astype("datetime64[us]").astype(np.int64)
    # 1970-01-01 was a Thursday; Monday is 0
    first = micros // DAY + 3 if is_daily else micros % DAY // calendar.multiple
    lengths = panel.lengths[filled]
    steps = count_within(lengths)
    phase = (steps + np.repeat(first, lengths)) % phases
    there = np.bincount(phase, minlength=phases)
    observed = np.bincount(phase[~np.isnan(panel.values)], minlength=phases)
    is_closed = (observed == 0) & (there >= FEWEST_WEEKS)
    if not is_closed.any() or is_closed.mean() > MOST_CLOSED or (observed[~is_closed] < 0.5 * there[~is_closed]).any():
        return []
    minutes = calendar.multiple // 60_000_000
    return [
        DAYS[number] if is_daily else f"{number * minutes // 60:02d}:{number * minutes % 60:02d}"
        for number in np.flatnonzero(is_closed)
    ]
