"""Dates of the Buddhist, the Persian and the Islamic calendar are not taken for Gregorian ones."""

from pathlib import Path

import pandas as pd
import pytest

from forecaster.data.frames import read_frame
from forecaster.data.read_options import ReadOptions
from forecaster.data.reading import read_panel
from forecaster.errors import DataError
from tests.conftest import Command

BUDDHIST_ERA = 543


def write(times: list[str]) -> None:
    """A file of one series."""
    rows = (f"{time},{100 + number % 7}" for number, time in enumerate(times))
    Path("data.csv").write_text("\n".join(["date,sales", *rows]) + "\n", encoding="utf-8")


def list_buddhist(first: str, periods: int, freq: str, pattern: str = "{:%d/%m}/{}") -> list[str]:
    """Dates of the Buddhist calendar."""
    return [pattern.format(day, day.year + BUDDHIST_ERA) for day in pd.date_range(first, periods=periods, freq=freq)]


def list_persian() -> list[str]:
    """The first five months of a year of the Persian calendar, of 31 days each."""
    return [f"1402/{month:02d}/{day:02d}" for month in range(1, 6) for day in range(1, 32)]


@pytest.mark.parametrize(
    ("times", "words"),
    [
        (list_buddhist("2024-11-04", 30, "B"), r"subtract 543 from the years \(256[78] is 202[45]\); if the years"),
        (list_buddhist("2025-01-27", 32, "D"), r"\(2568 is 2025\); if the years are Gregorian, use --date-format"),
        (list_buddhist("2024-01-15", 120, "D"), r"'29/02/2567' is .* subtract 543 from the years \(2567 is 2024\)\."),
        (list_buddhist("2024-01-01", 40, "W"), "'.*' is most probably a date of the Buddhist calendar"),
        (list_buddhist("2020-01-01", 30, "ME"), "'29/02/2563' is most probably a date of the Buddhist calendar"),
        (list_buddhist("2021-01-01", 30, "ME"), "the Buddhist calendar"),
        (list_buddhist("2024-11-04", 30, "D", "{1}-{0:%m-%d}"), "--date-format %Y-%m-%d"),
        (list_buddhist("2024-11-04", 60, "h", "{1}-{0:%m-%d %H:00}"), "the Buddhist calendar"),
        (
            list_persian(),
            "'1402/0[2-5]/(29|30|31)' is .* of the Persian or the Islamic calendar, .* convert them to Gregorian dates",
        ),
        (list_persian()[:31], "the Persian or the Islamic calendar.*use --date-format %Y/%m/%d"),
    ],
)
@pytest.mark.parametrize("is_turned", [False, True])
def test_dates_of_another_calendar_are_refused(
    forecast: Command, times: list[str], words: str, is_turned: bool
) -> None:
    write(times[::-1] if is_turned else times)
    with pytest.raises(DataError, match=f"column 'date': {words}" if words.startswith("'") else words):
        read_panel("data.csv")
    with pytest.raises(DataError, match=words):
        read_frame(pd.read_csv("data.csv"))
    assert forecast("predict", "data.csv").code == 65


def test_a_format_says_that_the_years_are_gregorian_and_the_doubt_is_said() -> None:
    write(list_buddhist("2024-11-04", 30, "D"))
    panel, summary = read_panel("data.csv", options=ReadOptions(date_format="%d/%m/%Y"))
    assert panel.calendar.name == "daily"
    note = "the years, such as 2567, are read as Gregorian ones, as --date-format is given; if these are dates of the"
    assert any(words.startswith(note) for words in summary.notes)


@pytest.mark.parametrize(
    ("times", "calendar"),
    [
        (list_buddhist("2020-01-01", 30, "MS"), "monthly"),
        (list_buddhist("2020-01-01", 30, "QE"), "quarterly"),
        (list_buddhist("2000-01-01", 20, "YE"), "yearly"),
        (list_buddhist("2020-01-01", 30, "MS", "{1}-{0:%m}"), "monthly"),
        (list_buddhist("2000-01-01", 20, "YS", "{1}"), "yearly"),
        ([f"{year}/{month:02d}" for year in (1401, 1402) for month in range(1, 13)], "monthly"),
        ([f"{day:%Y-%m-%d}" for day in pd.date_range("1890-01-01", periods=30)], "daily"),
        ([f"{day:%Y-%m-%d}" for day in pd.date_range("2190-01-01", periods=30)], "daily"),
    ],
)
def test_months_and_years_of_all_calendars_are_read(times: list[str], calendar: str) -> None:
    write(times)
    panel, summary = read_panel("data.csv")
    assert panel.calendar.name == calendar
    assert not any("Gregorian" in note for note in summary.notes)


def test_a_single_wrong_year_is_an_error_of_its_cell() -> None:
    write([*list_buddhist("2024-01-01", 30, "D", "{0:%d/%m/%Y}"), "31/02/2567"])
    with pytest.raises(DataError, match="'31/02/2567' cannot be read as a timestamp like the others"):
        read_panel("data.csv")
