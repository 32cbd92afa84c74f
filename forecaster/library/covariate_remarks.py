"""Sentences for the user on what covariates do to forecasts."""

from collections.abc import Iterable, Sequence

import numpy as np

from forecaster.cutoffs import end_of_history
from forecaster.data.panel import Panel
from forecaster.data.times.dates import format_times
from forecaster.encoding.effects import MIN_STEPS
from forecaster.forecasting.forecast import Forecast
from forecaster.forecasting.forecaster import Forecaster
from forecaster.forecasting.left_out_values import LeftOut, find_left_out
from forecaster.library.wording import count_things, name_series
from forecaster.windows import describe_history

__all__ = ["describe_covariates", "describe_errors", "describe_left_out", "describe_spellings"]

MOST_LINES, MOST_NAMED = 5, 20


def describe_covariates(panel: Panel, forecast: Forecast) -> list[str]:
    """Lines on values taken for errors, zeros that covariates explain, and on what the past says nothing of."""
    return (
        describe_left_out(panel, forecast.left_out)
        + _describe_zeros(panel, forecast)
        + _describe_unseen(panel, forecast)
    )


def describe_left_out(panel: Panel, left_out: Sequence[LeftOut]) -> list[str]:
    """A line on each column of which values are taken for typing errors, with the largest and the first of them."""
    lines = list[tuple[str, str]]()
    for one in left_out:
        times = panel.calendar.advance(panel.starts[one.series], one.steps)
        first, largest = int(np.argmin(times)), int(np.argmax(np.abs(one.values)))
        style, is_wall = panel.time_style, panel.calendar.uses_wall_clock
        time = format_times(times[[first]], style=style, uses_wall_clock=is_wall)[0]
        series = int(one.series[first])
        place = f"{panel.label(series)}, {time}" if panel.ids[series] else time
        count, value = len(one.values), _write(one.values[largest])
        what = (
            f"1 value is a hundred times as far from the middle as nearly all others, so it is taken for a typing "
            f"error and counts as missing ({value} at {place}). Correct it; if it is right,"
            if count == 1
            else f"{count:,} values are a hundred times as far from the middle as nearly all others, so they are taken "
            f"for typing errors and count as missing (the largest is {value}, the first at {place}). Correct them; if "
            "they are right,"
        )
        right = f"give the logarithm of {one.column}, or a further column that is 1 there and 0 elsewhere."
        lines.append((one.column, f"{one.column}: {what} {right}"))
    return _shorten(lines)


def describe_errors(panel: Panel, forecaster: Forecaster, *, horizon: int, series: int | None = None) -> list[str]:
    """The same for forecasts from the ends of all series, or of one."""
    index = end_of_history(panel)
    index = index if series is None else index[index.series == series]
    lead = np.zeros(len(index), np.int64)
    found = find_left_out(panel, index, lead=lead, horizon=horizon, encoding=forecaster.encoding)
    return describe_left_out(panel, [*found])


def describe_spellings(panel: Panel) -> list[str]:
    """A line on each column of categories of which some differ in capitals or blanks only."""
    categories: dict[str, Iterable[str]] = {}
    if panel.covariates is not None:
        wordings, is_category = panel.covariates.wordings, panel.covariates.is_category
        categories |= {column: wording.texts for column, wording in wordings.items() if is_category(column)}
    if panel.attributes is not None:
        categories |= {name: map(str, np.unique(texts)) for name, texts in panel.attributes.categories.items()}
    lines = []
    for column, texts in categories.items():
        alike: dict[str, list[str]] = {}
        for text in texts:
            alike.setdefault("".join(text.split()).casefold(), []).append(text)
        several = [" and ".join(map(repr, group)) for group in alike.values() if len(group) > 1]
        if several:
            lines.append(
                f"  {column}: {'; '.join(several)} differ only in capitals or blanks, and count as different "
                "categories (write them alike)"
            )
    return lines


def _write(value: float) -> str:
    return f"{value:.0f}" if value == round(value) and abs(value) < 1e15 else f"{value:.6g}"


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
    origins, remarks = forecast.origins, list[tuple[str, str]]()
    if panel.covariates is None or origins is None:
        return []
    is_few = describe_history(panel, origins.index).observed < MIN_STEPS
    if is_few.any() and panel.covariates.is_known.any() and not forecast.shared:
        few = f"{int(is_few.sum()):,} series with fewer than {MIN_STEPS} values, too few to learn what covariates do: "
        remarks.append(("", f"{few}{name_series(panel, origins.index.series[is_few])}."))
    is_filled = ~np.isnan(panel.covariates.values).all(axis=0)
    shown = {*np.array(panel.covariates.columns, object)[is_filled | panel.covariates.is_known]}
    for name in dict.fromkeys(column for column in panel.covariates.columns if column not in shown):
        remarks.append((name, f"{name} has no value, so nothing is learned from it: leave it out of --past."))
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
        remarks.append((unseen.name, f"{unseen.name} {what}: {names}."))
    return _shorten(remarks)


def _shorten(lines: Sequence[tuple[str, str]]) -> list[str]:
    """The first of so many `lines`, each with its column, and a line on which columns the others are."""
    shown, others = [line for _, line in lines[:MOST_LINES]], [*dict.fromkeys(name for name, _ in lines[MOST_LINES:])]
    if not others:
        return shown
    named = ", ".join(others[:MOST_NAMED]) + " …" * (len(others) > MOST_NAMED)
    return [
        *shown,
        f"The same kind of line, not shown, is there on {count_things(len(others), 'more column')}: {named}.",
    ]
