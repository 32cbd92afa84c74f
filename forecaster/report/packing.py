"""Pack the pictures of thousands of series into plain data for a page, whose scripts draw the one that is opened."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from forecaster.arrays import Array
from forecaster.evaluation.backtest import MODEL_NAME
from forecaster.inspection.explanation import ColumnEffects
from forecaster.library.pictures import Picture, Pictures, Stretch
from forecaster.report.descriptions import FORECAST, list_layers, plan_chart, write_number, write_plain
from forecaster.report.lines_and_bars import describe_lines
from forecaster.report.looks import LOOKS
from forecaster.report.plain import show_controls

__all__ = ["list_heads", "pack_series"]

MOST_VALUES, MOST_STEPS, FEWEST_STEPS = 1_500_000, 1000, 60
"""Values of history in a page, and steps of it for each series, so that a page stays below ten megabytes."""
DIGITS = 9


def list_heads(pictures: Pictures) -> list[tuple[str, str]]:
    """The columns of the list of series, and the class of their cells: minor ones are not shown on a narrow screen."""
    names = [*pictures.measure(pictures.metric)]
    errors = [
        (pictures.metric, "") if name == MODEL_NAME else (f"{pictures.metric} of {name}", "minor") for name in names
    ]
    heads = [("Series", ""), ("Last step", "minor"), ("Last value", "minor"), ("Next forecast", "")]
    return [*heads, *errors, ("Remark", "text minor")]


def pack_series(
    pictures: Pictures, *, effects: Mapping[int, ColumnEffects], history: int | None, unit: str
) -> tuple[dict[str, Any], int]:
    """What `series.js` reads, and one of how many steps of the longest history is in it."""
    panel = pictures.panel
    most = int(np.clip(MOST_VALUES // max(len(panel), 1), FEWEST_STEPS, MOST_STEPS))
    times: dict[tuple[Any, ...], int] = {}
    errors = pictures.measure(pictures.metric)
    remarks = _list_remarks(pictures)
    series, thinned = [], 1
    for number, picture in enumerate(pictures.take_all(range(len(panel)), history=history, most=most)):
        thinned = max(thinned, picture.thinned)
        packed: dict[str, Any] = {
            "label": show_controls(picture.label),
            "summary": show_controls(_summarise(picture, pictures)),
            "cells": [
                *_find_last(picture.history),
                None if picture.forecast is None else _plain(picture.forecast.values[FORECAST][:1])[0],
                *(_shorten(values[number]) for values in errors.values()),
                remarks.get(number, ""),
            ],
        }
        for name in ("history", "forecast", "backtest"):
            packed[name] = _pack_stretch(getattr(picture, name), times)
        if number in effects:
            found = effects[number]
            packed["effects"] = [
                [column, [float(f"{value:.4g}") for value in added]]
                for column, added in zip(found.columns, found.added.T, strict=True)
            ]
        series.append(packed)
    layers = list_layers(pictures.levels, has_backtest=pictures.scores is not None)
    columns = list(dict.fromkeys(column for found in effects.values() for column in found.columns))
    return {
        "series": series,
        "times": [[list(moments), list(texts)] for moments, texts in times],
        "time_column": panel.time_column,
        "columns": [*pictures.columns],
        "layers": [asdict(layer) for layer in layers],
        "chart": {
            name: plan_chart(layers, look=look, has_dates=pictures.has_dates, unit=write_plain(unit))
            for name, look in LOOKS.items()
        },
        "effects": _plan_effects(columns, pictures) if columns else {},
    }, thinned


def _plan_effects(columns: list[str], pictures: Pictures) -> dict[str, Any]:
    """The chart of what covariates add, in each look, without its data."""
    empty = {column: np.zeros(0) for column in columns}
    planned = describe_lines(empty, labels=[])
    for description in planned.values():
        description["scales"] = [
            {"aesthetic": "x", "name": "", **({"datetime": True} if pictures.has_dates else {})},
            *description["scales"][1:],
        ]
    return planned


def _pack_stretch(stretch: Stretch | None, times: dict[tuple[Any, ...], int]) -> list[Any] | None:
    """Number of its times in `times`, which series have in common, and its values."""
    if stretch is None:
        return None
    moments = (int(moment) if moment.is_integer() else moment for moment in stretch.moments.tolist())
    key = (tuple(moments), stretch.texts)
    number = times.setdefault(key, len(times))
    return [number, {name: _plain(values) for name, values in stretch.values.items()}]


def _plain(values: Array) -> list[float | int | None]:
    """Values for JSON: None where missing, whole numbers as such, and no digits that come from adding up."""
    largest = float(np.abs(values).max(initial=0.0, where=np.isfinite(values)))
    # small units, such as farad, have their digits far behind the point
    digits = DIGITS - min(int(np.floor(np.log10(largest))), 0) if largest > 0 else DIGITS
    return [
        None if value != value else int(value) if value.is_integer() and abs(value) < 1e15 else round(value, digits)
        for value in values.tolist()
    ]


def _shorten(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 3)


def _find_last(history: Stretch) -> tuple[str, float | int | None]:
    """The time and the value of the last step that has one."""
    known = np.flatnonzero(~np.isnan(history.values["observed"]))
    if not len(known):
        return "", None
    return history.texts[known[-1]], _plain(history.values["observed"][known[-1:]])[0]


def _summarise(picture: Picture, pictures: Pictures) -> str:
    """What the chart shows, in a sentence or two, for those who do not see it."""
    if picture.forecast is None:
        return f"{picture.label}: no forecast."
    median, texts = picture.forecast.values[FORECAST], picture.forecast.texts
    words = (
        f"{picture.label}: forecast of {write_number(median[0])} for {texts[0]}"
        f" and {write_number(median[-1])} for {texts[-1]}"
    )
    if pictures.levels:
        level = pictures.levels[-1]
        ends = [picture.forecast.values[f"forecast-{end}-{level}"][-1] for end in ("lo", "hi")]
        if not np.isnan(ends).any():
            words += f" ({level}% interval {write_number(ends[0])} to {write_number(ends[1])})"
    if picture.backtest is not None:
        words += f". Backtest from data up to {picture.cutoff}"
    return words + (f"; 1 of {picture.thinned} steps of history is drawn." if picture.thinned > 1 else ".")


def _list_remarks(pictures: Pictures) -> dict[int, str]:
    """What is special about series, by number."""
    forecast = pictures.forecast
    found: dict[int, list[str]] = {}
    kinds = [
        ("no values", forecast.failed),
        ("never changes", forecast.index.series[forecast.is_constant]),
        ("fewer than 3 values", forecast.index.series[forecast.is_short]),
        ("small counts", forecast.index.series[forecast.is_count]),
    ]
    if forecast.origins is not None:
        kinds += [("ended long ago", forecast.origins.ended), ("ends before the others", forecast.origins.behind)]
    for words, numbers in kinds:
        for number in numbers:
            found.setdefault(int(number), []).append(words)
    return {number: ", ".join(words) for number, words in found.items()}
