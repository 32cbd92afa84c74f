"""Merge the hour that local times have twice where the clocks are set back, in files without UTC offsets."""

import shlex
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecaster.data.grids.rows import Rows, combine_values, show_moment, starts_group, starts_series
from forecaster.data.panel import TimeStyle
from forecaster.data.read_options import ReadOptions
from forecaster.data.roles.column_roles import Columns
from forecaster.data.times.clocks import CLOCKS

__all__ = ["merge_repeated_hours"]

LONGEST_STEP = np.timedelta64(1, "h")


def merge_repeated_hours(
    rows: Rows, style: TimeStyle, *, columns: Columns, options: ReadOptions
) -> tuple[Rows, tuple[str, ...]]:
    """The sorted `rows` with the mean of those of an hour that a clock showed twice, and a note that says so.

    They stay as they are where the times have offsets, where it was said what becomes of rows that repeat a time, and
    where any other row repeats one.
    """
    is_local = not style.has_offset and style.timezone is None and rows.wall.dtype.kind == "M"
    if options.duplicates is not None or not is_local:
        return rows, ()
    is_new = starts_group(rows.codes, rows.wall)
    if is_new.all() or not _are_of_clocks(rows, is_new):
        return rows, ()
    example = show_moment(rows.wall[~is_new][0])
    hours = rows.wall[~is_new].astype("datetime64[h]")
    more = len(np.unique(hours)) - 1
    others = f", as {'is one more hour' if more == 1 else f'are {more} more hours'}" if more else ""
    note = (
        f"the hour of {example} is there twice{others}, as the clocks were set back: the mean of both counts "
        f"(--duplicates first, last or sum takes these{_suggest_universal(columns)})"
    )
    values = combine_values(rows.values, np.cumsum(is_new) - 1, rule="mean")
    return replace(rows.take(is_new), values=values), (note,)


def _suggest_universal(columns: Columns) -> str:
    universal = columns.universal_time
    return "" if universal is None else f"; --time {shlex.quote(universal)} has each hour once"


def _are_of_clocks(rows: Rows, is_new: NDArray[np.bool_]) -> bool:
    """Whether all rows that repeat a time do so once, in hours that the clock of one zone showed twice."""
    is_twice = ~is_new
    if (is_twice[1:] & is_twice[:-1]).any():
        return False
    # a daily file may have a row at 02:00 twice by mistake
    steps = np.diff(rows.wall)[~starts_series(rows.codes)[1:] & is_new[1:]]
    if not len(steps) or np.median(steps) > LONGEST_STEP:
        return False
    times: NDArray[Any] = np.unique(rows.wall[is_twice])
    stamps = pd.DatetimeIndex(times)
    is_summer = np.ones(len(times), bool)
    return any(
        bool(
            stamps.tz_localize(zone, ambiguous="NaT", nonexistent="shift_forward").isna().all()
            and stamps.tz_localize(zone, ambiguous=is_summer, nonexistent="NaT").notna().all()
        )
        for zone in CLOCKS
    )
