"""Covariates that are the target itself are refused by all commands; those that only look like it are not."""

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

import forecaster
from forecaster.data.checks import leaks
from forecaster.data.checks.near_copies import follows_exactly
from forecaster.data.read_options import ReadOptions
from forecaster.data.reading import read_panel
from forecaster.errors import LeakError
from tests.conftest import Command
from tests.test_unused_columns import add, make_table

TARGET = ("--target", "sales")
COMMANDS = ("predict", "evaluate", "train")

LEAKS = {
    "sold": "column 'sold': 'sold' is 'sales' (equal: 100% of 111 steps)",
    "gross": "'gross' is 'sales', in another unit (equal: but for a factor and a constant, all 111 steps)",
    "warmth": "'warmth' is 'sales', in another unit",
    "next": "'next' is 'sales' of 1 step later (equal: 100% of 109 steps)",
    "in_three": "'in_three' is 'sales' of 3 steps later",
    "with_gaps": "'with_gaps' is 'sales' (equal: 100% of 83 steps)",
}


def read(*, known: tuple[str, ...] = (), past: tuple[str, ...] = (), **others: str) -> None:
    read_panel("data.csv", options=ReadOptions(target="sales", known=known, past=past, **others))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", LEAKS)
@pytest.mark.parametrize("command", COMMANDS)
def test_a_known_column_that_is_the_target_is_refused(forecast: Command, command: str, name: str) -> None:
    # beside others, in any order of the rows
    table = add(make_table(), name).sample(frac=1, random_state=0)
    table.to_csv("data.csv", index=False)
    outcome = forecast(command, "data.csv", *TARGET, "--id", "store", "--known", f"price,{name},promo")
    assert outcome.code == 65, outcome.stderr
    assert LEAKS[name] in outcome.stderr
    assert "Leave it out of --known" in outcome.stderr
    assert ("name it with --past" in outcome.stderr) == ("later" not in LEAKS[name])


def test_what_the_message_advises_works(forecast: Command) -> None:
    add(make_table(), "sold").to_csv("data.csv", index=False)
    words = ("evaluate", "data.csv", *TARGET, "--id", "store", "--horizon", "3")
    assert forecast(*words, "--known", "promo").code == 0
    assert forecast(*words, "--known", "promo", "--past", "sold").code == 0


def test_future_values_do_not_hide_a_leak() -> None:
    table = add(make_table(stores=1), "sold")
    ahead = table.tail(9).assign(sales=None, sold=[41, 42, 47, 30, 41, 50, 12, 35, 33])
    ahead["date"] = pd.date_range("2024-03-01", periods=9).strftime("%Y-%m-%d")
    pd.concat([table, ahead]).to_csv("data.csv", index=False)
    with pytest.raises(LeakError, match="'sold' is 'sales'"):
        read(known=("sold",))


def test_all_of_them_are_named_once(forecast: Command) -> None:
    add(add(make_table(), "next"), "gross").to_csv("data.csv", index=False)
    outcome = forecast("predict", "data.csv", "--target", "sales,visitors", "--id", "store", "--known", "next,gross")
    assert outcome.code == 65
    assert outcome.stderr.count("'next'") == 2
    assert "So are 'gross'" in outcome.stderr


def test_check_finds_them(forecast: Command) -> None:
    add(add(make_table(), "next"), "gross").to_csv("data.csv", index=False)
    outcome = forecast("check", "data.csv", *TARGET, "--id", "store", "--known", "next,gross", "--json")
    assert outcome.code == 65
    found = json.loads(outcome.stdout)["findings"]
    assert [(one["code"], one["count"], one["examples"]) for one in found] == [("E003", 2, ["'next'", "'gross'"])]
    assert "Leave it out of --known" in found[0]["action"]


def test_check_compares_unused_columns_with_the_target_only(forecast: Command) -> None:
    table = add(make_table(), "before")
    third = table.groupby("store")["before"].shift(1)
    table.assign(third=third).to_csv("data.csv", index=False)
    outcome = forecast("check", "data.csv", *TARGET, "--id", "store", "--known", "before", "--json")
    assert outcome.code == 0, outcome.stdout
    found = {one["code"]: one["examples"] for one in json.loads(outcome.stdout)["findings"]}
    assert found["N401"] == ["'third' is 'sales' of 3 steps earlier"]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_frame_is_checked_as_well(command: str) -> None:
    reading = forecaster.ReadOptions(target="sales", ids=("store",), known=("next",))
    with pytest.raises(LeakError, match="'next' is 'sales' of 1 step later"):
        getattr(forecaster, command)(add(make_table(), "next"), reading=reading)


def test_in_a_wide_table_each_series_is_compared() -> None:
    wide = make_table().pivot(index="date", columns="store", values="sales").dropna()
    wide.assign(plan=wide["s1"], other=wide["s0"].shift(2)).to_csv("data.csv")
    with pytest.raises(LeakError, match="'plan' is 's1'"):
        read_panel("data.csv", options=ReadOptions(wide=True, known=("plan", "other")))
    read_panel("data.csv", options=ReadOptions(wide=True, known=("other",)))


