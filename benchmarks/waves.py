"""Sums of waves that repeat after no whole number of steps: `python -m benchmarks.waves`.

The base model without and with waves, with calibrated intervals. All but the tide gauges are simulated, 40 series each:
sums of waves, tides, and series that have none, of which the forecasts are to stay the same. The gauges are those in
the examples of the package tappy, version 1.2.3, if the folder in which that is unpacked is given.
"""

import argparse
import gzip
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.covariates import take_scores
from benchmarks.measuring import write_results
from forecaster import BacktestPlan, ReadOptions, Scores
from forecaster.arrays import Array
from forecaster.evaluation.backtest import backtest
from forecaster.forecasting.opening import open_base
from forecaster.forecasting.self_calibration import calibrate_by_past
from forecaster.library.inputs import read_data

COUNT = 40
TIDES = {12.4206012: 2.0, 12.0: 0.7, 12.65834751: 0.5, 23.93447213: 0.5, 25.81933871: 0.4, 11.96723606: 0.2}
"""Hours of the largest tides, and how large they are."""
GAUGES = {
    "Mayport": "example/mayport_florida_8720220_data.txt",
    "Trident Pier": "example/tridentpier_florida_8721604_data.txt.gz",
    "Bar Pilots Dock": "tests/8720218_wl.csv",
}
Simulate = Callable[[np.random.Generator, int], Array]


@dataclass(frozen=True)
class Suite:
    """Series of a `frequency`, as long as `steps`, forecast at two cutoffs."""

    name: str
    frequency: str
    steps: int
    horizon: int
    simulate: Simulate


def wave(generator: np.random.Generator, time: int, *, shortest: float, longest: float) -> Array:
    """One of a length between two, which begins anywhere."""
    length, phase = generator.uniform(shortest, longest), generator.uniform(0, 2 * np.pi)
    return np.asarray(np.sin(2 * np.pi * np.arange(time) / length + phase))


def remember(generator: np.random.Generator, time: int, *, lags: tuple[float, ...]) -> Array:
    """An autoregression."""
    shocks, values = generator.normal(size=time + 200), np.zeros(time + 200)
    for step in range(len(lags), time + 200):
        values[step] = shocks[step] + sum(lag * values[step - 1 - back] for back, lag in enumerate(lags))
    return np.asarray(values[200:] / values[200:].std())


def make_one(generator: np.random.Generator, time: int) -> Array:
    """A wave with some noise."""
    return wave(generator, time, shortest=9, longest=60) + 0.2 * generator.normal(size=time)


def make_two(generator: np.random.Generator, time: int) -> Array:
    """Two waves on a line."""
    first, second = wave(generator, time, shortest=20, longest=60), wave(generator, time, shortest=9, longest=20)
    return 0.02 * np.arange(time) + first + 0.5 * second + 0.2 * generator.normal(size=time)


def make_beside_week(generator: np.random.Generator, time: int) -> Array:
    """A wave beside a week."""
    week = generator.normal(size=7)
    return make_one(generator, time) + 0.7 * week[np.arange(time) % 7]


def make_drifting(generator: np.random.Generator, time: int) -> Array:
    """A wave that comes a little sooner or later each time."""
    phase = 2 * np.pi * np.arange(time) / generator.uniform(9, 60) + np.cumsum(0.02 * generator.normal(size=time))
    return np.asarray(np.sin(phase) + 0.1 * generator.normal(size=time))


def make_tide(generator: np.random.Generator, time: int) -> Array:
    """Tides by hours, with weather that lasts for half a day."""
    hours = np.arange(time)
    sizes = np.array(list(TIDES.values())) * generator.uniform(0.2, 1, len(TIDES))
    waves = [
        size * np.cos(2 * np.pi * hours / length + generator.uniform(0, 2 * np.pi))
        for length, size in zip(TIDES, sizes, strict=True)
    ]
    return np.asarray(np.sum(waves, axis=0) + 0.1 * remember(generator, time, lags=(0.9,)))


def make_walk(generator: np.random.Generator, time: int) -> Array:
    """A random walk."""
    return np.asarray(generator.normal(size=time).cumsum())


def make_trade(generator: np.random.Generator, time: int) -> Array:
    """Cycles that fade and begin anew, on a walk."""
    return 3 * remember(generator, time, lags=(1.8, -0.9)) + 0.3 * make_walk(generator, time)


