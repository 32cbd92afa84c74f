"""Covariates through the whole of `forecast predict`: what they change, and all that must not change anything."""

from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import forecaster
from tests.conftest import Command
from tests.shops import HORIZON, make_shop

KNOWN = ("--known", "promo", "--target", "sales")
Table = pd.DataFrame


def predict(forecast: Command, table: Table, *words: str, **how: object) -> bytes:
    """The forecasts of a table as they are written."""
    table.to_csv("shop.csv", index=False, **how)  # type: ignore[call-overload]
    outcome = forecast(
        "predict", "shop.csv", "--horizon", HORIZON, "--digits", "full", *words, "--output", "out.csv", "-q"
    )
    assert outcome.code == 0, outcome.stderr
    return Path("out.csv").read_bytes()


def read(written: bytes, **how: object) -> Table:
    table: Table = pd.read_csv(StringIO(written.decode()), **how)  # type: ignore[call-overload]
    return table


def hide(table: Table) -> Table:
    """The table with the sales of the last days left empty, in each store."""
    days = np.sort(table["date"].unique())[-HORIZON:]
    return table.assign(sales=table["sales"].where(~table["date"].isin(days)))


def make_stores(count: int = 3) -> Table:
    return pd.concat([make_shop(seed=seed).assign(store=f"s{seed}") for seed in range(count)], ignore_index=True)


@pytest.mark.parametrize("effect", ["added", "multiplied"])
def test_promotions_that_are_known_ahead_are_forecast(forecast: Command, effect: str) -> None:
    table = make_shop(effect=effect)
    actual, promo = table["sales"].tail(HORIZON).to_numpy(), table["promo"].tail(HORIZON).to_numpy() == 1
    found = read(predict(forecast, hide(table), *KNOWN))["forecast"].to_numpy()
    without = read(predict(forecast, hide(table), "--target", "sales"))["forecast"].to_numpy()
    assert promo.sum() >= 2
    # 40 and 50 of about 100: nearly all of it is found, and none of it on other days
    error, plain = np.abs(found - actual), np.abs(without - actual)
    assert error[promo].mean() < 6 < 25 < plain[promo].mean()
    assert error[~promo].mean() < 5


def test_rows_below_the_data_a_file_and_frames_give_the_same(forecast: Command) -> None:
    table = make_stores()
    below = predict(forecast, hide(table), *KNOWN, "--id", "store")
    is_past = hide(table)["sales"].notna()
    future = table[~is_past].drop(columns="sales")
    future.sample(frac=1, random_state=0)[["promo", "store", "date"]].to_csv("future.csv", index=False)
    assert predict(forecast, table[is_past], *KNOWN, "--id", "store", "--future", "future.csv") == below
    # what the file says holds, whatever stands below the data
    other = hide(table).assign(promo=table["promo"].where(is_past, 1 - table["promo"]))
    assert predict(forecast, other, *KNOWN, "--id", "store", "--future", "future.csv") == below
    reading = forecaster.ReadOptions(ids=("store",), target="sales", known=("promo",))
    for frame, ahead in ((hide(table), None), (table[is_past], future)):
        found = forecaster.predict(frame, horizon=HORIZON, reading=reading, future=ahead)
        pd.testing.assert_frame_equal(found, read(below), rtol=1e-12)


def test_the_order_of_rows_columns_and_series_and_what_else_is_there_change_nothing(forecast: Command) -> None:
    table = hide(make_stores())
    table["weather"] = np.random.default_rng(2).choice(["sun", "rain", "fog"], len(table))
    words = ("--known", "promo,weather", "--target", "sales", "--id", "store")
    expected = read(predict(forecast, table, *words)).sort_values(["store", "date"], ignore_index=True)
    for other in (
        table.sample(frac=1, random_state=1),
        table[["weather", "promo", "store", "sales", "date"]],
        table.sort_values(["store", "date"], ascending=[False, True]),
        table.assign(note="x", number=np.arange(len(table)) % 17),
    ):
        found = read(predict(forecast, other, *words)).sort_values(["store", "date"], ignore_index=True)
        pd.testing.assert_frame_equal(found, expected, rtol=1e-6)


