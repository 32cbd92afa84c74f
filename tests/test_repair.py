"""`forecast check --fix`: the repaired data hold what was read, and nothing is changed without a word."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecaster.data.read_options import ReadOptions
from forecaster.data.reading import read_panel
from tests.conftest import SAMPLES, Command

FILES = Path(__file__).parent / "files"


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.csv")), ids=lambda path: path.name)
def test_what_was_written_is_read_as_before(forecast: Command, path: Path) -> None:
    ids = ("sector",) if "employment" in path.name else ()
    options = [word for name in ids for word in ("--id", name)]
    assert forecast("check", path, "--fix", "fixed.csv", *options).code == 0
    before, _ = read_panel(str(path), options=ReadOptions(ids=ids))
    after, _ = read_panel("fixed.csv", options=ReadOptions(ids=ids))
    assert after.ids == before.ids
    np.testing.assert_array_equal(after.starts, before.starts)
    np.testing.assert_array_equal(after.values, before.values)


def test_rows_are_sorted_and_merged_and_it_is_said(forecast: Command) -> None:
    days = [f"{day:02d}.03.2024" for day in range(1, 21)]
    rows = [f"{shop};{day};{number};x" for shop in ("b", "a") for number, day in enumerate(days)]
    Path("mixed.csv").write_text(
        "\n".join(["shop;day;sales;remark", *rows[::-1], "a;20.03.2024;5;x", "b;21.03.2024;;x"])
    )
    refused = forecast("check", "mixed.csv", "--id", "shop", "--fix", "fixed.csv")
    assert refused.code == 65
    assert not Path("fixed.csv").exists()
    options = ["--id", "shop", "--target", "sales", "--duplicates", "sum", "--fix", "fixed.csv", "--json"]
    outcome = forecast("check", "mixed.csv", *options)
    assert outcome.code == 0, outcome.stderr
    said = ["1 repeated row merged", "1 row without a value left out", "columns left out: remark"]
    assert f"sorted; {'; '.join(said)}; written to fixed.csv." in outcome.stderr
    assert json.loads(outcome.stdout)["changes"] == said
    table = pd.read_csv("fixed.csv")
    assert list(table.columns) == ["shop", "day", "sales"]
    for _, found in table.groupby("shop"):
        assert found["day"].tolist() == days
    assert table.groupby("shop")["sales"].apply(lambda sales: sales.iloc[-1]).to_dict() == {"a": 24, "b": 19}


def test_values_are_emptied_only_when_told(forecast: Command) -> None:
    path = FILES / "missing_marks_among_values.csv"
    assert forecast("check", path, "--id", "station", "--fix", "kept.csv").code == 0
    assert pd.read_csv("kept.csv")["level"].isin([-999, 9999]).sum() == 5
    outcome = forecast("check", path, "--id", "station", "--fix", "fixed.csv", "--empty", "W301")
    assert outcome.code == 0
    assert "5 values emptied (W301)" in outcome.stderr
    table = pd.read_csv("fixed.csv")
    assert len(table) == 400
    assert table["level"].isna().sum() == 5
    again = forecast("check", "fixed.csv", "--id", "station")
    assert "W301" not in again.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--empty", "W301"], "--empty needs --fix"),
        (["--fix", "out.csv", "--empty", "W999"], "--empty W999: only values found as W301 or W302"),
        (["--fix", "out.xlsx"], "its ending names no format"),
        (["--fix", "data.csv"], "would overwrite data.csv"),
    ],
)
def test_what_cannot_be_written_is_refused_before_reading(forecast: Command, words: list[str], message: str) -> None:
    Path("data.csv").write_text("date,y\n")
    outcome = forecast("check", "data.csv", *words)
    assert outcome.code == 2
    assert message in outcome.stderr


def test_several_targets_stay_columns_and_covariates_that_are_left_out_are_named(forecast: Command) -> None:
    days = pd.date_range("2024-01-01", periods=30).strftime("%Y-%m-%d")
    table = pd.DataFrame({"day": days, "y": np.arange(30), "z": np.arange(30) + 100, "price": [1, 2] * 15})
    stores = pd.concat([table.assign(store=store) for store in ("a", "b")], ignore_index=True)
    stores.loc[3, "y"] = np.nan
    stores.iloc[::-1].to_csv("stores.csv", index=False)
    outcome = forecast("check", "stores.csv", "--target", "y,z", "--id", "store", "--known", "price", "--fix", "ok.csv")
    assert outcome.code == 0, outcome.stderr
    assert "columns left out: price" in outcome.stderr
    pd.testing.assert_frame_equal(
        pd.read_csv("ok.csv").sort_values(["store", "day"], ignore_index=True),
        stores[["store", "day", "y", "z"]],
        check_dtype=False,
    )
