"""A covariate with a value a thousand times too large explains as much as without it."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import forecaster
from forecaster import BacktestPlan, ReadOptions, TrainingPlan
from forecaster.encoding.bounding import leave_out_outliers
from forecaster.library.inputs import read_data
from forecaster.settings import NetworkShape, TrainingSettings

STEPS, HORIZON, LAG = 300, 14, 3


def make_table() -> pd.DataFrame:
    """Sales by a price of the same day, and by how many came three days before; the last rows are the future."""
    generator = np.random.default_rng(3)
    prices = generator.normal(50, 2, STEPS + HORIZON).round(2)
    visitors = generator.normal(900, 50, STEPS + HORIZON).round()
    sales = 100 - 6 * (prices - 50) + 0.2 * (np.roll(visitors, LAG) - 900) + generator.normal(0, 2, len(prices))
    dates = pd.date_range("2024-01-01", periods=len(prices)).strftime("%Y-%m-%d")
    return pd.DataFrame({"date": dates, "sales": sales.round(1), "price": prices, "visitors": visitors})


@pytest.mark.parametrize("column", ["price", "visitors"])
def test_typing_errors_hide_no_effect(column: str) -> None:
    table = make_table()
    truth = table["sales"].to_numpy()[STEPS : STEPS + LAG].copy()
    table.loc[STEPS:, ["sales", "visitors"]] = np.nan
    wrong = table.copy()
    wrong.loc[[40, 222], column] *= 1000
    columns = {"known": ("price",), "past": ("visitors",)}
    reading = ReadOptions(time="date", target="sales", **columns)  # type: ignore[arg-type]
    right, found = (
        forecaster.predict(data, horizon=HORIZON, reading=reading, model="base")["forecast"].to_numpy()[:LAG]
        for data in (table, wrong)
    )
    error = np.abs(right - truth).mean()
    assert error < 4  # what the columns add varies by 12 and 10
    assert np.abs(found - truth).mean() < 1.5 * error
    assert np.abs(found - right).max() < 4


def test_a_rare_campaign_that_is_planned_again_is_no_error() -> None:
    generator = np.random.default_rng(5)
    budget = generator.integers(1, 20, STEPS + HORIZON).astype(float)
    budget[[80, 170, 260, STEPS + 2]] = 20_000.0
    sales = 100 + 80 * (budget > 1000) + generator.normal(0, 2, len(budget))
    dates = pd.date_range("2024-01-01", periods=len(budget)).strftime("%Y-%m-%d")
    table = pd.DataFrame({"date": dates, "sales": sales.round(1), "budget": budget})
    table.loc[STEPS:, "sales"] = np.nan
    reading = ReadOptions(time="date", target="sales", known=("budget",))
    found = forecaster.predict(table, horizon=HORIZON, reading=reading, model="base")["forecast"].to_numpy()
    assert found[2] > 140, "180 are expected, 100 on other days"


def make_campaigns() -> pd.DataFrame:
    """Sales that three campaigns lifted, of which the budget is a thousand times the usual one."""
    generator = np.random.default_rng(5)
    budget = generator.integers(1, 20, STEPS + HORIZON).astype(float)
    budget[[80, 170, 260]] = 20_000.0, 31_000.0, 25_000.0
    sales = 100 + 80 * (budget > 1000) + generator.normal(0, 2, len(budget))
    dates = pd.date_range("2024-01-01", periods=len(budget)).strftime("%Y-%m-%d")
    table = pd.DataFrame({"date": dates, "sales": sales.round(1), "budget": budget})
    table.loc[STEPS:, "sales"] = np.nan
    return table


def list_lines(call: Callable[..., object], table: pd.DataFrame, **options: object) -> list[str]:
    lines = list[str]()
    call(table, on_remark=lines.append, **options)
    return [line for line in lines if "typing error" in line]


@pytest.mark.parametrize("role", ["known", "past"])
def test_values_that_are_taken_for_errors_are_said(role: str) -> None:
    table = make_campaigns()
    reading = ReadOptions(time="date", target="sales", **{role: ("budget",)})  # type: ignore[arg-type]
    lines = list_lines(forecaster.predict, table, horizon=HORIZON, reading=reading, model="base")
    assert lines == [
        "budget: 3 values are a hundred times as far from the middle as nearly all others, so they are taken for "
        "typing errors and count as missing (the largest is 31000, the first at 2024-03-21). Correct them; if they are "
        "right, give the logarithm of budget, or a further column that is 1 there and 0 elsewhere."
    ]
    plan = BacktestPlan(horizon=HORIZON, windows=2)
    assert list_lines(forecaster.evaluate, table, plan=plan, reading=reading, model="base") == lines
    explained = list[str]()
    given = read_data(table, reading=reading)
    forecaster.load("base").look_into(given, horizon=HORIZON, on_remark=explained.append)
    assert explained == lines
    if role == "known":
        settings = TrainingSettings(steps=3, score_every=3, warm_up_steps=1, second_stage_share=0.0)
        training = TrainingPlan(context_length=28, shape=NetworkShape(1, 8), settings=settings, from_base=False)
        assert list_lines(forecaster.train, table, horizon=HORIZON, reading=reading, plan=training) == lines
    for many in (table.assign(shop="A"), table.assign(shop="B", budget=table["budget"].clip(upper=9))):
        lines = list_lines(forecaster.predict, many, horizon=HORIZON, reading=replace(reading, ids=("shop",)))
        assert [("A, 2024-03-21" in line) for line in lines] == [True] * (many["shop"][0] == "A")


@pytest.mark.parametrize("right", ["logarithm", "further column"])
def test_what_the_line_advises_keeps_the_values(right: str) -> None:
    table = make_campaigns()
    is_campaign = table["budget"] > 1000
    is_campaign[STEPS + 2] = True
    table.loc[STEPS + 2, "budget"] = 9_000.0  # below those of before, which count as errors
    given = (
        table.assign(budget=np.log(table["budget"])) if right == "logarithm" else table.assign(is_on=is_campaign * 1)
    )
    known = ("budget",) if right == "logarithm" else ("budget", "is_on")
    lines = list[str]()
    reading = ReadOptions(time="date", target="sales", known=known)
    found = forecaster.predict(given, horizon=HORIZON, reading=reading, model="base", on_remark=lines.append)
    assert found["forecast"][2] > 140, "180 are expected, 100 on other days"
    assert any("typing error" in line for line in lines) == (right == "further column")


def test_few_values_far_from_all_others_are_left_out_of_the_past_alone() -> None:
    covariates = np.random.default_rng(0).normal(size=(2, 60, 3)) + 9
    covariates[:, 10:50, 1] = 0
    covariates[0, 30, 0] = 5e4
    covariates[1, 20, 2] = -5e4
    wanted = np.zeros(covariates.shape, bool)
    wanted[0, 30, 0] = wanted[1, 20, 2] = True
    covariates[:, 55, :] = 4e4  # of the future
    left = leave_out_outliers(covariates, time=50)
    assert (np.isnan(left) == wanted).all()
    assert (left[~wanted] == covariates[~wanted]).all()
    # those of many steps, of the newest ones, and of flags, are no errors
    for usual in (np.zeros(60), np.arange(60.0) % 7):
        values = np.repeat(usual[None, :, None], 2, axis=0)
        values[0, ::6], values[1, 48:50] = 1e5, 1e5
        assert leave_out_outliers(values, time=50) is values
