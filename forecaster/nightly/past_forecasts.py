"""The quantiles that a run forecast, in a file for later runs: exact, and found again in data that have grown since."""

from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecaster.cutoffs import WindowIndex
from forecaster.data.panel import Panel
from forecaster.forecasting.forecast import Forecast
from forecaster.forecasting.writing import MEAN_COLUMN, Layout, make_table
from forecaster.nightly.promises import Promise
from forecaster.windows import describe_history

__all__ = ["PastForecast", "read_past_forecast", "tabulate_quantiles"]

MOMENT = "forecast-moment"
"""The time of each step as the calendar counts it, whatever the data write."""
QUANTILE = "forecast-q-"
LARGEST = "forecast-largest-past"
"""The largest size of any value of the series, before the forecast."""


@dataclass(frozen=True)
class PastForecast:
    """The forecasts of one run.

    ids        [window]                  the ids of each series
    moments    [window]                  the time of the first step, as text in ISO 8601, or a number
    quantiles  [window, horizon, level]  at `levels`
    model      the name of the model that made them, None where it is not known
    promise    what the held-out windows of the run promised
    mean       [window, horizon]         of each step; None, like `largest`, where an older version made them
    largest    [window]                  the largest size of any value before the forecast
    """

    ids: list[tuple[str, ...]]
    moments: NDArray[np.str_]
    quantiles: NDArray[np.float64]
    levels: tuple[float, ...]
    model: str | None = None
    promise: Promise = field(default_factory=Promise)
    mean: NDArray[np.float64] | None = None
    largest: NDArray[np.float64] | None = None

    def place(self, panel: Panel) -> tuple[WindowIndex, NDArray[np.int64]]:
        """Windows of `panel` that begin where these did, and the numbers of these; those not found are left out."""
        numbers = {key: number for number, key in enumerate(panel.ids)}
        series = np.array([numbers.get(key, -1) for key in self.ids], np.int64)
        series[series >= 0] = np.where(panel.lengths[series[series >= 0]] > 0, series[series >= 0], -1)
        try:
            moments = self.moments.astype(panel.starts.dtype)
        except (ValueError, TypeError):  # dates where there were numbers, or the other way round
            return WindowIndex.none(), np.zeros(0, np.int64)
        found = np.flatnonzero(series >= 0)
        starts = panel.starts[series[found]]
        cutoffs = panel.calendar.count_steps(starts, moments[found])
        is_on_grid = (panel.calendar.advance(starts, cutoffs) == moments[found]) & (cutoffs > 0)
        found = found[is_on_grid]
        return WindowIndex(series[found], cutoffs[is_on_grid]), found


def tabulate_quantiles(panel: Panel, forecast: Forecast) -> pd.DataFrame:
    """All quantiles of a forecast: ids, moment, the time as in the data, the median, mean, and a column for each level.

    The last column is the largest value that each series had before, with which changes of rare demand are compared.
    """
    levels = {"forecast": 0.5} | {f"{QUANTILE}{100 * level:g}": level for level in forecast.levels}
    open_steps = Panel(**{**vars(panel), "writes_closed": False})
    table = make_table(open_steps, forecast, layout=Layout(levels, has_mean=True, added=(MOMENT, LARGEST)))
    starts = panel.starts[forecast.index.series][:, None]
    moments = panel.calendar.advance(starts, forecast.first_steps[:, None] + np.arange(forecast.quantiles.shape[1]))
    table.insert(len(panel.id_columns), MOMENT, moments.astype(str).ravel())
    history = describe_history(panel, forecast.index)
    largest = np.maximum(np.abs(history.lowest), np.abs(history.highest))
    table[LARGEST] = np.repeat(largest, forecast.quantiles.shape[1])
    return table.astype({panel.time_column: str})


def read_past_forecast(path: Path, *, horizon: int) -> PastForecast:
    """The forecasts in a file that `tabulate_quantiles` made. Raises ValueError where it is not one."""
    import fastparquet  # noqa: PLC0415 - the first run reads none

    try:
        with path.open("rb") as file:
            table = fastparquet.ParquetFile(file).to_pandas()
    except Exception as error:  # whatever its decoders meet in a broken file
        raise ValueError(f"{path} cannot be read ({error})") from error
    if MOMENT not in table or len(table) % horizon:
        raise ValueError(f"{path} is no file of quantiles")
    names = [str(name) for name in table]
    ids = names[: names.index(MOMENT)]
    columns = [name for name in names if name.startswith(QUANTILE)]
    levels = tuple(round(float(name.removeprefix(QUANTILE)) / 100, 9) for name in columns)
    first = table.iloc[::horizon]
    keys: list[tuple[str, ...]] = [tuple(map(str, row)) for row in first[ids].to_numpy(object)]
    quantiles = table[columns].to_numpy(np.float64).reshape(len(first), horizon, len(columns))
    past = PastForecast(keys, first[MOMENT].to_numpy(str), quantiles, levels)
    if not {MEAN_COLUMN, LARGEST} <= {*names}:
        return past
    mean = table[MEAN_COLUMN].to_numpy(np.float64).reshape(len(first), horizon)
    return replace(past, mean=mean, largest=first[LARGEST].to_numpy(np.float64))
