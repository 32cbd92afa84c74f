"""Rows of totals and means below the days that they sum up, instead of a time, are left out and named."""

from pathlib import Path

import pandas as pd
import pytest

from forecaster.data.names.summary_rows import names_mean, names_summary
from tests.conftest import Command

DAYS = pd.date_range("2024-01-01", periods=56)
AHEAD = ["2024-02-26", "2024-02-27"]


def write(name: str, *, each: int = 7, header: str = "Fecha,Pan,Leche", date: str = "%Y-%m-%d") -> None:
    """Days with the sum of every `each` of them below, called by a `name` with its number."""
    lines, sums = [header], [0, 0]
    for row, day in enumerate(DAYS, start=1):
        values = [100 + row % 7, 50 + row % 5]
        sums = [total + value for total, value in zip(sums, values, strict=True)]
        lines.append(f"{day.strftime(date)},{values[0]},{values[1]}")
        if row % each == 0:
            lines.append(f"{name.format(row // each)},{sums[0]},{sums[1]}")
            sums = [0, 0]
    Path("data.csv").write_text("\n".join(lines) + "\n")


def read_times(forecast: Command, *flags: str) -> list[str]:
    outcome = forecast("predict", "data.csv", "-o", "out.csv", "--horizon", "2", *flags)
    assert outcome.code == 0, outcome.stderr
    return sorted({*pd.read_csv("out.csv", dtype=str)["Fecha"]})


NAMES = ["Total semana", "Total semana {}", "Total week {}", "Summe KW {}", "Week {} total", "Wochensumme", "Итого {}"]


@pytest.mark.parametrize("name", NAMES)
def test_totals_of_weeks_are_left_out(forecast: Command, name: str) -> None:
    write(name)
    assert read_times(forecast) == AHEAD
    with_totals = Path("out.csv").read_bytes()
    said = forecast("predict", "data.csv").stderr
    assert "56 rows, 2 series, daily" in said
    assert "left out: 8 rows with a total instead of a time (data.csv, line 9)" in said
    assert read_times(forecast, "--time", "Fecha") == AHEAD
    lines = Path("data.csv").read_text().splitlines(keepends=True)
    Path("data.csv").write_text("".join(line for line in lines if line.startswith(("Fecha", "2024"))))
    assert read_times(forecast) == AHEAD
    assert Path("out.csv").read_bytes() == with_totals


@pytest.mark.parametrize("name", ["Media", "Average", "Durchschnitt", "Moyenne :", "Ø", "平均", "avg."])
def test_a_mean_below_all_rows_is_left_out(forecast: Command, name: str) -> None:
    write(name, each=56)
    assert read_times(forecast) == AHEAD
    assert "left out: 1 row with a total or a mean instead of a time" in forecast("predict", "data.csv").stderr


def test_totals_beyond_the_first_rows_are_left_out(forecast: Command) -> None:
    days = [f"{day:%Y-%m-%d},{day.day}" for day in pd.date_range("2020-01-01", periods=1200)]
    Path("data.csv").write_text("\n".join(["Fecha,Pan", *days, "Total semana 3,100", "Media,5"]) + "\n")
    assert read_times(forecast)[0] == "2023-04-15"
    assert "left out: 2 rows with a total or a mean" in forecast("predict", "data.csv").stderr


def test_totals_of_days_beside_their_hours_are_left_out(forecast: Command) -> None:
    hours = pd.date_range("2024-01-01", periods=96, freq="h")
    lines = [f"{hour:%Y-%m-%d,%H:%M},{10 + hour.hour % 7}" for hour in hours]
    Path("data.csv").write_text("\n".join(["Fecha,Hora,Pan", *lines[:24], "Total día 1,,300", *lines[24:]]) + "\n")
    outcome = forecast("predict", "data.csv")
    assert outcome.code == 0, outcome.stderr
    assert "96 rows, 1 series, hourly" in outcome.stderr
    assert "left out: 1 row with a total instead of a time (data.csv, line 26)" in outcome.stderr


def test_series_with_such_words_in_their_names_stay(forecast: Command) -> None:
    rows = [f"{day:%Y-%m-%d},{key},{day.day + place}" for day in DAYS for place, key in enumerate(("low", "average"))]
    Path("data.csv").write_text("\n".join(["Fecha,grade,units", *rows]) + "\n")
    assert read_times(forecast) == AHEAD
    assert {*pd.read_csv("out.csv")["grade"]} == {"low", "average"}
    rows = [f"{day:%Y-%m-%d},{key},{day.day + place}" for day in DAYS for place, key in enumerate(("Total Gas", "BP"))]
    Path("data.csv").write_text("\n".join(["Fecha,station,units", *rows]) + "\n")
    assert read_times(forecast) == AHEAD
    assert {*pd.read_csv("out.csv")["station"]} == {"Total Gas", "BP"}


def test_other_words_instead_of_a_time_are_refused(forecast: Command) -> None:
    write("Semana {}")
    assert forecast("predict", "data.csv").code == 65
    write("closed")
    assert forecast("predict", "data.csv").code == 65


def test_times_are_no_names_of_totals() -> None:
    times = ["2024-01-01", "1. Januar 2024", "Sommer 2024", "summer", "Mittwoch, 03.01.2024"]
    assert [*map(names_summary, times)] == [False] * 5
    assert not names_summary("the total of all rows is that of the year before")
    assert names_mean("Mittelwert KW 3")
    assert not names_mean("Summe KW 3")
