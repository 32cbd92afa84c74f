"""Rows without a time: the message names what helps, and following it loses no row."""

from pathlib import Path

import pandas as pd
import pytest

from forecaster.data.frames import read_frame
from forecaster.data.read_options import ReadOptions
from forecaster.data.reading import read_panel
from forecaster.errors import DataError
from tests.conftest import Command

MONTHS = pd.date_range("2021-01-01", periods=36, freq="MS")


def write_orders(*, hole: int) -> None:
    """Orders of several lines, of which each one but the first lacks the time of payment; `hole` lines each."""
    lines = []
    for order in range(120):
        time = f"{pd.Timestamp('2024-01-01 09:00') + order * pd.Timedelta(8, 'h'):%Y-%m-%d %H:%M:%S} +0100"
        lines += [f"#{order},{time if line == 0 else ''},{time},{1 + order % 3}" for line in range(hole)]
    Path("orders.csv").write_text("\n".join(["Name,Paid at,Created at,Lineitem quantity", *lines]) + "\n")


@pytest.mark.parametrize("hole", [2, 4])
def test_a_column_of_times_without_holes_is_named(forecast: Command, hole: int) -> None:
    write_orders(hole=hole)
    words = ["predict", "orders.csv", "--freq", "D", "--aggregate", "sum", "--horizon", "2", "--output", "-"]
    outcome = forecast(*words)
    assert outcome.code == 65
    assert "column 'Paid at', line 3: no timestamp." in outcome.stderr
    assert "use the times in 'Created at', which lacks none: --time 'Created at'." in outcome.stderr
    assert "drop" not in outcome.stderr
    followed = forecast(*words, "--time", "Created at")
    assert followed.code == 0, followed.stderr
    assert f"{120 * hole} rows, 1 series" in followed.stderr
    with pytest.raises(DataError, match="use the times in 'Created at', which lacks none: --time 'Created at'"):
        read_frame(pd.read_csv("orders.csv"))


@pytest.mark.parametrize("other", ["2024-05-01", "2024-01-0{}", ""])
def test_a_time_that_never_changes_or_has_holes_is_not_named(other: str) -> None:
    days = pd.date_range("2024-01-01", periods=8)
    lines = [
        f"{day:%Y-%m-%d},{other.format(day.day) if day.day != 6 or not other.endswith('}') else ''},{day.day}"
        for day in days
    ]
    lines[4] = lines[4][10:]
    Path("data.csv").write_text("\n".join(["date,updated,sales", *lines]) + "\n")
    with pytest.raises(DataError, match=r"column 'date', line 6: no timestamp. Fill in the cell or drop the line."):
        read_panel("data.csv")


def test_years_in_the_first_row_only_are_to_be_filled_in(forecast: Command) -> None:
    rows = [f"{month.year},{month:%b},{100 + month.month}" for month in MONTHS]
    merged = [row if ",Jan," in row else row[4:] for row in rows]
    Path("data.csv").write_text("\n".join(["Year,Month,Sales", *merged]) + "\n")
    outcome = forecast("predict", "data.csv", "--horizon", "2", "--output", "-")
    assert outcome.code == 65
    assert (
        "data.csv, line 3: no timestamp, as 'Year' or 'Month' is empty. If a cell holds for the empty" in outcome.stderr
    )
    assert "32 more lines have none" in outcome.stderr
    assert "drop" not in outcome.stderr
    Path("data.csv").write_text("\n".join(["Year,Month,Sales", *rows]) + "\n")
    assert forecast("predict", "data.csv", "--horizon", "2", "--output", "-").code == 0


def test_dates_of_the_first_series_only_are_to_be_filled_in() -> None:
    days = pd.date_range("2024-01-01", periods=30)
    rows = [f"{f'{day:%Y-%m-%d}' if shop == 'a' else ''},{shop},{day.day}" for day in days for shop in "ab"]
    Path("data.csv").write_text("\n".join(["Date,Shop,Sales", *rows]) + "\n")
    with pytest.raises(
        DataError, match=r"column 'Date', line 3: no timestamp. If a cell holds for the empty ones below"
    ):
        read_panel("data.csv")
    Path("data.csv").write_text("\n".join(["Date,Shop,Sales", *rows[1:]]) + "\n")
    with pytest.raises(DataError, match=r"column 'Date', line 2: no timestamp. Fill in the cell or drop the line."):
        read_panel("data.csv")
    Path("data.csv").write_text("\n".join(["Date,Shop,Sales", *rows]) + "\n")
    pd.read_csv("data.csv").assign(Date=lambda frame: frame["Date"].ffill()).to_csv("data.csv", index=False)
    panel, _ = read_panel("data.csv", options=ReadOptions(ids=("Shop",)))
    assert len(panel) == 2