def test_the_medians_do_not_depend_on_other_stores_beside_it(forecast: Command) -> None:
    table = hide(make_stores())
    words = (*KNOWN, "--id", "store", "--quantiles", "0.5")
    together = read(predict(forecast, table, *words))
    alone = read(predict(forecast, table[table["store"] == "s1"], *words))
    both = together[together["store"] == "s1"]["forecast"].to_numpy()
    # the calibration of the intervals is that of all series; it moves the median a little
    np.testing.assert_allclose(alone["forecast"], both, rtol=0.02)


def test_units_and_zeros_of_target_and_covariate_change_nothing(forecast: Command) -> None:
    table = hide(make_shop())
    expected = read(predict(forecast, table, *KNOWN)).drop(columns="date").to_numpy()
    scaled = read(predict(forecast, table.assign(sales=table["sales"] * 1000), *KNOWN)).drop(columns="date")
    np.testing.assert_allclose(scaled.to_numpy(), 1000 * expected, rtol=1e-4)
    moved = read(predict(forecast, table.assign(promo=table["promo"] * -250 + 1e4), *KNOWN)).drop(columns="date")
    np.testing.assert_allclose(moved.to_numpy(), expected, rtol=1e-4)
    # below zero effects are added, so that the level does not matter
    low, lower = (
        read(predict(forecast, hide(make_shop(shift=shift)), *KNOWN)).drop(columns="date").to_numpy() - shift
        for shift in (-1000, -9000)
    )
    np.testing.assert_allclose(low, lower, rtol=1e-3)


@pytest.mark.parametrize("words", [("no", "yes"), ("False", "True"), ("nein", "ja"), ("none", "sale"), ("0,0", "1,0")])
def test_flags_and_two_categories_are_read_as_zero_and_one(forecast: Command, words: tuple[str, str]) -> None:
    table = hide(make_shop())
    written = table.assign(promo=table["promo"].map(dict(enumerate(words))))
    assert predict(forecast, written, *KNOWN) == predict(forecast, table, *KNOWN)


def test_categories_have_an_effect_each(forecast: Command) -> None:
    table, generator = make_shop(), np.random.default_rng(0)
    # a letter that is written in two ways, with spaces around it, is one category
    weather = generator.choice(["fog", "rain", "sun"], len(table))
    table["sales"] += np.select([weather == "rain", weather == "sun"], [-30.0, 30.0], 0.0)
    table["weather"] = np.where(generator.random(len(table)) < 0.5, weather, weather + " ")
    found = read(predict(forecast, hide(table), "--known", "promo,weather", "--target", "sales"))
    assert np.abs(found["forecast"] - table["sales"].tail(HORIZON).to_numpy()).mean() < 8


def test_decimal_commas(forecast: Command) -> None:
    table = hide(make_shop())
    table["price"] = 2.5 - 0.75 * table["promo"]
    words = ("--known", "price", "--target", "sales")
    expected = read(predict(forecast, table, *words))
    found = read(predict(forecast, table, *words, sep=";", decimal=","), sep=";", decimal=",")
    pd.testing.assert_frame_equal(found, expected)


def test_all_cells_of_a_covariate_have_the_decimal_mark_that_fits_them_all(forecast: Command) -> None:
    # 1,999 could be a whole number in a table whose other numbers are whole; 2,49 could not
    table = make_shop()
    table["sales"] = table["sales"].round()
    prices = np.where(table["promo"] == 1, 1.999, np.where(np.arange(len(table)) % 2, 2.49, 2.799))
    table = hide(table).astype({"sales": "Int64"})
    words = ("--known", "price", "--target", "sales")
    expected = read(predict(forecast, table.assign(price=prices), *words))
    commas = [f"{price:g}".replace(".", ",") for price in prices]
    pd.testing.assert_frame_equal(read(predict(forecast, table.assign(price=commas), *words)), expected)


@pytest.mark.parametrize("words", [("false", "true"), ("FALSE", "TRUE"), ("0", "1"), ("n", "y")])
def test_the_future_may_say_yes_and_no_in_other_words(forecast: Command, words: tuple[str, str]) -> None:
    table = make_shop()
    past, future = table.iloc[:-HORIZON], table.iloc[-HORIZON:].drop(columns="sales")
    expected = read(predict(forecast, hide(table), *KNOWN))
    future.assign(promo=np.array(words)[future["promo"]]).to_csv("future.csv", index=False)
    found = predict(
        forecast, past.assign(promo=np.array(["no", "yes"])[past["promo"]]), *KNOWN, "--future", "future.csv"
    )
    pd.testing.assert_frame_equal(read(found), expected)


