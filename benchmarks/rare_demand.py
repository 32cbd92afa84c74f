"""What the point mass at zero and whole numbers are worth: `python -m benchmarks.rare_demand parts shop`.

Simulated series (spare parts by month, a shop by day, amounts that are no counts; and some that should not change: sun
by the hour, series that began late) and, where `../shared/benchmarks` is there, real ones thinned to a few units. Two
cutoffs are scored with the base model, calibrated before them: MASE, WQL and coverage of the smooth quantiles and of
those that `predict` writes, and by how much totals of the median and of the mean are off.
"""

import argparse
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.measuring import write_results
from benchmarks.series import SHARED
from forecaster.evaluation.backtest import MODEL_NAME, Backtest, BacktestPlan, backtest
from forecaster.forecasting.bounds import Bounds
from forecaster.forecasting.opening import open_base
from forecaster.forecasting.self_calibration import calibrate_by_past
from forecaster.library.inputs import read_data

Array = NDArray[np.float64]
WINDOWS = 2


@dataclass(frozen=True)
class RareSet:
    """Series [series, step] of a frequency, made from a random state, and the horizon to forecast."""

    make: Callable[[np.random.Generator], Array]
    horizon: int
    frequency: str


def make_parts(generator: np.random.Generator) -> Array:
    """Monthly counts, negative binomial, around a rate that drifts: 400 series of 63."""
    shape = (400, 63)
    rate = np.exp(generator.normal(-1.0, 0.9, (400, 1)))
    drift = np.cumsum(generator.normal(0, 0.06, shape) + generator.normal(-0.005, 0.01, (400, 1)), axis=1)
    size = np.exp(generator.normal(0.3, 0.8, (400, 1)))
    return generator.poisson(rate * np.exp(drift) * generator.gamma(size, 1 / size, shape)).astype(float)


def make_shop(generator: np.random.Generator) -> Array:
    """Daily counts with a weekly season and times without stock: 300 series of 400."""
    shape, step = (300, 400), np.arange(400)
    rate = np.exp(generator.normal(-1.0, 1.0, (300, 1))) * np.exp(generator.normal(0, 0.35, (300, 7)))[:, step % 7]
    drift = np.cumsum(generator.normal(0, 0.03, shape), axis=1)
    size = np.exp(generator.normal(0.5, 0.7, (300, 1)))
    begin, days = generator.integers(0, 400, (300, 1)), generator.integers(5, 60, (300, 1))
    is_out = (generator.random((300, 1)) < 0.3) & (step >= begin) & (step < begin + days)
    mean = rate * np.exp(drift - drift.mean(axis=1, keepdims=True))
    return np.where(is_out, 0, generator.poisson(mean * generator.gamma(size, 1 / size, shape))).astype(float)


def make_amounts(generator: np.random.Generator) -> Array:
    """Monthly amounts that are no whole numbers, on 5 to 50 % of the months: 200 series of 120."""
    shape = (200, 120)
    is_sold = generator.random(shape) < generator.uniform(0.05, 0.5, (200, 1))
    return np.round(is_sold * np.exp(generator.normal(2, 1, (200, 1))) * generator.lognormal(0, 0.7, shape), 2)


def make_sun(generator: np.random.Generator) -> Array:
    """Hourly power of the sun, zero at night alone: 40 series of ten weeks."""
    step = np.arange(24 * 70)
    height = np.maximum(np.sin((step % 24 - 6) / 12 * np.pi), 0) * (step % 24 > 6) * (step % 24 < 18)
    clouds = np.abs(np.cumsum(generator.normal(0, 0.2, (40, len(step))), axis=1) % 4 - 2)
    return np.round(height * np.exp(-0.6 * clouds) * generator.uniform(5, 50, (40, 1)), 3)


