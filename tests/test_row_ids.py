"""A column called `id` that differs in each row is no series, or is asked about."""

from pathlib import Path

import pandas as pd
import pytest

from forecaster.data.frames import read_frame
from forecaster.data.read_options import ReadOptions
from forecaster.data.reading import read_panel
from forecaster.errors import DataError
from tests.conftest import Command

DAYS = [f"{day:%Y-%m-%d}" for day in pd.date_range("2024-01-01", periods=30)]
BUSINESS_DAYS = [f"{day:%d.%m.%Y}" for day in pd.bdate_range("2024-01-15", periods=30)]
MONTHS = [f"{day:%Y-%m}" for day in pd.date_range("2022-01-01", periods=30, freq="MS")]
NOTE = "'id' differs in each row, so it numbers the rows of one series (--id id if not)"
NUMBERED = "every series has one row only, as 'id' differs in each row. If it numbers the rows, use --id ''"


def write(times: list[str], ids: list[str], *, name: str = "id") -> None:
    """A file of one value a row."""
    rows = (f"{key},{time},{100 + number % 7}" for number, (key, time) in enumerate(zip(ids, times, strict=True)))
    Path("data.csv").write_text("\n".join([f"{name},date,amount", *rows]) + "\n")


@pytest.mark.parametrize("times", [DAYS, BUSINESS_DAYS, MONTHS], ids=["days", "business days", "months"])
@pytest.mark.parametrize("pattern", ["po_{:03d}", "{}"])
@pytest.mark.parametrize("is_mixed", [False, True])
def test_an_id_of_each_row_is_no_series(forecast: Command, times: list[str], pattern: str, is_mixed: bool) -> None:
    rows = [(time, pattern.format(number * 37 % 1009)) for number, time in enumerate(times)]
    if is_mixed:
        rows.sort(key=lambda row: row[1])
    write(*([*part] for part in zip(*rows, strict=True)))
    outcome = forecast("predict", "data.csv", "--horizon", "2", "--output", "-")
    assert outcome.code == 0, outcome.stderr
    assert "1 series" in outcome.stderr
    assert NOTE in outcome.stderr
    pd.read_csv("data.csv").drop(columns="id").to_csv("plain.csv", index=False)
    assert forecast("predict", "plain.csv", "--horizon", "2", "--output", "-").stdout == outcome.stdout
    assert len(read_frame(pd.read_csv("data.csv", dtype={"id": str}))[0]) == 1
    assert len(read_panel("data.csv", options=ReadOptions(ids=("id",), frequency="D"))[0]) == 30


@pytest.mark.parametrize("words", [[], ["--freq", "D"], ["--freq", "D", "--aggregate", "sum"]])
@pytest.mark.parametrize(
    "times",
    [
        [DAYS[row // 2] for row in range(30)],
        [f"{pd.Timestamp('2024-01-01') + pd.Timedelta(row * row, 'D'):%Y-%m-%d}" for row in range(30)],
        DAYS[:9],
    ],
    ids=["several a day", "irregular", "few"],
)
def test_an_id_of_each_row_is_asked_about_where_the_times_show_nothing(
    forecast: Command, times: list[str], words: list[str]
) -> None:
    write(times, [f"po_{row}" for row in range(len(times))])
    outcome = forecast("predict", "data.csv", *words)
    assert outcome.code == 65
    assert NUMBERED in outcome.stderr
    words = ["--freq", "D", "--aggregate", "sum", "--horizon", "1", "--output", "-"]
    followed = forecast("predict", "data.csv", "--id", "", *words)
    assert followed.code == 0, followed.stderr
    assert "one series" in followed.stderr


@pytest.mark.parametrize("name", ["id", "unique_id", "series"])
def test_an_id_that_is_there_again_is_a_series(name: str) -> None:
    write([*DAYS, *DAYS], [*["a"] * 30, *["b"] * 30], name=name)
    panel, summary = read_panel("data.csv")
    assert panel.ids == [("a",), ("b",)]
    assert summary.columns.row_id is None


def test_ids_that_are_there_again_below_the_first_rows_are_series() -> None:
    times = [f"{time:%Y-%m-%d %H:%M}" for time in pd.date_range("2024-01-01", periods=3000, freq="min")]
    write(times, [f"s{row % 1500}" for row in range(3000)])
    panel, _ = read_panel("data.csv")
    assert len(panel) == 1500
    lines = Path("data.csv").read_text().splitlines()
    late = [f"{line},{'' if number < 2000 else 5}" for number, line in enumerate(lines[1:])]
    Path("late.csv").write_text("\n".join([f"{lines[0]},extra", *late]) + "\n")
    assert len(read_panel("late.csv")[0]) == 1500
    assert len(read_frame(pd.read_csv("late.csv"))[0]) == 1500
    write(times, [f"s{row}" for row in range(3000)])
    with pytest.raises(DataError, match="every series has one row only, as 'id' differs in each row"):
        read_panel("data.csv")
