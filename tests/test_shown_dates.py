"""Numbers of an Excel sheet that are shown as dates are numbers; dates stay dates."""

from datetime import datetime

import openpyxl
import pytest

from tests.conftest import Command
from tests.test_spreadsheets import DAYS, write


def show_as_dates(*cells: str, path: str = "data.xlsx") -> None:
    """Give cells the format of a date; their values stay as they are."""
    book = openpyxl.load_workbook(path)
    for cell in cells:
        book.worksheets[0][cell].number_format = "mmm yy"
    book.save(path)


@pytest.mark.parametrize("epoch", ["1900", "1904"])
def test_numbers_that_are_shown_as_dates_are_numbers(forecast: Command, epoch: str) -> None:
    rows = [["day", "sales"], *([day, 40 * (number % 7) + 0.72] for number, day in enumerate(DAYS))]
    book = openpyxl.Workbook()
    book.epoch = openpyxl.utils.datetime.MAC_EPOCH if epoch == "1904" else openpyxl.utils.datetime.WINDOWS_EPOCH
    for row in rows:
        book.active.append(row)
    book.save("data.xlsx")
    plain = forecast("predict", "data.xlsx", "-o", "-")
    for cells in (["B10"], [f"B{row}" for row in range(2, 42) if row % 7 != 2]):
        show_as_dates(*cells)
        outcome = forecast("predict", "data.xlsx", "-o", "-")
        assert outcome.stdout == plain.stdout, outcome.stderr
        assert f"{len(cells)} number{'s' * (len(cells) > 1)} shown as dates: read as numbers\n" in outcome.stderr


def test_a_column_of_numbers_that_are_all_shown_as_dates_is_read(forecast: Command) -> None:
    write(Sheet1=[["day", "sales"], *([day, 1000 + number % 7 + 0.25] for number, day in enumerate(DAYS))])
    plain = forecast("predict", "data.xlsx", "-o", "-")
    show_as_dates(*(f"B{row}" for row in range(2, 42)))
    outcome = forecast("predict", "data.xlsx", "-o", "-")
    assert (outcome.code, outcome.stdout) == (0, plain.stdout)


def test_periods_above_numbers_that_are_shown_as_dates_stay_periods(forecast: Command) -> None:
    months = [datetime(2020 + month // 12, month % 12 + 1, 1) for month in range(24)]
    sales = [[shop, *(size + month % 12 + 0.5 for month in range(24))] for shop, size in (("a", 900), ("b", 700))]
    write(Sheet1=[["shop", *months], *sales])
    plain = forecast("predict", "data.xlsx", "-o", "-")
    show_as_dates("B1", "B2", "B3")
    outcome = forecast("predict", "data.xlsx", "-o", "-")
    assert (outcome.code, outcome.stdout) == (0, plain.stdout)


def test_dates_of_long_ago_stay_dates(forecast: Command) -> None:
    for first in (1901, 1935):
        days = [datetime(first + month // 12, month % 12 + 1, 1) for month in range(240)]
        write(Sheet1=[["Made on", datetime(2024, 5, 1)], ["day", "sales"], *([day, day.month + 0.5] for day in days)])
        outcome = forecast("predict", "data.xlsx", "-o", "-")
        assert f"\n{first + 20}-01-01" in outcome.stdout, outcome.stderr
        assert "shown as dates" not in outcome.stderr
