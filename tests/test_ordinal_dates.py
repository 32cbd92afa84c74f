"""Ordinal dates, of a year and the day of the year with three digits, are dates; numbers of orders are not."""

import pandas as pd
import pytest

from tests.conftest import Command
from tests.time_forms import predict, predict_and_say, refuse, write

DAYS = pd.date_range("2023-11-20", periods=60)


@pytest.mark.parametrize("separator", "-/")
@pytest.mark.parametrize("header", ["date", "Datum", "day"])
def test_a_year_and_the_day_of_the_year_are_a_date(forecast: Command, separator: str, header: str) -> None:
    data = write([day.strftime(f"%Y{separator}%j") for day in DAYS], header=f"{header},value")
    times, said = predict_and_say(forecast, data)
    assert times == [f"2024{separator}0{day}" for day in (19, 20, 21)]
    shown = f"(2023{separator}324 is 2023-11-20)"
    assert f"dates are read as %Y{separator}%j, with the day of the year {shown}" in said
    assert f"2023{separator}324" in forecast("check", data).stderr
    assert predict(forecast, data, "--until", f"2024{separator}005")[0] == f"2024{separator}006"


def test_a_time_of_day_may_follow(forecast: Command) -> None:
    hours = pd.date_range("2024-01-05", periods=60, freq="h")
    assert predict(forecast, write([f"{hour:%Y-%jT%H:%M}" for hour in hours]))[0] == "2024-007T12:00"


def test_a_day_that_the_year_does_not_have_is_named(forecast: Command) -> None:
    said = refuse(forecast, write([f"2023-{day}" for day in range(340, 367)]))
    assert "line 28: '2023-366' cannot be read as a timestamp" in said


@pytest.mark.parametrize("header", ["date", "t"])
def test_few_days_of_a_year_may_be_periods_of_accounts(forecast: Command, header: str) -> None:
    data = write([f"2024-0{day:02d}" for day in range(1, 13)], header=f"{header},value")
    said = refuse(forecast, data)
    assert "2024-001 can be a period of accounts, which is a month, or a day of the year" in said
    assert "--date-format %Y-0%m or --date-format %Y-%j" in said
    assert predict(forecast, data, "--date-format", "%Y-0%m")[0] == "2025-001"
    assert predict(forecast, data, "--date-format", "%Y-%j")[0] == "2024-013"


def test_periods_of_accounts_of_several_years_stay_months(forecast: Command) -> None:
    data = write([f"{year}-0{month:02d}" for year in (2023, 2024) for month in range(1, 13)])
    assert predict(forecast, data)[0] == "2025-001"


@pytest.mark.parametrize("header", ["Order", "Rechnungsnr", "id"])
def test_numbers_of_orders_are_no_dates(forecast: Command, header: str) -> None:
    data = write([f"2024-{number:03d}" for number in range(17, 77)], header=f"{header},value")
    said = refuse(forecast, data)
    assert "no time column" in said
    told = refuse(forecast, data, "--time", header)
    assert "If it is a year and the day of the year, use --date-format %Y-%j" in told
    assert predict(forecast, data, "--time", header, "--date-format", "%Y-%j")[0] == "2024-077"
