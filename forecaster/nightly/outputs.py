"""Write what a run has found into its folder: the forecasts, the scores, and all quantiles for later runs."""

import json
from dataclasses import dataclass
from pathlib import Path

from forecaster.files import write_files
from forecaster.forecasting.forecast import Forecast
from forecaster.forecasting.writing import columns_for, make_writer
from forecaster.library.forecast_files import ForecastStyle, tabulate_forecast
from forecaster.library.inputs import Given
from forecaster.nightly.held_out import HeldOut
from forecaster.nightly.monitoring import Monitoring
from forecaster.nightly.past_forecasts import tabulate_quantiles
from forecaster.nightly.plan import NightPlan
from forecaster.nightly.runs import FLAG, FORECASTS, LOG, METRICS, QUANTILES, REJECTED

__all__ = ["Findings", "write_outputs"]


@dataclass(frozen=True)
class Findings:
    """The forecasts of a run, and how good the model and past forecasts are."""

    forecast: Forecast
    held_out: HeldOut
    monitoring: Monitoring


def write_outputs(folder: Path, given: Given, found: Findings, *, plan: NightPlan, is_good: bool) -> dict[str, str]:
    """Write the files of a run, and return their names by what they are.

    Forecasts that do not meet the gates get another name, so that nobody takes them for good.
    """
    name = FORECASTS if is_good else REJECTED
    columns = columns_for(list(plan.level), quantiles=list(plan.quantile_levels))
    style = ForecastStyle(columns, plan.has_all_digits, plan.has_mean)
    table = tabulate_forecast(given, found.forecast, output=name, style=style, bounds=plan.bounds)
    metrics = {"held_out": found.held_out.as_plain(), "monitoring": found.monitoring.as_plain()}
    text = json.dumps(metrics, indent=2, allow_nan=False) + "\n"
    write_files(
        {
            folder / name: make_writer(table, output=name, style=given.panel.number_style),
            folder / METRICS: lambda file: file.write(text.encode()),
        },
        flag=FLAG,
    )
    outputs = {"forecasts": name, "metrics": METRICS, "log": LOG}
    if not is_good:
        return outputs
    quantiles = tabulate_quantiles(given.panel, found.forecast)
    write_files({folder / QUANTILES: make_writer(quantiles, output=QUANTILES)}, flag=FLAG)
    return outputs | {"quantiles": QUANTILES}
