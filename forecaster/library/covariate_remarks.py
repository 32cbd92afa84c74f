"""Sentences for the user on what covariates do to forecasts."""

import numpy as np

from forecaster.data.panel import Panel
from forecaster.encoding.effects import MIN_STEPS
from forecaster.forecasting.forecast import Forecast
from forecaster.library.wording import count_things, name_series
from forecaster.windows import describe_history

__all__ = ["describe_covariates"]

MOST_LINES = 5


def describe_covariates(panel: Panel, forecast: Forecast) -> list[str]:
    """Lines on zeros that covariates explain, and on what is known ahead and of which the past says nothing."""
    return _describe_zeros(panel, forecast) + _describe_unseen(panel, forecast)


def _describe_zeros(panel: Panel, forecast: Forecast) -> list[str]:
    """A line on steps that are zero as covariates say, if any."""
    is_zero, columns = forecast.is_zero, forecast.zero_by
    if is_zero is None or not columns:
        return []
    steps, it = count_things(int(is_zero.sum()), "step"), "it" if len(columns) == 1 else "them"
    names = name_series(panel, forecast.index.series[is_zero.any(axis=1)])
    return [
        f"{steps} forecast as zero, as the past always was where {' or '.join(columns)} was the same, in the series "
        f"itself or in others (leave {it} out if that is no rule): {names}."
    ]


def _describe_unseen(panel: Panel, forecast: Forecast) -> list[str]:
    """Lines on what is known ahead and of which the past says nothing."""
    origins, remarks = forecast.origins, []
    if panel.covariates is None or origins is None:
        return []
    is_few = describe_history(panel, origins.index).observed < MIN_STEPS
    if is_few.any() and panel.covariates.is_known.any() and not forecast.shared:
        remarks.append(
            f"{int(is_few.sum()):,} series with fewer than {MIN_STEPS} values, too few to learn what covariates do: "
            f"{name_series(panel, origins.index.series[is_few])}."
        )
    is_filled = ~np.isnan(panel.covariates.values).all(axis=0)
    shown = {*np.array(panel.covariates.columns, object)[is_filled | panel.covariates.is_known]}
    for name in dict.fromkeys(column for column in panel.covariates.columns if column not in shown):
        remarks.append(f"{name} has no value, so nothing is learned from it: leave it out of --past.")
    for unseen in forecast.unseen:
        names = name_series(panel, unseen.series)
        if unseen.is_constant and unseen.name in forecast.shared:
            continue  # other series have shown its effect
        if unseen.is_new:
            what = (
                "is far beyond all that it was before in the newest steps, so what it does there is hardly known "
                "(leave it out if its unit or meaning has changed)"
            )
        elif unseen.is_blank:
            what = "has no value in the past, so what it is on the steps to forecast has no effect"
        elif unseen.is_constant:
            what = "never changes in the past, so its change on the steps to forecast has no effect"
        else:
            what = "goes far beyond the range of its past on the steps to forecast, and counts as less far"
        remarks.append(f"{unseen.name} {what}: {names}.")
    return remarks[:MOST_LINES]