def test_of_repeated_rows_the_covariate_is_that_of_the_value(forecast: Command) -> None:
    table = make_shop()
    wrong = table.iloc[:-HORIZON].assign(sales=0.0, promo=lambda rows: 1 - rows["promo"])
    expected = predict(forecast, hide(table), *KNOWN)
    for rule, parts in (("last", [wrong, hide(table)]), ("first", [hide(table), wrong])):
        assert predict(forecast, pd.concat(parts), *KNOWN, "--duplicates", rule) == expected


def test_a_day_that_begins_at_one_o_clock_has_its_covariates() -> None:
    # 2018-11-04 has no midnight there
    days = pd.date_range("2018-03-20", periods=240).tz_localize("America/Sao_Paulo", nonexistent="shift_forward")
    shop = make_shop(days=240 - HORIZON)
    frame = pd.DataFrame({"day": days, "sales": shop["sales"], "promo": shop["promo"]})
    frame.loc[frame.index[-HORIZON:], "sales"] = np.nan
    reading = forecaster.ReadOptions(known=("promo",))
    found = forecaster.predict(frame, horizon=HORIZON, reading=reading)
    naive = forecaster.predict(frame.assign(day=days.tz_localize(None).normalize()), horizon=HORIZON, reading=reading)
    np.testing.assert_allclose(found["forecast"], naive["forecast"])


def test_a_series_too_short_to_learn_an_effect_is_named(forecast: Command) -> None:
    table = make_shop(days=12)
    table.loc[3, "promo"] = 1
    hide(table).to_csv("short.csv", index=False)
    outcome = forecast("predict", "short.csv", *KNOWN, "--horizon", HORIZON)
    assert outcome.code == 0, outcome.stderr
    assert "fewer than 16 values, too few to learn what covariates do" in outcome.stderr


def test_missing_values_in_the_past_are_no_values(forecast: Command) -> None:
    table = make_shop()
    actual = table["sales"].tail(HORIZON).to_numpy()
    gaps = hide(table)
    gaps["promo"] = gaps["promo"].astype(float)
    gaps.loc[10:40:3, "promo"] = np.nan
    found = read(predict(forecast, gaps, *KNOWN))["forecast"]
    assert np.abs(found - actual).mean() < 7
    for mark in ("n.v.", "-999", "?"):
        marked = gaps.assign(promo=[mark if np.isnan(promo) else f"{promo:g}" for promo in gaps["promo"]])
        same = read(predict(forecast, marked, *KNOWN, "--missing", "-999", "--missing", "?"))["forecast"]
        np.testing.assert_array_equal(same, found)


@pytest.mark.parametrize("form", ["wide", "two targets"])
def test_several_columns_share_their_covariates(forecast: Command, form: str) -> None:
    table = make_shop()
    table["other"] = (300 - table["sales"]).round(2)
    actual = table[["sales", "other"]].tail(HORIZON).to_numpy()
    hidden = hide(table).assign(other=table["other"].where(hide(table)["sales"].notna()))
    words = ["--wide"] if form == "wide" else ["--target", "sales,other"]
    found = read(predict(forecast, hidden, "--known", "promo", *words))
    by_column = found.pivot(index="date", columns=found.columns[0], values="forecast")[["sales", "other"]]
    assert np.abs(by_column.to_numpy() - actual).mean() < 6


