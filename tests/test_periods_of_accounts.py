"""Fiscal quarters, Roman quarters, short calendar weeks and periods of accounts are read, and written alike."""

import pandas as pd
import pytest

from tests.conftest import Command
from tests.time_forms import predict, refuse, write

ROMAN = ("I", "II", "III", "IV")
QUARTERS = [(year, quarter) for year in range(2015, 2022) for quarter in range(1, 5)]
MONTHS = [(year, month) for year in range(2019, 2024) for month in range(1, 13)]
WEEKS = pd.date_range("2021-01-04", periods=130, freq="7D")
FORMS = {
    "FY15 Q1": [f"FY{year - 2000} Q{quarter}" for year, quarter in QUARTERS],
    "FY2015-Q1": [f"FY{year}-Q{quarter}" for year, quarter in QUARTERS],
    "Q1 FY15": [f"Q{quarter} FY{year - 2000}" for year, quarter in QUARTERS],
    "I/2015": [f"{ROMAN[quarter - 1]}/{year}" for year, quarter in QUARTERS],
    "2015-I": [f"{year}-{ROMAN[quarter - 1]}" for year, quarter in QUARTERS],
    "CW01/23": [f"CW{week:%V/%g}" for week in WEEKS],
    "KW 01/2023": [f"KW {week:%V/%G}" for week in WEEKS],
    "001.2023": [f"{month:03d}.{year}" for year, month in MONTHS],
    "2023/001": [f"{year}/{month:03d}" for year, month in MONTHS],
    "2023001": [f"{year}{month:03d}" for year, month in MONTHS],
}


@pytest.mark.parametrize("times", FORMS.values(), ids=FORMS)
def test_periods_are_read_and_written_in_their_form(forecast: Command, times: list[str]) -> None:
    for order in (times[:-3], times[-4::-1]):
        assert predict(forecast, write(order, header="Period,Value")) == times[-3:]


@pytest.mark.parametrize("form", ["{month:03d}.{year}", "{year}{month:03d}", "{year}/{month:03d}"])
def test_closing_periods_are_refused(forecast: Command, form: str) -> None:
    times = [form.format(year=year, month=month) for year in (2021, 2022, 2023) for month in range(1, 17)]
    message = refuse(forecast, write(times, header="Period,Value"))
    assert "the periods 13 to 16 of accounts close a year, and are no months" in message
    assert repr(times[12]) in message
    kept = [time for place, time in enumerate(times) if place % 16 < 12]
    assert len(predict(forecast, write(kept, header="Period,Value"))) == 3, "the remedy works"


def test_seven_digits_of_one_year_may_be_days(forecast: Command) -> None:
    data = write([f"2023{number:03d}" for number in range(1, 13)], header="Period,Value")
    assert "can be a period of accounts, which is a month, or a day of the year" in refuse(forecast, data)
    assert predict(forecast, data, "--date-format", "%Y0%m")[0] == "2024001"
    assert predict(forecast, data, "--date-format", "%Y%j")[0] == "2023013"
    days = [f"{day:%Y%j}" for day in pd.date_range("2022-12-01", periods=60)]
    assert predict(forecast, write(days, header="Period,Value"))[0] == "2023030"


@pytest.mark.parametrize(
    "times",
    [
        [f"{numeral}/2023" for numeral in ROMAN],
        [f"W23/{week:02d}" for week in range(1, 31)],
    ],
    ids=["months", "week after the year"],
)
def test_what_may_be_something_else_is_not_read(forecast: Command, times: list[str]) -> None:
    assert "no time column" in refuse(forecast, write(times, header="Period,Value"))
