"""Series in which each deviation comes back: what the base model cannot know, and a training can learn."""

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd

import forecaster
from forecaster.learning.plan import TrainingPlan
from forecaster.settings import FINE_TUNING

HORIZON, DAYS, FUTURE, SERIES = 6, 330, 60, 6
PLAN = TrainingPlan(horizon=HORIZON)
QUICK = replace(PLAN, settings=replace(FINE_TUNING, steps=1))
VALUES = ["forecast", "forecast-lo-80", "forecast-hi-80"]


def make_table(
    *,
    echo: float = -0.8,
    late_echo: float | None = None,
    late: int | None = None,
    frequency: str = "D",
    steps: int = DAYS + FUTURE,
    series: int = SERIES,
) -> pd.DataFrame:
    """Series in which each deviation comes back three steps later, times `echo`: no season, and no trend.

    From the step `late` on it comes back as `late_echo` says, and the noise is another one.
    """
    generator, other = np.random.default_rng(0), np.random.default_rng(100)
    echoes = np.full(steps, echo)
    if late_echo is not None:
        echoes[late:] = late_echo
    dates = pd.date_range("2023-01-01", periods=steps, freq=frequency)
    tables = []
    for number in range(series):
        noise, away = generator.normal(size=steps), np.zeros(steps)
        noise[late or steps :] = other.normal(size=steps - (late or steps))
        for step in range(steps):
            away[step] = noise[step] + (echoes[step] * away[step - 3] if step >= 3 else 0.0)
        values = (1 + number) * (100 + 5 * away)
        tables.append(pd.DataFrame({"shop": f"s{number}", "date": dates, "sales": values}))
    return pd.concat(tables, ignore_index=True)


def keep_past(table: pd.DataFrame, *, steps: int = DAYS) -> pd.DataFrame:
    past: pd.DataFrame = table[table.groupby("shop").cumcount() < steps]
    return past


@cache
def train_both() -> dict[bool, forecaster.Model]:
    """Models of the same past, with and without the correction."""
    past = keep_past(make_table())
    return {
        corrects: forecaster.train(past, plan=replace(QUICK, corrects_errors=corrects)) for corrects in (True, False)
    }
