"""Rows that are events: `--aggregate count` forecasts how many there are in a step, whatever they hold."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import forecaster
from forecaster.data.frames import read_frame
from forecaster.data.grids.grid import ReadSummary
from forecaster.data.panel import Panel
from forecaster.data.read_options import ReadOptions
from forecaster.data.reading import read_panel
from forecaster.errors import DataError, UsageError
from tests.conftest import Command

FLAGS = ["--freq", "D", "--aggregate", "count"]


def make_calls(*, days: int = 60, seed: int = 0) -> pd.DataFrame:
    """Calls from 8 to 20 h, fewer at weekends and none on every tenth day; numbered, and with some equal cells."""
    generator = np.random.default_rng(seed)
    dates = pd.date_range("2024-01-01", periods=days)
    counts = generator.poisson(np.where(dates.dayofweek < 5, 12, 3)) * (np.arange(days) % 10 != 4)
    counts[[0, -1]] = 12
    times = np.repeat(dates, counts) + pd.to_timedelta(generator.integers(8 * 3600, 20 * 3600, counts.sum()), "s")
    table = pd.DataFrame({"time": np.sort(times), "region": generator.choice(["north", "south"], counts.sum())})
    # each day has an early and a late row, so that none is incomplete
    times = table.groupby(table["time"].dt.date)["time"]
    first, last = times.idxmin(), times.idxmax()
    table.loc[first, "time"] = table.loc[first, "time"].dt.normalize() + pd.Timedelta("8h")
    table.loc[last, "time"] = table.loc[last, "time"].dt.normalize() + pd.Timedelta("20h")
    table["priority"] = generator.integers(1, 4, len(table))
    table.insert(0, "id", np.arange(1000, 1000 + len(table)))
    return table


def read(table: pd.DataFrame, **options: Any) -> tuple[Panel, ReadSummary]:
    table.to_csv("calls.csv", index=False)
    return read_panel("calls.csv", options=ReadOptions(frequency="D", aggregate="count", **options))


def count_days(table: pd.DataFrame) -> list[int]:
    """The rows of each day, and 0 on days without any."""
    return table.set_index("time").resample("D").size().tolist()


def test_each_row_counts_as_one_and_days_without_any_are_zero() -> None:
    table = make_calls()
    panel, summary = read(table)
    assert panel.values.tolist() == count_days(table)
    assert 0 in panel.values
    assert (summary.columns.targets, summary.columns.ids) == (("count",), ())
    assert f"{len(table):,} rows are counted, whatever they hold, and give 54 steps" in summary.notes
    assert "6 steps without a row count as 0, up to the last time in the data" in summary.notes


def test_a_series_for_each_value_of_a_column() -> None:
    table = make_calls()
    panel, _ = read(table, ids=("region",))
    assert sorted(panel.ids) == [("north",), ("south",)]
    for (name,), start, end in zip(panel.ids, panel.offsets[:-1], panel.offsets[1:], strict=True):
        assert panel.values[start:end].sum() == (table["region"] == name).sum()


def test_what_the_rows_hold_does_not_matter() -> None:
    table = make_calls()
    expected = count_days(table)
    for cells in (1, np.nan, "?", -999, 1_234.5):
        panel, _ = read(table.assign(priority=cells), missing=("1", "-999"))
        assert panel.values.tolist() == expected, cells
    panel, _ = read(table[["time"]])
    assert panel.values.tolist() == expected
    panel, _ = read(table.sample(frac=1, random_state=0))
    assert panel.values.tolist() == expected


@pytest.mark.parametrize("name", ["ts", "created_ts", "unix_time", "Epoch"])
def test_events_with_numbers_of_milliseconds_behind_other_columns(name: str) -> None:
    table = make_calls()
    epochs = table.assign(**{name: table["time"].astype("datetime64[ms]").astype("int64")}).drop(columns="time")
    panel, summary = read(epochs)
    assert panel.values.tolist() == count_days(table)
    assert summary.columns.time == name


def test_the_column_that_is_counted_is_none_of_the_file(forecast: Command) -> None:
    table = make_calls()
    table.drop(columns="time").to_csv("calls.csv", index=False)
    outcome = forecast("predict", "calls.csv", *FLAGS)
    assert outcome.code == 65
    assert "no time column among id, region, priority. Name it" in outcome.stderr


def test_equal_rows_count_each() -> None:
    table = make_calls().assign(id=1, region="north", priority=1)
    twice = pd.concat([table, table])
    assert read(twice)[0].values.tolist() == [2 * count for count in count_days(table)]


def test_a_column_that_is_called_so_already_is_left_alone() -> None:
    table = make_calls().rename(columns={"priority": "Count"})
    panel, summary = read(table)
    assert panel.values.tolist() == count_days(table)
    assert summary.columns.targets == ("rows",)


def test_lines_that_are_no_rows_are_not_counted(forecast: Command) -> None:
    table = make_calls()
    text = table.to_csv(index=False)
    lines = text.splitlines()
    Path("calls.csv").write_text("\n".join([*lines[:40], "", lines[0], *lines[40:], "", ",,,", "Source: the exchange"]))
    panel, _ = read_panel("calls.csv", options=ReadOptions(frequency="D", aggregate="count"))
    assert panel.values.tolist() == count_days(table)
    by_region, _ = read_panel("calls.csv", options=ReadOptions(frequency="D", aggregate="count", ids=("region",)))
    assert by_region.values.sum() == len(table)
    Path("calls.csv").write_text("\n".join([*lines, "7,,north,1"]))
    outcome = forecast("predict", "calls.csv", *FLAGS)
    assert (outcome.code, outcome.stdout) == (65, ""), "a row that has no time lies in no step"
    assert f"calls.csv, column 'time', line {len(lines) + 1}" in outcome.stderr


def test_a_row_without_a_time_is_refused_in_a_frame_too() -> None:
    table = make_calls()
    table.loc[7, "time"] = None
    with pytest.raises(DataError, match="row 7"):
        read_frame(table, options=ReadOptions(frequency="D", aggregate="count"))
    empty = pd.concat([make_calls(), pd.DataFrame([{}] * 3)], ignore_index=True)
    panel, _ = read_frame(empty, options=ReadOptions(frequency="D", aggregate="count"))
    assert panel.values.tolist() == count_days(make_calls())


def test_a_day_that_is_cut_off_is_left_out() -> None:
    table = make_calls()
    cut = table[table["time"] < pd.Timestamp("2024-02-29 11:00")]
    panel, summary = read(cut)
    assert panel.values.tolist() == count_days(table)[:-1]
    assert "incomplete steps left out: 1 at the end" in summary.notes


def test_frames_and_parquet_are_counted_as_the_file_is() -> None:
    table = make_calls(days=90)
    reading = ReadOptions(frequency="D", aggregate="count", ids=("region",))
    table.to_csv("calls.csv", index=False)
    table.to_parquet("calls.parquet", engine="fastparquet")
    wanted = forecaster.predict("calls.csv", horizon=5, reading=reading)
    for data in (table, table.set_index("time"), "calls.parquet"):
        found = forecaster.predict(data, horizon=5, reading=reading)
        np.testing.assert_array_equal(found.filter(like="forecast"), wanted.filter(like="forecast"))
    assert list(table.columns) == ["id", "time", "region", "priority"]


def test_all_commands_that_read_count(forecast: Command) -> None:
    make_calls(days=120).to_csv("calls.csv", index=False)
    outcome = forecast("predict", "calls.csv", *FLAGS, "--horizon", "3", "--output", "-")
    assert outcome.code == 0, outcome.stderr
    assert "target 'count', one series" in outcome.stderr
    table = pd.read_csv(io.StringIO(outcome.stdout))
    assert table["forecast"].between(1, 20).all()
    for words in (["check"], ["evaluate", "--horizon", "3"], ["plot", "--output", "chart.svg"]):
        outcome = forecast(words[0], "calls.csv", *FLAGS, *words[1:])
        assert outcome.code == 0, (words, outcome.stderr)


@pytest.mark.parametrize(
    ("options", "flag"), [({"target": "priority"}, "--target priority"), ({"wide": True}, "--wide")]
)
def test_what_is_forecast_cannot_be_named_as_well(options: dict[str, Any], flag: str) -> None:
    with pytest.raises(UsageError, match=f"--aggregate count and {flag} do not go together"):
        read(make_calls(), **options)


def test_a_table_with_a_column_for_each_month_holds_no_events(forecast: Command) -> None:
    months = [f"2023-{month:02}" for month in range(1, 13)]
    Path("sales.csv").write_text(f"shop,{','.join(months)}\nnorth{',5' * 12}\nsouth{',6' * 12}\n")
    outcome = forecast("predict", "sales.csv", "--freq", "MS", "--aggregate", "count")
    assert (outcome.code, outcome.stdout) == (2, "")
    assert "sales.csv has a column for each time, and no row is an event" in outcome.stderr
    with pytest.raises(UsageError, match="a column for each time"):
        read_frame(pd.read_csv("sales.csv"), options=ReadOptions(frequency="MS", aggregate="count"))


def test_a_step_is_needed() -> None:
    make_calls().to_csv("calls.csv", index=False)
    with pytest.raises(UsageError, match="--aggregate count: name the step too, such as --freq D"):
        read_panel("calls.csv", options=ReadOptions(aggregate="count"))


def test_a_model_counts_as_it_was_trained(forecast: Command) -> None:
    make_calls(days=90).to_csv("calls.csv", index=False)
    trained = forecast("train", "calls.csv", *FLAGS, "--horizon", "3", "--steps", "2")
    assert trained.code == 0, trained.stderr
    make_calls(days=100, seed=1).to_csv("later.csv", index=False)
    outcome = forecast("predict", "later.csv", "--output", "-")
    assert outcome.code == 0, outcome.stderr
    assert "target 'count', one series" in outcome.stderr
    assert len(pd.read_csv(io.StringIO(outcome.stdout))) == 3
