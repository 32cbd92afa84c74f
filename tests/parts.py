"""Tables of series that differ in all that parts could be wrong about, for the tests of forecasts in parts."""

from pathlib import Path

import numpy as np
import pandas as pd

__all__ = ["make_promotions", "make_table", "sort_forecasts", "write_table"]

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


def make_promotions(*, series: int = 24) -> pd.DataFrame:
    """Series with prices, promotions of four kinds of which one is rare, flags and marks, and a year of their future.

    In some parts there is no promotion of the rare kind.
    """
    random = np.random.default_rng(1)
    past = make_table(series=series)
    ends = past.groupby(["shop", "item"])["month"].max().reset_index()
    future = ends.merge(pd.DataFrame({"further": range(1, 28)}), how="cross")
    future["month"] = [
        end + pd.DateOffset(months=more) for end, more in zip(future["month"], future["further"], strict=True)
    ]
    table = pd.concat([past, future[["shop", "item", "month"]]], ignore_index=True)
    size = len(table)
    table["price"] = np.round(5 + random.random(size), 2)
    kinds = random.choice(["none", "flyer", "tv"], size, p=[0.6, 0.2, 0.2])
    is_rare = (table["item"] == "010") & (random.random(size) < 0.4)
    table["promo"] = np.where(is_rare, "radio", kinds)
    table["flag"] = random.random(size) < 0.2
    table["mark"] = np.where(random.random(size) < 0.3, 1.0, np.nan)
    table["temperature"] = np.where(table["sales"].isna(), np.nan, np.round(random.normal(20, 5, size), 1))
    table["region"] = table["shop"].map({"s0": "north", "s1": "north", "s2": "south", "s3": "south"})
    table["sales"] = np.round(table["sales"] * (1 + 0.8 * (table["promo"] == "tv")) * 5 / table["price"], 2)
    return table


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
