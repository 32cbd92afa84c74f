"""Windows on the steps of the local clock, for steps in UTC: days keep 24 hours when the clocks are changed."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import count_within, find_offsets
from forecaster.cutoffs import WindowIndex
from forecaster.data.calendar import DAY
from forecaster.data.covariates import Covariates
from forecaster.data.panel import Panel
from forecaster.data.times.dates import to_local

__all__ = ["find_time_of_day", "follow_local_clock"]

Steps = NDArray[np.int64]


def follow_local_clock(panel: Panel, index: WindowIndex, *, wanted: Steps) -> tuple[Panel, WindowIndex, Steps]:
    """`panel`, `index` and the `wanted` steps after each cutoff [window, horizon], by the local clock.

    Only where steps are in UTC, forecasts in a named zone, and its clock changes by whole steps in the time that is
    looked at; else they are returned as they are. An hour that the clock skips is a missing step; of one that it
    repeats the first counts, so that no value after a cutoff comes to lie before it.
    """
    if panel.calendar.uses_wall_clock or panel.time_style.timezone is None or not len(index):
        return panel, index, wanted
    steps = count_within(panel.lengths)
    series = np.repeat(np.arange(len(panel)), panel.lengths)
    shifts, is_whole = _find_shifts(panel, series, steps)
    ahead = index.cutoffs[:, None] + wanted
    shifts_ahead, is_whole_ahead = _find_shifts(panel, np.broadcast_to(index.series[:, None], ahead.shape), ahead)
    if not (is_whole and is_whole_ahead) or not (shifts.any() or shifts_ahead.any()):
        return panel, index, wanted
    local = steps + shifts
    # the clock is set back: later steps do not end the history earlier
    span = int(local.max()) + 1
    reached = np.maximum.accumulate(local + span * series) - span * series
    filled = panel.lengths > 0
    lengths = np.zeros(len(panel), np.int64)
    lengths[filled] = reached[panel.offsets[1:][filled] - 1] + 1
    offsets = find_offsets(lengths)
    values = np.full(int(offsets[-1]), np.nan)
    places = offsets[series] + local
    values[places[::-1]] = panel.values[::-1]
    cutoffs = reached[panel.offsets[index.series] + index.cutoffs - 1] + 1
    # the second of two hours with one name, after a cutoff between them, is forecast as the next hour
    relative = np.maximum(ahead + shifts_ahead - cutoffs[:, None], 0)
    covariates = None if panel.covariates is None else _move_covariates(panel, panel.covariates)
    moved = replace(panel, values=values, offsets=offsets, covariates=covariates)
    return moved, WindowIndex(index.series, cutoffs), relative


def find_time_of_day(panel: Panel, index: WindowIndex) -> Steps | None:
    """Microseconds from midnight to the first step after each cutoff of `index` [window], by the local clock.

    None where steps are days or longer, or are not times.
    """
    calendar = panel.calendar
    if calendar.unit != "microsecond" or calendar.multiple >= DAY or not len(index):
        return None
    times = calendar.advance(panel.starts[index.series], index.cutoffs)
    if not calendar.uses_wall_clock and panel.time_style.timezone is not None:
        distinct, inverse = np.unique(times, return_inverse=True)
        times = to_local(distinct, timezone=panel.time_style.timezone)[inverse.ravel()]
    return np.asarray(times.astype("datetime64[us]").astype(np.int64) % DAY)


def _move_covariates(panel: Panel, covariates: Covariates) -> Covariates:
    """`covariates` on the steps of the local clock: of an hour that it repeats the first counts, as for the values."""
    lengths = np.diff(covariates.offsets)
    series = np.repeat(np.arange(len(panel)), lengths)
    steps = np.arange(len(series)) - covariates.offsets[series]
    local = steps + _find_shifts(panel, series, steps)[0]
    moved = np.zeros(len(panel), np.int64)
    np.maximum.at(moved, series, local + 1)
    offsets = find_offsets(moved)
    values = np.full((int(offsets[-1]), len(covariates)), np.nan)
    values[(offsets[series] + local)[::-1]] = covariates.values[::-1]
    return replace(covariates, values=values, offsets=offsets)


def _find_shifts(panel: Panel, series: Steps, steps: Steps) -> tuple[Steps, bool]:
    """By how many steps the local clock has been moved since the start of each of `series`; same shape as `steps`.

    And whether that is a whole number of steps; else it is rounded down.
    """
    zone = panel.time_style.timezone
    assert zone is not None
    times = panel.calendar.advance(panel.starts[series], steps)
    distinct, inverse = np.unique(np.concatenate([times.ravel(), panel.starts[panel.lengths > 0]]), return_inverse=True)
    offsets = (to_local(distinct, timezone=zone) - distinct).astype(np.int64)[inverse.ravel()]
    at_start = np.zeros(len(panel), np.int64)
    at_start[panel.lengths > 0] = offsets[times.size :]
    moved = offsets[: times.size].reshape(times.shape) - at_start[series]
    return moved // panel.calendar.multiple, not (moved % panel.calendar.multiple).any()
