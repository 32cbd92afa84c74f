"""Dates of half months and of dekads are no steps: they are named, with the way to make months of them."""

import shlex
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecaster.data.roles.month_parts import describe_month_parts
from tests.conftest import Command
from tests.time_forms import predict_and_say, refuse

MONTHS = pd.period_range("2021-01", "2023-12", freq="M")
KINDS = {
    (1, 11, 21): "dekads (days 1, 11 and 21 of each month)",
    (10, 20, 31): "dekads (days 10, 20 and the last of each month)",
    (1, 16): "half months (days 1 and 16 of each month)",
    (1, 15): "half months (days 1 and 15 of each month)",
    (15, 31): "half months (days 15 and the last of each month)",
    (15, 30): "half months (days 15 and 30 of each month)",
    (5, 20): "half months (days 5 and 20 of each month)",
}


def list_dates(days: tuple[int, ...], *, months: pd.PeriodIndex = MONTHS) -> list[str]:
    return [f"{month}-{min(day, month.days_in_month):02d}" for month in months for day in days]


def write(dates: list[str], *, names: tuple[str, ...] = ()) -> None:
    header = "date,shop,sales" if names else "date,sales"
    lines = [f"{date}{name and ',' + name},{10 + row % 7}" for name in names or ("",) for row, date in enumerate(dates)]
    Path("data.csv").write_text("\n".join([header, *lines, ""]))


def take_flags(said: str) -> list[str]:
    """The flags that an error names, from the first on."""
    return shlex.split(said[said.index("--") :].partition(", or")[0])


@pytest.mark.parametrize("days", KINDS)
@pytest.mark.parametrize("gone", [(), (7, 30, 31)])
def test_parts_of_months_are_named_with_a_remedy_that_works(
    forecast: Command, days: tuple[int, ...], gone: tuple[int, ...]
) -> None:
    write([date for row, date in enumerate(list_dates(days)) if row not in gone])
    said = refuse(forecast, "data.csv")
    assert f"data.csv: the dates are {KINDS[days]}, which are not equally long and cannot be steps." in said
    assert "--fill" not in said
    assert KINDS[days] in " ".join(forecast("check", "data.csv").stderr.replace("│", " ").split())
    assert take_flags(said) == ["--freq", "MS", "--aggregate", "sum"]
    assert predict_and_say(forecast, "data.csv", *take_flags(said))[0] == ["2024-01-01", "2024-02-01", "2024-03-01"]


def test_the_remedy_keeps_the_series_that_were_found(forecast: Command) -> None:
    write(list_dates((1, 16)), names=("a", "b"))
    flags = take_flags(refuse(forecast, "data.csv"))
    assert flags == ["--id", "shop", "--freq", "MS", "--aggregate", "sum"]
    assert "2 series" in predict_and_say(forecast, "data.csv", *flags)[1]


def test_missing_days_between_parts_of_months_are_not_taken_for_zeros(forecast: Command) -> None:
    write(list_dates((1, 11, 21)))
    assert "--fill" not in predict_and_say(forecast, "data.csv", "--freq", "D")[1]


OTHERS = {
    "every ten days": pd.date_range("2021-01-01", periods=100, freq="10D"),
    "every second week": pd.date_range("2021-01-01", periods=60, freq="14D"),
    "months": pd.date_range("2021-01-01", periods=40, freq="MS"),
    "days next to each other": [f"{month}-{day}" for month in MONTHS for day in ("01", "02")],
    "unevenly": [f"{month}-{day}" for month in MONTHS for day in ("01", "05", "25")],
    "far apart": [f"{month}-{day}" for month in MONTHS for day in ("01", "25")],
    "another day in each year": [
        f"{month}-{day}" for month in MONTHS if month.month != 2 for day in (14, 28 + month.year % 2)
    ],
    "a few months": [f"{month}-{day}" for month in MONTHS[::3] for day in ("01", "16")],
    "one month": ["2021-01-01", "2021-01-16"],
    "times of day": [f"{month}-{day}T{hour}" for month in MONTHS for day in ("01", "16") for hour in ("06", "18")],
    "two days near the end": [f"{month}-{day}" for month in MONTHS if month.month != 2 for day in ("29", "30")],
}


@pytest.mark.parametrize("times", OTHERS.values(), ids=OTHERS)
def test_other_dates_are_none(times: "list[str] | pd.DatetimeIndex") -> None:
    assert describe_month_parts(np.array(times, "datetime64[us]")) is None
    assert describe_month_parts(np.arange(9)) is None
