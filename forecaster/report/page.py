"""Explanation of the forecast of one series, as a self-contained HTML page."""

from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecaster.arrays import Array
from forecaster.inspection.explanation import ColumnEffects, Explanation, measure_memory
from forecaster.report.inspection import MIN_SHARE
from forecaster.report.svg import plot_bars, plot_lines

__all__ = ["make_page"]

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; color: #222; }
table { border-collapse: collapse; } td { padding: .15rem .8rem .15rem 0; vertical-align: top; }
td:first-child { color: #666; white-space: nowrap; } h2 { margin-top: 2.5rem; } svg { width: 100%; height: auto; }
"""


def make_page(
    explanation: Explanation, *, name: str, facts: list[tuple[str, str]], times: NDArray[Any], ahead: NDArray[Any]
) -> str:
    """The page; `times` [time] and `ahead` [horizon] are timestamps as written in the file."""
    effects = explanation.effects
    sections = [
        ("The series and its forecast", "", _chart_forecast(explanation, times=times, ahead=ahead)),
        (
            "What each segment of the past adds",
            "How much higher or lower the forecast is because these steps were seen, in the units of the data.",
            _chart_segments(explanation, times=times, ahead=ahead),
        ),
        (
            "The candidate forecasts that it mixes",
            "The forecast is a mix of simple ones, corrected. Their weights, step by step:",
            _chart_mix(explanation, ahead=ahead),
        ),
    ]
    if effects is not None:
        chart = plot_bars(dict(zip(effects.columns, effects.added.T, strict=True)), labels=[*map(str, ahead)])
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
    rows = "".join(f"<tr><td>{escape(key)}</td><td>{escape(value)}</td></tr>" for key, value in facts)
    parts = [f"<h2>{escape(title)}</h2><p>{escape(words)}</p>{chart}" for title, words, chart in sections]
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(name)}: inside the forecast</title>'
        f"<style>{STYLE}</style></head><body><h1>{escape(name)}</h1><table>{rows}</table>{''.join(parts)}</body></html>\n"
    )


def _chart_forecast(explanation: Explanation, *, times: NDArray[Any], ahead: NDArray[Any]) -> str:
    observed = np.concatenate([explanation.history, np.full(len(ahead), np.nan)])
    forecast = np.concatenate([np.full(len(times), np.nan), explanation.median])
    return plot_lines({"observed": observed, "forecast": forecast}, labels=[*map(str, times), *map(str, ahead)])


def _chart_segments(explanation: Explanation, *, times: NDArray[Any], ahead: NDArray[Any]) -> str:
    oldest_first = explanation.segments[::-1]
    labels = [f"from {times[len(explanation.history) - segment.end]}" for segment in oldest_first]
    table = np.stack([segment.contribution for segment in oldest_first], axis=1)  # [horizon, segment]
    steps = sorted({0, (len(ahead) - 1) // 2, len(ahead) - 1})
    return plot_bars({f"on the forecast of {ahead[step]}": table[step] for step in steps}, labels=labels)


def _describe_effects(effects: ColumnEffects) -> str:
    words = "How much higher or lower the forecast is because of each column, in the units of the data."
    if effects.factors is None:
        return words
    ranges = (
        f"{column} × {every.min():.3g} to {every.max():.3g}"
        for column, every in zip(effects.columns, effects.factors.T, strict=True)
    )
    return f"{words} They are factors: {', '.join(ranges)}."


def _chart_mix(explanation: Explanation, *, ahead: NDArray[Any]) -> str:
    order = np.argsort(-explanation.mix.mean(axis=0))
    weights = {
        explanation.candidates[number]: explanation.mix[:, number]
        for number in order
        if explanation.mix[:, number].max() >= MIN_SHARE
    }
    return plot_bars(weights, labels=[*map(str, ahead)], limits=(0.0, 1.0), stacked=True)


def _chart_gates(means: dict[str, Array], *, times: NDArray[Any], ahead: NDArray[Any]) -> str:
    count = len(next(iter(means.values()))) - len(ahead)
    # the context may be longer than the series
    labels = [*([""] * max(count - len(times), 0)), *map(str, times[-count:]), *map(str, ahead)]
    return plot_lines(means, labels=labels, limits=(0.0, 1.0))


def _chart_memory(memories: dict[str, Array]) -> str:
    most = max(len(memory) for memory in memories.values())
    labels = [f"unit {number + 1}" for number in range(most)]
    return plot_lines({name: np.sort(memory) for name, memory in memories.items()}, labels=labels, logarithmic=True)
