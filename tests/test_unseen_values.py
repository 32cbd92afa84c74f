"""What covariates have on the steps to forecast, or in the newest ones, that the past has not shown, is said."""

import numpy as np
import pandas as pd
import pytest

import forecaster
from forecaster import ReadOptions
from tests.conftest import Command
from tests.shops import HORIZON, make_shop

READING = ReadOptions(time="date", target="sales", known=("price",))
STEPS = 300


def say(table: pd.DataFrame, *, reading: ReadOptions = READING) -> str:
    """What is said of the forecast, with the last values of columns known ahead."""
    said: list[str] = []
    forecaster.predict(table, horizon=7, reading=reading, future_fill="last", model="base", on_remark=said.append)
    return "\n".join(said)


def make_table(newest: int, *, price: float = 40.0) -> pd.DataFrame:
    """Daily sales by a price that is new in the `newest` steps."""
    generator = np.random.default_rng(0)
    prices = generator.normal(10, 1, STEPS).round(2)
    prices[STEPS - newest :] += price
    dates = pd.date_range("2024-01-01", periods=STEPS).strftime("%Y-%m-%d")
    return pd.DataFrame({"date": dates, "sales": generator.normal(100, 5, STEPS).round(1), "price": prices})


def test_what_is_filled_in_far_outside_of_the_past_is_said(forecast: Command) -> None:
    table = make_shop().dropna(subset="sales")
    table.assign(price=table["promo"] + 20).to_csv("shop.csv", index=False)
    words = ("predict", "shop.csv", "--target", "sales", "--known", "price", "--horizon", HORIZON, "-o", "-")
    for fill, is_said in (("zero", True), ("mean", False)):
        outcome = forecast(*words, "--future-fill", fill)
        assert outcome.code == 0, outcome.stderr
        assert ("price goes far beyond the range of its past" in outcome.stderr) == is_said


@pytest.mark.parametrize("newest", [1, 7, 25])
def test_a_new_level_of_the_newest_steps_is_said(newest: int) -> None:
    table = make_table(newest)
    table.loc[STEPS - newest + 1 : STEPS - newest + 3, "price"] = np.nan
    for reading in (READING, ReadOptions(time="date", target="sales", past=("price",))):
        assert "price is far beyond all that it was before in the newest steps" in say(table, reading=reading)
    assert "price is far beyond" in say(table.assign(price=-table["price"]))


def test_levels_that_are_old_or_near_or_of_flags_are_not_new() -> None:
    flag = make_table(0)
    flag["price"] = np.where(np.arange(STEPS) % 9 == 0, 1, 0)
    flag.loc[STEPS - 5 :, "price"] = 8
    seldom = make_table(0)
    seldom["price"] = np.where(np.arange(STEPS) >= STEPS - 5, 7.0, 0.0)
    trend = make_table(0)
    trend["price"] = np.arange(STEPS) * 1.5
    for table in (make_table(0), make_table(60), make_table(5, price=2), flag, seldom, trend):
        assert "far beyond all" not in say(table)


def test_columns_beyond_those_with_a_line_of_their_own_are_named(forecast: Command) -> None:
    table = make_shop().dropna(subset="sales")
    names = [f"price{number}" for number in range(8)]
    table.assign(**{name: table["promo"] + 20 + number for number, name in enumerate(names)}).to_csv(
        "shop.csv", index=False
    )
    words = ("predict", "shop.csv", "--target", "sales", "--known", ",".join(names), "--horizon", HORIZON, "-o", "-")
    said = forecast(*words, "--future-fill", "zero").stderr
    assert said.count("goes far beyond the range of its past") == 5
    assert "The same kind of line, not shown, is there on 3 more columns: price5, price6, price7." in said
