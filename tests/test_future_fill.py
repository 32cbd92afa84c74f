"""`--future-fill`: what is taken for a future that is not given, and where nothing can be taken."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.conftest import Command
from tests.shops import HORIZON, make_shop
from tests.test_covariates import KNOWN, Table, hide, predict, read

FILLED: dict[str, Callable[[Table], Any]] = {
    "last": lambda past: past["promo"].iloc[-1],
    "mean": lambda past: past["promo"].mean(),
    "zero": lambda _: 0,
    "seasonal": lambda past: [*past["promo"].tail(7)] * 2,
}


@pytest.mark.parametrize("rule", FILLED)
def test_a_future_that_is_missing_is_filled_in_by_the_rule_that_is_named(forecast: Command, rule: str) -> None:
    table = make_shop()
    past, future = table.iloc[:-HORIZON], table.iloc[-HORIZON:]
    future.assign(promo=FILLED[rule](past)).drop(columns="sales").to_csv("future.csv", index=False)
    named = predict(forecast, past, *KNOWN, "--future-fill", rule)
    given = predict(forecast, past, *KNOWN, "--future", "future.csv")
    pd.testing.assert_frame_equal(read(named), read(given), rtol=1e-9)
    # it fills in what is missing only
    future.assign(promo=future["promo"].where(future.index != 203)).to_csv("future.csv", index=False)
    partly = read(predict(forecast, past, *KNOWN, "--future", "future.csv", "--future-fill", rule))["forecast"]
    whole = read(predict(forecast, hide(table), *KNOWN))["forecast"]
    assert (np.abs((partly - whole).to_numpy()) > 8).sum() <= 1


@pytest.mark.parametrize("words", [("none", "flyer"), ("none", "tv"), ("none", "flyer", "tv"), ("flyer",)])
def test_a_category_is_not_filled_in_with_zero(forecast: Command, words: tuple[str, ...]) -> None:
    table = make_shop()
    kinds = np.where(table["promo"] > 0, words[-1], words[0]).astype(object)
    kinds[::9] = words[len(words) // 2]
    past = table.assign(promo=kinds).iloc[:-HORIZON]
    past.to_csv("shop.csv", index=False)
    asked = forecast("predict", "shop.csv", "--horizon", HORIZON, *KNOWN)
    assert "1 value of" not in asked.stderr
    assert "--future-fill last, seasonal or mean." in asked.stderr
    outcome = forecast("predict", "shop.csv", "--horizon", HORIZON, *KNOWN, "--future-fill", "zero", "-o", "-")
    assert outcome.code == 2
    assert not outcome.stdout
    assert "column 'promo' holds words" in outcome.stderr
    assert f"such as '{words[0]}'" in outcome.stderr
    assert "or use --future-fill last, seasonal or mean." in outcome.stderr
    found = {
        rule: read(predict(forecast, past, *KNOWN, "--future-fill", rule)) for rule in ("last", "seasonal", "mean")
    }
    future = table.iloc[-HORIZON:].assign(promo=words[0]).drop(columns="sales")
    future.to_csv("future.csv", index=False)
    # the mean is between the categories
    each = []
    for word in words:
        future.assign(promo=word).to_csv("future.csv", index=False)
        each.append(read(predict(forecast, past, *KNOWN, "--future", "future.csv"))["forecast"])
    lowest, highest = np.min(each, axis=0), np.max(each, axis=0)
    assert ((found["mean"]["forecast"] > lowest - 0.1) & (found["mean"]["forecast"] < highest + 0.1)).all()
    assert highest.max() - lowest.max() > 20 or len(words) == 1
    future.to_csv("future.csv", index=False)
    # what is not missing is not refused
    predict(forecast, past, *KNOWN, "--future", "future.csv", "--future-fill", "zero")


def test_a_single_value_that_is_missing_is_one_value(forecast: Command) -> None:
    table = hide(make_shop()).astype({"promo": float})
    table.loc[table.index[-1], "promo"] = np.nan
    table.to_csv("shop.csv", index=False)
    outcome = forecast("predict", "shop.csv", "--horizon", HORIZON, *KNOWN)
    assert outcome.code == 65
    assert "1 value of what is known ahead is missing on the " in outcome.stderr
    assert "Add rows with it" in outcome.stderr
