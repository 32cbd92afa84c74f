"""Compare the six cells: `python -m benchmarks.cells --budget 2m`.

Each is pre-trained on the same synthetic series for the same time, on one thread, and scored on the test part of
M3 without any further training. Figures go to `results/cells.json`; a cell that is in it already is skipped.
`--table` prints them as the table of `docs/cells.md`.
"""

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.measuring import RESULTS, write_results
from benchmarks.series import M3_SUITES, write_suite
from forecaster.data.panel import find_periods
from forecaster.data.reading import read_panel
from forecaster.encoding.encoding import Encoding
from forecaster.encoding.names import CANDIDATES, CHANNELS
from forecaster.evaluation.backtest import MODEL_NAME, BacktestPlan, backtest
from forecaster.learning.export import open_weights
from forecaster.learning.learner import copy_weights
from forecaster.learning.pretrain import pretrain
from forecaster.network.stacked_lstm import StackedLSTM
from forecaster.settings import CELLS, QUANTILE_LEVELS, NetworkShape, PretrainingSettings, default_context_length
from forecaster.units import parse_duration

LAYERS, HIDDEN = 2, 64
WINDOWS, STEPS, AHEAD, REPEATS = 256, 96, 18, 25


def measure_cell(cell: str, *, budget: float, folder: Path) -> dict[str, Any]:
    """Parameters, steps taken, seconds per step, and MASE by frequency of M3."""
    shape = NetworkShape(LAYERS, HIDDEN, 0.0, cell)
    started = time.perf_counter()
    learned = pretrain(
        shape=shape,
        settings=PretrainingSettings(budget_seconds=budget, threads=1),
    )
    seconds = time.perf_counter() - started
    found: dict[str, Any] = {
        "parameters": sum(weight.numel() for weight in learned.weights.values()),
        "steps": learned.step,
        "seconds_per_step": round(seconds / learned.step, 4),
        "loss": round(learned.loss, 4),
    }
    for suite in M3_SUITES:
        _, whole = write_suite(suite, folder=folder)
        panel, _ = read_panel(str(whole))
        periods = find_periods(panel)
        encoding = Encoding(default_context_length(periods[0]), periods)
        forecaster = open_weights(learned.weights, shape=shape, encoding=encoding, horizon=suite.horizon)
        scores = backtest(panel, forecaster, BacktestPlan(horizon=suite.horizon)).scores[MODEL_NAME].overall
        found[f"M3 {suite.name}"] = scores["MASE"]
    return found


def time_predictions(cells: list[str]) -> dict[str, float]:
    """Median seconds of ONNX Runtime for 256 windows of 96 steps, 18 ahead; cells alternate, with random weights."""
    encoding = Encoding(STEPS, (12,))
    generator = np.random.default_rng(0)
    inputs = generator.standard_normal((WINDOWS, STEPS + AHEAD, len(CHANNELS))).astype(np.float32)
    candidates = generator.standard_normal((WINDOWS, len(CANDIDATES), AHEAD)).astype(np.float32)
    runs = {}
    for cell in cells:
        shape = NetworkShape(LAYERS, HIDDEN, 0.0, cell)
        network = StackedLSTM(shape, channels=len(CHANNELS), candidates=len(CANDIDATES), quantiles=len(QUANTILE_LEVELS))
        runs[cell] = open_weights(copy_weights(network), shape=shape, encoding=encoding, horizon=AHEAD).run
    seconds: dict[str, list[float]] = {cell: [] for cell in cells}
    for _ in range(REPEATS):
        for cell, run in runs.items():
            started = time.perf_counter()
            run(inputs, candidates)
            seconds[cell].append(time.perf_counter() - started)
    return {cell: round(float(np.median(taken)), 4) for cell, taken in seconds.items()}


def make_table(figures: dict[str, Any]) -> str:
    """The figures as the table of `docs/cells.md`."""
    plain = figures["lstm"]["predict_seconds"]
    lines = [
        "| cell | parameters | steps taken | seconds per step | predicts in, of `lstm`'s time "
        "| M3 yearly | quarterly | monthly |",
        "|" + "---|" * 8,
    ]
    for cell in (cell for cell in CELLS if cell in figures):
        found = figures[cell]
        scores = " | ".join(f"{found[f'M3 {suite.name}']:.3f}" for suite in M3_SUITES)
        lines.append(
            f"| `{cell}` | {found['parameters']:,} | {found['steps']:,} | {found['seconds_per_step']:.2f} | "
            f"{found['predict_seconds'] / plain:.2f} | {scores} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Measure the cells that are not in the results yet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--budget", default="2m", help="training time of each cell")
    parser.add_argument("--table", action="store_true", help="measure nothing: print the results as a table")
    parser.add_argument("cells", nargs="*", default=CELLS)
    arguments = parser.parse_args()
    budget = parse_duration(arguments.budget, flag="--budget")
    path = RESULTS / "cells.json"
    figures = json.loads(path.read_text()) if path.exists() else {}
    if arguments.table:
        print(make_table(figures) if "lstm" in figures else "nothing is measured yet: run it without --table")
        return
    figures.pop("measured_on", None)
    for cell in arguments.cells:
        if cell in figures:
            continue
        with tempfile.TemporaryDirectory() as folder:
            figures[cell] = measure_cell(cell, budget=budget, folder=Path(folder))
        print(cell, figures[cell], flush=True)
        write_results("cells", figures={"budget": arguments.budget, **figures})
    for cell, taken in time_predictions([cell for cell in CELLS if cell in figures]).items():
        figures[cell]["predict_seconds"] = taken
    write_results("cells", figures={"budget": arguments.budget, **figures})


if __name__ == "__main__":
    main()
