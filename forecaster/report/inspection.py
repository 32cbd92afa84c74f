"""Tables on a model folder, and on the network's forecast of one series."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.table import Table

from forecaster.arrays import Array
from forecaster.data.files.finding import describe_names
from forecaster.data.grids.rows import show_moment
from forecaster.evaluation.backtest import MODEL_NAME
from forecaster.inspection.explanation import ColumnEffects, Explanation, measure_memory
from forecaster.model.card import BaseCard, ModelCard
from forecaster.report.console import Reporter

__all__ = ["list_facts", "plot_sparkline", "show_explanation", "show_facts"]

BLOCKS = "▁▂▃▄▅▆▇█"
SPARK_WIDTH = 40
STEPS_SHOWN, STEPS_OF_EFFECTS = 6, 3
MIN_SHARE = 0.03
"""Candidate forecasts of less weight than this everywhere are left out of the table."""


def list_facts(card: ModelCard | BaseCard, *, parameters: int) -> list[tuple[str, str]]:
    """Facts about a model: name and value, in display order."""
    network = card.network
    cell = network.cell
    if cell == "peephole":
        cell += f" ({', '.join(network.peepholes) or 'no gate'})"
    facts = [
        ("cell", cell),
        ("layers × units", f"{network.layers} × {network.hidden}"),
        ("parameters", f"{parameters:,}"),
        ("quantile levels", ", ".join(f"{level:g}" for level in card.quantile_levels)),
        ("channels, candidates", f"{len(card.encoding.channels)}, {len(card.encoding.candidates)}"),
    ]
    if isinstance(card, BaseCard):
        learned = card.pretraining
        hours = (
            f"{learned.steps_taken:,} steps of {learned.settings.batch_size} synthetic series, {learned.hours} hours"
        )
        on = " more, on from an earlier base model" if learned.settings.from_base else ""
        return [
            *facts,
            ("learned from", hours + on),
            ("made by", card.command),
            ("notes", "; ".join(card.notes) or "–"),
        ]
    training, encoding = card.training, card.encoding
    start = "the base model" if training.from_base else "random weights"
    size = f"{training.series:,} series, {training.observations:,} values, until {show_moment(training.until)}"
    facts += [
        ("learned from", f"{describe_names(card.source.names)} ({size})"),
        ("started from", f"{start}; {training.steps_taken} steps, the best at {training.best_step}"),
        ("horizon", f"{card.horizon} steps"),
        ("periods, context", f"{', '.join(map(str, encoding.periods))}; {encoding.context_length} steps"),
    ]
    if year := card.shared_year:
        facts.append(("shared year", f"{year.share:.0%} of what all {year.series:,} series did a year before"))
    if correction := card.correction:
        kept, reads = correction.kept, " and ".join([f"{correction.lags} newest steps", *correction.columns])
        kind = "a regression" if correction.adapter is None else "an adapter"
        facts.append(
            ("errors foreseen", f"{kept.share:.0%} of {kind} on the {reads}, of {correction.windows:,} windows")
        )
    if score := card.scores.get(MODEL_NAME):
        known = {name: value for name in ("MASE", "WQL") if (value := score.overall.get(name)) is not None}
        held_out = [f"{name} {value:.3f}" for name, value in known.items()]
        covered = score.coverage.get("0.8") if score.is_calibrated else None
        held_out += [f"{covered:.0%} in the 80% interval"] if covered is not None else []
        if held_out:
            facts.append(("held-out scores", ", ".join(held_out)))
    if card.calibration:
        widest = [row[0] for row in card.calibration.factors]
        least, most = f"{min(widest):.2f}", f"{max(widest):.2f}"
        facts.append(
            ("calibration", f"widest interval × {least if least == most else f'{least} to {most} over the horizon'}")
        )
    return facts


def show_facts(facts: Sequence[tuple[str, str]], *, title: str, reporter: Reporter) -> None:
    """Print the `facts` from `list_facts` as a table."""
    table = Table(title=title, title_justify="left", show_header=False)
    for name, value in facts:
        table.add_row(name, value)
    reporter.show_table(table)


def show_explanation(explanation: Explanation, *, name: str, times: NDArray[Any], reporter: Reporter) -> None:
    """Print tables of the segments, the gates, the memory, and the mix. `times` [time] are as in the file."""
    reporter.show_table(_tabulate_segments(explanation, name=name, times=times))
    if explanation.effects is not None:
        reporter.show_table(_tabulate_effects(explanation.effects, name=name, explanation=explanation))
    if any(layer.gates for layer in explanation.layers):
        reporter.show_table(_tabulate_gates(explanation))
    memories = [measure_memory(layer) for layer in explanation.layers]
    if any(memory is not None for memory in memories):
        reporter.show_table(_tabulate_memory(memories))
    reporter.show_table(_tabulate_mix(explanation))


def plot_sparkline(
    values: Array, *, width: int = SPARK_WIDTH, low: float | None = None, high: float | None = None
) -> str:
    """`values` [time] as a line of at most `width` blocks, each the mean of its steps; a space where unknown.

    The blocks range from `low` to `high`, by default the lowest and the highest of the values.
    """
    parts = np.array_split(values, min(width, len(values)))
    means = np.array([part[~np.isnan(part)].mean() if (~np.isnan(part)).any() else np.nan for part in parts])
    if np.isnan(means).all():
        return " " * len(means)
    bottom, top = (np.nanmin(means) if low is None else low), (np.nanmax(means) if high is None else high)
    scaled = (means - bottom) / (top - bottom) if top > bottom else np.full(len(means), 0.5)
    heights = np.clip(np.nan_to_num(scaled) * len(BLOCKS), 0, len(BLOCKS) - 1).astype(int)
    return "".join(" " if np.isnan(mean) else BLOCKS[height] for mean, height in zip(means, heights, strict=True))


def _tabulate_segments(explanation: Explanation, *, name: str, times: NDArray[Any]) -> Table:
    """How much higher or lower the forecast is for each segment of the past, in data units."""
    shown = _choose_steps(explanation)
    title = f"{name}: what each segment of the past adds to the forecast{_say_steps(shown, explanation)}"
    table = Table(title=title, title_justify="left")
    table.add_column("from")
    table.add_column("to")
    table.add_column("values")
    for step in shown:
        table.add_column(f"step {step + 1}", justify="right")
    table.add_column("mean size", justify="right")
    length = len(explanation.history)
    for segment in explanation.segments:
        values = explanation.history[length - segment.end : length - segment.begin + 1]
        table.add_row(
            str(times[length - segment.end]),
            str(times[length - segment.begin]),
            plot_sparkline(
                values, width=12, low=float(np.nanmin(explanation.history)), high=float(np.nanmax(explanation.history))
            ),
            *(f"{segment.contribution[step]:+.3g}" for step in shown),
            f"{np.abs(segment.contribution).mean():.3g}",
        )
    table.add_section()
    table.add_row("forecast", "", "", *(f"{explanation.median[step]:.4g}" for step in shown), "")
    return table


def _tabulate_effects(effects: ColumnEffects, *, name: str, explanation: Explanation) -> Table:
    """How much higher or lower the forecast is for each column, in data units, with the factor if it is one."""
    shown = _choose_steps(explanation)
    title = f"{name}: what each covariate adds to the forecast{_say_steps(shown, explanation)}"
    table = Table(title=title, title_justify="left")
    table.add_column("covariate")
    for step in shown:
        table.add_column(f"step {step + 1}", justify="right")
    table.add_column("mean size", justify="right")
    order = np.argsort(-np.abs(effects.added).mean(axis=0), kind="stable")
    for number in order:
        cells = [
            f"{effects.added[step, number]:+.3g}"
            + (f" ×{effects.factors[step, number]:.3g}" if effects.factors is not None else "")
            for step in shown
        ]
        table.add_row(effects.columns[number], *cells, f"{np.abs(effects.added[:, number]).mean():.3g}")
    table.add_section()
    total = effects.added.sum(axis=1)
    table.add_row("all", *(f"{total[step]:+.3g}" for step in shown), f"{np.abs(total).mean():.3g}")
    return table


def _tabulate_gates(explanation: Explanation) -> Table:
    table = Table(title=f"Gates over {len(explanation.layers[0].cells)} steps, mean over units", title_justify="left")
    for heading in ("layer", "gate", "context, then horizon", "mean", "std over units"):
        table.add_column(heading, justify="right" if heading in ("mean", "std over units") else "left")
    for number, layer in enumerate(explanation.layers, start=1):
        for gate, values in layer.gates.items():
            means = values.mean(axis=(1, 2))
            deviation = values.mean(axis=(0, 1)).std()
            line = plot_sparkline(means, low=0, high=1)
            table.add_row(str(number), gate, line, f"{values.mean():.2f}", f"{deviation:.2f}")
    return table


def _tabulate_memory(memories: list[Array | None]) -> Table:
    table = Table(title="Memory: steps until a unit's state has decayed to 1/e", title_justify="left")
    for heading in ("layer", "a tenth of units below", "half below", "nine tenths below", "longest"):
        table.add_column(heading, justify="left" if heading == "layer" else "right")
    for number, memory in enumerate(memories, start=1):
        if memory is not None:
            cuts = [*np.quantile(memory, [0.1, 0.5, 0.9]), memory.max()]
            table.add_row(str(number), *(f"{cut:,.1f}" for cut in cuts))
    return table


def _tabulate_mix(explanation: Explanation) -> Table:
    """The weights of the candidate forecasts, by horizon step, without negligible ones."""
    shown = _choose_steps(explanation)
    title = f"Candidate forecasts: weight in the mix{_say_steps(shown, explanation)}"
    table = Table(title=title, title_justify="left")
    table.add_column("candidate")
    for step in shown:
        table.add_column(f"step {step + 1}", justify="right")
    order = np.argsort(-explanation.mix.mean(axis=0))
    for number in order:
        if explanation.mix[:, number].max() >= MIN_SHARE:
            table.add_row(explanation.candidates[number], *(f"{explanation.mix[step, number]:.0%}" for step in shown))
    return table


def _choose_steps(explanation: Explanation) -> list[int]:
    """Some of the horizon steps: the first and the last, those at which covariates act most, and some between them."""
    count = len(explanation.median)
    even = [round(step) for step in np.linspace(0, count - 1, min(count, STEPS_SHOWN))]
    if explanation.effects is None or count <= STEPS_SHOWN:
        return sorted({*even})
    # what differs from step to step: an effect of all steps is seen at any
    added = explanation.effects.added - np.median(explanation.effects.added, axis=0)
    strongest = np.argsort(-np.abs(added).max(axis=1), kind="stable")[:STEPS_OF_EFFECTS]
    acting = [int(step) for step in strongest if np.abs(added[step]).max() > 0]
    return sorted([*dict.fromkeys((0, count - 1, *acting, *even[1:-1]))][:STEPS_SHOWN])


def _say_steps(shown: list[int], explanation: Explanation) -> str:
    """Words on how many of the horizon steps are shown, where these are not all."""
    count = len(explanation.median)
    return f" ({len(shown)} of {count} steps)" if len(shown) < count else ""
