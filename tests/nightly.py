"""Data that grow night by night, and runs at a given time, for the tests of `forecast run` and `forecast monitor`."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from forecaster.nightly.events import Event
from forecaster.nightly.night import run_night
from forecaster.nightly.plan import NightPlan
from forecaster.nightly.record import RunRecord
from forecaster.nightly.rules import Retraining

FIRST_DAY = datetime(2024, 1, 1, tzinfo=UTC)
NIGHTLY = NightPlan(("shops.csv",), horizon=7, retraining=Retraining("never"))


def make_days(days: int, *, series: int = 3, seed: int = 0) -> pd.DataFrame:
    """Daily sales of some shops since FIRST_DAY, with a season of weeks; more days begin with the same values."""
    frames = []
    for number in range(series):
        noise = np.random.default_rng([seed, number]).normal(0, 3, 1000)[:days]
        values = 100 + 10 * number + 20 * np.sin(2 * np.pi * np.arange(days) / 7) + noise
        dates = pd.date_range("2024-01-01", periods=days).strftime("%Y-%m-%d")
        frames.append(pd.DataFrame({"shop": f"s{number}", "date": dates, "sales": values.round(1)}))
    return pd.concat(frames, ignore_index=True)


def write_days(days: int, **options: Any) -> pd.DataFrame:
    """Write these days to shops.csv, as they are known in the night after the last one."""
    table = make_days(days, **options)
    table.to_csv("shops.csv", index=False)
    return table


def run_after(
    days: int,
    plan: NightPlan = NIGHTLY,
    *,
    hours: float = 3,
    listen: Callable[[Event], None] = lambda _: None,
    **changes: Any,
) -> RunRecord:
    """A run some hours after the last of so many days."""
    now = FIRST_DAY + timedelta(days=days, hours=hours)
    return run_night(replace(plan, **changes), clock=lambda: now, listen=listen)


def list_runs(folder: str = "runs") -> list[str]:
    """The names in the folder of runs, but for latest.json."""
    return sorted(path.name for path in Path(folder).iterdir() if path.name != "latest.json")