def make_ended(generator: np.random.Generator, time: int) -> Array:
    """A wave that ends before the first cutoff."""
    return np.where(np.arange(time) < 0.6 * time, make_one(generator, time), 0.2 * generator.normal(size=time))


SUITES = (
    Suite("a wave, 120 days", "D", 120, 14, make_one),
    Suite("a wave, 400 days", "D", 400, 28, make_one),
    Suite("a wave, 120 months", "MS", 120, 18, make_one),
    Suite("two waves on a line, 150 days", "D", 150, 14, make_two),
    Suite("two waves on a line, 400 hours", "h", 400, 48, make_two),
    Suite("a wave beside a week, 200 days", "D", 200, 14, make_beside_week),
    Suite("a wave that drifts, 250 weeks", "W-SUN", 250, 13, make_drifting),
    Suite("tides, 600 hours", "h", 600, 48, make_tide),
    Suite("tides, 1,500 hours", "h", 1500, 168, make_tide),
    Suite("walks, 150 days", "D", 150, 14, make_walk),
    Suite("cycles that fade, 150 months", "MS", 150, 18, make_trade),
    Suite("a wave that ended, 200 days", "D", 200, 14, make_ended),
)


def simulate(suite: Suite) -> pd.DataFrame:
    """Its series in long form."""
    times = pd.date_range("2012-01-01", periods=suite.steps, freq=suite.frequency)
    parts = [
        pd.DataFrame(
            {"id": f"{seed:03d}", "time": times, "y": suite.simulate(np.random.default_rng([31, seed]), suite.steps)}
        )
        for seed in range(COUNT)
    ]
    return pd.concat(parts, ignore_index=True)


def read_gauges(folder: Path) -> Iterator[tuple[str, pd.DataFrame]]:
    """Heights of water by hours in long form."""
    for name, file in GAUGES.items():
        content = (folder / file).read_bytes()
        if file.endswith(".csv"):
            table = pd.read_csv(io.BytesIO(content), names=["time", "y"], header=0, parse_dates=["time"])
        else:
            text = gzip.decompress(content).decode() if file.endswith(".gz") else content.decode()
            rows = [line.split()[1:4] for line in text.splitlines()[1:] if line.strip()]
            times = pd.to_datetime([f"{day} {time}" for day, time, _ in rows], dayfirst=True)
            table = pd.DataFrame({"time": times, "y": [float(height) for *_, height in rows]})
        yield name, table.assign(id=name)


def measure(table: pd.DataFrame, *, horizon: int, windows: int) -> dict[str, dict[str, float]]:
    """Scores without and with waves."""
    reading = ReadOptions(ids=("id",), time="time", target="y", running_totals=False)
    panel = read_data(table, reading=reading).panel
    plan = BacktestPlan(horizon, windows=windows)
    base, found = replace(open_base(panel), horizon=horizon), {}
    for has in (False, True):
        own = replace(base, encoding=replace(base.encoding, has_waves=has))
        own = calibrate_by_past(panel, own, ends=panel.lengths - horizon * windows)
        found["with" if has else "without"] = take_scores(Scores(panel, backtest(panel, own, plan), 0))
    return found


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gauges", type=Path, help="the folder of the unpacked tappy 1.2.3")
    folder = parser.parse_args().gauges
    print("| | without | with | in 80 %, with |\n|---|---|---|---|")
    sets = [(suite.name, simulate(suite), suite.horizon, 2) for suite in SUITES]
    for name, table in [] if folder is None else read_gauges(folder):
        for horizon, windows in ((48, 5), (168, 1 if name == "Mayport" else 8)):
            sets.append((f"{name}, {horizon} hours ahead", table, horizon, windows))
    figures = {}
    for name, table, horizon, windows in sets:
        figures[name] = found = measure(table, horizon=horizon, windows=windows)
        cells = [f"{scores['MASE']:.3f} / {scores['SQL']:.3f}" for scores in found.values()]
        print(f"| {name} | " + " | ".join(cells) + f" | {100 * found['with']['in 80%']:.0f} |", flush=True)
    write_results("waves", figures={"scores": figures})


if __name__ == "__main__":
    main()
