"""The days of one month without a year look like that month of many years: it is asked which they are."""

import shlex
from pathlib import Path

import pandas as pd
import pytest

from forecaster.errors import DataError
from tests.conftest import Command
from tests.test_reading import read
from tests.time_forms import predict, refuse, write

MARCH = pd.date_range("2024-03-01", "2024-03-31")
DECEMBERS = pd.date_range("2001-12-01", periods=20, freq="12MS")


@pytest.mark.parametrize("form", ["%d %b", "%d-%b", "%b %d", "%b-%d", "%d-%B", "%b%d", "%d.%b", "%b. %d"])
def test_days_of_one_month_are_asked_for(form: str) -> None:
    for days in (MARCH, MARCH[9:24], MARCH[::7], MARCH[::-1]):
        text = "Date,Sales\n" + "".join(f"{day.strftime(form)},{day.day % 7}\n" for day in days)
        with pytest.raises(DataError, match="can be a year or a day") as error:
            read(text)
        flag = shlex.split(str(error.value).split("--date-format ")[1].split("; if it is a day")[0])[0]
        assert len(read(text, date_format=flag)[0].values) >= len(days)


def test_days_of_one_month_with_their_year_are_read(forecast: Command) -> None:
    assert predict(forecast, write([f"{day:%Y-%m-%d}" for day in MARCH]))[0] == "2024-04-01"


@pytest.mark.parametrize("form", ["%m/%d", "%m-%d"])
def test_days_of_one_month_in_digits_are_asked_for(forecast: Command, form: str) -> None:
    data = write([day.strftime(form) for day in MARCH])
    years = form.replace("%d", "%y")
    assert f"If these are months and years, use --date-format {years}; if they are days" in refuse(forecast, data)
    assert predict(forecast, data, "--date-format", years)[0] == pd.Timestamp("2032-03-01").strftime(years)


@pytest.mark.parametrize("form", ["%d-%b", "%m/%d"])
def test_days_of_one_month_as_columns_are_asked_for(forecast: Command, form: str) -> None:
    names = ",".join(day.strftime(form) for day in MARCH)
    rows = "".join(f"{store},{','.join(str(1000 + 7 * day % 50) for day in range(31))}\n" for store in "AB")
    Path("data.csv").write_text(f"Store,{names}\n{rows}")
    outcome = forecast("predict", "data.csv")
    assert outcome.code != 0
    assert "If the columns are periods, name them as in 2024-01 or 2024-01-31" in outcome.stderr
    years = form.replace("%d", "%y")
    assert forecast("predict", "data.csv", "--date-format", years).code == 0


@pytest.mark.parametrize("form", ["%b-%y", "%b %y", "%y-%b", "%m/%y"])
def test_one_month_of_years_that_are_no_days_is_read(forecast: Command, form: str) -> None:
    before = pd.date_range("1990-12-01", periods=25, freq="12MS")
    since = pd.date_range("2000-12-01", periods=20, freq="12MS")
    later = pd.date_range("2010-12-01", periods=25, freq="12MS")
    for months in (before, since, later):
        data = write([month.strftime(form) for month in months])
        assert predict(forecast, data)[0] == (months[-1] + pd.DateOffset(years=1)).strftime(form)


def test_an_apostrophe_marks_a_year(forecast: Command) -> None:
    assert predict(forecast, write([f"{month:%b'%y}" for month in DECEMBERS]))[0] == "Dec'21"


@pytest.mark.parametrize("form", ["%-d-%b", "%b %-d", "%-m/%-d", "%d.%m.", "%-d. %B"])
def test_days_without_a_year_in_other_forms_are_refused_with_a_remedy(form: str) -> None:
    days = [day.strftime(form) for day in pd.date_range("2024-01-05", periods=40)]
    with pytest.raises(DataError, match=r"If it is a day, write its year, too, as in 2024-01-31\."):
        read("date,value\n" + "".join(f"{day},{row % 7}\n" for row, day in enumerate(days)))


def test_other_texts_among_dates_are_not_taken_for_days_without_a_year() -> None:
    for wrong in ("Jan 32", "1/2/3/4", "1-2.", "5 apples", "Jan Feb 1"):
        with pytest.raises(DataError, match="Fix it, or give the date format with"):
            read("date,value\n" + "".join(f"{day:%Y-%m-%d},{day.day}\n" for day in MARCH) + f"{wrong},5\n")
