"""Rows for closed days and hours among the forecasts, where they are to be written too."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecaster.data.calendar import DAY
from forecaster.data.panel import Panel
from forecaster.data.times.dates import format_times

__all__ = ["add_closed_steps"]


def add_closed_steps(table: pd.DataFrame, times: NDArray[Any], *, panel: Panel, columns: list[str]) -> pd.DataFrame:
    """`table` of forecasts at `times` [row] with a row of zeros in `columns` for each closed step before a forecast."""
    calendar = panel.calendar
    length = DAY if calendar.unit == "business_day" else calendar.multiple
    before = calendar.advance(times, np.full(times.shape, -1))
    closed = ((times - before) // np.timedelta64(length, "us")).astype(np.int64) - 1  # [row]
    row = np.repeat(np.arange(len(times)), closed + 1)
    # a forecast comes after the closed steps before it
    back = np.cumsum(closed + 1)[row] - 1 - np.arange(len(row))
    filled = table.iloc[row].reset_index(drop=True)
    all_times = times[row] - back * np.timedelta64(length, "us")
    filled[panel.time_column] = format_times(
        all_times, style=panel.time_style, uses_wall_clock=calendar.uses_wall_clock
    )
    filled.loc[back > 0, columns] = 0.0
    return filled
