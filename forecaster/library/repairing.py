"""Data as it should have been: sorted, one row for each time, without the values that were called wrong."""

from typing import Any

import numpy as np
import pandas as pd

from forecaster.data.dates import format_times
from forecaster.data.value_checks import check_values
from forecaster.errors import UsageError
from forecaster.forecasting.rounding import as_whole
from forecaster.library.inputs import Given
from forecaster.library.remarks import count_things

__all__ = ["EMPTIED", "parse_emptied", "repair"]

EMPTIED = ("W301", "W302")
"""Findings of single values, which can be emptied."""


def parse_emptied(text: str) -> tuple[str, ...]:
    """Comma-separated codes. Raises UsageError for one that is not about single values."""
    codes = tuple(part.strip().upper() for part in text.split(",") if part.strip())
    unknown = next((code for code in codes if code not in EMPTIED), None)
    if unknown is not None:
        raise UsageError(f"--empty {unknown}: only values found as {' or '.join(EMPTIED)} can be emptied.")
    return codes


def repair(given: Given, *, emptied: tuple[str, ...] = ()) -> tuple[pd.DataFrame, list[str]]:
    """The data as a table of its own shape, long or wide, and what was changed, in words.

    One row for each observed value, or time in wide form; series and times in order; values with a finding in
    `emptied` are empty.
    """
    panel, summary = given.panel, given.summary
    hits = check_values(panel) if emptied else {}
    values = panel.values.copy()
    changes = [f"{count_things(summary.merged_rows, 'repeated row')} merged"] if summary.merged_rows else []
    for code in emptied:
        series, steps = hits.get(code, (np.zeros(0, np.int64), np.zeros(0, np.int64)))
        values[panel.offsets[series] + steps] = np.nan
        changes.append(f"{count_things(len(series), 'value')} emptied ({code})")
    observed = np.flatnonzero(~np.isnan(panel.values))
    without = summary.missing_values + summary.trailing_rows
    changes += (
        [f"{count_things(without, 'row')} without a value left out"] if without and not summary.columns.wide else []
    )
    left_out = (*summary.columns.ignored, *summary.columns.explanatory)
    if left_out:
        changes.append(f"columns left out: {', '.join(left_out)}")
    series_of = np.repeat(np.arange(len(panel)), panel.lengths)[observed]
    moments = panel.calendar.advance(panel.starts[series_of], observed - panel.offsets[series_of])
    numbers = as_whole(values[observed])
    keys: dict[str, Any] = {}
    cells: dict[str, Any] = {}
    if summary.columns.wide:
        names = [panel.ids[number][0] for number in range(len(panel))]
        long = pd.DataFrame({"time": moments, "series": series_of, "value": numbers})
        table = long.pivot(index="time", columns="series", values="value").reindex(columns=range(len(panel)))
        moments = table.index.to_numpy()
        cells = {name: table[number].to_numpy() for number, name in enumerate(names)}
    else:
        # the series of all keys, once for each target
        targets = summary.columns.targets
        count = len(panel) // len(targets)
        long = pd.DataFrame({"key": series_of % count, "time": moments, "target": series_of // count, "value": numbers})
        table = long.pivot(index=["key", "time"], columns="target", values="value").reindex(columns=range(len(targets)))
        of_key, moments = (table.index.get_level_values(name).to_numpy() for name in ("key", "time"))
        ids = np.array([panel.ids[number] for number in range(count)], object).reshape(count, -1)[of_key]
        keys = {name: ids[:, position] for position, name in enumerate(panel.id_columns[: len(summary.columns.ids)])}
        cells = {name: table[number].to_numpy() for number, name in enumerate(targets)}
    times = format_times(moments, style=panel.time_style, uses_wall_clock=panel.calendar.uses_wall_clock)
    return pd.DataFrame({**keys, panel.time_column: times, **cells}), changes
