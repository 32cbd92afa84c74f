"""The table of forecasts that commands write: rounded, in the style of the data or with their types."""

from dataclasses import dataclass

import pandas as pd

from forecaster.forecasting import writing
from forecaster.forecasting.bounds import Bounds
from forecaster.forecasting.forecast import Forecast
from forecaster.forecasting.rounding import most_decimals, round_forecasts
from forecaster.library.inputs import Given

__all__ = ["ForecastStyle", "tabulate_forecast"]


@dataclass(frozen=True)
class ForecastStyle:
    """How forecasts are written: `columns` by level, digits beyond those that the data justify, the mean, safe ids."""

    columns: dict[str, float]
    has_all_digits: bool = False
    has_mean: bool = False
    quotes_formulas: bool = False


def tabulate_forecast(
    given: Given, forecast: Forecast, *, output: str, style: ForecastStyle, bounds: Bounds
) -> pd.DataFrame:
    """The table of a forecast for the file `output`, whose ending decides whether times and ids have types."""
    has_types = output.endswith(".parquet")
    is_typed = has_types and given.frame is not None and not style.quotes_formulas
    layout = writing.Layout(style.columns, has_mean=style.has_mean)
    table = writing.make_table(given.panel, forecast, layout=layout, with_dates=has_types and not is_typed)
    if is_typed:
        restored = given.restore_types(table)
        # periods and mixed types stay text, as Parquet has no such columns
        table = table.assign(**{str(name): cells for name, cells in restored.items() if cells.dtype.kind in "biufM"})
    if not style.has_all_digits:
        decimals = most_decimals(given.panel.number_style.decimals, [bounds.lowest, bounds.highest])
        table = round_forecasts(table, columns=layout.forecasts, decimals=decimals)
    return writing.quote_formulas(table, panel=given.panel) if style.quotes_formulas else table
