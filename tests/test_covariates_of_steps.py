"""Covariates of steps that are aggregated: the days that the data have of a step, and those of its future."""

from io import StringIO

import numpy as np
import pandas as pd
import pytest

from forecaster import ReadOptions
from forecaster.data.reading import read_panel
from tests.conftest import Command

STEPS = {"W": "2023-03-04", "MS": "2023-03-29", "W-WED": "2023-03-04"}
"""The day after the data, by step: within a week, and a month."""
Table = pd.DataFrame


def make_days(step: str) -> tuple[Table, Table]:
    """Days of a shop that sells twice as much with a promotion, and the days after them: a promotion at first."""
    generator = np.random.default_rng(2)
    days = pd.date_range("2019-01-01", "2023-05-31")
    promo = (generator.random(len(days)) < 0.3).astype(int)
    first = pd.Timestamp(STEPS[step])
    promo[(days >= first - pd.Timedelta(days=28)) & (days < first)] = 0
    promo[days >= first] = days[days >= first] <= first + pd.Timedelta(days=1)
    sold = (100 * (1 + promo) * (1 + 0.03 * generator.standard_normal(len(days)))).round(1)
    table = Table({"day": days.strftime("%Y-%m-%d"), "sold": sold, "promo": promo})
    return table[days < first], table[days >= first].drop(columns="sold")


def predict(forecast: Command, data: Table, future: Table | None, *words: str) -> tuple[Table, str]:
    data.to_csv("data.csv", index=False)
    if future is not None:
        future.to_csv("future.csv", index=False)
        words = (*words, "--future", "future.csv")
    usual = ("--target", "sold", "--known", "promo", "--aggregate", "sum", "--horizon", "2", "-o", "-")
    outcome = forecast("predict", "data.csv", *usual, "--digits", "full", *words)
    assert outcome.code == 0, outcome.stderr
    return pd.read_csv(StringIO(outcome.stdout)), outcome.stderr


@pytest.mark.parametrize("step", STEPS)
def test_a_step_that_is_half_over_has_the_days_of_the_data_and_of_the_future(forecast: Command, step: str) -> None:
    data, future = make_days(step)
    every = pd.concat([data, future]).assign(sold=0.0)
    share = every.assign(day=pd.to_datetime(every["day"])).resample(step, on="day")["promo"].mean()
    share.index = pd.DatetimeIndex(share.index).strftime("%Y-%m-%d")
    found, said = predict(forecast, data, future, "--freq", step)
    assert "whole step" not in said
    steps = share.loc[found["day"]].rename("promo").reset_index()
    assert 0 < steps["promo"].iloc[0] < 0.3
    expected, said = predict(forecast, data, steps, "--freq", step)
    assert f"that of {found['day'].iloc[0]} counts for the whole step" in said
    pd.testing.assert_frame_equal(found, expected, rtol=1e-9)
    # with rows in any order, and below the data
    shuffled, _ = predict(forecast, data.sample(frac=1, random_state=1), future[::-1], "--freq", step)
    pd.testing.assert_frame_equal(shuffled, found)
    below, _ = predict(forecast, pd.concat([data, future]), None, "--freq", step)
    pd.testing.assert_frame_equal(below, found, rtol=1e-9)
    # what the file says of days that the data have, too, holds
    other = data.tail(2).drop(columns="sold").assign(promo=1)
    more, _ = predict(forecast, data, pd.concat([other, future]), "--freq", step)
    assert more["forecast"].iloc[0] > 1.01 * found["forecast"].iloc[0]


@pytest.mark.parametrize("step", STEPS)
def test_a_day_that_neither_has_is_missing(forecast: Command, step: str) -> None:
    data, future = make_days(step)
    words = ("data.csv", "--target", "sold", "--known", "promo", "--aggregate", "sum", "--freq", step, "--horizon", "2")
    _, _ = predict(forecast, data, future, "--freq", step)
    template = forecast("template", *words, "-o", "-")
    assert "2 cells of promo to fill in" in template.stderr
    first = template.stdout.splitlines()[1].partition(",")[0]
    future.iloc[1:].to_csv("future.csv", index=False)
    refused = forecast("predict", *words, "--future", "future.csv", "-o", "-")
    assert refused.code == 65
    assert f"{first}, promo. Add" in refused.stderr
    assert "needs them all" in refused.stderr
    filled = forecast("predict", *words, "--future", "future.csv", "--future-fill", "zero", "-o", "out.csv")
    assert filled.code == 0
    # the file ends within the second step
    ends = pd.Timestamp(first) + pd.Timedelta(days=41 if step == "MS" else 3)
    future[pd.to_datetime(future["day"]) <= ends].to_csv("future.csv", index=False)
    refused = forecast("predict", *words, "--future", "future.csv", "-o", "-")
    assert refused.code == 65
    assert "1 value of what is known ahead is missing" in refused.stderr
    assert first not in refused.stderr


