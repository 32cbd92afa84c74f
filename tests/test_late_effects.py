"""Effects that come later, through the whole of forecasts: which are used, and what is said of them."""

import numpy as np
import pandas as pd
import pytest

import forecaster
from forecaster import ReadOptions
from tests.conftest import Command

LAG, HORIZON = 3, 8


def make_table(*, kind: str = "late", steps: int = 200, ahead: bool = False, seed: int = 0) -> pd.DataFrame:
    """Sales by day, and orders that they follow three days later."""
    generator = np.random.default_rng(seed)
    orders = generator.normal(50, 10, steps + HORIZON)
    wandering = np.cumsum(generator.normal(0, 1, steps + HORIZON))
    if kind == "wandering":
        orders = 50 + wandering
    sales = 200 + generator.normal(0, 1, steps + HORIZON)
    if kind in ("late", "wandering"):
        sales[LAG:] += orders[:-LAG]
    elif kind == "at once":
        sales += orders
    times = pd.date_range("2024-01-01", periods=steps + HORIZON)
    table = pd.DataFrame({"day": times, "orders": orders.round(2), "sales": sales.round(2)})
    if ahead:
        table.loc[steps:, "sales"] = np.nan
        return table
    return table[:steps]


def read(*, known: bool = False, **options: object) -> ReadOptions:
    """With orders that are known ahead, or for the past alone."""
    columns = {"known" if known else "past": ("orders",)}
    return ReadOptions(time="day", target="sales", **{**columns, **options})  # type: ignore[arg-type]


def predict(table: pd.DataFrame, *, reading: ReadOptions | None = None) -> pd.DataFrame:
    """The forecast of one table with 80% intervals."""
    return forecaster.predict(
        table, horizon=HORIZON, reading=read() if reading is None else reading, level=(80,)
    ).set_index("day")


def find_truth(kind: str) -> np.ndarray:
    """What the days after the table will really be."""
    return make_table(kind=kind, steps=200 + HORIZON)["sales"].to_numpy()[200:]


@pytest.mark.parametrize("kind", ["late", "wandering"])
def test_what_is_not_known_ahead_tells_the_steps_that_it_reaches(kind: str) -> None:
    table, truth = make_table(kind=kind), make_table(kind=kind, ahead=True)
    expected = 200 + truth["orders"].to_numpy()[200 - LAG : 200]
    found = predict(table)
    assert np.abs(found["forecast"].to_numpy()[:LAG] - expected).max() < 3
    width = (found["forecast-hi-80"] - found["forecast-lo-80"]).to_numpy()
    assert width[:LAG].max() < 8
    # beyond, nobody knows yet
    assert width[LAG:].min() > (1.5 if kind == "late" else 1.05) * width[:LAG].max()
    without = predict(table, reading=ReadOptions(time="day", target="sales"))
    assert kind == "wandering" or np.abs(without["forecast"].to_numpy()[:LAG] - expected).max() > 3


def test_what_is_known_ahead_tells_all_steps() -> None:
    table = make_table(ahead=True)
    expected = 200 + table["orders"].to_numpy()[200 - LAG : 200 - LAG + HORIZON]
    found = predict(table, reading=read(known=True))
    assert np.abs(found["forecast"].to_numpy() - expected).max() < 5


@pytest.mark.parametrize("kind", ["nothing", "at once"])
def test_what_does_not_act_later_on_the_values_changes_nothing(kind: str) -> None:
    table = make_table(kind=kind)
    without = predict(table, reading=ReadOptions(time="day", target="sales"))
    np.testing.assert_allclose(predict(table).to_numpy(float), without.to_numpy(float), atol=0.02)


def test_values_of_the_future_are_not_used() -> None:
    table, changed = make_table(ahead=True), make_table(ahead=True)
    changed.loc[200:, "orders"] = 9999.0
    pd.testing.assert_frame_equal(predict(table), predict(changed))


def test_units_other_columns_and_the_horizon_change_nothing() -> None:
    table = make_table()
    found = predict(table)
    other = table.assign(orders=(table["orders"] * -7 + 1000).round(6), sales=table["sales"] * 1000)
    np.testing.assert_allclose(predict(other).to_numpy(float) / 1000, found.to_numpy(float), rtol=1e-3)
    noise = np.random.default_rng(9).normal(size=len(table))
    beside = predict(table.assign(noise=noise), reading=read(past=("noise", "orders")))
    np.testing.assert_allclose(beside["forecast"], found["forecast"], atol=1.0)
    short = forecaster.predict(table, horizon=3, reading=read(), level=(80,))
    np.testing.assert_allclose(short["forecast"], found["forecast"][:3], rtol=1e-6)


def test_intervals_hold_what_they_promise_where_something_is_not_known() -> None:
    tables = [make_table(seed=seed).assign(shop=f"s{seed}") for seed in range(12)]
    scores = forecaster.evaluate(
        pd.concat(tables),
        reading=read(ids=("shop",)),
        plan=forecaster.BacktestPlan(horizon=HORIZON, windows=6),
    )
    assert 0.72 < scores.overall["coverage-80"].iloc[0] < 0.9


def test_inspect_shows_the_effect_and_its_lag(forecast: Command) -> None:
    make_table().to_csv("data.csv", index=False)
    words = ("inspect", "base", "data.csv", "--target", "sales", "--past", "orders", "--horizon", "8")
    shown = forecast(*words, "-o", "page.html")
    assert shown.code == 0, shown.stderr
    assert "orders after 3 steps" in shown.stderr + shown.stdout
