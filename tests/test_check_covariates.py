"""`forecast check` on columns of `--known` and `--past`: changed units, and marks for missing values."""

import json

import numpy as np
import pandas as pd
import pytest

import forecaster
from tests.conftest import Command
from tests.test_check import make_wavy


@pytest.mark.parametrize("column", ["--known", "--past"])
@pytest.mark.parametrize("form", ["long", "wide"])
def test_a_change_of_unit_in_a_covariate_is_found(forecast: Command, column: str, form: str) -> None:
    days = pd.date_range("2023-01-01", periods=150).strftime("%Y-%m-%d")
    generator = np.random.default_rng(0)
    price = generator.choice([1.99, 2.49, 2.99], len(days))
    table = pd.DataFrame({"day": days, "price": price, "promo": generator.integers(0, 2, len(days))})
    for name in ("north", "south"):
        table[name] = (100 / price + generator.normal(0, 1, len(days))).round(2)
    words: tuple[str, ...] = ("--wide",)
    if form == "long":
        table = table.melt(["day", "price", "promo"], var_name="shop", value_name="sold")
        words = ("--target", "sold", "--id", "shop")
    words = (*words, column, "price,promo")
    is_cents = table["day"] < "2023-03-01"
    for factor, count in ((1, 0), (100, 1)):
        table.assign(price=table["price"].where(~is_cents, factor * table["price"])).to_csv("shop.csv", index=False)
        said = forecast("predict", "shop.csv", *words, "--horizon", "5", "--future-fill", "last", "-o", "out.csv")
        assert said.code == 0, said.stderr
        assert said.stderr.count("  W307: ") == count
        found = json.loads(forecast("check", "shop.csv", *words, "--json").stdout)["findings"]
        assert [finding["code"] for finding in found if finding["severity"] == "warning"] == ["W307"] * count
    found = next(finding for finding in found if finding["code"] == "W307")
    # all columns of a wide table share the price
    assert found["count"] == (2 if form == "long" else 1)
    assert found["examples"][0] == f"price, north, 2023-03-01: {table['price'][59]:g}"


def test_marks_in_covariates_are_named() -> None:
    days = pd.date_range("2024-01-01", periods=60)
    humidity = np.where(np.arange(60) % 20 == 5, -999.0, 80 + np.arange(60) % 7)
    table = pd.DataFrame({"date": days, "load": make_wavy(), "humidity": humidity})
    reading = forecaster.ReadOptions(target="load", past=("humidity",))
    (found,) = [one for one in forecaster.check(table, reading=reading).findings if one.code == "W301"]
    assert (found.count, found.examples[0]) == (3, "humidity, the only series, 2024-01-06: -999")
    assert found.action == "If no value was meant, use --missing -999."
    told = forecaster.ReadOptions(target="load", past=("humidity",), missing=("-999",))
    assert "W301" not in [one.code for one in forecaster.check(table, reading=told).findings]