@pytest.mark.parametrize("step", ["D", "W-SUN", "W-WED"])
def test_rows_that_are_aggregated_lie_in_their_steps(forecast: Command, step: str) -> None:
    size = {"D": "D"}.get(step, step)
    generator = np.random.default_rng(0)
    times = pd.date_range("2024-01-04", periods=24 * 7 * 30 if step == "D" else 24 * 7 * 120, freq="h")
    group = times.to_period(size)
    promo = pd.Series(generator.random(group.nunique()) < 0.3, index=group.unique()).astype(int)
    part = pd.DataFrame({"time": times, "promo": promo[group].to_numpy()})
    part["sales"] = 10 + 5 * part["promo"] + generator.normal(0, 0.5, len(part)).round(2)
    part = part[group != group[-1]]
    last = part["time"].dt.to_period(size).drop_duplicates().tail(5)
    ahead = part["time"].dt.to_period(size).isin(last)
    part.assign(sales=part["sales"].where(~ahead)).to_csv("rows.csv", index=False)
    words = ["--known", "promo", "--freq", step, "--aggregate", "sum", "--horizon", "5"]
    outcome = forecast("predict", "rows.csv", *words, "--output", "-", "--quiet")
    assert outcome.code == 0, outcome.stderr
    found = read(outcome.stdout.encode())
    actual = part[ahead].groupby(part["time"].dt.to_period(size))["sales"].sum().to_numpy()
    raised = promo[last].to_numpy() == 1
    assert 0 < raised.sum() < 5
    assert (np.abs(found["forecast"] - actual) / actual).max() < 0.06


@pytest.mark.parametrize("column", ["--known", "--past"])
def test_nothing_after_the_cutoff_enters_a_forecast(forecast: Command, column: str) -> None:
    table = make_shop()
    until = table["date"].iloc[-HORIZON - 1]
    words = ("--target", "sales", column, "promo", "--until", until)
    expected = predict(forecast, table, *words)
    is_after = table["date"] > until
    # the target after it, and rows after the horizon
    assert predict(forecast, table.assign(sales=table["sales"].where(~is_after, -1e6)), *words) == expected
    more = pd.DataFrame(
        {"date": pd.date_range("2024-08-02", periods=20).strftime("%Y-%m-%d"), "sales": 1e5, "promo": 77}
    )
    assert predict(forecast, pd.concat([table, more]), *words) == expected
    changed = table.assign(promo=table["promo"].where(~is_after, 1 - table["promo"]))
    assert (predict(forecast, changed, *words) == expected) == (column == "--past")
    assert predict(forecast, hide(table), *words) == expected


def test_a_column_of_the_past_explains_the_first_steps_at_the_most(forecast: Command) -> None:
    table = hide(make_shop()).drop(columns="promo")
    # it leads the sales by a day, but is not the same
    table["orders"] = table["sales"].shift(-1) + np.random.default_rng(0).normal(0, 10, len(table))
    below = predict(forecast, table, "--past", "orders", "--target", "sales")
    is_past = table["sales"].notna()
    assert predict(forecast, table[is_past], "--past", "orders", "--target", "sales") == below


def test_what_says_nothing_changes_nothing(forecast: Command) -> None:
    table = hide(make_shop())
    expected = predict(forecast, table.drop(columns="promo"))
    assert predict(forecast, table, "--target", "sales") == expected
    assert predict(forecast, table.assign(promo=7), *KNOWN) == expected


def test_a_model_remembers_the_columns_and_asks_for_their_future(forecast: Command) -> None:
    table = make_shop()
    past, future = table.iloc[:-HORIZON], table.iloc[-HORIZON:].drop(columns="sales")
    past.to_csv("shop.csv", index=False)
    words = ["--from-scratch", "--hidden", "4", "--steps", "4", "--context", "28", "--horizon", HORIZON, "--quiet"]
    trained = forecast("train", "shop.csv", *KNOWN, *words)
    assert trained.code == 0, trained.stderr
    asked = forecast("predict", "shop.csv")
    assert (asked.code, "14 values of what is known ahead are missing" in asked.stderr) == (65, True)
    assert forecast("template", "shop.csv", "--quiet").code == 0
    template = pd.read_csv("future.csv")
    assert template["date"].tolist() == future["date"].tolist()
    template.assign(promo=future["promo"].to_numpy()).to_csv("future.csv", index=False)
    assert forecast("predict", "--future", "future.csv", "--quiet").code == 0
    raised = pd.read_csv("forecasts.csv")["forecast"]
    template.assign(promo=0).to_csv("future.csv", index=False)
    assert forecast("predict", "--future", "future.csv", "--quiet").code == 0
    lift = raised - pd.read_csv("forecasts.csv")["forecast"]
    assert lift[future["promo"].to_numpy() == 1].min() > 20
