"""Folders of Parquet files and several of them are read as one table, whatever differs between them."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from forecaster.data.read_options import ReadOptions
from forecaster.data.reading import read_panel
from tests.conftest import Command
from tests.test_bad_input import refuse
from tests.test_parquet import WORDS, make_table, write
from tests.test_several_inputs import read_output


def test_a_folder_and_several_files_are_one_table(forecast: Command) -> None:
    table = make_table()
    write(table)
    Path("parts").mkdir()
    for number in range(4):
        write(table.iloc[number * 20 : number * 20 + 20].reset_index(drop=True), f"parts/{number}.parquet")
    assert forecast("predict", "data.parquet", *WORDS).code == 0
    expected = read_output()
    for words in (["parts"], ["parts/*.parquet"], [f"parts/{number}.parquet" for number in range(4)]):
        outcome = forecast("predict", *words, *WORDS)
        assert outcome.code == 0, outcome.stderr
        assert read_output() == expected


@pytest.mark.parametrize(
    ("first", "second", "ids"),
    [
        ({"shop": 7}, {"shop": 7.0}, ["7"]),
        ({"shop": 7}, {"shop": "7"}, ["7"]),
        ({"shop": "x"}, {"shop": pd.Categorical(["x"] * 20)}, ["x"]),
        ({"day": "us"}, {"day": "ns"}, ["x"]),
        ({"sales": None}, {}, ["x"]),
        ({}, {"sales": 5}, ["x"]),
        ({"sales": 5}, {"sales": 1e20}, ["x"]),
        ({}, {"later": 1}, ["x"]),
    ],
)
def test_types_may_differ_from_file_to_file(
    first: dict[str, Any], second: dict[str, Any], ids: list[str], recwarn: pytest.WarningsRecorder
) -> None:
    days = pd.date_range("2024-01-01", periods=40)
    for number, changed in enumerate((first, second)):
        part = days[number * 20 : number * 20 + 20]
        table = pd.DataFrame({"shop": "x", "day": part, "sales": np.arange(20) + 0.5})
        unit = changed.get("day")
        table = table.assign(**(changed if unit is None else {"day": part.astype(f"datetime64[{unit}]")}))
        if changed.get("sales", 1) is None:
            table["sales"] = pd.array([None] * 20, dtype="Int32")
        write(table, f"{number}.parquet")
    panel, _ = read_panel(["0.parquet", "1.parquet"], options=ReadOptions(ids=("shop",), target="sales"))
    assert [key[0] for key in panel.ids] == ids
    assert panel.starts[0] + np.timedelta64(int(panel.lengths[0]), "D") == np.datetime64("2024-02-10")
    assert not recwarn.list


def test_what_forecast_wrote_as_parquet_is_left_out_of_a_folder(forecast: Command) -> None:
    Path("parts").mkdir()
    write(make_table(), "parts/data.parquet")
    words = ["--id", "shop", "-o", "parts/tomorrow.parquet"]
    assert forecast("predict", "parts", *words).code == 0
    before = Path("parts/tomorrow.parquet").read_bytes()
    assert forecast("evaluate", "parts", "--id", "shop", "-o", "parts/metrics.json").code == 0
    outcome = forecast("predict", "parts", *words)
    assert outcome.code == 0, outcome.stderr
    left_out = ", ".join(f"parts/{name}" for name in ("backtest.csv", "metrics.csv", "tomorrow.parquet"))
    assert f"  left out: {left_out}, which forecast wrote" in outcome.stderr.splitlines()
    assert Path("parts/tomorrow.parquet").read_bytes() == before
    refuse(forecast, "predict", "parts/data.parquet", "-o", "parts/data.parquet", code=2, says=["would overwrite"])


def test_files_of_two_kinds_are_not_read_as_one(forecast: Command) -> None:
    Path("parts").mkdir()
    table = make_table()
    table.to_csv("parts/a.csv", index=False)
    write(table, "parts/b.parquet")
    for names in (["parts"], ["parts/*"], ["parts/a.csv", "parts/b.parquet"]):
        says = ["parts/a.csv is CSV and parts/b.parquet is Parquet", "such as 'parts/*.csv'"]
        refuse(forecast, "predict", *names, *WORDS, "--duplicates", "sum", code=65, says=says)
    assert forecast("predict", "parts/*.csv", *WORDS).code == 0
    expected = read_output()
    assert forecast("predict", "parts/*.parquet", *WORDS).code == 0
    assert read_output() == expected


def test_names_of_columns_and_folders_may_hold_marks(forecast: Command) -> None:
    Path("parts/region=north").mkdir(parents=True)
    write(make_table().rename(columns={"sales": "sales.net", "day": "day.of.sale"}), "parts/region=north/0.parquet")
    outcome = forecast("predict", "parts/*/*.parquet", *WORDS)
    assert outcome.code == 0, outcome.stderr
    assert "time 'day.of.sale', target 'sales.net'" in outcome.stderr
    assert "  names of folders such as 'region=north' are not read as columns" in outcome.stderr.splitlines()
