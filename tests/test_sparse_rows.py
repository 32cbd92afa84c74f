"""Rows that were written only where something was sold: what a missing row means has to be told, and is asked for."""

import shlex
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import forecaster
from forecaster.data.read_options import ReadOptions
from forecaster.data.reading import read_panel
from forecaster.errors import DataError, UsageError
from tests.conftest import Command

SALES = Path(__file__).parent / "files" / "sales_of_days_with_any.csv"
WORDS = ["--id", "item", "--horizon", "7", "--digits", "full", "--output", "-"]
ADVICE = "where no row means that nothing happened, such as no sale, use --fill 0"


def test_missing_rows_are_what_the_option_says(forecast: Command) -> None:
    outcome = forecast("predict", SALES, *WORDS, "--fill", "0")
    assert outcome.code == 0, outcome.stderr
    assert "3 series, daily" in outcome.stderr
    assert "314 steps without a row count as 0, up to the last time in the data" in outcome.stderr
    assert "missing row" not in outcome.stderr.replace("what a missing row", "")
    table = pd.read_csv(StringIO(outcome.stdout))
    # all items are forecast for the week after the file's last day, and for what is sold in a week, not on a good day
    assert set(table.groupby("item")["date"].min()) == {"2024-06-30"}
    sold = pd.read_csv(SALES).groupby("item")["quantity"].sum()
    days = {"kettle": 179, "toaster": 177, "mixer": 150}
    for item, values in table.groupby("item")["forecast"]:
        assert values.mean() < 1.5 * sold[item] / days[item]  # type: ignore[index]


def test_the_option_is_named_where_such_rows_are_met(forecast: Command) -> None:
    refused = forecast("predict", SALES, *WORDS)
    assert refused.code == 65
    assert ADVICE in refused.stderr
    named = forecast("predict", SALES, *WORDS, "--freq", "D")
    assert named.code == 0
    assert f"rows are missing at many different distances, and no value is 0: {ADVICE}" in named.stderr
    assert ADVICE not in forecast("predict", SALES, *WORDS, "--freq", "D", "--fill", "0").stderr


@pytest.mark.parametrize("kind", ["zeros among the values", "a few long gaps", "stamps that jitter", "wide"])
def test_other_files_are_not_advised_so(kind: str) -> None:
    generator = np.random.default_rng(4)
    days = pd.date_range("2024-01-01", periods=200)
    kept = days[np.sort(generator.permutation(200)[:120])]
    values = np.arange(len(kept)) % 5 + (0 if kind == "zeros among the values" else 1)
    frame = pd.DataFrame({"date": kept, "y": values})
    if kind == "a few long gaps":
        frame = pd.DataFrame({"date": days, "y": 1}).drop(index=[*range(20, 50), *range(90, 120), 150])
    if kind == "stamps that jitter":
        frame["date"] = days[:120] + pd.to_timedelta(generator.integers(0, 4000, 120), unit="s")
    if kind == "wide":
        frame = frame.assign(north=2, south=3).drop(columns="y")
    options = ReadOptions(frequency=None if kind == "stamps that jitter" else "D")
    frame.to_csv("data.csv", index=False)
    try:
        said = " ".join(read_panel("data.csv", options=options)[1].notes)
    except DataError as error:
        said = str(error)
    assert "--fill" not in said


def test_the_step_is_the_longest_that_fits_all_rows() -> None:
    months = pd.date_range("2020-01-01", periods=60, freq="MS")
    weeks = pd.date_range("2020-01-06", periods=60, freq="W-MON")
    hours = pd.date_range("2020-01-01", periods=60, freq="6h")
    kept = [0, 2, 5, 6, 9, 13, 15, 18, 20, 27]
    for times, name in ((months, "monthly"), (weeks, "weekly"), (hours, "every 6h")):
        pd.DataFrame({"date": times[kept], "y": 1.0}).to_csv("data.csv", index=False)
        panel, summary = read_panel("data.csv", options=ReadOptions(fill=0))
        assert (panel.calendar.name, panel.lengths.tolist(), summary.missing_rows) == (name, [28], 0)
        assert np.flatnonzero(panel.values).tolist() == kept


