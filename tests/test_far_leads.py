"""Leads of many steps at which a column may hold the target are listed, and few others, and such columns refused."""

import numpy as np
import pandas as pd
import pytest

from forecaster.data.checks.far_leads import LONGEST_LEAD, limit_lead, list_far_leads
from forecaster.errors import LeakError
from tests.conftest import Command
from tests.test_leaks import make_sales, predict_with, read

STEPS = 400


def make_walk(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=STEPS).cumsum()


def lead(values: np.ndarray, steps: int) -> np.ndarray:
    """What is there so many steps before `values`."""
    return np.concatenate([values[steps:], np.full(steps, np.nan)])


@pytest.mark.parametrize("steps", [4, 17, 52])
def test_the_lead_of_a_copy_is_listed_first(steps: int) -> None:
    own = make_walk(0)
    copy, inverse = lead(own, steps), -np.exp(lead(own, steps) / 9)
    gaps = np.where(np.arange(STEPS) % 7 == 0, np.nan, copy)
    for found in list_far_leads(own, np.stack([copy, inverse, gaps]), longest=LONGEST_LEAD):
        assert found[:1] == [steps]


def test_near_leads_and_earlier_values_are_left_to_others() -> None:
    own = make_walk(0)
    others = np.stack([own, lead(own, 3), np.roll(own, 9), make_walk(1), np.full(STEPS, np.nan), np.ones(STEPS)])
    assert list_far_leads(own, others, longest=LONGEST_LEAD) == [[]] * len(others)


def test_a_target_without_values_has_none() -> None:
    assert list_far_leads(np.full(STEPS, np.nan), make_walk(1)[None], longest=LONGEST_LEAD) == [[]]


def test_short_series_have_short_leads() -> None:
    assert limit_lead(np.array([36, 36, 4000])) == 12
    assert limit_lead(np.array([5])) == 3
    assert limit_lead(np.array([1000])) == LONGEST_LEAD


@pytest.mark.parametrize("lead", [5, 14, 28])
@pytest.mark.parametrize("name", ["values", "logarithm"])
def test_the_target_of_many_steps_later_is_refused(lead: int, name: str) -> None:
    table = make_sales()
    later = table.groupby("store")["sales"].shift(-lead)
    table["later"] = later if name == "values" else np.log(later).round(4)
    # a few values that were written by hand
    table.loc[table.index % 90 == 7, "later"] = 12.0 if name == "values" else np.nan
    table.to_csv("data.csv", index=False)
    for options in ({"known": ("w", "later")}, {"past": ("later", "w")}):
        with pytest.raises(
            LeakError, match=rf"'later' is .*'sales' of {lead} steps later.*Leave it out of --[a-z]*\.$"
        ):
            read(**options)  # type: ignore[arg-type]


def test_orders_that_are_delivered_after_many_steps_are_no_leak_of_the_past() -> None:
    table = make_sales(days=214)
    # of the newest fourteen days nothing has been delivered yet
    orders = table["sales"]
    table["sales"] = orders.groupby(table["store"]).shift(14)
    table = table.assign(orders=orders).dropna(subset="sales")
    table.to_csv("data.csv", index=False)
    read(past=("orders",))
    with pytest.raises(LeakError, match=r"of 14 steps later.*or name it with --past, as it was there before"):
        read(known=("orders",))


def test_what_is_as_regular_as_the_target_is_no_leak() -> None:
    hours = np.arange(24 * 40)
    time = pd.date_range("2024-01-01", periods=len(hours), freq="h").strftime("%Y-%m-%d %H:%M")
    wave = np.sin(2 * np.pi * hours / 24)
    columns = {"early": np.roll(wave, -5), "sun": np.maximum(np.roll(wave, 7), 0), "hour": hours % 24, "row": hours}
    pd.DataFrame({"date": time, "sales": 9 + wave.round(6), **columns}).round(6).to_csv("data.csv", index=False)
    read(known=tuple(columns))
    random = np.random.default_rng(2).normal(size=len(hours)).cumsum().round(3)
    pd.DataFrame({"date": time, "sales": random, "lagged": np.roll(random, 9), **columns}).to_csv("data.csv")
    read(known=("lagged", *columns))


@pytest.mark.parametrize("lead", [1, 5])
@pytest.mark.parametrize("flag", ["--known", "--past"])
def test_what_nearly_follows_the_target_of_later_steps_and_ends_before_it_is_said(
    forecast: Command, flag: str, lead: int
) -> None:
    table = make_sales()
    noise = 1 + 0.01 * np.random.default_rng(4).normal(size=len(table))
    later = table.groupby("store")["sales"].shift(-lead)
    table["later"] = (later * noise).round(2)
    said = predict_with(forecast, table, flag, "w,later")
    steps = f"{lead} step{'s' * (lead > 1)}"
    assert "W308: columns of --known or --past that follow the target as closely" in said.stderr
    assert f"1 ('later' follows 'sales' of {steps} later)" in said.stderr
    # what was there before the target drives it
    table["later"] = table["later"].fillna(90)
    assert "W308" not in predict_with(forecast, table, flag, "w,later").stderr
