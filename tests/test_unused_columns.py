"""Columns that are not used: `forecast check` finds the target among them, and totals."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import forecaster
from forecaster.data.checks.findings import KINDS
from tests.conftest import SAMPLES, Command

LENGTH = 60


def make_table(*, stores: int = 2, freq: str = "D") -> pd.DataFrame:
    """Daily sales of stores that begin at different days, with other columns that have nothing to do with them."""
    generator = np.random.default_rng(5)
    parts = []
    for number in range(stores):
        count = LENGTH - 9 * number
        days = pd.date_range("2024-01-01", periods=LENGTH, freq=freq)[-count:]
        sales = generator.poisson(40 + 20 * number, count)
        parts.append(
            pd.DataFrame(
                {
                    "date": days.strftime("%Y-%m-%d"),
                    "store": f"s{number}",
                    "sales": sales,
                    "visitors": 3 * sales + generator.poisson(9, count),
                    "price": generator.integers(100, 130, count) / 8,
                    "promo": generator.integers(0, 2, count),
                    "note": "x",
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def add(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """The table with a column that follows from its sales."""
    sales = table["sales"]
    by_store = sales.groupby(table["store"])
    made: dict[str, Any] = {
        "sold": sales,
        "gross": (sales * 1.19).round(2),
        "warmth": sales * 1.8 + 32,
        "next": by_store.shift(-1),
        "in_three": by_store.shift(-3),
        "before": by_store.shift(2),
        "with_gaps": sales.where(np.arange(len(sales)) % 4 > 0),
    }
    return table.assign(**{name: made[name]})


COPIES = {
    "sold": "'sold' is 'sales'",
    "gross": "'gross' is 'sales', in another unit",
    "warmth": "'warmth' is 'sales', in another unit",
    "next": "'next' is 'sales' of 1 step later",
    "in_three": "'in_three' is 'sales' of 3 steps later",
    "before": "'before' is 'sales' of 2 steps earlier",
    "with_gaps": "'with_gaps' is 'sales'",
}


def check(forecast: Command, *words: str) -> dict[str, list[str]]:
    """The examples of what is found of columns."""
    outcome = forecast("check", "data.csv", "--json", *words)
    assert outcome.code == 0, outcome.stderr
    found = json.loads(outcome.stdout)["findings"]
    assert all(one["severity"] == "note" for one in found if one["code"] >= "N4")
    return {one["code"]: one["examples"] for one in found if one["code"].startswith("N4")}


@pytest.mark.parametrize("name", COPIES)
@pytest.mark.parametrize("stores", [1, 2])
def test_the_target_in_another_column_is_found(forecast: Command, name: str, stores: int) -> None:
    table = add(make_table(stores=stores), name)
    found = {"N401": [COPIES[name]]}
    words = ("--target", "sales")
    for seed in (None, 1):
        shuffled = table if seed is None else table.sample(frac=1, random_state=seed)
        shuffled.to_csv("data.csv", index=False)
        assert check(forecast, *words) == found
    reading = forecaster.ReadOptions(target="sales")
    examples = [one.examples for one in forecaster.check(table, reading=reading).findings if one.code == "N401"]
    assert examples == [(COPIES[name],)]


def test_the_sum_of_others_is_found_wherever_it_stands(forecast: Command) -> None:
    table = make_table()
    generator = np.random.default_rng(1)
    table["online"], table["shops"] = generator.poisson(30, (2, len(table)))
    table.assign(revenue=table["online"] + table["shops"]).to_csv("data.csv", index=False)
    assert check(forecast, "--target", "sales") == {"N402": ["'revenue' is the sum of 'online' and 'shops'"]}
    assert check(forecast, "--target", "online") == {"N402": ["'revenue' is the sum of 'online' and 'shops'"]}
    table.assign(sales=table["online"] + table["shops"]).to_csv("data.csv", index=False)
    assert check(forecast) == {"N402": ["'sales' is the sum of 'online' and 'shops'"]}


def test_what_only_moves_with_the_target_is_no_copy(forecast: Command) -> None:
    table = make_table()
    step = np.arange(len(table))
    # a trend is like any other, and a target that hardly changes is like any flag
    table.assign(grows=3.0 * step, day=step % 7, rounded=(table["sales"] / 30).round()).to_csv("data.csv", index=False)
    assert check(forecast, "--target", "sales") == {}
    table.assign(sales=2 * step + 5, grows=3.0 * step).to_csv("data.csv", index=False)
    assert check(forecast, "--target", "sales") == {}
    table.assign(sales=table["promo"], other=table["promo"]).to_csv("data.csv", index=False)
    assert check(forecast, "--target", "sales") == {}
    add(table, "sold").head(10).to_csv("data.csv", index=False)
    assert check(forecast, "--target", "sales") == {}


def test_a_column_that_cannot_be_read_hides_no_other(forecast: Command) -> None:
    table = add(make_table(), "sold").assign(odd="7")
    table.loc[30, "odd"] = "seven"
    table.rename(columns={"price": "price, net"}).to_csv("data.csv", index=False)
    assert check(forecast, "--target", "sales") == {"N401": ["'sold' is 'sales'"]}


def test_what_comes_later_than_until_does_not_count() -> None:
    table = make_table(stores=1)
    cut = len(table) // 2
    table["copy"] = table["sales"].astype(float)
    table.loc[table.index > cut, "copy"] = np.random.default_rng(0).normal(size=len(table) - cut - 1)
    until = str(table["date"].iloc[cut])
    reading = forecaster.ReadOptions(target="sales")
    found = {
        name: [finding.code for finding in forecaster.check(part, reading=reading, until=at).findings]
        for name, part, at in (
            ("by until", table, until),
            ("by hand", table.iloc[: cut + 1], None),
            ("all", table, None),
        )
    }
    assert "N401" in found["by hand"]
    assert "N401" in found["by until"]
    assert "N401" not in found["all"]


def test_only_check_reads_unused_columns(forecast: Command) -> None:
    add(make_table(), "next").to_csv("data.csv", index=False)
    outcome = forecast("predict", "data.csv", "--target", "sales", "--horizon", "2", "--json")
    assert outcome.code == 0
    assert "N401" not in outcome.stderr + outcome.stdout


MADE_UP_PRICES = ("close_last_in_dollars", "yahoo_history")
"""Files whose open, high and low are made up: the close and a constant."""


@pytest.mark.parametrize("path", sorted([*SAMPLES.glob("*.csv"), *(Path(__file__).parent / "files").glob("*.csv")]))
def test_nothing_is_found_where_there_is_nothing(path: Path) -> None:
    found = {one.code: one.examples for one in forecaster.check(path).findings if one.code.startswith("N4")}
    if path.stem in MADE_UP_PRICES:
        assert found["N401"][0].startswith("'Open' is 'Close")
        return
    # adjusted prices of a month without a split are the prices less a dividend
    expected = {
        "stock_prices": {"N401": ("'Adj Close' is 'Close', in another unit",)},
        "eeg_electrodes": {"N403": ("'Y'",)},  # places of the electrodes
        "bicycles_by_day": {"N402": ("'cnt' is the sum of 'casual' and 'registered'",)},
    }
    assert found == expected.get(path.stem, {})


def test_the_words_name_the_flag() -> None:
    assert all("--target" in KINDS[code].action for code in ("N401", "N402"))