def test_earlier_values_of_the_target_are_no_leak() -> None:
    add(make_table(), "before").to_csv("data.csv", index=False)
    read(known=("before",), past=("visitors",))


def test_the_past_may_be_the_target_and_may_come_before_it() -> None:
    table = add(add(make_table(), "sold"), "in_three")
    # orders that are delivered in three days are there before the deliveries
    extra = np.random.default_rng(1).poisson(40, len(table))
    orders = np.where(table["in_three"].isna(), extra, table["in_three"])
    table.assign(orders=orders).to_csv("data.csv", index=False)
    read(past=("sold", "orders"))
    with pytest.raises(LeakError, match=r"'in_three' is 'sales' of 3 steps later.*out of --past"):
        read(past=("in_three",))
    with pytest.raises(LeakError, match="'orders'"):
        read(known=("orders",))


def test_what_only_looks_like_the_target_is_no_leak() -> None:
    table = make_table(stores=1)
    generator, count = np.random.default_rng(0), len(table)
    sparse = np.where(generator.random(count) < 0.3, generator.integers(1, 9, count), 0)
    huge = np.where(np.arange(count) == 40, 1_000_000, sparse)
    columns: dict[str, Any] = {
        "constant": 7.5,
        "flag": (generator.random(count) < 0.1).astype(int),
        "sold_any": (sparse > 0).astype(int),
        "peak": (huge > 9).astype(int),
        "zeros": 0,
        "row": np.arange(count),
    }
    for target in (sparse, huge, np.arange(count) % 31, np.full(count, 5)):
        table.assign(sales=target, **columns).to_csv("data.csv", index=False)
        read(known=tuple(columns))


def test_where_the_target_rarely_changes_its_last_value_is_no_leak() -> None:
    steps = pd.Series(np.repeat(np.random.default_rng(0).permutation(16), 30))
    days = pd.date_range("2020-01-01", periods=len(steps)).strftime("%Y-%m-%d")
    table = pd.DataFrame({"date": days, "sales": steps, "before": steps.shift(1), "next": steps.shift(-1)})
    table.to_csv("data.csv", index=False)
    read(known=("before",))
    with pytest.raises(LeakError, match="of 1 step later"):
        read(known=("next",))


def test_most_of_the_values_are_enough() -> None:
    table = add(make_table(), "sold")
    table.loc[table.index % 40 == 3, "sold"] = 0
    table.to_csv("data.csv", index=False)
    with pytest.raises(LeakError, match=r"equal: 97% of 111 steps"):
        read(known=("sold",))


@pytest.mark.parametrize("share", [1.0, 0.7])
def test_parts_of_long_series_are_enough(monkeypatch: pytest.MonkeyPatch, share: float) -> None:
    table = add(make_table(stores=1), "next")
    table["next"] = np.where(np.arange(len(table)) < share * len(table), table["next"], table["visitors"])
    table.to_csv("data.csv", index=False)
    monkeypatch.setattr(leaks, "MOST_STEPS", 48)
    monkeypatch.setattr(leaks, "PARTS", 4)
    if share < 1:
        read(known=("next",))
        return
    with pytest.raises(LeakError, match=r"of 1 step later \(equal: 100% of 4\d steps"):
        read(known=("next",))


def make_sales(*, days: int = 200) -> pd.DataFrame:
    """Sales by day in two stores, which depend on the price, and the weather, which explains most of the rest."""
    generator = np.random.default_rng(3)
    parts = []
    for store, level in (("s0", 100), ("s1", 300)):
        weather, price = generator.normal(0, 1, days).round(3), generator.choice([1.99, 2.49, 2.99], days)
        week = 1 + 0.2 * np.sin(2 * np.pi * np.arange(days) / 7)
        sales = level * week * (price / 2.5) ** -1.5 * np.exp(0.3 * weather + 0.04 * generator.normal(0, 1, days))
        date = pd.date_range("2024-01-01", periods=days).strftime("%Y-%m-%d")
        parts.append(
            pd.DataFrame({"store": store, "date": date, "sales": sales.round(1), "price": price, "w": weather})
        )
    return pd.concat(parts, ignore_index=True)


def derive(table: pd.DataFrame, name: str) -> "pd.Series[Any]":
    sales, noise = table["sales"], np.random.default_rng(4).normal(0, 1, len(table))
    columns: dict[str, Any] = {
        "log": np.log(sales),
        "tens": sales.round(-1),
        "inverse": 1e4 / sales,
        "next_log": np.log(table.groupby("store")["sales"].shift(-1)),
        "noisy": sales * (1 + 0.01 * noise),
        "revenue": (sales * table["price"]).round(2),
        "forecast": sales * (1 + 0.15 * noise),
        "before": np.log(table.groupby("store")["sales"].shift(1)),
    }
    return pd.Series(columns[name], index=table.index).round(4)


