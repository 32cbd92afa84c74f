"""Write a backtest to files: `metrics.json`, `metrics.csv` per series, `backtest.csv` per step."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from forecaster.data.panel import Panel
from forecaster.data.times.dates import format_times
from forecaster.errors import ConfigurationError, UsageError
from forecaster.evaluation.backtest import (
    MODEL_NAME,
    Backtest,
    find_best_baseline,
    measure_skill,
)
from forecaster.files import write_files
from forecaster.forecasting.writing import Layout, columns_for, make_table, make_writer
from forecaster.model.card import ModelCard
from forecaster.settings import DEFAULT_LEVELS

__all__ = [
    "count_seen_windows",
    "list_outputs",
    "make_records",
    "tabulate_series",
    "tabulate_steps",
    "write_records",
]

OTHER_FILES = ("metrics.csv", "backtest.csv")


def list_outputs(output: Path) -> list[Path]:
    """The files that a backtest is written to. Raises UsageError unless `output` is a .json file."""
    if output.suffix != ".json":
        raise UsageError(
            f"--output {output}: scores are JSON, so name a .json file; {' and '.join(OTHER_FILES)} go next to it."
        )
    return [output, *(output.with_name(name) for name in OTHER_FILES)]


def count_seen_windows(panel: Panel, found: Backtest, *, card: ModelCard) -> int:
    """Number of windows whose horizon starts within the training data of the model: their scores are too good."""
    first = panel.calendar.advance(panel.starts[found.index.series], found.index.cutoffs)
    training = card.training
    texts = [training.earlier_ends.get(panel.label(int(series)), training.until) for series in found.index.series]
    try:
        ends = np.array(texts).astype(first.dtype)
    except ValueError as error:
        raise ConfigurationError(
            f"model.json: 'training.until' or 'training.earlier_ends' is no timestamp ({error}). "
            "Train again, or copy the folder again."
        ) from error
    return int((first <= ends).sum())


def make_records(panel: Panel, found: Backtest, *, seen: int) -> dict[str, Any]:
    """The content of `metrics.json`: overall scores, scores per cutoff, coverage, skill."""
    scores = found.scores
    rival, metric = find_best_baseline(scores)
    return {
        "horizon": found.y_true.shape[1],
        "season": found.season,
        "series": len(np.unique(found.index.series)),
        "windows": len(found.index),
        "windows_seen_in_training": seen,
        "undefined_scores": {
            name: {metric: int(np.isnan(values).sum()) for metric, values in model.per_window.items()}
            for name, model in scores.items()
        },
        "mean": {**found.mean_scores, "factor": found.forecast.mean_factor},
        "baselines_given_up": list(found.given_up),
        "best_baseline": rival,
        "skill_metric": metric,
        "skill": measure_skill(scores),
        "overall": {name: model.as_card().as_plain() for name, model in scores.items()},
        "cutoffs": _describe_cutoffs(panel, found),
    }


def write_records(panel: Panel, found: Backtest, *, records: dict[str, Any], output: Path) -> None:
    """Write `records` to `output`, and `metrics.csv` and `backtest.csv` next to it: all of them or none."""
    text = json.dumps(records, indent=2, allow_nan=False) + "\n"
    scores, steps = (output.with_name(name) for name in OTHER_FILES)
    write_files(
        {
            scores: make_writer(tabulate_series(panel, found), output=scores.name),
            steps: make_writer(tabulate_steps(panel, found), output=steps.name),
            output: lambda file: file.write(text.encode()),
        }
    )


def tabulate_steps(panel: Panel, found: Backtest) -> pd.DataFrame:
    """The forecast of each window and step, the observed value (`actual`), and the baselines' forecasts."""
    columns = columns_for(list(DEFAULT_LEVELS), quantiles=[])
    rivals = [name for name in found.quantiles if name != MODEL_NAME]
    table = make_table(panel, found.forecast, layout=Layout(columns, has_cutoff=True, added=("actual", *rivals)))
    table["actual"] = found.y_true.ravel()
    for name in rivals:
        table[name] = replace(found.forecast, quantiles=found.quantiles[name]).median.ravel()
    return table


def _describe_cutoffs(panel: Panel, found: Backtest) -> list[dict[str, Any]]:
    cutoff_index = found.index.cutoff_index
    last_seen = panel.calendar.advance(panel.starts[found.index.series], found.index.cutoffs - 1)
    written = format_times(last_seen, style=panel.time_style, uses_wall_clock=panel.calendar.uses_wall_clock)
    described = []
    for number in range(int(cutoff_index.max()) + 1):
        chosen = cutoff_index == number
        newest = int(np.flatnonzero(chosen)[np.argmax(last_seen[chosen])])
        scores = {name: model.as_card().as_plain() for name, model in found.score(chosen).items()}
        cutoff = written[newest]
        described.append(
            {
                "cutoff": cutoff.item() if isinstance(cutoff, np.integer) else str(cutoff),
                "windows": int(chosen.sum()),
                "earlier_windows": int((last_seen[chosen] < last_seen[newest]).sum()),
                "scores": scores,
            }
        )
    return described


def tabulate_series(panel: Panel, found: Backtest) -> pd.DataFrame:
    """Mean scores of each series over its windows, one row for the model and one for each baseline."""
    series = found.index.series
    tables = []
    for name, model in found.scores.items():
        table = pd.DataFrame(model.per_window)
        table = table.groupby(series).mean().reset_index(names="number")
        table.insert(0, "model", name)
        for position, column in reversed(list(enumerate(panel.id_columns))):
            names = [panel.ids[number][position] for number in table["number"]]
            table.insert(0, column, names, allow_duplicates=True)  # the data may have a column "model", too
        tables.append(table.drop(columns="number"))
    return pd.concat(tables, ignore_index=True)
