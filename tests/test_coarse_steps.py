"""Series whose rows come more often than their values, such as one of quarters in rows of months."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

import forecaster
from forecaster.data.read_options import ReadOptions
from tests.conftest import Command
from tests.test_reading import read

MONTHS = pd.date_range("2005-01-01", periods=84, freq="MS")
ENDS = pd.date_range("2005-01-31", periods=84, freq="ME")
DAYS = pd.date_range("2020-01-01", periods=300)


def write(times: pd.DatetimeIndex, has_value: Callable[[pd.Timestamp], bool], empty: str = "") -> str:
    rows = (f"{time:%Y-%m-%d},{f'{number % 7}.5' if has_value(time) else empty}\n" for number, time in enumerate(times))
    return "DATE,GDP\n" + "".join(rows)


@pytest.mark.parametrize(
    ("times", "has_value", "calendar", "count", "flag"),
    [
        (MONTHS, lambda time: time.month % 3 == 1, "quarterly", 28, "MS"),
        (ENDS, lambda time: time.month % 3 == 0, "quarterly", 28, "ME"),
        (MONTHS, lambda time: time.month % 3 == 1 and str(time)[:7] != "2007-04", "quarterly", 28, "MS"),
        (MONTHS, lambda time: time.month == 6, "yearly", 7, "MS"),
        (DAYS, lambda time: time.day == 1, "monthly", 10, "D"),
    ],
    ids=["quarters", "ends of quarters", "a quarter is missing", "years", "months in days"],
)
def test_rows_between_values_are_left_out(
    times: pd.DatetimeIndex, has_value: Callable[[pd.Timestamp], bool], calendar: str, count: int, flag: str
) -> None:
    text = write(times, has_value)
    panel, summary = read(text)
    assert (panel.calendar.name, len(panel.values)) == (calendar, count)
    assert any(f"read as {calendar}, without" in note and f"--freq {flag} " in note for note in summary.notes)
    whole, _ = read(text, frequency=flag)
    assert len(whole.values) > len(panel.values)
    assert np.nansum(whole.values) == np.nansum(panel.values)


@pytest.mark.parametrize(
    "has_value",
    [
        lambda time: time.month % 3 == 1 or str(time)[:7] == "2008-02",
        lambda time: time.month % 5 in (1, 4),
        lambda time: time.year > 2009,
        lambda time: time.month == 1 and time.year < 2010,
    ],
    ids=["one month more", "irregular", "a later start", "too few"],
)
def test_other_rows_without_values_are_missing(has_value: Callable[[pd.Timestamp], bool]) -> None:
    panel, summary = read(write(MONTHS, has_value))
    assert panel.calendar.name == "monthly"
    assert not any("only some of the" in note for note in summary.notes)


def test_numbered_steps_stay_and_are_named() -> None:
    table = pd.DataFrame({"step": range(90), "v": np.where(np.arange(90) % 3 == 0, np.arange(90.0) % 7, np.nan)})
    found = forecaster.check(table, reading=ReadOptions(time="step")).findings
    assert "W106" in [one.code for one in found]


def test_rows_with_covariates_stay() -> None:
    rows = "".join(f"{time:%Y-%m-%d},{'' if time.month % 3 != 1 else time.year},{time.month}\n" for time in MONTHS)
    panel, _ = read(f"DATE,GDP,price\n{rows}", known=("price",), target="GDP")
    assert panel.calendar.name == "monthly"


def test_series_of_quarters_beside_one_of_months_are_named() -> None:
    quarters = np.where(MONTHS.month % 3 == 1, np.arange(84.0), np.nan)
    gaps = np.where(np.arange(84) % 7 < 3, np.nan, np.arange(84.0))
    table = pd.DataFrame({"DATE": MONTHS, "CPI": np.sin(np.arange(84)), "GDP": quarters, "gaps": gaps})
    found = {one.code: one for one in forecaster.check(table).findings}
    assert (found["W106"].count, found["W106"].examples) == (1, ("GDP",))
    alone = forecaster.check(table, reading=ReadOptions(target="GDP"))
    assert "W106" not in [one.code for one in alone.findings]
    assert any("quarterly" in fact for _, fact in alone.facts)


@pytest.mark.parametrize("frequency", [None, "D"])
def test_a_single_series_of_every_second_day_is_told_what_helps(forecast: Command, frequency: str | None) -> None:
    days = pd.date_range("2024-01-01", periods=80).strftime("%Y-%m-%d")
    table = pd.DataFrame({"day": days, "v": np.where(np.arange(80) % 2 == 0, np.arange(80.0) % 7, np.nan)})
    table.to_csv("data.csv", index=False)
    words = [] if frequency is None else ["--freq", frequency]
    said = forecast("predict", "data.csv", *words, "-o", "out.csv").stderr
    assert "Leave the rows without a value out (and --freq, if given)" in said
    assert "apart from the others" not in said
    table.dropna().to_csv("less.csv", index=False)
    said = forecast("predict", "less.csv", "--horizon", "2", "-o", "out.csv").stderr
    assert "W106" not in said
    assert pd.read_csv("out.csv")["day"].tolist() == ["2024-03-21", "2024-03-23"]
