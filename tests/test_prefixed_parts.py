"""Parts of one time whose names begin alike, or are short, and which are neither forecast nor taken for others."""

import numpy as np
import pandas as pd
import pytest

from forecaster.errors import DataError
from tests.test_reading import read

DAYS = pd.date_range("2023-01-01", periods=120)
ARRIVAL = "arrival_date_year,arrival_date_month,arrival_date_week_number,arrival_date_day_of_month"


def write_parts(days: pd.DatetimeIndex) -> list[str]:
    return [f"{day.year},{day:%B},{day.week},{day.day}" for day in days]


@pytest.mark.parametrize("names", ["YEAR,MO,DY", "year,month,day_of_month", "Year,Month,Day of Month"])
def test_short_names_of_parts_are_joined(names: str) -> None:
    rows = "".join(f"{day.year},{day.month},{day.day},{day.day % 7}.5\n" for day in DAYS)
    panel, _ = read(f"{names},T2M\n{rows}")
    assert (panel.calendar.name, len(panel), panel.starts[0]) == ("daily", 1, np.datetime64("2023-01-01"))
    assert len(panel.values) == len(DAYS)


def test_short_names_of_parts_and_hours_are_joined() -> None:
    hours = pd.date_range("2023-01-01", periods=200, freq="h")
    rows = "".join(f"{hour.year},{hour.month},{hour.day},{hour.hour},{hour.hour % 7}.5\n" for hour in hours)
    panel, _ = read(f"YEAR,MO,DY,HR,T2M\n{rows}")
    assert (panel.calendar.name, len(panel.values)) == ("hourly", 200)


@pytest.mark.parametrize("prefix", ["arrival_date_", "Order ", "obs."])
def test_parts_with_one_prefix_are_joined(prefix: str) -> None:
    names = ARRIVAL.replace("arrival_date_", prefix)
    rows = [f"{parts},{row % 9}\n" for row, parts in enumerate(write_parts(DAYS))]
    panel, summary = read(f"{names},nights\n{''.join(rows)}")
    assert (panel.calendar.name, summary.columns.targets, len(panel.values)) == ("daily", ("nights",), 120)
    # bookings of which there are several on a day
    panel, _ = read(f"{names},nights\n{''.join(3 * rows)}", frequency="D", aggregate="sum")
    assert (panel.calendar.name, len(panel.values), panel.values[1]) == ("daily", 120, 3)


def test_parts_of_another_time_are_not_offered_as_targets() -> None:
    rows = "".join(
        f"{day:%Y-%m-%d},{parts},{row % 9},{row % 5 * 400}.5,{row * 7 % 100}\n"
        for row, (day, parts) in enumerate(zip(DAYS, write_parts(DAYS), strict=True))
    )
    with pytest.raises(DataError, match=r"several columns hold numbers \(nights, price, lead\)\."):
        read(f"status_date,{ARRIVAL},nights,price,lead\n{rows}")
    one = "".join(",".join(row.split(",")[:-2]) + "\n" for row in rows.splitlines())
    assert read(f"status_date,{ARRIVAL},nights\n{one}")[1].columns.targets == ("nights",)


def test_amounts_of_the_last_year_and_month_are_amounts() -> None:
    rows = "".join(
        f"{day:%Y-%m-%d},{100 + day.day},{7 + day.day},{day.day % 5 * 90000}.5,{day.day * 7 % 31}\n" for day in DAYS
    )
    with pytest.raises(DataError, match=r"several columns hold numbers \(last_year, last_month, cars, lorries\)\."):
        read(f"when,last_year,last_month,cars,lorries\n{rows}")


def test_other_times_are_not_completed_by_parts_with_a_prefix() -> None:
    rows = "".join(
        f"{2000 + year},{name},{1960 + year},{year % 12 + 1},{year % 7}\n" for year in range(24) for name in "AB"
    )
    panel, summary = read(f"Year,name,birth_year,birth_month,value\n{rows}", target="value")
    assert (panel.calendar.name, len(panel), summary.columns.ids) == ("yearly", 2, ("name",))
    months = pd.date_range("2020-01-01", periods=36, freq="MS")
    rows = "".join(
        f"{month:%Y-%m},{1960 + month.month},{month.month},{month.month + 1},{month.year % 7}\n" for month in months
    )
    panel, _ = read(f"when,birth_year,birth_month,birth_day,value\n{rows}", target="value")
    assert (panel.calendar.name, len(panel.values)) == ("monthly", 36)


def test_parts_of_another_time_do_not_stand_in_for_missing_ones() -> None:
    rows = "".join(f"{1960 + row},{row % 12 + 1},{month:%b},{row % 7}\n" for row, month in enumerate(DAYS[::31]))
    with pytest.raises(DataError, match="are months without their years"):
        read(f"birth_year,birth_month,Month,value\n{rows}", target="value")
    rows = "".join(f"{1960 + row % 7},{row % 12 + 1},{1990 + row},{row % 5}\n" for row in range(30))
    panel, summary = read(f"birth_year,birth_month,Jahr,value\n{rows}", target="value")
    assert (panel.calendar.name, summary.columns.time, len(panel.values)) == ("yearly", "Jahr", 30)


def test_fiscal_years_with_their_months_are_not_joined() -> None:
    rows = "".join(f"{year},{month},{month}\n" for year in range(2018, 2022) for month in range(1, 13))
    with pytest.raises(DataError, match="is there already"):
        read(f"fiscal_year,fiscal_month,sales\n{rows}")
