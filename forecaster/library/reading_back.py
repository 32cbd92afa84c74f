"""With which options a repaired table is read as the data that it was made of: with none, wherever that can be."""

import shlex
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd

from forecaster.data.read_options import ReadOptions
from forecaster.data.reading import read_panel
from forecaster.errors import ForecastError
from forecaster.forecasting.writing import write_table
from forecaster.library.inputs import Given
from forecaster.library.remembered import write_flags

__all__ = ["make_readable"]

FOUND_NAME = "timestamp"
"""The name under which any column is taken for the time."""
ROLES = ("ids", "time", "target", "wide", "known", "past", "static", "categories", "frequency", "closed", "totals")
"""Options that hold for the repaired data as they did for the data."""


def make_readable(
    table: pd.DataFrame, given: Given, *, reading: ReadOptions, ending: str
) -> tuple[pd.DataFrame, str | None]:
    """The repaired `table`, with a time that is found, and the options that it needs all the same.

    `reading` is that of the data, `ending` that of the file to write. None where no options are known to do.
    """
    columns, panel = given.summary.columns, given.panel
    nothing = ReadOptions()
    if _is_read(table, given, reading=nothing, ending=ending):
        return table, ""
    if panel.time_column not in reading.ids and FOUND_NAME not in table:
        renamed = table.rename(columns={panel.time_column: FOUND_NAME})
        if _is_read(renamed, given, reading=nothing, ending=ending):
            return renamed, ""
    asked = {name: getattr(reading, name) for name in ROLES}
    needed = replace(nothing, **asked | {"time": panel.time_column, "ids": columns.ids})
    if not _is_read(table, given, reading=needed, ending=ending):
        return table, None
    for name in ROLES:
        fewer = replace(needed, **{name: getattr(nothing, name)})
        if fewer != needed and _is_read(table, given, reading=fewer, ending=ending):
            needed = fewer
    return table, " ".join(shlex.join(words) for words in write_flags(needed))


def _is_read(table: pd.DataFrame, given: Given, *, reading: ReadOptions, ending: str) -> bool:
    """Whether a file of `table` is read with the same roles, steps and values."""
    with TemporaryDirectory() as folder:
        path = str(Path(folder) / f"fixed{ending}")
        write_table(table, output=path)
        try:
            panel, summary = read_panel(path, options=reading)
        except ForecastError:
            return False
    before, columns = given.summary.columns, summary.columns
    roles = [(of.ids, of.known, of.past, of.static, of.wide) for of in (before, columns)]
    targets = table[[name for name in columns.targets if name in table]].apply(pd.to_numeric)
    if roles[0] != roles[1] or (not before.wide and columns.targets != before.targets):
        return False
    if panel.calendar != given.panel.calendar or not set(panel.ids) <= set(given.panel.ids):
        return False
    return bool(np.isclose(np.nansum(panel.values), np.nansum(targets.to_numpy(float)), rtol=1e-9))