def make_late(generator: np.random.Generator) -> Array:
    """Monthly counts that begin after 20 to 75 months of zeros: 150 series of 90."""
    counts = generator.poisson(np.exp(generator.normal(1.5, 0.7, (150, 1))), (150, 90))
    return np.where(np.arange(90) >= generator.integers(20, 75, (150, 1)), counts, 0).astype(float)


def thin(name: str, *, steps: int) -> Callable[[np.random.Generator], Array]:
    """Poisson counts around the last `steps` of the series of a shared file, scaled to few units."""

    def make(generator: np.random.Generator) -> Array:
        frame = pd.read_csv(SHARED / f"{name}.csv.gz")
        whole = [own["y"].to_numpy()[-steps:] for _, own in frame.groupby("unique_id") if len(own) >= steps]
        series = np.stack(whole)
        level = np.nanmean(series, axis=1, keepdims=True)
        rate = np.nan_to_num(series / level, nan=1.0) * np.exp(generator.normal(-0.7, 0.8, (len(series), 1)))
        counts: Array = generator.poisson(rate).astype(float)
        return counts

    return make


SETS = {
    "parts": RareSet(make_parts, 12, "MS"),
    "shop": RareSet(make_shop, 28, "D"),
    "amounts": RareSet(make_amounts, 12, "MS"),
    "sun": RareSet(make_sun, 48, "h"),
    "late": RareSet(make_late, 12, "MS"),
}
THINNED = {
    "hospital": RareSet(thin("hospital_monthly", steps=84), 12, "MS"),
    "nn5": RareSet(thin("nn5_daily", steps=600), 28, "D"),
    "m4_weekly": RareSet(thin("m4_weekly", steps=156), 13, "W-SUN"),
}


def measure(rare: RareSet, *, seed: int) -> tuple[Backtest, Backtest]:
    """Backtests of the smooth quantiles, and of those with exact zeros and whole numbers."""
    values = rare.make(np.random.default_rng(seed))
    times = pd.date_range("2015-01-01", periods=values.shape[1], freq=rare.frequency)
    frame = pd.DataFrame({f"s{number}": own for number, own in enumerate(values)}, index=times)
    panel = read_data(frame).panel
    held_out = panel.lengths - WINDOWS * rare.horizon
    forecaster = calibrate_by_past(panel, open_base(panel), ends=held_out)
    plan = BacktestPlan(horizon=rare.horizon, windows=WINDOWS)
    # a bound just below zero leaves quantiles smooth, and never negative by more than this
    smooth, written = (backtest(panel, forecaster, plan, bounds=bounds) for bounds in (Bounds(-1e-9), Bounds()))
    return smooth, written


def describe(found: Backtest) -> dict[str, float | None]:
    """Scores, coverage of three intervals, and by which share totals of the median and of the mean are off."""
    scores, mean = found.scores[MODEL_NAME], found.mean_scores
    covered = {f"in {100 * level:g}%": scores.coverage[level] for level in (0.8, 0.95, 0.99)}
    chosen = {name: scores.overall[name] for name in ("MASE", "WQL")}
    return {**chosen, **covered, "median_bias": mean["median_bias"], "mean_bias": mean["bias"]}


def main() -> None:
    """Measure the sets named on the command line, or all, and write `results/rare_demand.json`."""
    parser = argparse.ArgumentParser(description=__doc__)
    sets = SETS | (THINNED if SHARED.exists() else {})
    parser.add_argument("sets", nargs="*", help=f"of {', '.join(sets)} (default: all)")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    figures = {}
    for name in arguments.sets or sets:
        both = zip(("smooth", "written"), measure(sets[name], seed=arguments.seed), strict=True)
        figures[name] = {way: describe(found) for way, found in both}
        for way, scores in figures[name].items():
            shown = "  ".join(f"{key} {value:.3f}" for key, value in scores.items() if value is not None)
            print(f"{name:10s} {way:8s} {shown}", flush=True)
    write_results("rare_demand", figures=figures)


if __name__ == "__main__":
    main()
