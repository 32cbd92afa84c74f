"""Explanation of the forecast of one series, as an HTML page that loads nothing."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import Array
from forecaster.inspection.explanation import ColumnEffects, Explanation, measure_memory
from forecaster.library.pictures import Pictures
from forecaster.report.descriptions import Description, Wording, describe_pictures
from forecaster.report.inspection import MIN_SHARE
from forecaster.report.lines_and_bars import describe_bars, describe_lines
from forecaster.report.looks import LOOKS
from forecaster.report.shell import make_chart, make_page, make_rows, write_text
from forecaster.report.wording import name_levels

__all__ = ["make_inspection"]

Chart = dict[str, Description]
"""A description for each look."""


def make_inspection(
    explanation: Explanation, *, pictures: Pictures, series: int, unit: str, facts: list[tuple[str, str]]
) -> str:
    """The page on series number `series`, of which `pictures` hold the forecast."""
    picture = pictures.take(series, history=len(explanation.history), most=len(explanation.history))
    assert picture.forecast is not None
    times, ahead = np.array(picture.history.texts), np.array(picture.forecast.texts)
    effects, wording = explanation.effects, Wording(unit=unit)
    forecast = {
        name: describe_pictures(
            [picture], levels=pictures.levels, look=look, has_dates=pictures.has_dates, wording=wording
        )
        for name, look in LOOKS.items()
    }
    levels = name_levels(pictures)
    sections = [
        ("The series and its forecast", f"With intervals of {levels}, as forecast predict writes them.", forecast),
        (
            "What each segment of the past adds",
            "How much higher or lower the forecast is because these steps were seen, in the units of the data.",
            _chart_segments(explanation, times=times, ahead=ahead),
        ),
        (
            "The candidate forecasts that it mixes",
            "The forecast is a mix of simple ones, corrected. Their weights, step by step.",
            _chart_mix(explanation, ahead=ahead),
        ),
    ]
    if effects is not None:
        chart = describe_bars(dict(zip(effects.columns, effects.added.T, strict=True)), labels=[*map(str, ahead)])
        sections.insert(2, ("What each covariate adds", _describe_effects(effects), chart))
    for number, layer in enumerate(explanation.layers, start=1):
        if layer.gates:
            means = {gate: values.mean(axis=(1, 2)) for gate, values in layer.gates.items()}
            words = "Mean over units at each step of the context and the horizon; 1 is open."
            sections.append((f"Gates of layer {number}", words, _chart_gates(means, times=times, ahead=ahead)))
    memories = {
        f"layer {number}": memory
        for number, layer in enumerate(explanation.layers, start=1)
        if (memory := measure_memory(layer)) is not None
    }
    if memories:
        words = "Steps until a unit's state has decayed to 1/e, units from the shortest memory to the longest."
        sections.append(("Memory", words, _chart_memory(memories)))
    parts = [
        f"<section><h2>{write_text(title)}</h2>{make_chart(number, label=f'{title}. {words}', words=words)}</section>"
        for number, (title, words, _) in enumerate(sections)
    ]
    body = f"<header><h1>{write_text(picture.label)}</h1>{make_rows(facts)}</header><main>{''.join(parts)}</main>"
    title = f"{picture.label}: inside the forecast"
    return make_page(title=title, body=body, charts=[chart for _, _, chart in sections], data={})


def _chart_segments(explanation: Explanation, *, times: NDArray[Any], ahead: NDArray[Any]) -> Chart:
    oldest_first = explanation.segments[::-1]
    labels = [f"from {times[len(explanation.history) - segment.end]}" for segment in oldest_first]
    table = np.stack([segment.contribution for segment in oldest_first], axis=1)  # [horizon, segment]
    steps = sorted({0, (len(ahead) - 1) // 2, len(ahead) - 1})
    return describe_bars({f"on the forecast of {ahead[step]}": table[step] for step in steps}, labels=labels)


def _describe_effects(effects: ColumnEffects) -> str:
    words = "How much higher or lower the forecast is because of each column, in the units of the data."
    if effects.factors is None:
        return words
    ranges = (
        f"{column} × {every.min():.3g} to {every.max():.3g}"
        for column, every in zip(effects.columns, effects.factors.T, strict=True)
    )
    return f"{words} They are factors: {', '.join(ranges)}."


def _chart_mix(explanation: Explanation, *, ahead: NDArray[Any]) -> Chart:
    order = np.argsort(-explanation.mix.mean(axis=0))
    weights = {
        explanation.candidates[number]: explanation.mix[:, number]
        for number in order
        if explanation.mix[:, number].max() >= MIN_SHARE
    }
    return describe_bars(weights, labels=[*map(str, ahead)], limits=(0.0, 1.0), is_stacked=True)


def _chart_gates(means: dict[str, Array], *, times: NDArray[Any], ahead: NDArray[Any]) -> Chart:
    count = len(next(iter(means.values()))) - len(ahead)
    # the context may be longer than the series
    labels = [*([""] * max(count - len(times), 0)), *map(str, times[-count:]), *map(str, ahead)]
    return describe_lines(means, labels=labels, limits=(0.0, 1.0))


def _chart_memory(memories: dict[str, Array]) -> Chart:
    most = max(len(memory) for memory in memories.values())
    labels = [f"unit {number + 1}" for number in range(most)]
    return describe_lines(
        {name: np.sort(memory) for name, memory in memories.items()}, labels=labels, is_logarithmic=True
    )
