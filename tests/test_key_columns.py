"""The columns that identify the series are found from the cells of all rows, or asked for where these leave a doubt."""

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import forecaster
from forecaster.data.names.column_names import names_no_series, names_series
from forecaster.data.read_options import ReadOptions
from forecaster.errors import DataError
from tests.conftest import Command
from tests.test_reading import read

FOUR = [("x", "k"), ("x", "l"), ("z", "k"), ("z", "l")]
TOWNS = [(store, item) for store in "abc" for item in ("tea", "mugs")]
YEARS = (2021, 2022, 2023)
LONG = [f"{day:%Y-%m-%d}" for day in pd.date_range("2023-01-01", periods=400)]
DAYS = [f"{day:%Y-%m-%d}" for day in pd.date_range("2024-01-01", periods=40)]
WORDS = ["--horizon", "2", "--output", "-"]


def make_table(header: str, keys: Iterable[tuple[Any, ...]], *, times: list[Any] = DAYS) -> pd.DataFrame:
    """A row for each time and key, each with a value of its own."""
    rows = [
        (time, *key, 3 + (number * 7 + step) % 11) for step, time in enumerate(times) for number, key in enumerate(keys)
    ]
    return pd.DataFrame(rows, columns=header.split(","))


def write(table: pd.DataFrame, *, seed: int | None = None, sep: str = ",") -> None:
    """The table as data.csv, in a random order where there is a seed."""
    shuffled = table if seed is None else table.sample(frac=1, random_state=seed)
    shuffled.to_csv("data.csv", index=False, sep=sep)


