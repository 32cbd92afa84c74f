"""Write steps that are finer than the dates of the input so that no two of them look the same."""

import re
from dataclasses import replace

import numpy as np

from forecaster.data.panel import DECIMAL_YEAR, Panel, TimeStyle
from forecaster.data.times.dates import format_times
from forecaster.data.times.decimal_years import DECIMALS
from forecaster.data.times.epochs import EXCEL, EXCEL_DECIMALS
from forecaster.data.times.offsets import OFFSET_FORMAT
from forecaster.errors import UsageError

__all__ = ["tell_steps_apart"]

CHECKED_STEPS = 60
"""Enough for the 12 hours of a clock, the days of a month and the months of a year to repeat."""
ENDINGS = {"%Y": ("-%m", "-%m-%d"), "%Y-%m": ("-%d",), "%Y/%m": ("/%d",), "%Y%m": ("%d",)}
TIMES = (" %H:%M", " %H:%M:%S", " %H:%M:%S.%f")


def tell_steps_apart(panel: Panel, *, frequency: str | None) -> tuple[Panel, tuple[str, ...]]:
    """The panel with a time style in which its steps differ, and a note where that is not the style of the input.

    Raises UsageError where there is none; only a `frequency` that was given is finer than the dates.
    """
    style = panel.time_style
    if frequency is None or style.format is None or _differ(panel, style):
        return panel, ()
    for finer in _list_finer(style):
        if _differ(panel, finer):
            return replace(panel, time_style=finer), (
                f"--freq {frequency} is finer than the dates of the input: forecasts have dates such as "
                f"{_write_steps(panel, finer, count=2)[1]}",
            )
    raise UsageError(f"--freq {frequency}: the steps are finer than times are written. Give a longer step.")


def _differ(panel: Panel, style: TimeStyle) -> bool:
    written = _write_steps(panel, style, count=CHECKED_STEPS)
    return len(set(written)) == len(written)


def _write_steps(panel: Panel, style: TimeStyle, *, count: int) -> list[object]:
    """The first steps of a series as text, even those beyond its end."""
    series = int(np.argmax(panel.lengths > 0))
    times = panel.calendar.advance(panel.starts[series : series + 1], np.arange(count))
    times = times[times < np.datetime64("9999-12-31", "us")]
    return format_times(times, style=style, uses_wall_clock=panel.calendar.uses_wall_clock).tolist()  # type: ignore[no-any-return]


def _list_finer(style: TimeStyle) -> list[TimeStyle]:
    if style.format == EXCEL:
        return [replace(style, decimals=(style.decimals[0], EXCEL_DECIMALS))]
    if style.format == DECIMAL_YEAR:
        return [replace(style, decimals=(style.decimals[0], DECIMALS))]
    if style.is_number or style.format is None:
        return []
    offset = "".join(found[0] for found in re.finditer(OFFSET_FORMAT, style.format))
    written = style.format.removesuffix(offset)
    dates = [written, *(written + ending for ending in ENDINGS.get(written, ())), "%Y-%m-%d"]
    formats = [*dates, *(date + time for date in dates for time in TIMES)]
    return [replace(style, format=finer + offset) for finer in formats[1:]]
