"""Labels of weeks, months and days in words are read, and forecasts are written in the same form."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from tests.conftest import Command

MONDAYS = pd.date_range("2021-01-04", periods=110, freq="W-MON")
MONTHS = pd.date_range("2020-03-01", periods=30, freq="MS")
DAYS = pd.date_range("2024-01-20", periods=60)


def number_week(day: pd.Timestamp) -> tuple[int, int]:
    year, week, _ = day.isocalendar()
    return int(year), int(week)


def spell_weeks(form: str) -> Callable[[pd.Timestamp], str]:
    return lambda day: form.format(year=number_week(day)[0], week=number_week(day)[1])


FORMS = {
    "Week 1 2021": (MONDAYS, spell_weeks("Week {week} {year}")),
    "2021 Week 1": (MONDAYS, spell_weeks("{year} Week {week}")),
    "1. KW 2021": (MONDAYS, spell_weeks("{week}. KW {year}")),
    "Semana 1/2021": (MONDAYS, spell_weeks("Semana {week}/{year}")),
    "S01-2021": (MONDAYS, spell_weeks("S{week:02d}-{year}")),
    "W/E 04/01/2021": (MONDAYS, lambda day: f"W/E {day:%d/%m/%Y}"),
    "w/c 04 Jan 2021": (MONDAYS, lambda day: f"w/c {day:%d %b %Y}"),
    "Week ending 2021-01-04": (MONDAYS, lambda day: f"Week ending {day:%Y-%m-%d}"),
    "P01 2020": (MONTHS, lambda day: f"P{day:%m %Y}"),
    "2020年1月": (MONTHS, lambda day: f"{day.year}年{day.month}月"),
    "2024年1月1日": (DAYS, lambda day: f"{day.year}年{day.month}月{day.day}日"),
    "2024년 1월 1일": (DAYS, lambda day: f"{day.year}년 {day.month}월 {day.day}일"),
}


def write(texts: list[str], *, column: str = "Label") -> None:
    rows = [f"{text};{100 + row % 7}" for row, text in enumerate(texts)]
    Path("data.csv").write_text("\n".join([f"{column};Sales", *rows]) + "\n")


def read_times(forecast: Command, *flags: str) -> list[str]:
    outcome = forecast("predict", "data.csv", "-o", "out.csv", "--horizon", "2", *flags)
    assert outcome.code == 0, outcome.stderr
    return pd.read_csv("out.csv", sep=";", dtype=str).iloc[:, 0].tolist()


@pytest.mark.parametrize(("times", "spell"), FORMS.values(), ids=FORMS)
def test_they_are_read_and_written(
    forecast: Command, times: pd.DatetimeIndex, spell: Callable[[pd.Timestamp], str]
) -> None:
    texts = [*map(spell, times)]
    for order in (texts[:-2], texts[:-2][::-1]):
        write(order)
        assert read_times(forecast) == texts[-2:]


def test_ordinals_are_read_and_written_without_their_letters(forecast: Command) -> None:
    suffixes = {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd", 31: "st"}
    write([f"{day:%B} {day.day}{suffixes.get(day.day, 'th')}, {day.year}" for day in DAYS])
    assert read_times(forecast) == ["March 20, 2024", "March 21, 2024"]
    said = forecast("predict", "data.csv").stderr
    assert "th, 2024 is read, and written, as " in said


def test_the_format_that_the_user_gives_holds(forecast: Command) -> None:
    write([f"W/E {day:%d/%m/%Y}" for day in MONDAYS])
    assert read_times(forecast, "--date-format", "W/E %d/%m/%Y")[0] == "W/E 13/02/2023"


def test_letters_that_may_be_something_else_are_no_weeks_or_months(forecast: Command) -> None:
    for texts in (
        [f"P{period:02d} {year}" for year in (2021, 2022, 2023) for period in range(1, 14)],
        [f"P{period:02d} {year}" for year in range(2010, 2024) for period in range(1, 5)],
        [f"S{season}-{year}" for year in range(2010, 2024) for season in range(1, 5)],
    ):
        write(texts)
        assert forecast("predict", "data.csv").code == 65
    write([f"W/E {day:%d/%m/%Y}" if day.day != 4 else "W/E soon" for day in MONDAYS], column="date")
    assert "cannot be read as a timestamp" in forecast("predict", "data.csv").stderr


@pytest.mark.parametrize(
    ("label", "times", "found"),
    [
        ("Wk no %V of %G", MONDAYS, "'Wk no %V of %G'"),
        ("period %m (%Y)", MONTHS, "'period %m (%Y)'"),
        ("day %d of %m/%Y", DAYS, "'day %d of %m/%Y'"),
    ],
)
def test_a_form_that_is_not_known_is_named_with_the_option_that_reads_it(
    forecast: Command, label: str, times: pd.DatetimeIndex, found: str
) -> None:
    write([day.strftime(label) for day in times])
    outcome = forecast("predict", "data.csv")
    assert outcome.code == 65
    assert f"of column 'Label' is a time, use --date-format {found}." in outcome.stderr
    assert forecast("predict", "data.csv", "--date-format", found.strip("'")).code == 0
