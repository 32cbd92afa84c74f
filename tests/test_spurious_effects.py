"""Columns that have nothing to do with a series but rise as it does, or changed once: what they do to forecasts."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import forecaster
from forecaster.arrays import Array
from forecaster.data.read_options import ReadOptions
from tests.test_effects import find

SERIES, AHEAD = 12, 13
Maker = Callable[[np.random.Generator, int], Any]


def measure(make_column: Maker, make_values: Maker, *, steps: int = 150, freq: str = "W") -> tuple[float, float]:
    """Mean absolute errors without a column, and with it."""
    tables, y_true, length = [], [], steps + AHEAD
    for number in range(SERIES):
        generator = np.random.default_rng([1, number])
        column = make_column(generator, length)
        values = make_values(generator, length)
        times = pd.date_range("2001-01-07", periods=length, freq=freq)
        table = pd.DataFrame({"id": f"s{number:02}", "ds": times, "y": values, "column": column})
        table.loc[table.index[steps:], "y"] = np.nan
        tables.append(table)
        y_true.append(values[steps:])
    table, reading = pd.concat(tables), ReadOptions(ids=("id",), time="ds", target="y")
    alone = forecaster.predict(table.drop(columns="column").dropna(), horizon=AHEAD, reading=reading)
    beside = forecaster.predict(table, horizon=AHEAD, reading=replace(reading, known=("column",)))
    errors = [np.abs(found["forecast"].to_numpy() - np.concatenate(y_true)).mean() for found in (alone, beside)]
    return errors[0], errors[1]


def make_flow(generator: np.random.Generator, length: int) -> Array:
    """What is used in each week: a season of weeks, and noise that grows with it."""
    season = 1 + 0.7 * np.sin(2 * np.pi * (np.arange(length) / 52 + generator.random()))
    return np.asarray(10 * season * generator.gamma(4, 0.25, length))


RISING: dict[str, Maker] = {
    "steps": lambda _, length: np.arange(length) * 1.0,
    "price level": lambda generator, length: (
        100 + 0.3 * np.arange(length) + np.cumsum(generator.normal(0, 0.5, length))
    ),
    "total": lambda generator, length: np.cumsum(generator.gamma(3, 1, length)),
    "growth": lambda _, length: np.exp(np.arange(length) / 60),
}


@pytest.mark.parametrize("kind", RISING)
def test_a_column_that_rises_throughout_does_hardly_any_harm(kind: str) -> None:
    alone, beside = measure(RISING[kind], make_flow)
    assert beside < 1.5 * alone


def test_a_column_that_changed_once_does_no_harm_beside_a_trend() -> None:
    def rise(generator: np.random.Generator, length: int) -> Array:
        season = 5 * np.sin(2 * np.pi * np.arange(length) / 52)
        return np.asarray(50 + 0.2 * np.arange(length) + season + 2 * generator.normal(size=length))

    alone, beside = measure(lambda _, length: np.where(np.arange(length) > 0.6 * length, 1.0, 0.0), rise)
    assert beside == pytest.approx(alone, rel=0.05)


def test_what_changed_once_has_no_effect_and_what_changed_twice_has() -> None:
    generator = np.random.default_rng(0)
    for changes, has_effect in ((1, False), (4, True)):
        column = np.arange(310) // (300 // (changes + 1)) % 2 * 1.0
        past = 5 * column[:300] + 0.5 * generator.normal(size=(4, 300))
        found = find(past, np.tile(column, (4, 1))[:, :, None], periods=(52,))
        assert ((found.shrinkage > 0) == has_effect).all()


def test_what_is_well_known_of_a_rising_column_stays() -> None:
    # demand that grows as fast as a rising price lets it fall
    generator, steps = np.random.default_rng(0), np.arange(400)
    price = 0.004 * steps + 0.1 * generator.normal(size=(6, 400))
    past = 1000 * np.exp(0.004 * steps - price + 0.05 * generator.normal(size=(6, 400)))
    found = find(past[:, :390], price[:, :, None])
    assert (found.shrinkage > 0.7).all()
    ratio = np.log(found.factor[:, :390].max(axis=1) / found.factor[:, :390].min(axis=1)) / np.ptp(
        price[:, :390], axis=1
    )
    assert (ratio > 0.7).all()


def test_an_effect_makes_nothing_vary_more_where_it_is_hardly_known() -> None:
    generator = np.random.default_rng(0)
    steps = np.arange(160)
    column = np.tile(steps / 10.0, (40, 1)) + 0.1 * generator.normal(size=(40, 160))
    past = np.exp(0.3 * generator.normal(size=(40, 150)))
    found = find(past, column[:, :, None], periods=(52,))
    before, after = (np.log(values).var(axis=1) for values in (past, found.remove(past, begin=0)))
    assert (after <= before * 1.1).all()
