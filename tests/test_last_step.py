"""A last step that may be incomplete is a warning, wherever the data are read."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import forecaster
from tests.conftest import Command
from tests.nightly import list_runs, make_days, run_after
from tests.test_run import read_record


def find(table: pd.DataFrame) -> list[str]:
    """The series that W306 names."""
    found = [one for one in forecaster.check(table).findings if one.code == "W306"]
    return [example.split(",")[0] for one in found for example in one.examples]


def cut_last(table: pd.DataFrame, *shops: str, by: float = 0.4) -> pd.DataFrame:
    is_last = (table["date"] == table["date"].max()) & table["shop"].isin(shops)
    return table.assign(sales=table["sales"].where(~is_last, table["sales"] * by))


def test_the_last_day_of_most_series_is_a_part_of_one() -> None:
    table = make_days(60, series=3)
    assert find(table) == []
    assert find(cut_last(table, "s0", "s1", "s2")) == ["s0", "s1", "s2"]
    assert find(cut_last(table, "s0", "s2")) == ["s0", "s2"]
    assert find(cut_last(table, "s1")) == [], "one of three fell by itself"
    one = make_days(60, series=1)
    assert find(cut_last(one, "s0")) == ["the only series"]
    assert find(cut_last(one, "s0", by=0.9)) == []


def test_what_is_low_at_the_end_of_each_week_is_complete() -> None:
    table = make_days(63, series=3)
    is_sunday = pd.to_datetime(table["date"]).dt.dayofweek == 6
    assert pd.to_datetime(table["date"].max()).dayofweek == 6
    low = table.assign(sales=table["sales"].where(~is_sunday, table["sales"] * 0.2))
    assert find(low) == []
    assert find(cut_last(low, "s0", "s1", "s2")) == ["s0", "s1", "s2"]


def test_what_has_been_low_before_scatters_or_is_short_is_no_finding() -> None:
    table = make_days(60, series=3)
    week_before = table["date"] == "2024-02-22"
    assert find(cut_last(table.assign(sales=table["sales"].where(~week_before, 10.0)), "s0", "s1", "s2")) == []
    rng = np.random.default_rng(1)
    wild = table.assign(sales=rng.lognormal(3, 1, len(table)))
    assert find(cut_last(wild, "s0", "s1", "s2", by=0.5)) == []
    assert find(cut_last(make_days(35, series=3), "s0", "s1", "s2")) == [], "four weeks to compare with"
    assert find(cut_last(make_days(36, series=3), "s0", "s1", "s2")) == ["s0", "s1", "s2"]
    with_zeros = table.assign(sales=table["sales"].where(~week_before, 0.0))
    assert find(cut_last(with_zeros, "s0", "s1", "s2")) == []


@pytest.mark.parametrize(
    ("back", "factor", "is_found"),
    [(3, 1, False), (14, 1, False), (16, 1, True), (3, 10, True), (3, 0.5, True), (None, 1, True)],
    ids=["zero before", "within two weeks", "longer ago", "large numbers", "fractions", "never zero"],
)
@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("steps", [80, 83])
def test_zeros_of_small_counts_that_have_been_before_are_no_finding(
    forecast: Command, *, back: int | None, factor: float, is_found: bool, order: int, steps: int
) -> None:
    counts = 2 + np.arange(steps) % 3
    counts[-1] = 0
    if back is not None:
        counts[-1 - back] = 0
    # at the same place of the last seasons there is no zero
    counts[-1 - 7 * np.arange(1, 9)] = 3
    if back == 14:
        counts[-1 - 13] = 0
    days = pd.date_range("2024-01-01", periods=steps).astype(str)
    table = pd.DataFrame({"day": days, "shop": "a", "sold": counts * factor})
    other = table.assign(shop="ended", sold=7.5)[:-20]
    pd.concat([table, other]).iloc[::order].to_csv("counts.csv", index=False)
    outcome = forecast("predict", "counts.csv")
    assert outcome.code == 0, outcome.stderr
    assert ("W306" in outcome.stderr) == is_found


@pytest.mark.parametrize(
    ("low", "last", "is_found"), [(None, 10, True), (10, 10, False), (10, 9.5, True), (0, 10, True)]
)
def test_what_was_as_low_on_another_day_of_two_weeks_is_no_finding(
    forecast: Command, *, low: float | None, last: float, is_found: bool
) -> None:
    table = make_days(60, series=1)
    table["sales"] = 100.0 + np.arange(60) % 5
    table.loc[59, "sales"] = last
    if low is not None:
        table.loc[56, "sales"] = low
    table.to_csv("shops.csv", index=False)
    said = forecast("predict", "shops.csv")
    assert said.code == 0, said.stderr
    assert ("W306" in said.stderr) == is_found
    # longer ago
    table.loc[44, "sales"] = last
    table.loc[56, "sales"] = 100.0
    assert find(table) == ["the only series"]


@pytest.mark.parametrize("coldest", [-0.5, 0.5])
def test_what_may_be_below_zero_is_not_judged(forecast: Command, coldest: float) -> None:
    table = make_days(90, series=1)
    table["sales"] = 12.0 + np.arange(90) % 3
    table.loc[2, "sales"] = coldest
    table.loc[89, "sales"] = 2.0
    table.to_csv("cold.csv", index=False)
    said = forecast("predict", "cold.csv")
    assert said.code == 0, said.stderr
    assert ("W306" in said.stderr) == (coldest > 0)


def test_series_that_ended_before_are_not_asked(forecast: Command) -> None:
    table = cut_last(make_days(60, series=5), "s0", "s1")
    ended = table[~table["shop"].isin(["s2", "s3", "s4"]) | (table["date"] < "2024-02-20")]
    assert find(table) == []
    assert find(ended) == ["s0", "s1"]
    ended.to_csv("shops.csv", index=False)
    outcome = forecast("check", "shops.csv", "--json")
    (found,) = [one for one in json.loads(outcome.stdout)["findings"] if one["code"] == "W306"]
    assert found["examples"][0].startswith("s0, 2024-02-29: ")


@pytest.mark.parametrize("order", [1, -1])
def test_a_night_says_it(forecast: Command, order: int) -> None:
    make_days(60).to_csv("shops.csv", index=False)
    run_after(60)
    cut_last(make_days(61), "s0", "s1", "s2").iloc[::order].to_csv("shops.csv", index=False)
    outcome = forecast("run", "shops.csv", "--train", "never", "--horizon", "7", "--max-change", "50%")
    assert outcome.code == 0, outcome.stderr
    assert "W306" in [one["code"] for one in read_record(list_runs()[-1])["warnings"]]
    assert "far below all comparable ones" in outcome.stderr
    assert "far below" in Path(f"runs/{list_runs()[-1]}/log.jsonl").read_text()
