"""A first column of times without a name, in sheets as DataFrame.to_excel writes them, and events without a number."""

from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest

from tests.conftest import Command


def test_dates_in_a_first_column_without_a_name_are_the_times(forecast: Command) -> None:
    table = pd.DataFrame({"North": range(30), "South": range(40, 70)}, index=pd.date_range("2022-01-01", periods=30))
    table.to_excel("data.xlsx")
    table.to_csv("data.csv")
    outcome = forecast("predict", "data.xlsx", "--horizon", "2", "--output", "-")
    assert outcome.code == 0, outcome.stderr
    assert "column 1 has no name, and is called 'timestamp'" in outcome.stderr
    plain = forecast("predict", "data.csv", "--horizon", "2", "--output", "-")
    columns = {0: "series", 1: "timestamp"}
    rows, others = ([line.split(",") for line in text.splitlines()] for text in (outcome.stdout, plain.stdout))
    assert [rows[0][place] for place in columns] == [*columns.values()]
    assert [row[2:] for row in rows[1:]] == [row[2:] for row in others[1:]]


def test_numbers_in_such_a_column_are_no_times(forecast: Command) -> None:
    table = pd.DataFrame({"date": pd.date_range("2022-01-01", periods=30), "sales": range(30)})
    table.to_excel("data.xlsx")
    outcome = forecast("predict", "data.xlsx", "--horizon", "2", "--output", "-")
    assert outcome.code == 0, outcome.stderr
    assert "called 'timestamp'" not in outcome.stderr
    assert outcome.stdout.startswith("date,")


@pytest.mark.parametrize("form", ["%Y-%m-%d %H:%M", "%Y-%m-%d"])
def test_events_are_counted_as_the_error_says(forecast: Command, form: str) -> None:
    times = [datetime(2024, 1, 1 + number // 3, 3 * number % 24, 7) for number in range(60)]
    rows = [f"OPS-{number},{time:{form}}" for number, time in enumerate(times)]
    Path("data.csv").write_text("Key,Created\n" + "\n".join(rows) + "\n")
    outcome = forecast("predict", "data.csv")
    assert outcome.code == 65
    assert "count them: --freq D --aggregate count." in outcome.stderr
    outcome = forecast("predict", "data.csv", "--freq", "D", "--aggregate", "count", "--horizon", "2")
    assert (outcome.code, "daily" in outcome.stderr) == (0, True)
