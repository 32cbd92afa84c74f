"""Forecast one part of an input as in one go with all others: the same function for every engine."""

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecaster.errors import DataError
from forecaster.forecasting.forecast import Forecast
from forecaster.forecasting.forecaster import Forecaster
from forecaster.forecasting.origins import CommonEnd
from forecaster.library.covariate_remarks import describe_covariates
from forecaster.library.forecast_files import ForecastStyle, tabulate_forecast
from forecaster.library.forecast_plan import ForecastPlan
from forecaster.library.inputs import Given
from forecaster.library.remarks import describe_static
from forecaster.library.wording import name_with_season
from forecaster.scale.survey import PartReader, Survey, extend_panel
from forecaster.scale.whole_columns import WholeColumns

__all__ = ["MOST_NAMED", "PartForecaster", "PartResult", "Request"]

MOST_NAMED = 20
"""Series that are named in a summary at most."""


@dataclass(frozen=True)
class Request:
    """What is asked of a forecast: how it is written, and how it is made."""

    style: ForecastStyle
    plan: ForecastPlan = field(default_factory=ForecastPlan)


@dataclass(frozen=True)
class PartResult:
    """The table of the forecasts of a part, and the numbers of series of each kind, with the names of the first.

    `notes` are lines on covariates of the whole part, and `remarks` on those of the series that they name.
    """

    table: pd.DataFrame
    series: int
    clipped: int
    bounded: Counter[str]
    kinds: dict[str, tuple[int, list[str]]]
    notes: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class PartForecaster:
    """All that was decided on the whole input: it forecasts each part as if all were there. It can be pickled.

    Where missing rows have a meaning, series go on up to the `last` time of all.
    """

    reader: PartReader
    forecaster: Forecaster
    horizon: int
    common_end: CommonEnd
    decided: Survey
    request: Request
    last: NDArray[Any] | None = None
    columns: WholeColumns = field(default_factory=WholeColumns)

    def __call__(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The forecasts of the series in `frame`, which holds all rows of each."""
        return self.forecast(self.reader.read(frame)).table

    def forecast(self, given: Given) -> PartResult:
        """Forecast a part that was read. Raises DataError where it does not agree with the others."""
        panel, plan = given.panel, self.request.plan
        if panel.calendar != self.decided.calendar or panel.time_style != self.decided.time_style:
            raise DataError(
                f"{given.name}: a part has {panel.calendar.name} steps, and the others {self.decided.calendar.name} "
                "ones. Name the step with --freq."
            )
        if self.last is not None and (fill := self.reader.reading.fill) is not None:
            panel = extend_panel(panel, last=self.last, fill=fill)
        style = replace(panel.number_style, decimals=self.decided.decimals)
        given = replace(given, panel=replace(panel, number_style=style))
        panel, unfit = self.columns.fit(given)
        forecast = self.forecaster.forecast_ends(
            panel,
            horizon=self.horizon,
            bounds=plan.bounds,
            options=plan.ends,
            fill=plan.fill,
            common_end=self.common_end,
        )
        table = tabulate_forecast(given, forecast, output=".parquet", style=self.request.style, bounds=plan.bounds)
        columns = self.request.style.columns
        kinds, remarks = _count_kinds(given, forecast, columns=columns), describe_covariates(panel, forecast)
        remarks += describe_static(panel, self.forecaster, static=())
        clipped, bounded = forecast.clipped, forecast.count_bounded(columns)
        return PartResult(table, len(forecast.index), clipped, bounded, kinds, tuple(unfit), tuple(remarks))


def _count_kinds(given: Given, forecast: Forecast, *, columns: dict[str, float]) -> dict[str, tuple[int, list[str]]]:
    series, origins = forecast.index.series, forecast.origins
    kinds = {
        "failed": forecast.failed,
        "constant": series[forecast.is_constant],
        "unsupported": series[forecast.lacks_support(columns)],
        "short": series[forecast.is_short],
        "count": series[forecast.is_count],
        "lacks_year": series[:0] if forecast.lacks_year is None else series[forecast.lacks_year],
        "uncorrected": series[:0] if forecast.is_uncorrected is None else series[forecast.is_uncorrected],
        "running_total": series[:0] if forecast.is_total is None else series[forecast.is_total],
    }
    if origins is not None:
        kinds |= {"behind": origins.behind, "ended": origins.ended, "beyond": origins.beyond}
    named = {
        name: (len(numbers), [given.panel.label(int(number)) for number in numbers[:MOST_NAMED]])
        for name, numbers in kinds.items()
    }
    if forecast.own_season is not None:
        own = np.flatnonzero(forecast.own_season)
        labels = [
            name_with_season(given.panel.label(int(series[window])), int(forecast.own_season[window]))
            for window in own[:MOST_NAMED]
        ]
        named["own_season"] = (len(own), labels)
    return named
