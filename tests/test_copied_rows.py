"""Copies of some rows, as at the end of a file that was appended to twice, do not merge all series into one."""

from pathlib import Path

import pandas as pd
import pytest

from tests.conftest import Command
from tests.nightly import list_runs, write_days
from tests.test_run import read_record

NIGHT = ("run", "shops.csv", "--train", "never", "--horizon", "7")


def copy_last(count: int, *, other_value: bool = False) -> None:
    table = write_days(60)
    copies = table.tail(count).copy()
    if other_value:
        copies["sales"] = 7.0
    pd.concat([table, copies]).to_csv("shops.csv", index=False)


@pytest.mark.parametrize("count", [1, 3, 8])
def test_copies_are_named_with_what_the_series_are_and_the_remedies_work(forecast: Command, count: int) -> None:
    copy_last(count)
    outcome = forecast("predict", "shops.csv", "--horizon", "7")
    assert outcome.code == 65
    assert "shops.csv, line 182: this row is a copy of one before" in outcome.stderr
    assert ("line 183" in outcome.stderr) == (count > 1)
    assert ("and 3 more" in outcome.stderr) == (count == 8)
    assert "use --id shop --duplicates last" in outcome.stderr
    words = ("predict", "shops.csv", "--horizon", "7")
    assert forecast(*words, "--id", "shop", "--duplicates", "last").code == 0
    found = Path("forecasts.csv").read_bytes()
    write_days(60)
    assert forecast(*words).code == 0, "the copies removed"
    assert Path("forecasts.csv").read_bytes() == found


def test_where_no_column_tells_series_apart_copies_are_rows_like_others(forecast: Command) -> None:
    table = write_days(60, series=1).drop(columns="shop")
    pd.concat([table, table.tail(1)]).to_csv("shops.csv", index=False)
    outcome = forecast("predict", "shops.csv", "--horizon", "7")
    assert outcome.code == 65
    assert "2024-02-29 is there already (line 61)" in outcome.stderr


@pytest.mark.parametrize("other_value", [False, True])
def test_the_next_night_keeps_to_the_id_columns_of_the_last_good_one(forecast: Command, other_value: bool) -> None:
    write_days(60)
    assert forecast(*NIGHT).code == 0
    copy_last(3, other_value=other_value)
    outcome = forecast(*NIGHT)
    assert outcome.code == 65
    assert "series s2, line 182: 2024-02-27 is there already (line 179); 3 rows repeat a timestamp" in outcome.stderr
    assert "The last good run had --id shop" in outcome.stderr
    assert forecast(*NIGHT, "--duplicates", "last").code == 0
    assert read_record(list_runs()[-1])["input"]["series"] == 3


def test_other_id_columns_are_a_decision_and_not_a_discovery(forecast: Command) -> None:
    table = write_days(60)
    assert forecast(*NIGHT).code == 0
    table.rename(columns={"shop": "store"}).to_csv("shops.csv", index=False)
    outcome = forecast(*NIGHT)
    assert outcome.code == 65
    assert "no such column" in outcome.stderr
    assert "The last good run had --id shop: give --id, or --wide, for other series." in outcome.stderr
    assert forecast(*NIGHT, "--id", "store").code == 0
    table[table["shop"] == "s0"].drop(columns="shop").to_csv("shops.csv", index=False)
    assert forecast(*NIGHT).code == 65
    assert forecast(*NIGHT, "--id", "").code == 0
    table.pivot(index="date", columns="shop", values="sales").to_csv("shops.csv")
    assert forecast(*NIGHT, "--wide").code == 0
    write_days(60)
    assert forecast(*NIGHT, "--id", "").code == 65
    assert forecast(*NIGHT, "--id", "shop").code == 0
    table[table["shop"] == "s0"].drop(columns="shop").to_csv("shops.csv", index=False)
    assert forecast(*NIGHT, "--id", "").code == 0
    write_days(60)
    outcome = forecast(*NIGHT)
    assert outcome.code == 65
    assert "the series are by 'shop' now, and were by no column in the last good run" in outcome.stderr
    assert forecast(*NIGHT, "--id", "shop").code == 0


def test_a_model_that_a_night_trains_remembers_the_id_columns_of_the_last_good_run(forecast: Command) -> None:
    write_days(60)
    assert forecast(*NIGHT).code == 0
    write_days(61)
    assert forecast("run", "shops.csv", "--horizon", "7", "--budget", "0.1s").code == 0
    copy_last(3)
    outcome = forecast("predict", "shops.csv", "--horizon", "7")
    assert "series s2, line 182" in outcome.stderr


def test_id_columns_that_were_named_since_the_training_hold_for_the_next_night(forecast: Command) -> None:
    table = write_days(60)
    table["item"] = table["shop"].map({"s0": "tea", "s1": "tea", "s2": "salt"})
    every = pd.concat([table, table.assign(item="rice")])
    every.to_csv("shops.csv", index=False)
    learns = ("run", "shops.csv", "--horizon", "7", "--budget", "0.1s", "--target", "sales")
    assert forecast(*learns, "--id", "shop", "--aggregate", "sum", "--freq", "D").code == 0
    assert forecast(*NIGHT, "--target", "sales", "--id", "shop,item").code == 0
    outcome = forecast(*NIGHT, "--target", "sales", "--force")
    assert outcome.code == 0, outcome.stderr
    assert read_record(list_runs()[-1])["input"]["series"] == 6
