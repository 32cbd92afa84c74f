"""Columns that are made of the target, as its moving means are, are said; what only goes with it is not."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from forecaster.data.checks.made_of_target import is_made_of, limit_window, measure_reach
from tests.conftest import Command
from tests.test_leaks import make_sales, predict_with

STEPS = 400
MADE = {
    "mean of a week": lambda sales: sales.rolling(7).mean(),
    "sum of four weeks": lambda sales: sales.rolling(28).sum(),
    "centred mean": lambda sales: sales.rolling(5, center=True).mean(),
    "exponential mean": lambda sales: sales.ewm(alpha=0.3).mean(),
    "change": lambda sales: sales.diff(),
    "change of a week": lambda sales: -sales.diff(7),
    "growth": lambda sales: 100 * (sales / sales.shift(7) - 1),
    "total of the month": lambda sales: sales.groupby(sales.index // 30).cumsum(),
    "stock": lambda sales: 90_000 - sales.cumsum(),
}


def make_target(seed: int = 0) -> "pd.Series[Any]":
    generator = np.random.default_rng(seed)
    week = 20 * np.sin(2 * np.pi * np.arange(STEPS) / 7)
    return pd.Series(100 + week + generator.normal(0, 0.7, STEPS).cumsum() + generator.normal(0, 8, STEPS)).round(1)


@pytest.mark.parametrize("name", MADE)
def test_what_is_made_of_the_target_is_found(name: str) -> None:
    sales = make_target()
    column = MADE[name](sales).round(3)
    assert is_made_of(sales.to_numpy(), column.to_numpy(), period=7, window=60)
    gaps = sales.where(np.arange(STEPS) % 19 > 0)
    assert is_made_of(gaps.to_numpy(), column.where(np.arange(STEPS) % 23 > 0).to_numpy(), period=7, window=60)
    # of earlier steps alone it says nothing new
    assert not is_made_of(sales.to_numpy(), column.shift(7).to_numpy(), period=7, window=60)


def test_what_goes_with_the_target_is_not_made_of_it() -> None:
    sales, generator = make_target(), np.random.default_rng(1)
    wave = np.sin(2 * np.pi * np.arange(STEPS) / 7)
    columns = {
        "nearly comes later": sales.shift(-1) * (1 + 0.01 * generator.normal(size=STEPS)),
        "drives it": sales + generator.normal(0, 2, STEPS),
        "other": make_target(3),
        "flag": generator.random(STEPS) < 0.1,
        "row": np.arange(STEPS),
        "constant": np.ones(STEPS),
        "weekday": np.arange(STEPS) % 7,
        "empty": np.full(STEPS, np.nan),
    }
    for name, column in columns.items():
        assert not is_made_of(sales.to_numpy(), np.asarray(column, np.float64), period=7, window=60), name
        assert not is_made_of(wave, np.asarray(column, np.float64), period=7, window=60), name
    for column in (np.roll(wave, 2), wave.cumsum(), np.diff(wave, prepend=0)):
        assert not is_made_of(wave, column, period=7, window=60)
    assert not is_made_of(sales.to_numpy()[:50], sales.diff().to_numpy()[:50], period=7, window=60)


def test_the_levels_of_series_are_not_taken_for_changes_within_them() -> None:
    generator = np.random.default_rng(1)
    gap = np.full(measure_reach(60, period=7) + 1, np.nan)
    targets, drivers = [], []
    for level in range(100, 2000, 200):
        sales = make_target(level).to_numpy() + level
        targets += [sales, gap]
        drivers += [sales * (1 + 0.03 * generator.normal(size=STEPS)), gap]
    own = np.concatenate(targets)
    assert not is_made_of(own, np.concatenate(drivers), period=7, window=60)
    assert is_made_of(own, np.append(np.nan, np.diff(own)), period=7, window=60)
    assert limit_window(np.array([36, 36, 900])) == 9
    assert limit_window(np.array([2])) == 1
    assert limit_window(np.array([9000])) == 168


def test_it_is_said_of_what_is_known_ahead(forecast: Command) -> None:
    table = make_sales()
    table["smooth"] = table.groupby("store")["sales"].transform(lambda own: own.ewm(alpha=0.2).mean()).round(2)
    said = predict_with(forecast, table, "--known", "price,w,smooth")
    assert said.code == 0, said.stderr
    assert said.stderr.count("W308: ") == 1
    assert "1 ('smooth' is made of 'sales', as moving means and changes are)" in said.stderr
    assert "W308" not in predict_with(forecast, table, "--known", "price,w", "--past", "smooth").stderr
