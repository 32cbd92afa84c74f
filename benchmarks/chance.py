"""Whether `train` keeps what is only chance: `python -m benchmarks.chance walks --seeds 3`.

Synthetic series of which little or nothing can be learned: eight random walks of 5,000 business days with a common
part, as exchange rates are; one such walk; five short monthly series, and one. For each seed `train` sees all but the
last cutoffs, at which the base model and the trained one are scored: the trained one should be worse by at most 1 %.
"""

import argparse
import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.measuring import FORECAST, RESULTS, time_command, write_results

SCORES = ("MASE", "WQL")


@dataclass(frozen=True)
class Kind:
    """Series of one kind: `sample` gives values [series, time] for a generator and a number of steps."""

    sample: Callable[[np.random.Generator, int], NDArray[np.float64]]
    frequency: str
    length: int
    horizon: int
    cutoffs: int


def sample_walks(generator: np.random.Generator, steps: int, *, count: int) -> NDArray[np.float64]:
    """Random walks of logarithms; half of the variance of each step is common to all."""
    own = generator.standard_t(4, size=(count, steps))
    common = generator.standard_t(4, size=steps)
    return np.asarray(100 * np.exp(0.005 * np.cumsum((own + common) / np.sqrt(2), axis=1)))


def sample_months(generator: np.random.Generator, steps: int, *, count: int) -> NDArray[np.float64]:
    """A slow random walk, a fixed season and noise."""
    level = 100 + 2 * np.cumsum(generator.normal(size=(count, steps)), axis=1)
    season = 5 * generator.normal(size=(count, 12))[:, np.arange(steps) % 12]
    return np.asarray(level + season + 4 * generator.normal(size=(count, steps)))


KINDS = {
    "walks": Kind(lambda generator, steps: sample_walks(generator, steps, count=8), "B", 5000, 30, 10),
    "walk": Kind(lambda generator, steps: sample_walks(generator, steps, count=1), "B", 5000, 30, 10),
    "months": Kind(lambda generator, steps: sample_months(generator, steps, count=5), "MS", 72, 12, 4),
    "month": Kind(lambda generator, steps: sample_months(generator, steps, count=1), "MS", 72, 12, 4),
}


def measure(kind: Kind, *, seed: int, folder: Path) -> dict[str, Any]:
    """What was kept, seconds to train, and by which fraction the trained model is worse than the base model."""
    values = kind.sample(np.random.default_rng(seed), kind.length + kind.horizon * kind.cutoffs)
    dates = pd.date_range("1990-01-01", periods=values.shape[1], freq=kind.frequency)
    frames = [pd.DataFrame({"series": f"s{n}", "date": dates, "y": row.round(4)}) for n, row in enumerate(values)]
    pd.concat(frames).to_csv(folder / "all.csv", index=False)
    pd.concat([frame[: kind.length] for frame in frames]).to_csv(folder / "past.csv", index=False)
    horizon = ["--horizon", str(kind.horizon)]
    train = time_command([FORECAST, "train", "past.csv", *horizon, "--seed", str(seed)], folder=folder)
    kept = json.loads((folder / "model" / "model.json").read_text())["training"]["kept"]
    overall = {}
    for model in ("base", "model"):
        words = [FORECAST, "evaluate", "all.csv", *horizon, "--windows", str(kind.cutoffs), "--model", model]
        time_command(words, folder=folder)
        overall[model] = json.loads((folder / "metrics.json").read_text())["overall"]["forecast"]
    worse = {name: round(overall["model"][name] / overall["base"][name] - 1, 5) for name in SCORES}
    return {"kept": kept, "seconds": round(train.seconds, 1), "base": overall["base"]["MASE"], "worse": worse}


def main() -> None:
    """Measure the kinds named on the command line; print, and add them to `results/chance.json`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kinds", nargs="*", help=f"{', '.join(KINDS)} (default: all)")
    parser.add_argument("--seeds", type=int, default=3)
    arguments = parser.parse_args()
    path = RESULTS / "chance.json"
    figures = json.loads(path.read_text()) if path.exists() else {}
    figures.pop("measured_on", None)
    for name in arguments.kinds or KINDS:
        figures[name] = {}
        for seed in range(arguments.seeds):
            with tempfile.TemporaryDirectory() as folder:
                found = measure(KINDS[name], seed=seed, folder=Path(folder))
            figures[name][str(seed)] = found
            worse = "  ".join(f"{score} {change:+.2%}" for score, change in found["worse"].items())
            print(f"{name} {seed}: kept {found['kept']['share']:.0%}, {worse}, {found['seconds']} s", flush=True)
        write_results("chance", figures=figures)


if __name__ == "__main__":
    main()
