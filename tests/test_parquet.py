"""Parquet files are read like CSV files of the same table, whoever wrote them, and forecasts keep their types."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import fastparquet
import numpy as np
import pandas as pd
import pytest

import forecaster
from forecaster.data.files import parquet
from forecaster.data.files.content import Content
from forecaster.data.read_options import ReadOptions
from forecaster.data.reading import read_panel
from forecaster.forecasting.writing import make_writer
from tests.conftest import Command, make_monthly, read_parquet
from tests.redirection import make_pipe, take_stdin
from tests.test_bad_input import refuse
from tests.test_frames import assert_same
from tests.test_several_inputs import fill, read_output

FILES = Path(__file__).parent / "parquet_files"
WORDS = ["--id", "shop", "-o", "out.csv"]


def write(table: pd.DataFrame, path: str = "data.parquet") -> None:
    """Write a Parquet file with the index as it is."""
    fastparquet.write(path, table)


def make_table(*, seed: int = 1) -> pd.DataFrame:
    """Daily sales of two shops, in random order, with a value missing, beside a column that is not used."""
    generator = np.random.default_rng(seed)
    table = pd.DataFrame(
        {
            "shop": np.repeat(["b", "a"], 40),
            "day": np.tile(pd.date_range("2024-01-31", periods=40), 2),
            "note": "closed",
            "sales": generator.integers(10, 900, 80) / 10,
        }
    )
    table.loc[[3, 50], "sales"] = np.nan
    return table.drop(index=[7, 60]).sample(frac=1, random_state=3).reset_index(drop=True)


KINDS: dict[str, Callable[[pd.DataFrame], dict[str, Any]]] = {
    "as it is": lambda _: {},
    "text": lambda table: {"day": table.day.dt.strftime("%d.%m.%Y")},
    "whole numbers of days": lambda table: {"day": table.day.dt.strftime("%Y%m%d").astype(int)},
    "microseconds": lambda table: {"day": table.day.astype("datetime64[us]")},
    "categories": lambda table: {"shop": table.shop.astype("category")},
    "numbers as ids": lambda table: {"shop": table.shop.map({"a": 7, "b": 10})},
    "small numbers as ids": lambda table: {"shop": table.shop.map({"a": 7, "b": 200}).astype("uint8")},
    "leading zeros": lambda table: {"shop": table.shop.map({"a": "007", "b": "7"})},
    "nullable": lambda table: {"sales": table.sales.round().astype("Int64")},
    "whole": lambda table: {"sales": table.sales.fillna(3).round().astype("int32")},
    "yes or no": lambda table: {"sales": (table.sales > 40).astype("boolean").where(table.sales.notna())},
    "numbers of 4 bytes": lambda table: {"sales": table.sales.astype("float32")},
    "numbers as text": lambda table: {
        "sales": table.sales.map("{:.1f} €".format).str.replace(".", ",").replace("nan €", "")
    },
    "marks": lambda table: {"sales": table.sales.map(str).replace("nan", "n.v.")},
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_parquet_file_is_read_as_the_csv_of_the_same_table(kind: str) -> None:
    table = make_table()
    table = table.assign(**KINDS[kind](table))
    options = ReadOptions(ids=("shop",), target="sales")
    plain = table.assign(sales=table.sales.astype("Int8")) if kind == "yes or no" else table
    plain.to_csv("data.csv", index=False)
    write(table)
    panel, summary = read_panel("data.parquet", options=options)
    if kind == "yes or no":
        assert summary.notes[0].startswith("sales: True counts as 1")
        summary = replace(summary, notes=summary.notes[1:])
    assert_same((panel, summary), read_panel("data.csv", options=options))


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/New_York"])
def test_times_with_a_zone_are_read_and_written_in_it(forecast: Command, zone: str) -> None:
    table = make_table()
    table["day"] = table.day.dt.tz_localize(zone)
    table.to_csv("data.csv", index=False)
    write(table)
    assert forecast("predict", "data.csv", *WORDS, "--timezone", zone).code == 0
    expected = read_output()
    assert forecast("predict", "data.parquet", *WORDS).code == 0
    assert read_output() == expected
    assert forecast("predict", "data.parquet", "--id", "shop", "-o", "out.parquet").code == 0
    found = read_parquet(Path("out.parquet"))
    assert str(found.day.dt.tz) == zone
    assert found.day.min() == pd.Timestamp("2024-03-11", tz=zone)


def test_forecasts_have_the_types_of_the_data(forecast: Command) -> None:
    table = make_table()
    table["shop"] = table.shop.map({"a": 7, "b": 10}).astype("int32")
    write(table)
    assert forecast("predict", "data.parquet", *WORDS, "--digits", "full").code == 0
    as_text = pd.read_csv("out.csv", parse_dates=["day"])
    assert forecast("predict", "data.parquet", "--id", "shop", "-o", "out.parquet", "--digits", "full").code == 0
    found = read_parquet(Path("out.parquet"))
    assert [kind.str[1:3] for kind in found.dtypes[:3]] == ["i4", "M8", "f8"]
    pd.testing.assert_frame_equal(found, as_text, check_dtype=False)
    assert found.shop.tolist()[:: len(found) // 2] == list(dict.fromkeys(table.shop))
    library = forecaster.predict("data.parquet", reading=ReadOptions(ids=("shop",)))
    pd.testing.assert_frame_equal(library, found, check_exact=False)
    # ids of periods or of mixed types stay text, and so do those that a spreadsheet might run
    assert forecast("predict", "data.parquet", "--id", "shop", "-o", "out.parquet", "--quote-formulas").code == 0
    assert set(read_parquet(Path("out.parquet")).shop) == {"7", "10"}
    assert forecast("predict", "data.parquet", "--id", "shop", "-o", "out.json").code == 0


@pytest.mark.parametrize(
    ("name", "time", "first"),
    [
        ("pandas_index", "timestamp", "2024-02-10 00:00:00+01:00"),
        ("pandas_dates", "day", "2024-02-10"),
        ("pandas_periods", "month", "2023-05"),
        ("arrow_utc", "day", "2024-02-10 00:00:00+00:00"),
        ("arrow_time_of_day", "timestamp", "2024-01-02 16:00:00"),
        ("duckdb", "day", "2024-02-10"),
        ("polars", "day", "2024-02-10"),
    ],
)
def test_files_of_other_programs_are_read(forecast: Command, name: str, time: str, first: str) -> None:
    outcome = forecast("predict", FILES / f"{name}.parquet", "-o", "out.csv")
    assert outcome.code == 0, outcome.stderr
    found = pd.read_csv("out.csv", dtype=str)
    assert (found.columns[0], found[time][0]) == (time, first)
    panel, _ = read_panel(str(FILES / f"{name}.parquet"))
    expected = np.full(40, 1.5) if name == "duckdb" else np.round(np.arange(40) % 7 + 1.1, 1)
    np.testing.assert_array_equal(panel.values, expected)
    assert forecast("predict", FILES / f"{name}.parquet", "-o", "out.parquet").code == 0
    assert len(read_parquet(Path("out.parquet"))) == len(found)


def test_text_that_is_not_marked_as_such_is_an_id(forecast: Command) -> None:
    outcome = forecast("predict", FILES / "arrow_utc.parquet", *WORDS)
    assert outcome.code == 0, outcome.stderr
    assert set(pd.read_csv("out.csv").shop) == {"Köln"}
    refuse(forecast, "predict", FILES / "duckdb.parquet", "--target", "tags", code=65, says=["row 0", "not a number"])
    assert forecast("predict", FILES / "duckdb.parquet", "--id", "tags", "--target", "y", "-o", "out.csv").code == 0


@pytest.mark.parametrize("form", ["named index", "levels", "rows left out", "wide"])
def test_an_index_of_pandas_counts_as_columns(form: str) -> None:
    table = make_table()
    options = ReadOptions(ids=("shop",), target="sales")
    frame = {
        "named index": lambda: table.set_index("day"),
        "levels": lambda: table.set_index(["shop", "day"]),
        "rows left out": lambda: table,
        "wide": lambda: table.pivot(index="day", columns="shop", values="sales"),
    }[form]()
    if form == "rows left out":
        table = frame = table[table.sales > 20]
    if form == "wide":
        options, table = ReadOptions(wide=True), frame.reset_index()
    fastparquet.write("data.parquet", frame.rename_axis(columns=None), write_index=True)
    table.to_csv("data.csv", index=False)
    found, expected = read_panel("data.parquet", options=options), read_panel("data.csv", options=options)
    np.testing.assert_array_equal(found[0].values, expected[0].values)
    assert (found[0].ids, found[0].time_column) == (expected[0].ids, expected[0].time_column)


def test_messages_name_the_file_the_column_and_the_row(forecast: Command) -> None:
    table = make_table()
    Path("parts").mkdir()
    write(table.iloc[:40].reset_index(drop=True), "parts/a.parquet")
    later = table.iloc[40:].reset_index(drop=True)
    write(later.drop(columns="sales"), "parts/b.parquet")
    says = ["parts/b.parquet: no column 'sales', which the files before it have"]
    refuse(forecast, "predict", "parts", *WORDS, code=65, says=says)
    write(later.assign(sales=later.sales.astype(str).where(later.index != 4, "soon")), "parts/b.parquet")
    refuse(forecast, "predict", "parts", *WORDS, code=65, says=["parts/b.parquet, column 'sales', series", "row 4"])
    write(later.assign(shop=later.shop.where(later.index != 6)), "parts/b.parquet")
    refuse(
        forecast, "predict", "parts", *WORDS, code=65, says=["parts/b.parquet, column 'shop', row 6: the series has"]
    )
    write(pd.concat([later, table.iloc[[2]]], ignore_index=True), "parts/b.parquet")
    row = len(later)
    says = [f"parts/b.parquet, series {table.shop[2]}, row {row}:", "is there already (parts/a.parquet, row 2)"]
    refuse(forecast, "predict", "parts", *WORDS, code=65, says=says)
    write(later.iloc[:0], "empty.parquet")
    refuse(forecast, "predict", "empty.parquet", *WORDS, code=65, says=["empty.parquet: no rows"])
    refuse(forecast, "predict", "parts/a.parquet", "--id", "stor", code=2, says=["parts/a.parquet has no such column"])


def test_every_command_reads_parquet(forecast: Command) -> None:
    Path("parts").mkdir()
    make_monthly().to_csv("data.csv", index=False)
    write(make_monthly().assign(date=lambda table: pd.to_datetime(table.date)), "parts/data.parquet")
    words = ["--id", "shop", "--horizon", "6", "--steps", "5", "--from-scratch", "--hidden", "4", "--context", "24"]
    assert forecast("train", "parts", *words).code == 0
    assert forecast("predict", "data.csv", *WORDS).code == 0
    expected = read_output()
    outcome = forecast("predict", "-o", "out.csv")
    assert "parts: 288 rows, 4 series, monthly" in outcome.stderr
    assert read_output() == expected
    assert forecast("evaluate").code == 0
    assert forecast("inspect", "model", "--series", "s2").code == 0
    assert forecast("check", "parts", "--id", "shop", "--fix", "fixed.csv").code == 0
    assert Path("fixed.csv").read_text() == Path("data.csv").read_text()
    scores = forecaster.evaluate("parts", reading=ReadOptions(ids=("shop",)))
    assert scores.steps["date"].dtype.kind == "M"


def test_parquet_comes_through_pipes_too(forecast: Command) -> None:
    write(make_table())
    assert forecast("predict", "data.parquet", *WORDS).code == 0
    expected = read_output()
    with make_pipe(Path("data.parquet").read_bytes()) as name:
        assert forecast("predict", name, *WORDS).code == 0
    assert read_output() == expected
    with take_stdin("data.parquet"):
        assert forecast("predict", "-", *WORDS).code == 0
    assert read_output() == expected
    fill("pipe", Path("data.parquet").read_bytes()[:-10])
    refuse(forecast, "predict", "pipe", *WORDS, code=65, says=["pipe: the Parquet file cannot be read"])


@pytest.mark.parametrize(("written", "first"), [("%d.%m.%Y", "11.03.2024"), ("%Y%m%d", 20240311)])
def test_times_that_are_text_or_numbers_stay_such(forecast: Command, written: str, first: Any) -> None:
    table = make_table()
    table["day"] = table.day.dt.strftime(written)
    write(table.astype({"day": type(first)}))
    assert forecast("predict", "data.parquet", "--id", "shop", "-o", "out.parquet").code == 0
    assert read_parquet(Path("out.parquet")).day[0] == first


def test_texts_that_are_equal_are_kept_once() -> None:
    table = pd.DataFrame({"shop": ["north", None, "Süd", "north"] * 50, "note": [b"a\xff", b"b", None, b"b"] * 50})
    fastparquet.write("data.parquet", table, object_encoding={"shop": "utf8", "note": "bytes"})
    found = parquet.read_parquet(Content("data.parquet", Path("data.parquet")))
    assert found["shop"].tolist() == ["north", None, "Süd", "north"] * 50
    assert found["note"].tolist() == ["a\\xff", "b", None, "b"] * 50
    assert len({id(text) for name in ("shop", "note") for text in found[name]}) == 5


@pytest.mark.parametrize(
    ("first", "unit", "horizon", "written"), [("1613-06-24", "ms", 3, "ms"), ("2262-01-01", "ns", 60, "us")]
)
def test_distant_times_are_written_in_a_unit_that_reaches_them(
    forecast: Command, first: str, unit: Any, horizon: int, written: str
) -> None:
    days = pd.Series(np.datetime64(first, "s") + np.arange(60) * np.timedelta64(1, "D"))
    write(pd.DataFrame({"ds": days.dt.as_unit(unit), "y": np.arange(60) % 7}))
    assert forecast("predict", "data.parquet", "--horizon", horizon, "-o", "out.parquet").code == 0
    found = read_parquet(Path("out.parquet")).ds
    assert found.dtype == f"datetime64[{written}]"
    assert found.to_numpy()[-1] == days.to_numpy()[-1] + np.timedelta64(horizon, "D")


@pytest.mark.parametrize("zone", [None, "Europe/Berlin"])
def test_times_in_seconds_are_written_as_they_are(tmp_path: Path, zone: str | None) -> None:
    times = pd.Series(pd.date_range("2024-01-01", periods=3, unit="s", tz=zone))
    with (tmp_path / "out.parquet").open("wb") as file:
        make_writer(pd.DataFrame({"ds": times, "y": 1.0}), output="out.parquet")(file)
    assert read_parquet(tmp_path / "out.parquet").ds.tolist() == times.tolist()
