"""The rows that a forecast needs of what is known ahead: a table to fill in and to give as --future."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecaster.data.covariates import Covariates
from forecaster.data.panel import Panel
from forecaster.data.roles.columns import Columns
from forecaster.data.times.dates import format_times
from forecaster.errors import UsageError
from forecaster.forecasting.end_options import EndOptions
from forecaster.forecasting.future import needed_steps
from forecaster.forecasting.origins import find_origins
from forecaster.forecasting.rounding import as_whole

__all__ = ["make_template"]


def make_template(panel: Panel, *, columns: Columns, horizon: int, ends: EndOptions | None = None) -> pd.DataFrame:
    """One row for each series and step whose covariates a forecast of `horizon` steps needs, in the form of the input.

    The columns are those of ids, the time and what is known ahead; cells that the data have are filled in, others are
    empty. Raises UsageError where nothing is known ahead.
    """
    covariates = panel.covariates
    if covariates is None or not columns.known:
        raise UsageError("No column is known ahead. Name those that are with --known, such as --known price.")
    origins = find_origins(panel, horizon=horizon, options=ends or EndOptions())
    series, steps = needed_steps(origins.index, lead=origins.lead, horizon=horizon)
    times = panel.calendar.advance(panel.starts[series], steps)
    # the columns of a wide table, and several targets, share their covariates
    keys = [panel.ids[number][: len(columns.ids)] for number in range(len(panel))]
    numbers = {key: number for number, key in enumerate(dict.fromkeys(keys))}
    shared = np.array([numbers[key] for key in keys])[series]
    chosen = np.unique(np.stack([shared, times.astype(np.int64)]), axis=1, return_index=True)[1]
    series, steps, times = series[chosen], steps[chosen], times[chosen]
    table: dict[str, Any] = {
        name: [keys[number][position] for number in series] for position, name in enumerate(columns.ids)
    }
    written = format_times(times, style=panel.time_style, uses_wall_clock=panel.calendar.uses_wall_clock)
    table |= {columns.time: written} if columns.joined is None else columns.joined.split(times, written)
    values = covariates.take(series, steps)
    decimal = panel.number_style.decimal
    cells = {name: _write_column(covariates, name, values, decimal=decimal) for name in columns.known}
    return pd.DataFrame(table | cells)


def _write_column(covariates: Covariates, column: str, values: NDArray[np.float64], *, decimal: str) -> Any:
    """The cells of one column from its features, as the input writes them."""
    own = values[:, [number for number, name in enumerate(covariates.columns) if name == column]]
    wording = covariates.wordings.get(column)
    if column in covariates.per_cent:
        return [None if np.isnan(value) else f"{value:.15g}%".replace(".", decimal) for value in own[:, 0]]
    if wording is None:
        return as_whole(own[:, 0])
    return wording.write(own)
