"""Data as it should have been: sorted, one row for each time, without the values that were called wrong."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecaster.data.checks.value_checks import check_values
from forecaster.data.covariates import Covariates
from forecaster.data.panel import Panel
from forecaster.data.times.dates import format_times
from forecaster.errors import UsageError
from forecaster.forecasting.rounding import as_whole
from forecaster.library.inputs import Given
from forecaster.library.wording import count_things

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

    One row for each time of a series with a value or covariates, or for each time in wide form; series and times in
    order; values with a finding in `emptied` are empty.
    """
    panel, summary = given.panel, given.summary
    hits = check_values(panel) if emptied else {}
    values = panel.values.copy()
    changes = [] if summary.was_sorted else ["sorted"]
    changes += [f"{count_things(summary.merged_rows, 'repeated row')} merged"] if summary.merged_rows else []
    for code in emptied:
        series, steps = hits.get(code, (np.zeros(0, np.int64), np.zeros(0, np.int64)))
        values[panel.offsets[series] + steps] = np.nan
        changes.append(f"{count_things(len(series), 'value')} emptied ({code})")
    observed = np.flatnonzero(~np.isnan(panel.values))
    without = summary.missing_values + summary.trailing_rows
    changes += (
        [f"{count_things(without, 'row')} without a value left out"]
        if without and not summary.columns.wide and panel.covariates is None
        else []
    )
    if summary.columns.ignored:
        changes.append(f"columns left out: {', '.join(summary.columns.ignored)}")
    series_of = np.repeat(np.arange(len(panel)), panel.lengths)[observed]
    moments = panel.calendar.advance(panel.starts[series_of], observed - panel.offsets[series_of])
    # the series of all keys, once for each target; in a wide table each series is a target, and all times have one key
    names = tuple(ids[0] for ids in panel.ids) if summary.columns.wide else summary.columns.targets
    count = len(panel) // len(names)
    long = pd.DataFrame(
        {"key": series_of % count, "time": moments, "target": series_of // count, "value": as_whole(values[observed])}
    )
    table = long.pivot(index=["key", "time"], columns="target", values="value").reindex(columns=range(len(names)))
    table.columns = pd.Index(names)
    explanatory = _restore_covariates(panel, keys=count)
    table = table.join(explanatory, how="outer").sort_index() if explanatory is not None else table
    of_key, moments = (table.index.get_level_values(name).to_numpy() for name in ("key", "time"))
    ids = np.array([panel.ids[number] for number in range(count)], object).reshape(count, -1)[of_key]
    keys = (
        {}
        if summary.columns.wide
        else {name: ids[:, place] for place, name in enumerate(panel.id_columns[: len(summary.columns.ids)])}
    )
    cells = {str(name): table[name].to_numpy() for name in table.columns}
    if panel.attributes is not None:
        described = {**panel.attributes.numbers, **panel.attributes.categories}
        cells |= {name: attribute[of_key] for name, attribute in described.items()}
    times = format_times(moments, style=panel.time_style, uses_wall_clock=panel.calendar.uses_wall_clock)
    return pd.DataFrame({**keys, panel.time_column: times, **cells}), changes


def _restore_covariates(panel: Panel, *, keys: int) -> pd.DataFrame | None:
    """The columns of covariates as they were written, by key and time; those of a file of the future are left out."""
    covariates = panel.covariates
    if covariates is None:
        return None
    series = np.repeat(np.arange(len(panel)), np.diff(covariates.offsets))
    steps = np.arange(len(series)) - covariates.offsets[series]
    columns = {name: _restore_cells(covariates, name) for name in covariates.list_columns()}
    table = pd.DataFrame({"key": series % keys, "time": panel.calendar.advance(panel.starts[series], steps), **columns})
    if covariates.given_from is not None:
        table = table[steps < covariates.given_from[series]]
    # series of several targets have the same covariates
    return table.dropna(how="all", subset=list(columns)).groupby(["key", "time"]).first()


def _restore_cells(covariates: Covariates, name: str) -> "pd.Series[Any] | NDArray[Any]":
    """The cells of the column `name` at all steps: numbers, or the texts that the features stand for."""
    values = covariates.values[:, [number for number, column in enumerate(covariates.columns) if column == name]]
    wording = covariates.wordings.get(name)
    if wording is None:
        return as_whole(values[:, 0])
    return wording.write(values)
