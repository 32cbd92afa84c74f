"""Report a forecast: a chart and messages for the user, a summary for `--json`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from forecaster.data.panel import Panel
from forecaster.data.times.dates import format_times
from forecaster.forecasting.forecast import Forecast
from forecaster.forecasting.quantiles import interpolate_levels
from forecaster.library.forecast_remarks import describe_forecast
from forecaster.library.wording import count_things
from forecaster.report.console import Reporter

__all__ = ["Written", "show_forecast", "summarise_forecast"]

CYCLES_SHOWN, STEPS_SHOWN = 4, 60
MAX_NAMED = 20
SHOWN_INTERVAL = (0.1, 0.9)


@dataclass(frozen=True)
class Written:
    """Where a forecast was written and in how many seconds, and the columns, with the level of each."""

    output: str
    columns: Mapping[str, float]
    seconds: float


def show_forecast(panel: Panel, forecast: Forecast, *, written: Written, shown: int, reporter: Reporter) -> None:
    """Print charts of the first `shown` series, remarks on the others, and where the forecasts are written."""
    output, columns = written.output, written.columns
    if shown and not reporter.quiet and output != "-":
        _show_charts(panel, forecast, shown=shown, reporter=reporter)
    for line in describe_forecast(panel, forecast, columns=columns):
        reporter.say(line)
    ahead = count_things(forecast.quantiles.shape[1], "step")
    target = "stdout" if output == "-" else output
    reporter.say(f"{len(forecast.index):,} series, {ahead} ahead, written to {target} in {written.seconds:.1f} s.")


def _show_charts(panel: Panel, forecast: Forecast, *, shown: int, reporter: Reporter) -> None:
    from forecaster.report.chart import LEGEND, NARROWEST  # noqa: PLC0415 - not every run plots a chart
    from forecaster.report.wording import describe_fewer  # noqa: PLC0415 - the same

    # rather series whose forecast follows their history at once
    order = np.argsort(forecast.first_steps > forecast.index.cutoffs, kind="stable")
    has_forecast = np.asarray(~np.isnan(forecast.median).any(axis=1))
    chosen = order[has_forecast[order]][:shown]
    if len(chosen) and reporter.width < NARROWEST:
        reporter.say(f"No chart: it needs {NARROWEST} columns.")
        return
    for number in chosen.tolist():
        reporter.say(panel.label(int(forecast.index.series[number])))
        for line in _plot(panel, forecast, number=number, width=min(reporter.width, 100)).splitlines():
            reporter.say(line)
    if len(chosen):
        reporter.say(LEGEND)
    if shown > 1:
        for line in describe_fewer(len(chosen), asked=shown, series=len(panel), what="a forecast"):
            reporter.say(line)


def summarise_forecast(panel: Panel, forecast: Forecast, *, columns: Mapping[str, float]) -> dict[str, Any]:
    """Counts for `--json` where `columns` are written; at most 20 series are named per kind."""
    constant, short = (forecast.index.series[flag] for flag in (forecast.is_constant, forecast.is_short))
    unsupported = forecast.index.series[forecast.lacks_support(columns)]
    kinds = {"failed": forecast.failed, "constant": constant, "unsupported": unsupported, "short": short}
    if forecast.origins is not None:
        kinds |= {"behind": forecast.origins.behind, "ended": forecast.origins.ended}
    summary: dict[str, Any] = {
        "series": len(forecast.index),
        "horizon": forecast.quantiles.shape[1],
        "clipped": forecast.clipped,
    }
    for name, numbers in kinds.items():
        summary[name] = {"count": len(numbers), "series": [panel.label(n) for n in numbers[:MAX_NAMED]]}
    return summary


def _plot(panel: Panel, forecast: Forecast, *, number: int, width: int) -> str:
    from forecaster.report.chart import plot_forecast  # noqa: PLC0415 - not every run plots a chart

    series, cutoff = int(forecast.index.series[number]), int(forecast.index.cutoffs[number])
    horizon = forecast.quantiles.shape[1]
    shown = min(cutoff, max(CYCLES_SHOWN * panel.calendar.periods[0], STEPS_SHOWN, horizon))
    begin = int(panel.offsets[series]) + cutoff - shown
    bounds = interpolate_levels(forecast.quantiles[number], levels=forecast.levels, wanted=list(SHOWN_INTERVAL))
    steps = np.array([cutoff - shown, cutoff - 1, int(forecast.first_steps[number]) + horizon - 1])
    times = panel.calendar.advance(panel.starts[series], steps)
    labels = format_times(times, style=panel.time_style, uses_wall_clock=panel.calendar.uses_wall_clock)
    first, last, end = (str(label) for label in labels)
    return plot_forecast(
        panel.values[begin : begin + shown],
        median=forecast.median[number],
        low=bounds[:, 0],
        high=bounds[:, 1],
        labels=(first, last, end),
        width=width,
    )
