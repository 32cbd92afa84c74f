"""Tables of series that differ in all that parts could be wrong about, for the tests of forecasts in parts."""

from pathlib import Path

import numpy as np
import pandas as pd

__all__ = ["make_table", "sort_forecasts", "write_table"]

STEPS = 50


def make_table(*, seed: int = 0, series: int = 24, steps: int = STEPS) -> pd.DataFrame:
    """Monthly series of two key columns: not all begin or end together, and one has rows for every second month."""
    random = np.random.default_rng(seed)
    parts = []
    for number in range(series):
        months = pd.date_range("2019-01-01", periods=steps, freq="MS")
        level, season = random.lognormal(3, 1), 1 + 0.3 * np.sin(2 * np.pi * (np.arange(steps) + number) / 12)
        values = np.round(level * season * np.exp(0.1 * random.standard_normal(steps)), 1 + number % 2)
        table = pd.DataFrame({"shop": f"s{number % 4}", "item": f"{number:03d}", "month": months, "sales": values})
        if number % 5 == 1:
            table = table[number:]
        if number % 7 == 2:
            table = table[:-3]
        if number == 3:
            table = table[:-20]
        if number == 4:
            table = table[::2]
        if number == 6:
            table.loc[table.index[10:14], "sales"] = np.nan
        if number == 8:
            table["sales"] = 0.0
        if number == 9:
            table["sales"] = random.poisson(0.4, len(table)).astype(float)
        parts.append(table)
    return pd.concat(parts, ignore_index=True)


def write_table(table: pd.DataFrame, path: Path, *, keeps_index: bool = False) -> None:
    """Write a table as Parquet or CSV, as the ending of `path` says."""
    if path.suffix == ".parquet":
        table.to_parquet(path, index=keeps_index)
    else:
        table.to_csv(path, index=False)


def sort_forecasts(table: pd.DataFrame) -> pd.DataFrame:
    """Forecasts in the order of their series and times."""
    keys = [name for name in map(str, table) if not name.startswith("forecast")]
    return table.sort_values(keys).reset_index(drop=True)
