"""What each channel and each candidate forecast is worth to the base model: `python -m benchmarks.ablation`.

One after the other is made useless: a channel by giving each window that of another window (permutation importance,
Breiman 2001, "Random forests"), a candidate forecast by the mean of all others. The figure is how much the MASE of the
base model rises, in per cent, on the last horizon before the test part of each suite. Those near 0 everywhere can be
left out when the base model is next learned; figures go to `results/ablation.json`.
"""

import argparse
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.measuring import write_results
from benchmarks.series import M3_SUITES, SHARED, SHARED_SUITES, write_suite
from forecaster.data.panel import Panel
from forecaster.data.reading import read_panel
from forecaster.encoding.names import CANDIDATES, CHANNELS
from forecaster.evaluation.backtest import MODEL_NAME, BacktestPlan, backtest
from forecaster.forecasting.forecaster import Forecaster
from forecaster.forecasting.opening import open_base

Inputs = NDArray[np.float32]
Change = Callable[[Inputs, Inputs], tuple[Inputs, Inputs]]


def list_changes() -> Iterator[tuple[str, Change]]:
    """A name and what makes that channel or candidate useless."""
    for number, name in enumerate(CHANNELS):
        yield f"channel {name}", partial(_without_channel, number)
    for number, name in enumerate(CANDIDATES):
        yield f"candidate {name}", partial(_without_candidate, number)


def _without_channel(number: int, inputs: Inputs, candidates: Inputs) -> tuple[Inputs, Inputs]:
    """One channel of `inputs` [batch, time, channel] from another window; its mean where it is alike in all of them."""
    changed, values = inputs.copy(), inputs[:, :, number]
    is_alike = bool((values == values[:1]).all())
    other = values[np.random.default_rng(0).permutation(len(values))]
    changed[:, :, number] = values.mean(axis=1, keepdims=True) if is_alike else other
    return changed, candidates


def _without_candidate(number: int, inputs: Inputs, candidates: Inputs) -> tuple[Inputs, Inputs]:
    """The mean of all other `candidates` [batch, candidate, horizon] in the place of one."""
    changed = candidates.copy()
    changed[:, number] = np.delete(candidates, number, axis=1).mean(axis=1)
    return inputs, changed


def score(panel: Panel, forecaster: Forecaster, change: Change | None, *, horizon: int, season: int) -> float:
    """MASE on the last horizon, with the network's input changed."""
    run = forecaster.run
    changed = forecaster if change is None else replace(forecaster, run=lambda *given: run(*change(*given)))
    found = backtest(panel, changed, BacktestPlan(horizon, mase_season=season)).scores[MODEL_NAME].overall["MASE"]
    return float("nan") if found is None else found


def main() -> None:
    """Measure all of them on every suite that is there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.parse_args()
    found: dict[str, dict[str, float]] = {}
    suites = [*M3_SUITES, *(suite for suite in SHARED_SUITES if (SHARED / f"{suite.name}.csv.gz").exists())]
    with tempfile.TemporaryDirectory() as folder:
        for suite in suites:
            past, _ = write_suite(suite, folder=Path(folder))
            panel, _ = read_panel(str(past))
            forecaster = open_base(panel)
            usual = score(panel, forecaster, None, horizon=suite.horizon, season=suite.season)
            for name, change in list_changes():
                changed = score(panel, forecaster, change, horizon=suite.horizon, season=suite.season)
                found.setdefault(name, {})[suite.name] = round(100 * (changed / usual - 1), 2)
            print(suite.name, round(usual, 4), flush=True)
            write_results("ablation", figures=found)
    for name, rises in sorted(found.items(), key=lambda item: -max(map(abs, item[1].values()))):
        print(f"{name:50}", " ".join(f"{rise:7.2f}" for rise in rises.values()))


if __name__ == "__main__":
    main()