def test_days_that_never_have_a_row_are_not_missing(forecast: Command) -> None:
    data, future = make_days("W")
    is_open = [pd.to_datetime(table["day"]).dt.dayofweek < 6 for table in (data, future)]
    found, _ = predict(forecast, data[is_open[0]], future[is_open[1]], "--freq", "W")
    # Saturday is one of six days
    steps = Table({"day": found["day"], "promo": [1 / 6, 0]})
    expected, _ = predict(forecast, data[is_open[0]], steps, "--freq", "W")
    pd.testing.assert_frame_equal(found, expected, rtol=1e-9)
    # nor are holidays between the days of a shop that was closed on some before
    closed = data[is_open[0]].reset_index(drop=True).drop(index=range(100, 700, 49))
    predict(forecast, closed, future[is_open[1]].drop(index=future.index[4]), "--freq", "W")


def test_hours_of_a_day_that_is_half_over_count_with_those_of_the_future(forecast: Command) -> None:
    generator = np.random.default_rng(3)
    hours = pd.date_range("2024-01-01", periods=24 * 60, freq="h")
    promo = np.repeat((generator.random(60) < 0.3).astype(int), 24)
    promo[-48:] = [0] * 18 + [1] * 6 + [0] * 24
    sold = (10 * (1 + promo) * (1 + 0.03 * generator.standard_normal(len(hours)))).round(2)
    table = Table({"day": hours.strftime("%Y-%m-%d %H:%M"), "sold": sold, "promo": promo})
    data, future = table[:-30], table[-30:].drop(columns="sold")
    found, _ = predict(forecast, data, future, "--freq", "D")
    expected, _ = predict(
        forecast, data, Table({"day": ["2024-02-28", "2024-02-29"], "promo": [0.25, 0]}), "--freq", "D"
    )
    pd.testing.assert_frame_equal(found, expected, rtol=1e-9)
    future[3:].to_csv("future.csv", index=False)
    words = ("--target", "sold", "--known", "promo", "--aggregate", "sum", "--freq", "D", "--horizon", "2", "-o", "-")
    assert forecast("predict", "data.csv", *words, "--future", "future.csv").code == 65


def test_a_step_is_no_whole_one_for_rows_of_the_future_below_it(forecast: Command) -> None:
    data, future = make_days("W")
    above, _ = predict(forecast, data, future, "--freq", "W")
    data.to_csv("data.csv", index=False)
    words = ("--target", "sold", "--freq", "W", "--aggregate", "sum", "--horizon", "2", "-o", "-")
    expected = forecast("predict", "data.csv", *words)
    pd.concat([data, future]).to_csv("data.csv", index=False)
    found = forecast("predict", "data.csv", *words)
    assert found.stdout == expected.stdout
    assert found.stdout.splitlines()[1].startswith(above["day"].iloc[0])


@pytest.mark.parametrize("order", [1, -1])
def test_a_series_without_values_moves_no_steps_of_several_days(order: int) -> None:
    days = pd.date_range("2024-01-02", periods=60).strftime("%Y-%m-%d")
    k = np.arange(len(days))
    shop = Table({"day": days, "shop": "a", "sold": 10.0 + 5 * k, "k": k})
    early = pd.date_range("2024-01-01", periods=5).strftime("%Y-%m-%d")
    pd.concat([shop, Table({"day": early, "shop": "b", "k": 1})]).iloc[::order].to_csv("data.csv", index=False)
    for role in ("known", "past"):
        reading = ReadOptions(target="sold", ids=("shop",), aggregate="mean", frequency="3D", **{role: ("k",)})  # type: ignore[arg-type]
        panel, _ = read_panel("data.csv", options=reading)
        assert panel.covariates is not None
        own = panel.ids.index(("a",))
        begin, end = panel.covariates.offsets[own : own + 2]
        found = panel.covariates.values[begin:end, 0]
        np.testing.assert_array_equal(found[:3], [1, 4, 7])
        # the values are those of the same days
        np.testing.assert_array_equal(panel.values[panel.offsets[own] : panel.offsets[own + 1]], 10 + 5 * found)