def predict_with(forecast: Command, table: pd.DataFrame, *words: str) -> Any:
    table.sample(frac=1, random_state=0).to_csv("data.csv", index=False)
    usual = ("predict", "data.csv", *TARGET, "--id", "store", "--horizon", "7", "--future-fill", "last", "-o", "-")
    return forecast(*usual, *words)


def test_a_function_of_the_target_of_a_later_step_is_refused(forecast: Command) -> None:
    table = make_sales()
    table["next_log"] = derive(table, "next_log")
    refused = predict_with(forecast, table, "--known", "price,w,next_log")
    assert refused.code == 65
    assert "'next_log' is a function of 'sales' of 1 step later, such as its logarithm" in refused.stderr
    found = forecast("check", "data.csv", *TARGET, "--id", "store", "--known", "next_log", "--json")
    assert [one["code"] for one in json.loads(found.stdout)["findings"]] == ["E003"]


@pytest.mark.parametrize("name", ["log", "tens", "inverse"])
def test_a_function_of_the_target_of_the_same_step_is_said(forecast: Command, name: str) -> None:
    table = make_sales()
    table[name] = derive(table, name)
    said = predict_with(forecast, table, "--known", f"price,w,{name}")
    assert said.code == 0, said.stderr
    assert said.stderr.count("W308: ") == 1
    assert f"'{name}' is a function of 'sales', such as its logarithm" in said.stderr
    assert "W308" not in predict_with(forecast, table, "--known", "price,w", "--past", name).stderr


def test_a_target_that_its_price_alone_sets_is_forecast(forecast: Command) -> None:
    table = make_sales()
    table["price"] = np.random.default_rng(5).uniform(1, 4, len(table)).round(2)
    table["sales"] = (1000 * np.exp(-table["price"] / 3)).round(1)
    said = predict_with(forecast, table, "--known", "price")
    assert said.code == 0, said.stderr
    assert "'price' is a function of 'sales'" in said.stderr
    assert predict_with(forecast, table.assign(price=2 * table["sales"]), "--known", "price").code == 65


@pytest.mark.parametrize(
    ("name", "words"), [("noisy", "'noisy' follows 'sales'"), ("revenue", "'revenue' and 'price' g")]
)
def test_what_follows_the_target_too_closely_is_said(forecast: Command, name: str, words: str) -> None:
    table = make_sales()
    table[name] = derive(table, name)
    said = predict_with(forecast, table, "--known", f"price,{name},w")
    assert said.code == 0, said.stderr
    assert said.stderr.count("W308: ") == 1
    assert words in said.stderr
    assert "W308" not in predict_with(forecast, table, "--known", "price,w", "--past", name).stderr


def test_strong_drivers_and_good_forecasts_are_nothing_to_say(forecast: Command) -> None:
    table = make_sales()
    for name in ("forecast", "before"):
        table[name] = derive(table, name)
    said = predict_with(forecast, table, "--known", "price,w,forecast,before")
    assert said.code == 0, said.stderr
    assert "W308" not in said.stderr


def test_a_driver_as_regular_as_the_target_is_nothing_to_say(forecast: Command) -> None:
    hours = np.arange(24 * 60)
    generator = np.random.default_rng(0)
    # the same each day, and nearly all of the target
    height = (1 + np.sin(2 * np.pi * hours / 24) + 0.3 * np.sin(4 * np.pi * hours / 24)).round(3)
    power = (height * (100 + generator.normal(0, 0.3, len(hours)))).round(1)
    counters = {"sold_so_far": np.cumsum(generator.random(len(hours))).round(2), "height": height}
    for target in (power, np.cumsum(1 + generator.random(len(hours))).round(2)):
        times = pd.date_range("2024-01-01", periods=len(hours), freq="h")
        pd.DataFrame({"time": times, "sales": target, **counters}).to_csv("data.csv", index=False)
        found = forecast("check", "data.csv", *TARGET, "--known", "sold_so_far,height", "--json")
        assert found.code == 0, found.stdout
        assert "W308" not in found.stdout


@pytest.mark.parametrize("seed", range(20))
def test_a_column_follows_the_target_exactly_in_any_order_of_equal_values(seed: int) -> None:
    generator = np.random.default_rng(seed)
    target = generator.integers(0, 15, 150).astype(float)  # each value many times
    column = generator.choice([-1.0, 1.0]) * np.round(target**1.1 * 2)
    # where the target is the same, a column may have several values, between those of its neighbours
    column += generator.uniform(0.0, 0.5, 150)
    assert follows_exactly(target, column)
    column[np.flatnonzero(target == 7)[0]] += 300 * generator.choice([-1, 1])
    assert not follows_exactly(target, column)
