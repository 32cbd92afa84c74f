"""Columns that describe series as a whole: how they are read, said, suggested, remembered and refused."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import forecaster
from forecaster.data.reading import read_panel
from forecaster.errors import DataError, UsageError
from forecaster.library.inputs import read_data
from tests.conftest import Command

READING = forecaster.ReadOptions(ids=("shop",), target="sales", static=("region", "size"))


def make_table(*, shops: int = 4, days: int = 20) -> pd.DataFrame:
    """Noise by day of shops, each in a region and with a size."""
    generator = np.random.default_rng(0)
    number = np.repeat(np.arange(shops), days)
    return pd.DataFrame(
        {
            "shop": [f"s{one}" for one in number],
            "date": np.tile(pd.date_range("2024-01-01", periods=days).strftime("%Y-%m-%d"), shops),
            "sales": generator.normal(50, 3, shops * days).round(2),
            "region": np.array(["north", "south", "east"])[number % 3],
            "size": 100 * (1 + number // 2),
            "open": np.where(number % 2, "yes", "no"),
        }
    )


def test_numbers_yes_and_no_and_categories_are_read_of_each_series() -> None:
    table = make_table()
    given = read_data(table, reading=replace(READING, static=("region", "size", "open"))).panel.attributes
    assert given is not None
    assert given.categories["region"].tolist() == ["north", "south", "east", "north"]
    assert given.numbers["size"].tolist() == [100, 100, 200, 200]
    assert given.numbers["open"].tolist() == [0, 1, 0, 1]
    # in the order of the series, whatever the order of the rows is
    mixed = read_data(table.sample(frac=1, random_state=1), reading=READING).panel
    assert mixed.attributes is not None
    expected = dict(zip(("s0", "s1", "s2", "s3"), given.categories["region"], strict=True))
    assert [expected[key] for (key,) in mixed.ids] == mixed.attributes.categories["region"].tolist()


@pytest.mark.parametrize("as_file", [False, True])
def test_missing_cells_are_passed_over_and_a_series_without_any_is_unknown(as_file: bool) -> None:
    table = make_table()
    table.loc[table.index[1:19], ["region", "size"]] = None
    table.loc[table["shop"] == "s2", ["region", "size"]] = None
    if as_file:
        table.to_csv("data.csv", index=False)
        panel, _ = read_panel("data.csv", options=READING)
    else:
        panel = read_data(table, reading=READING).panel
    assert panel.attributes is not None
    assert panel.attributes.categories["region"].tolist() == ["north", "south", "", "north"]
    np.testing.assert_array_equal(panel.attributes.numbers["size"], [100, 100, np.nan, 200])


def test_of_several_targets_each_has_those_of_its_row() -> None:
    table = make_table().assign(visits=1.0)
    panel = read_data(table, reading=replace(READING, target="sales,visits")).panel
    assert panel.attributes is not None
    assert panel.attributes.categories["region"].tolist() == 2 * ["north", "south", "east", "north"]


def test_they_are_said_and_without_training_change_no_forecast(forecast: Command) -> None:
    make_table().to_csv("data.csv", index=False)
    words = ("predict", "data.csv", "--id", "shop", "--target", "sales", "--horizon", "3", "-o", "-")
    plain, described = forecast(*words), forecast(*words, "--static", "region,size")
    assert "series described by region, size" in described.stderr
    assert "region, size: what describes a series has no effect without 'forecast train'" in described.stderr
    assert described.stdout == plain.stdout
    assert forecast(*words, "--static", "region").code == 0


def test_columns_that_are_the_same_within_each_series_are_suggested(forecast: Command) -> None:
    table = make_table()
    table["late"] = np.where(np.arange(len(table)) == 70, "west", table["region"])
    table.to_csv("data.csv", index=False)
    said = forecast("predict", "data.csv", "--id", "shop", "--target", "sales").stderr
    assert "--static region,size,open, for 'train': the same in all rows of a series" in said
    audit = forecast("check", "data.csv", "--id", "shop", "--target", "sales", "--json")
    found = {one["code"]: one for one in json.loads(audit.stdout)["findings"]}["N403"]
    assert found["count"] == 3
    assert found["examples"] == ["'region'", "'size'", "'open'"]
    used = forecast("check", "data.csv", "--id", "shop", "--target", "sales", "--static", "region,size,open", "--json")
    assert "N403" not in [one["code"] for one in json.loads(used.stdout)["findings"]]
    assert "series described by region, size, open" in json.loads(used.stdout)["facts"]["columns"]


def test_a_name_of_each_series_is_not_suggested(forecast: Command) -> None:
    table = make_table()[["shop", "date", "sales"]]
    table.assign(title=table["shop"] + " shop", land="A").to_csv("data.csv", index=False)
    assert "--static" not in forecast("predict", "data.csv", "--id", "shop", "--target", "sales").stderr


@pytest.mark.parametrize(
    ("words", "code", "reason"),
    [
        (
            ("--static", "price"),
            65,
            "data.csv, column 'price', series s0, line 3: 2, but 1 in line 2. An attribute of a series (--static) does "
            "not change within it: fix the cell, or name the column with --known or --past.",
        ),
        (("--static", "late"), 65, "column 'late', series s3, line 81: 'west', but 'north' in line 62."),
        (("--static", "mixed"), 65, "column 'mixed', series s0, line 2: 'north' is not a number, as other cells of"),
        (("--static", "region", "--known", "region"), 2, "--known and --static both name the column 'region'."),
        (
            ("--static", "region,region"),
            2,
            "--static names the column 'region' twice. Name it once.",
        ),
        (("--static", "shop"), 2, "--static and --id both name the column 'shop'. A column has one role."),
        (("--static", "regoin"), 2, "--static regoin: data.csv has no such column (did you mean 'region'?)."),
        (("--static", "huge"), 65, "column 'huge', series s0, line 2: the value is too large to compute with."),
    ],
)
@pytest.mark.parametrize("command", ["predict", "train"])
def test_what_cannot_describe_a_series_is_refused(
    forecast: Command, command: str, words: tuple[str, ...], code: int, reason: str
) -> None:
    table = make_table()
    table["price"] = 1 + np.arange(len(table)) % 2
    table["late"] = np.where(np.arange(len(table)) == 79, "west", table["region"])
    table["empty"], table["huge"] = np.nan, 1e300
    table["mixed"] = np.where(table["region"] == "east", "5", table["region"])
    table.to_csv("data.csv", index=False)
    before = {path.name for path in Path().iterdir()}
    outcome = forecast(command, "data.csv", "--id", "shop", "--target", "sales", "--horizon", "3", *words)
    assert outcome.code == code, outcome.stderr
    assert reason in outcome.stderr
    assert "Traceback" not in outcome.stderr
    assert {path.name for path in Path().iterdir()} == before


def test_hundreds_of_columns_and_wide_tables_are_refused() -> None:
    table = make_table()
    names = tuple(f"x{number}" for number in range(500))
    many = pd.DataFrame(np.ones((len(table), 500)), columns=[*names])
    reading = replace(READING, static=names)
    with pytest.raises(UsageError, match=r"--static: 500 columns, more than 20\. Name those that matter most\."):
        read_data(table.join(many), reading=reading)
    wide = pd.DataFrame({"date": table["date"][:20], "a": table["sales"][:20], "b": table["sales"][:20], "c": 1})
    with pytest.raises(UsageError, match="--static c: in a wide table each column is a series"):
        read_data(wide, reading=forecaster.ReadOptions(wide=True, static=("c",)))


def test_the_error_names_the_row_of_a_frame() -> None:
    table = make_table()
    table.loc[7, "region"] = "west"
    with pytest.raises(DataError, match="the frame, column 'region', series s0, row 7: 'west', but 'north' in row 0"):
        forecaster.predict(table, reading=READING)


def test_text_of_the_past_goes_with_a_file_of_the_future(forecast: Command) -> None:
    table = make_table(shops=1, days=60)
    table["promo"], is_past = np.arange(60) % 5 == 0, table.index < 55
    table["sky"] = np.where(np.arange(60) % 3, "rain", "sun")
    words = ("--id", "", "--target", "sales", "--known", "promo", "--past", "sky", "--horizon", "5", "-o", "-")
    columns = ["date", "sales", "promo", "sky"]
    table.loc[is_past, columns].to_csv("past.csv", index=False)
    table.loc[~is_past, ["date", "promo"]].to_csv("future.csv", index=False)
    table.assign(sales=table["sales"].where(is_past), sky=table["sky"].where(is_past))[columns].to_csv(
        "both.csv", index=False
    )
    one, other = (
        forecast("predict", "past.csv", *words, "--future", "future.csv"),
        forecast("predict", "both.csv", *words),
    )
    assert one.code == other.code == 0, one.stderr + other.stderr
    assert one.stdout == other.stdout


def test_a_column_without_a_value_is_said(forecast: Command) -> None:
    make_table().assign(empty="").to_csv("data.csv", index=False)
    outcome = forecast("predict", "data.csv", "--id", "shop", "--target", "sales", "--static", "empty", "-o", "out.csv")
    assert outcome.code == 0, outcome.stderr
    assert "empty (--static): no row has a value, so nothing is known of it" in outcome.stderr
