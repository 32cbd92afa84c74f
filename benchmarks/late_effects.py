"""Columns that act some steps later: `python -m benchmarks.late_effects`, by the base model without training.

Simulated series of days, weeks and months: a season, a level that wanders, noise, and what a column did three steps
before, or has done in ever smaller parts since then (advertising that is remembered), or nothing. The column is not
used, given for the past alone, or known ahead.
"""

import numpy as np
import pandas as pd

import forecaster
from benchmarks.covariates import take_scores
from forecaster import BacktestPlan, ReadOptions

SERIES = 12
LAG, MEMORY = 3, 0.7
CALENDARS = {"days": ("D", 7, 300, 14), "weeks": ("W-MON", 52, 200, 8), "months": ("MS", 12, 100, 6)}
"""Frequency, season, steps and horizon."""
SIZES = {"flags": 25.0, "comes back": 8.0, "wanders": 4.0, "has a season": 6.0}


def make_column(kind: str, *, steps: int, season: int, generator: np.random.Generator) -> np.ndarray:
    """One column that explains."""
    noise = generator.normal(0, 1, steps)
    if kind == "flags":
        return np.where(generator.random(steps) < 0.08, 1.0, 0.0)
    if kind == "wanders":
        return np.asarray(np.cumsum(noise))
    if kind == "has a season":
        return np.asarray(noise + 2 * np.sin(2 * np.pi * np.arange(steps) / season))
    column = np.zeros(steps)
    for step in range(1, steps):
        column[step] = 0.6 * column[step - 1] + noise[step]
    return column


def make_table(kind: str, effect: str, *, calendar: str) -> pd.DataFrame:
    """Series with a column of one kind and its effect."""
    frequency, season, steps, _ = CALENDARS[calendar]
    generator, tables = np.random.default_rng(1), []
    for number in range(SERIES):
        wave = 10 * np.sin(2 * np.pi * np.arange(steps) / season + generator.uniform(0, 6))
        values = 100 + wave + np.cumsum(generator.normal(0, 0.5, steps)) + generator.normal(0, 3, steps)
        column = make_column(kind, steps=steps, season=season, generator=generator)
        if effect == "three steps later":
            values[LAG:] += SIZES[kind] * column[:-LAG]
        elif effect == "remembered":
            values += SIZES[kind] * np.convolve(column, MEMORY ** np.arange(20))[:steps]
        times = pd.date_range("2010-01-04" if frequency != "MS" else "2010-01-01", periods=steps, freq=frequency)
        tables.append(pd.DataFrame({"id": f"s{number}", "time": times, "y": values.round(2), "x": column.round(3)}))
    return pd.concat(tables)


def measure(table: pd.DataFrame, *, calendar: str, **columns: tuple[str, ...]) -> float:
    """MASE with the column, or without it."""
    frequency, _, _, horizon = CALENDARS[calendar]
    reading = ReadOptions(ids=("id",), time="time", target="y", frequency=frequency, **columns)  # type: ignore[arg-type]
    plan = BacktestPlan(horizon=horizon, windows=4)
    return take_scores(forecaster.evaluate(table, model="base", plan=plan, reading=reading))["MASE"]


def main() -> None:
    """Print the geometric mean of MASE over all kinds of columns."""
    for effect in ("three steps later", "remembered", "nothing"):
        for calendar in CALENDARS:
            scores = []
            for kind in SIZES:
                table = make_table(kind, effect, calendar=calendar)
                ways: tuple[dict[str, tuple[str, ...]], ...] = ({}, {"past": ("x",)}, {"known": ("x",)})
                scores.append([measure(table, calendar=calendar, **way) for way in ways])
            without, past, known = np.exp(np.log(scores).mean(axis=0))
            print(f"{effect}, {calendar}: without {without:.3f}, for the past {past:.3f}, known ahead {known:.3f}")


if __name__ == "__main__":
    main()
