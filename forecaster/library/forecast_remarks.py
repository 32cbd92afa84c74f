"""Sentences for the user on forecasts: what needs attention, and what bounds, short pasts and ends have done."""

import math
from collections import Counter
from collections.abc import Mapping

import numpy as np

from forecaster.data.panel import Panel
from forecaster.forecasting.forecast import Forecast
from forecaster.library.covariate_remarks import describe_covariates
from forecaster.library.wording import count_things, name_series

__all__ = ["SCATTERED", "describe_bounded", "describe_forecast", "describe_kind", "describe_mean", "describe_support"]

MOST_LEVELS = 3
SCATTERED = "The series end at different times; each is forecast from its own end (or --origin latest)."


def describe_forecast(panel: Panel, forecast: Forecast, *, columns: Mapping[str, float]) -> list[str]:
    """Lines on forecasts that need attention: of series that never change, are short, were bounded or failed.

    `columns` are those that are written, with the level of each.
    """
    series, remarks = forecast.index.series, []
    needs = describe_support(columns, levels=forecast.levels)
    for kind, flag in (
        ("constant", forecast.is_constant),
        ("unsupported", forecast.lacks_support(columns)),
        ("short", forecast.is_short),
        ("count", forecast.is_count),
        ("lacks_year", np.False_ if forecast.lacks_year is None else forecast.lacks_year),
        ("uncorrected", np.False_ if forecast.is_uncorrected is None else forecast.is_uncorrected),
        ("running_total", np.False_ if forecast.is_total is None else forecast.is_total),
    ):
        if flag.any():
            remarks.append(describe_kind(kind, int(flag.sum()), name_series(panel, series[flag]), needs=needs))
    if forecast.own_season is not None and (own := forecast.own_season > 0).any():
        names = name_series(panel, series[own], seasons=forecast.own_season[own])
        remarks.append(describe_kind("own_season", int(own.sum()), names))
    remarks += _describe_ends(panel, forecast) + describe_covariates(panel, forecast)
    remarks += describe_bounded(forecast.count_bounded(columns))
    if len(forecast.failed):
        remarks.append(describe_kind("failed", len(forecast.failed), name_series(panel, forecast.failed)))
    return remarks


def describe_support(columns: Mapping[str, float], *, levels: tuple[float, ...]) -> str:
    """How many equal values each of `columns` needs at the least, where the model knows `levels`."""
    needed: dict[str, int] = {}
    known = sorted({round(abs(2 * level - 1), 9) for level in levels})
    for name, level in columns.items():
        kind, _, asked = name.rpartition("-")
        claimed = next((one for one in known if one >= abs(2 * level - 1) - 1e-9), known[-1])
        if claimed:
            label = f"quantile {level:g}" if kind.endswith("-q") else f"{asked}%"
            needed[label] = math.ceil(round((1 + claimed) / (1 - claimed), 6))
    words = [f"{label} needs {count:,}" for label, count in sorted(needed.items(), key=lambda pair: pair[1])]
    words = words if len(words) <= MOST_LEVELS else [words[0], "…", words[-1]]
    return ", ".join([f"{words[0]} equal values", *words[1:]]) if words else ""


def describe_kind(
    kind: str, count: int, names: str, *, horizon: int = 0, is_left_out: bool = True, needs: str = ""
) -> str:
    """A line on so many series of one `kind`, with the `names` of the first; whether those that ended are left out.

    `needs` is what intervals need, see `describe_support`.
    """
    ends, goes, are, their = ("ends", "goes", "is", "its") if count == 1 else ("end", "go", "are", "their")
    changes, value, have = ("changes", "value", "has") if count == 1 else ("change", "values", "have")
    totals = "a running total" if count == 1 else "running totals"
    what = "left out (or --ended forecast)" if is_left_out else f"forecast from {their} own end"
    words = {
        "constant": f"that never {changes}, forecast by {their} {value}",
        "unsupported": f"that never {changes} {have} intervals left empty: {needs}",
        "short": "with fewer than 3 values, whose forecasts are not to be trusted",
        "count": "of small counts, forecast in whole numbers (or --allow-fractions)",
        "own_season": f"with a season of {their} own, not the calendar's, that forecasts follow (or --season)",
        "running_total": f"taken for {totals}, such as meter readings: what is added in each step is forecast, on "
        "top of the last value (or --no-running-totals)",
        "lacks_year": "forecast more than a year after the training, where the model does not know what all series do "
        "at the same time of each year (train again)",
        "uncorrected": "forecast without the correction of errors that the model has learned, which is for series like "
        "those it was trained on, with as long a past, and for forecasts that begin at the same time of day",
        "behind": f"{ends} before the others and {are} forecast for the same steps as the others (or --origin own)",
        "ended": f"ended more than {count_things(horizon, 'step')} before the others and {are} {what}",
        "beyond": f"{goes} on long after most others end, and {are} forecast from {their} own end (or --origin latest)",
        "failed": "without a value to forecast from",
    }
    return f"{count:,} series {words[kind]}{': ' if names else ''}{names}."


def describe_bounded(counts: Counter[str]) -> list[str]:
    """A line on how many forecasts of how many series a bound that was given has changed, if any."""
    if not counts["forecasts"]:
        return []
    moved = count_things(counts["forecasts"], "forecast")
    intervals = "its interval" if counts["forecasts"] == 1 else "their intervals"
    return [f"--min or --max moved {moved} of {counts['series']:,} series, or {intervals}."]


def describe_mean(factor: float) -> list[str]:
    """A line on the `factor` by which the mean is corrected, where it is."""
    factor = round(factor, 3)
    if factor == 1:
        return []
    low = "low" if factor > 1 else "high"
    return [
        f"The mean of what is never negative is multiplied by {factor:g}: at earlier cutoffs totals were too {low}."
    ]


def _describe_ends(panel: Panel, forecast: Forecast) -> list[str]:
    """Lines on series that do not end together."""
    origins, remarks = forecast.origins, []
    if origins is None:
        return []
    if origins.is_scattered:
        remarks.append(SCATTERED)
    is_left_out = not np.isin(origins.ended, origins.index.series).any()
    horizon = forecast.quantiles.shape[1]
    for kind, numbers in (("behind", origins.behind), ("ended", origins.ended), ("beyond", origins.beyond)):
        if len(numbers):
            names = name_series(panel, numbers)
            remarks.append(describe_kind(kind, len(numbers), names, horizon=horizon, is_left_out=is_left_out))
    return remarks
