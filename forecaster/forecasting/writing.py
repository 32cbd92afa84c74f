"""Write forecasts to files: formats and column names. `data/files/finding.py` recognises such files by these names."""

import json
import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, TextIO

import numpy as np
import pandas as pd

from forecaster.data.number_style import NumberStyle
from forecaster.data.panel import Panel
from forecaster.data.times.dates import format_times
from forecaster.errors import DataError, UsageError
from forecaster.files import STDOUT, Writer, is_stream, write_files
from forecaster.forecasting.closed_steps import add_closed_steps
from forecaster.forecasting.forecast import Forecast
from forecaster.forecasting.rounding import write_csv
from forecaster.limits import take_numbers

__all__ = [
    "MEAN_COLUMN",
    "READABLE",
    "Layout",
    "columns_for",
    "make_table",
    "make_writer",
    "quote_formulas",
    "resolve_output",
    "write_table",
]

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a spreadsheet takes for the beginning of a formula."""
MEAN_COLUMN = "forecast-mean"
ENDINGS = (".csv", ".csv.gz", ".parquet", ".json")
READABLE = (".csv", ".csv.gz", ".parquet")
"""Those of files that can be read again."""


def columns_for(levels: Iterable[float], *, quantiles: Iterable[float]) -> dict[str, float]:
    """Names of the forecast columns, in order, and the quantile level of each.

    `levels` are central intervals in per cent: 80 gives `forecast-lo-80` (0.1) and `forecast-hi-80` (0.9).
    Raises UsageError for a number that is not a valid level.
    """
    levels, quantiles = take_numbers("--level", levels), take_numbers("--quantiles", quantiles)
    for level in levels:
        if not 1 <= level < 100:
            raise UsageError(f"--level {level:g}: levels are in per cent, from 1 to below 100.")
    for quantile in quantiles:
        if not 0 < quantile < 1:
            raise UsageError(f"--quantiles {quantile:g}: a quantile lies between 0 and 1.")
    columns = {"forecast": 0.5}
    for level in levels:
        columns[f"forecast-lo-{level:g}"] = round((1 - level / 100) / 2, 9)
        columns[f"forecast-hi-{level:g}"] = round((1 + level / 100) / 2, 9)
    return columns | {f"forecast-q-{100 * quantile:g}": quantile for quantile in quantiles}


@dataclass(frozen=True)
class Layout:
    """The columns of a table of forecasts after those of the data.

    levels      their names, as of `columns_for`, and the quantile level of each
    has_mean    whether the mean stands behind the first of them, which is the median
    has_cutoff  whether the last step of the past stands before the time, as for forecasts that are scored
    added       names of columns that whoever makes the table will add to it
    """

    levels: dict[str, float]
    has_mean: bool = False
    has_cutoff: bool = False
    added: tuple[str, ...] = ()

    @property
    def forecasts(self) -> list[str]:
        """The columns with forecasts, in order."""
        median, *others = self.levels
        return [median, *([MEAN_COLUMN] if self.has_mean else []), *others]

    @property
    def names(self) -> list[str]:
        """All columns that are not of the data."""
        return [*self.forecasts, *(["cutoff"] if self.has_cutoff else []), *self.added]


def make_table(panel: Panel, forecast: Forecast, *, layout: Layout, with_dates: bool = False) -> pd.DataFrame:
    """One row per series (and cutoff) and step: id columns, time, then the columns of `layout`.

    Closed steps have rows too where the panel says so; not those after cutoffs, which are scored. Times are as in the
    data; `with_dates`, those without an offset are datetime64. Raises DataError where a column of the data has the
    name of one of `layout`.
    """
    _check_names([*panel.id_columns, panel.time_column], ours=layout.names)
    index, horizon = forecast.index, forecast.quantiles.shape[1]
    times = panel.calendar.advance(
        panel.starts[index.series][:, None], forecast.first_steps[:, None] + np.arange(horizon)
    )  # [window, horizon]
    table: dict[str, Any] = {}
    for position, name in enumerate(panel.id_columns):
        names = np.array([key[position] for key in panel.ids], object)
        table[name] = np.repeat(names[index.series], horizon)
    style, uses_wall_clock = panel.time_style, panel.calendar.uses_wall_clock
    if layout.has_cutoff:
        last_seen = panel.calendar.advance(panel.starts[index.series], index.cutoffs - 1)
        table["cutoff"] = np.repeat(format_times(last_seen, style=style, uses_wall_clock=uses_wall_clock), horizon)
    is_dates = (
        with_dates and not panel.writes_closed and times.dtype.kind == "M" and uses_wall_clock and not style.has_offset
    )
    shown_times = times if is_dates else format_times(times, style=style, uses_wall_clock=uses_wall_clock)
    table[panel.time_column] = shown_times.ravel()
    values = forecast.at_levels(layout.levels)
    found = {name: values[:, :, position] for position, name in enumerate(layout.levels)} | {MEAN_COLUMN: forecast.mean}
    table |= {name: found[name].ravel() for name in layout.forecasts}
    if panel.writes_closed and panel.calendar.has_closed_steps and not layout.has_cutoff:
        return add_closed_steps(pd.DataFrame(table), times.ravel(), panel=panel, columns=layout.forecasts)
    return pd.DataFrame(table)


def quote_formulas(table: pd.DataFrame, *, panel: Panel) -> pd.DataFrame:
    """`table` with an apostrophe before ids and names of columns that a spreadsheet would run as a formula."""
    quoted = table.copy()
    for name in panel.id_columns:
        is_formula = quoted[name].str.startswith(FORMULA_STARTS)
        quoted[name] = quoted[name].where(~is_formula, "'" + quoted[name])
    return quoted.rename(columns=lambda name: f"'{name}" if name.startswith(FORMULA_STARTS) else name)


def _check_names(theirs: list[str], *, ours: list[str]) -> None:
    clash = next((name for position, name in enumerate(theirs) if name in ours + theirs[:position]), None)
    if clash is not None:
        raise DataError(f"The data has a column {clash!r}, as forecasts have. Call it something else.")


def resolve_output(output: str, *, flag: str = "--output", endings: tuple[str, ...] = ENDINGS) -> str:
    """`output`, or `-` where it is another name of stdout, such as /dev/stdout.

    Raises UsageError, which names the `flag`, where its ending is none of `endings`; a pipe or a device needs none.
    """
    if output == "-" or output.endswith(endings):
        return output
    if _is_stdout(output):
        return "-"
    if not is_stream(Path(output)):
        raise UsageError(
            f"{flag} {output}: its ending names no format that can be written here. Use one of "
            f"{', '.join(endings)}, or - for stdout."
        )
    return output


def _is_stdout(output: str) -> bool:
    try:
        return os.path.samestat(Path(output).stat(), os.fstat(STDOUT))
    except OSError:  # no such file, or stdout is closed
        return False


def write_table(
    table: pd.DataFrame, *, output: str, stdout: TextIO | None = None, style: NumberStyle | None = None
) -> None:
    """Write `table` in the format given by the extension of `output`; `-` is CSV to stdout. CSV is in `style`."""
    output = resolve_output(output)
    if output == "-":
        write_csv(table, stdout or sys.stdout, style=style or NumberStyle())
    else:
        write_files({Path(output): make_writer(table, output=output, style=style)})


def _without_seconds(table: pd.DataFrame) -> pd.DataFrame:
    """`table` with times in seconds as milliseconds: Parquet has none, and fastparquet would call those seconds."""
    is_seconds = [cells.dtype.kind == "M" and cells.dt.unit == "s" for _, cells in table.items()]
    return table.assign(**{str(name): table[name].dt.as_unit("ms") for name in table.columns[is_seconds]})


def make_writer(table: pd.DataFrame, *, output: str, style: NumberStyle | None = None) -> Writer:
    """A function that writes `table` in the format given by the extension of `output`, CSV by default."""

    def write(file: BinaryIO) -> None:
        if output.endswith(".parquet"):
            import fastparquet  # noqa: PLC0415 - not every run writes Parquet

            fastparquet.write(file, _without_seconds(table), write_index=False)
        elif output.endswith(".json"):
            # pandas rounds to 15 digits, Python's json does not round
            records = table.astype(object).where(table.notna(), None).to_dict("records")
            file.write((json.dumps(records, indent=1, allow_nan=False) + "\n").encode())
        else:
            write_csv(table, file, style=style or NumberStyle(), is_packed=output.endswith(".gz"))

    return write