INSTANCES = [(f"web-{number}:9100", "node") for number in range(3)]
SHOPS = [(store, city, item) for store, city in ((1, "Ulm"), (2, "Bonn"), (3, "Ulm")) for item in ("tea", "mugs")]
FILES = {
    "Prometheus": (
        make_table("timestamp,instance,job,value", INSTANCES, times=[1735689600 + 60 * step for step in range(40)]),
        ("instance",),
        "job",
    ),
    "shop": (make_table("date,store,product,sales", TOWNS), ("store", "product"), ""),
    "numbered stores": (make_table("date,store_nbr,city,item,sales", SHOPS), ("store_nbr", "item"), "city"),
    "German": (
        make_table("Monat;Filiale;Umsatz".replace(";", ","), [("Köln",), ("Bonn",)], times=[
            f"{month:02d}.{year}" for year in YEARS for month in range(1, 13)
        ]),
        ("Filiale",),
        "",
    ),
    "names that say nothing": (make_table("date,a,b,y", FOUR), ("a", "b"), ""),
    "a column with the same meaning": (
        make_table("date,label,store,sales", [("Ulm", 7), ("Bonn", 8)]), ("store",), "label"
    ),
    "year and month apart": (
        make_table("when,branch,y", [("n",), ("s",)], times=[f"{y},{month}" for y in YEARS for month in range(1, 13)]),
        ("branch",),
        "",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_id_columns_are_found_and_said(forecast: Command, name: str) -> None:
    table, ids, unused = FILES[name]
    if name == "year and month apart":
        table[["year", "month"]] = table.pop("when").str.split(",", expand=True)
    sep = ";" if name == "German" else ","
    write(table, sep=sep)
    found = forecast("predict", "data.csv", *WORDS)
    assert found.code == 0, found.stderr
    said = f"series by {' and '.join(map(repr, ids))} (found; --id names others)"
    assert said + (f"; not used: {unused}" if unused else "") in found.stderr
    given = forecast("predict", "data.csv", *WORDS, "--id", ",".join(ids))
    assert "found;" not in given.stderr
    assert found.stdout == given.stdout
    # the order of the rows and of the columns changes the order of the series, and nothing else
    lines = sorted(found.stdout.splitlines())
    write(table, seed=3, sep=sep)
    assert sorted(forecast("predict", "data.csv", *WORDS).stdout.splitlines()) == lines
    write(table.sort_values(list(ids)), sep=sep)
    assert sorted(forecast("predict", "data.csv", *WORDS).stdout.splitlines()) == lines
    if name != "year and month apart":
        columns = [*table.columns[:1], *table.columns[:0:-1]]
        write(table[columns], sep=sep)
        assert set(read(Path("data.csv"))[0].id_columns) == set(ids)


def test_a_column_that_is_needed_only_after_the_first_rows_is_found(forecast: Command) -> None:
    days = [f"{day:%Y-%m-%d}" for day in pd.date_range("2018-01-01", periods=2200)]
    table = make_table(
        "date,store,product,sales", [("a", "tea"), ("b", "tea"), ("a", "mugs"), ("b", "mugs")], times=days
    )
    is_late = np.asarray(table["date"] >= days[600])
    table = table[is_late | (table["product"] == "tea").to_numpy()]
    write(table)
    outcome = forecast("predict", "data.csv", *WORDS)
    assert "series by 'store' and 'product' (found;" in outcome.stderr
    assert outcome.stdout == forecast("predict", "data.csv", *WORDS, "--id", "store,product").stdout
    # each series in one block, longer than the rows that are looked at first
    write(table.sort_values(["store", "product", "date"]))
    assert read(Path("data.csv"))[0].id_columns == ("store", "product")
    with_rates = table.assign(store=table["store"].map({"a": "x", "b": "y"}))
    write(with_rates.rename(columns={"store": "s", "product": "p"}).sort_values(["s", "p", "date"]))
    assert read(Path("data.csv"))[0].id_columns == ("s", "p")


def test_two_choices_that_give_different_series_are_asked_for(forecast: Command) -> None:
    table = make_table("date,machine,y", [(f"m{number}",) for number in range(3)])
    step = np.arange(len(table))
    table["operator"] = [["ann", "bob", "eve"][(row + row // 3) % 3] for row in step]
    for seed in (None, 1):
        write(table, seed=seed)
        outcome = forecast("predict", "data.csv", *WORDS)
        assert (outcome.code, outcome.stdout) == (65, "")
        assert "data.csv: timestamps repeat, and the columns 'machine' as well as 'operator' would" in outcome.stderr
        assert "--id machine or --id operator" in outcome.stderr
        for name in ("machine", "operator"):
            chosen = forecast("predict", "data.csv", *WORDS, "--id", name)
            assert (chosen.code, chosen.stdout.count("\n")) == (0, 7)
    with pytest.raises(
        DataError, match="the frame: timestamps repeat, and the columns 'machine' as well as 'operator'"
    ):
        forecaster.predict(table, horizon=2)


def make_doubtful() -> dict[str, pd.DataFrame]:
    """Tables in which a column is different wherever a time repeats, and yet does not identify series."""
    two = make_table("date,store,y", [("a",), ("b",)])
    single = make_table("date,y", [()])
    generator = np.random.default_rng(0)
    rows = np.arange(len(two))
    many, years = (make_table("date,till,y", [(till,) for till in range(10)], times=days) for days in (DAYS, LONG))
    final = pd.concat([single.assign(status="final"), single.head(4).assign(status="provisional")])
    return {
        "receipts": two.assign(receipt_code=[f"R{row:05d}" for row in rows]).drop(columns="store"),
        "buyers of one day": many.assign(till=[f"buyer {row % 300}" for row in range(400)]),
        "buyers of a few days": years.assign(till=[f"buyer {row % 1000}" for row in range(4000)]),
        "comments": two.assign(comment=[f"see note {row}" for row in rows]).drop(columns="store"),
        "prices": two.assign(price=rows / 8).drop(columns="store"),
        "customers": two.assign(visitors=generator.permutation(900)[: len(two)]).drop(columns="store"),
        "corrections": final,
        "empty cells": two.assign(store=two["store"].mask(rows % 9 == 5)),
        "lines of a receipt": two.assign(line_no=rows % 2 + 1).drop(columns="store"),
        "years of months": two.assign(date=DAYS * 2, season=["FY2021"] * 40 + ["FY2022"] * 40).drop(columns="store"),
        "years with a mark": two.assign(date=DAYS * 2, Year=["2021 p"] * 40 + ["2022 p"] * 40).drop(columns="store"),
        "weeks of issue": two.assign(issued=[f"{week % 9 + 1:02d} Jan 2024" for week in rows]).drop(columns="store"),
        "dates of issue": two.assign(issued=np.array(DAYS)[rows % 37]).drop(columns="store"),
        "too few rows": make_table("date,kind,y", [("a",), ("b",)], times=DAYS[:3]),
        "a repeated row": pd.concat([two, two.iloc[[50]]]),
    }  # fmt: skip


@pytest.mark.parametrize("name", make_doubtful())
def test_what_may_be_an_accident_is_refused(forecast: Command, name: str) -> None:
    table = make_doubtful()[name]
    for seed in (None, 2):
        write(table, seed=seed)
        outcome = forecast("predict", "data.csv", *WORDS)
        assert (outcome.code, outcome.stdout) == (65, "")
        assert "is there already" in outcome.stderr or "this row is a copy of one before" in outcome.stderr
        assert "name it with --id" in outcome.stderr or "use --id store" in outcome.stderr
    with pytest.raises(DataError, match="is there already"):
        forecaster.predict(table, horizon=2)


def test_a_repeated_row_is_named_with_its_series_once_the_ids_are_given(forecast: Command) -> None:
    write(make_doubtful()["a repeated row"])
    outcome = forecast("predict", "data.csv", *WORDS, "--id", "store")
    assert outcome.code == 65
    assert "series a, line 82: 2024-01-26 is there already (line 52); 1 row repeats" in outcome.stderr


def test_whatever_measurements_stand_beside_it_the_key_is_found() -> None:
    table = make_table("date,store,sales", [("a",), ("b",), ("c",)])
    rows = np.arange(len(table))
    table["visitors"], table["price"], table["note"] = 500 + 7 * rows % 611, rows / 4, [f"n{row}" for row in rows]
    table["weather"] = [["sun", "rain"][row // 3 % 2] for row in rows]
    table["promo"] = rows % 2
    write(table, seed=1)
    panel, summary = read(Path("data.csv"))
    assert panel.id_columns == ("store",)
    assert set(summary.columns.ignored) == {"visitors", "price", "note", "weather", "promo"}


def test_an_id_that_only_numbers_the_rows_does_not_hide_the_key(forecast: Command) -> None:
    table = make_table("date,store,sales", [("a",), ("b",)])
    table.insert(0, "id", range(1, len(table) + 1))
    write(table)
    outcome = forecast("predict", "data.csv", *WORDS)
    assert "series by 'store' (found; --id names others); not used: id" in outcome.stderr
    # more series than rows are looked at first: the numbers are ids, but do not show it there
    rows = [(day, number, day % 3 + number) for day in range(5) for number in range(1, 1101)]
    numbered = pd.DataFrame(rows, columns=["step", "id", "y"])
    write(numbered)
    panel, _ = read(Path("data.csv"), time="step")
    assert (panel.id_columns, len(panel)) == (("id",), 1100)
    assert len(read(Path("data.csv"), time="step", duplicates="last")[0]) == 1100


def test_a_rule_for_repeated_rows_holds_as_before(forecast: Command) -> None:
    write(make_table("date,store,sales", [("a",), ("b",)]))
    for words in (["--duplicates", "sum"], ["--freq", "D", "--aggregate", "sum"]):
        outcome = forecast("predict", "data.csv", *WORDS, *words)
        assert outcome.stdout.startswith("date,forecast"), outcome.stderr
    assert forecast("predict", "data.csv", *WORDS, "--duplicates", "refuse").stdout.startswith("store,date,forecast")


def test_no_column_is_an_id_where_none_is_to_be(forecast: Command) -> None:
    write(make_table("date,store,sales", [("a",), ("b",)]))
    for word in ("--id=", "--id"):
        outcome = forecast("predict", "data.csv", *WORDS, word, *([""] if word == "--id" else []))
        assert outcome.code == 65
        assert "line 3: 2024-01-01 is there already" in outcome.stderr


def test_series_whose_times_never_coincide_are_asked_for(forecast: Command) -> None:
    times = [f"{time:%Y-%m-%d %H:%M}" for time in pd.date_range("2024-01-01", periods=60, freq="h")]
    table = make_table("time,value", [()], times=times)
    table["sensor"] = [f"s{row % 3}" for row in range(60)]
    for seed, order in ((None, "time"), (4, "time"), (None, "sensor")):
        write(table.sort_values(order, kind="stable"), seed=seed)
        outcome = forecast("predict", "data.csv", *WORDS)
        assert (outcome.code, outcome.stdout) == (65, "")
        assert "no timestamp repeats, but the column 'sensor' has 3 different values" in outcome.stderr
        assert forecast("predict", "data.csv", *WORDS, "--id", "sensor").stdout.count("\n") == 7
        one = forecast("predict", "data.csv", *WORDS, "--id", "")
        assert (one.code, one.stdout.count("\n")) == (0, 3), one.stderr
    with pytest.raises(DataError, match="the column 'sensor' has 3 different values"):
        forecaster.predict(table, horizon=2)
    assert len(forecaster.predict(table, horizon=2, reading=ReadOptions(ids=("",)))) == 2
    # what is no name of series is beside the one there is
    write(table.rename(columns={"sensor": "weather"}))
    assert forecast("predict", "data.csv", *WORDS).stdout.count("\n") == 3


@pytest.mark.parametrize("name", ["shop", "numbered stores", "Prometheus", "German"])
def test_frames_have_the_same_ids(name: str) -> None:
    table, ids, _ = FILES[name]
    found = forecaster.predict(table.sample(frac=1, random_state=5), horizon=2)
    given = forecaster.predict(table.sample(frac=1, random_state=5), horizon=2, reading=ReadOptions(ids=ids))
    pd.testing.assert_frame_equal(found, given)
    assert tuple(found.columns[: len(ids)]) == ids


def test_a_model_remembers_the_ids_that_were_found(forecast: Command) -> None:
    table = make_table("date,store,sales", [("a",), ("b",)], times=DAYS)
    write(table)
    words = ["--horizon", "2", "--context", "8", "--hidden", "4", "--steps", "2", "--from-scratch"]
    trained = forecast("train", "data.csv", *words)
    assert trained.code == 0, trained.stderr
    # a day of one store alone repeats no time
    write(table[table["store"] == "b"])
    outcome = forecast("predict", "data.csv", "--output", "-")
    assert outcome.stdout.startswith("store,date,forecast"), outcome.stderr
    write(table.drop(columns="store").drop_duplicates("date"))
    outcome = forecast("predict", "data.csv", "--output", "-")
    assert outcome.code == 78
    assert "The model remembers --id store from its training." in outcome.stderr
    shutil.rmtree("model")


def test_totals_without_an_id_do_not_hide_the_key() -> None:
    table = make_table(
        "month,region,units", [("N",), ("S",), ("W",)], times=[f"2024-{month:02d}" for month in range(1, 13)]
    )
    write(table)
    with Path("data.csv").open("a") as file:
        file.write(f"Total,,{table['units'].sum()}\n")
    panel, summary = read(Path("data.csv"))
    assert panel.id_columns == ("region",)
    assert "left out: 1 row with a total instead of a time (data.csv, line 38)" in summary.notes


def test_names_of_series_are_told_from_others() -> None:
    for name in ("store", "Store ID", "storeId", "Filialnr", "product_code", "Region", "station-name"):
        assert names_series(name), name
    for name in ("store_visitors", "weather", "storey", "id", "city temp", "y"):
        assert not names_series(name), name
    assert names_no_series("Receipt No")
    assert not names_no_series("received")