def test_cells_without_a_value_stay_missing_and_series_begin_with_their_first_row() -> None:
    rows = (
        "a,2024-01-01,1\na,2024-01-04,\na,2024-01-05,2\nb,2024-01-03,5\nb,2024-01-06,\nb,2024-01-08,\nc,2024-01-07,1\n"
    )
    Path("data.csv").write_text("id,date,y\n" + rows)
    panel, _ = read_panel("data.csv", options=ReadOptions(fill=0))
    assert panel.lengths.tolist() == [7, 5, 1]
    expected = [1, 0, 0, np.nan, 2, 0, 0, 5, 0, 0, np.nan, 0, 1]
    np.testing.assert_array_equal(panel.values, expected)


def test_a_frame_in_any_order_is_filled_as_the_file(forecast: Command) -> None:
    written = pd.read_csv(StringIO(forecast("predict", SALES, *WORDS, "--fill", "0").stdout)).set_index(
        ["item", "date"]
    )
    frame = pd.read_csv(SALES, parse_dates=["date"]).sample(frac=1, random_state=3)
    for shift in (0, 700):
        moved = frame.assign(date=frame["date"] + pd.Timedelta(days=shift))
        table = forecaster.predict(moved, horizon=7, reading=ReadOptions(ids=("item",), fill=0))
        table["date"] = (table["date"] - pd.Timedelta(days=shift)).dt.strftime("%Y-%m-%d")
        same = table.set_index(["item", "date"]).loc[written.index]
        np.testing.assert_allclose(same["forecast"], written["forecast"], rtol=1e-4, atol=1e-6)


def test_what_is_no_number_is_refused() -> None:
    with pytest.raises(UsageError, match="--fill nan: not a number"):
        read_panel(str(SALES), options=ReadOptions(ids=("item",), fill=float("nan")))
    with pytest.raises(UsageError, match=r"--fill 1e\+308: too large to compute with"):
        read_panel(str(SALES), options=ReadOptions(ids=("item",), fill=1e308))


def test_bills_are_no_events(forecast: Command) -> None:
    days = pd.Timestamp("2022-01-20") + pd.to_timedelta(np.cumsum([29, 32, 32, 30, 28, 33, 31, 27] * 3), "D")
    table = pd.DataFrame({"start": days.strftime("%Y-%m-%d"), "kwh": np.arange(24) % 7 + 100})
    table.to_csv("data.csv", index=False)
    outcome = forecast("predict", "data.csv")
    assert outcome.code == 65
    assert ADVICE not in outcome.stderr
    assert "write the month in place of its day, as 2024-01" in outcome.stderr
    table.assign(start=pd.period_range("2022-02", periods=24, freq="M").astype(str)).to_csv("data.csv", index=False)
    assert "24 rows, 1 series, monthly" in forecast("predict", "data.csv").stderr


@pytest.mark.parametrize(("name", "first"), [("t", 1), ("ordinal_date", 736389), ("Obs", 0)])
def test_a_column_that_counts_the_rows_is_offered_as_time(forecast: Command, name: str, first: int) -> None:
    table = pd.DataFrame({"price": np.arange(40) % 7 + 3.5, name: first + np.arange(40)})
    table.to_csv("data.csv", index=False)
    outcome = forecast("predict", "data.csv")
    assert outcome.code == 65
    offered = shlex.split(outcome.stderr.rsplit("use ", 1)[1].strip().removesuffix("."))
    assert offered == ["--time", name]
    assert forecast("predict", "data.csv", *offered, "--target", "price").code == 0
    table.rename(columns={name: "Customer ID"}).to_csv("data.csv", index=False)
    assert "numbers the steps" not in forecast("predict", "data.csv").stderr
    table.assign(**{name: table[name] ** 2}).to_csv("data.csv", index=False)
    assert "numbers the steps" not in forecast("predict", "data.csv").stderr
