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
    said = ["sorted", "1 repeated row merged", "1 row without a value left out", "columns left out: remark"]
    assert f"{'; '.join(said)}; written to fixed.csv." in outcome.stderr
    assert json.loads(outcome.stdout)["changes"] == said
    table = pd.read_csv("fixed.csv")
    assert list(table.columns) == ["shop", "day", "sales"]
    for _, found in table.groupby("shop"):
        assert found["day"].tolist() == days
    assert table.groupby("shop")["sales"].apply(lambda sales: sales.iloc[-1]).to_dict() == {"a": 24, "b": 19}


def test_what_was_in_order_is_not_said_to_be_sorted(forecast: Command) -> None:
    rows = [f"{shop},2024-03-{day:02d},{day}" for shop in ("b", "a") for day in range(1, 21)]
    Path("by_shop.csv").write_text("\n".join(["shop,day,sales", *rows, ""]))
    outcome = forecast("check", "by_shop.csv", "--fix", "fixed.csv", "--json")
    assert "nothing to change; written to fixed.csv." in outcome.stderr
    assert json.loads(outcome.stdout)["changes"] == []
    assert Path("fixed.csv").read_text() == Path("by_shop.csv").read_text()
    by_day = sorted(rows, key=lambda row: row.split(",")[1])
    Path("by_day.csv").write_text("\n".join(["shop,day,sales", *by_day, ""]))
    assert "\nsorted; written to" in forecast("check", "by_day.csv", "--fix", "again.csv").stderr
    assert Path("again.csv").read_text() == Path("by_shop.csv").read_text()


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
        (["--fix", "out.xlsx"], "--fix out.xlsx: its ending names no format"),
        (["--fix", "out.json"], "--fix out.json: its ending names no format"),
        (["--fix", "data.csv"], "would overwrite data.csv"),
    ],
)
def test_what_cannot_be_written_is_refused_before_reading(forecast: Command, words: list[str], message: str) -> None:
    Path("data.csv").write_text("date,y\n")
    outcome = forecast("check", "data.csv", *words)
    assert outcome.code == 2
    assert message in outcome.stderr


def test_several_targets_stay_columns_with_their_covariates(forecast: Command) -> None:
    days = pd.date_range("2024-01-01", periods=30).strftime("%Y-%m-%d")
    table = pd.DataFrame({"day": days, "y": np.arange(30), "z": np.arange(30) + 100, "price": [1, 2] * 15, "note": 7})
    stores = pd.concat([table.assign(store=store) for store in ("a", "b")], ignore_index=True)
    stores.loc[3, "y"] = np.nan
    stores.loc[59, ["y", "z"]] = np.nan
    stores.iloc[::-1].to_csv("stores.csv", index=False)
    outcome = forecast("check", "stores.csv", "--target", "y,z", "--id", "store", "--known", "price", "--fix", "ok.csv")
    assert outcome.code == 0, outcome.stderr
    assert "columns left out: note" in outcome.stderr
    pd.testing.assert_frame_equal(
        pd.read_csv("ok.csv").sort_values(["store", "day"], ignore_index=True),
        stores[["store", "day", "y", "z", "price"]],
        check_dtype=False,
    )


ROLES = ("--known", "promo,open", "--past", "weather", "--static", "region,size")


def _make_explained() -> pd.DataFrame:
    """Three shops with all kinds of covariates, and six days of which only these are known."""
    generator = np.random.default_rng(5)
    days = pd.date_range("2024-01-01", periods=90).strftime("%Y-%m-%d")
    parts = []
    for number, shop in enumerate("abc"):
        promo = generator.choice(["none", "paper", "radio"], 90)
        sales = 20 + number + 5 * (promo == "paper") + generator.normal(0, 1, 90)
        part = pd.DataFrame({"day": days, "shop": shop, "sales": sales.round(2), "promo": promo})
        part["open"] = generator.choice(["yes", "no"], 90)
        part["weather"] = generator.normal(10, 2, 90).round(1)
        part["region"], part["size"] = "north" if number else "south", 40 + number
        part.loc[84:, ["sales", "weather"]] = np.nan
        part.loc[7, ["promo", "weather"]] = np.nan
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def test_covariates_are_written_as_they_were_and_forecasts_stay_the_same(forecast: Command) -> None:
    table = _make_explained()
    mixed = pd.concat([table, table.iloc[20:23]]).sample(frac=1, random_state=1)
    mixed.to_csv("mixed.csv", index=False)
    words = ["--id", "shop", "--target", "sales", *ROLES, "--duplicates", "last"]
    assert forecast("check", "mixed.csv", *words, "--fix", "fixed.csv").code == 0
    fixed = pd.read_csv("fixed.csv", keep_default_na=False, na_values=[""])
    pd.testing.assert_frame_equal(
        fixed[list(table.columns)].sort_values(["shop", "day"], ignore_index=True),
        table,
        check_dtype=False,
    )
    outputs = []
    for path in ("mixed.csv", "fixed.csv"):
        outcome = forecast("predict", path, *words, "--horizon", "6", "--model", "base", "--output", "-")
        assert outcome.code == 0, outcome.stderr
        outputs.append(outcome.stdout)
    assert outputs[0] == outputs[1]


def test_covariates_of_a_wide_table_stay_columns(forecast: Command) -> None:
    days = pd.date_range("2024-01-01", periods=40).strftime("%Y-%m-%d")
    table = pd.DataFrame({"day": days, "north": np.arange(40.0), "south": np.arange(40) * 2.0, "price": [1, 2] * 20})
    table.loc[:4, "north"] = np.nan
    table.loc[38:, ["north", "south"]] = np.nan
    table.iloc[::-1].to_csv("wide.csv", index=False)
    assert forecast("check", "wide.csv", "--known", "price", "--fix", "fixed.csv").code == 0
    pd.testing.assert_frame_equal(pd.read_csv("fixed.csv"), table, check_dtype=False)
