"""Weeks that are written as months are: weeks where the name of their column says so, and asked for elsewhere."""

import shlex

import pandas as pd
import pytest

from forecaster.data.reading import read_panel
from forecaster.data.times.moments import parse_moment
from tests.conftest import Command
from tests.time_forms import AHEAD, MONTHS, WEEKS, predict, refuse, write

HEADERS = ("Week", "Kalenderwoche", "KW", "Woche", "Semaine", "Semana", "Settimana", "Vecka", "Tydzień", "week_of_year")
PATTERNS = ("%G-%V", "%G/%V", "%V/%G", "%V.%G", "%G-%-V")


def spell(pattern: str, weeks: pd.DatetimeIndex) -> list[str]:
    return [f"{week:{pattern}}" for week in weeks]


@pytest.mark.parametrize("header", HEADERS)
def test_a_column_that_is_called_so_holds_weeks(forecast: Command, header: str) -> None:
    weeks = spell("%G-%V", WEEKS[:11])  # numbers of months as well
    data = write(weeks, header=f"{header},value")
    assert "weekly; time" in (said := forecast("predict", data, "--horizon", str(AHEAD), "-o", "out.csv").stderr)
    assert (
        "read as ISO weeks, which begin on Monday (2020-02 is 2020-01-06); for months use --date-format %Y-%m" in said
    )
    assert pd.read_csv("out.csv", dtype=str)[header].tolist() == ["2020-13", "2020-14", "2020-15"]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_weeks_are_written_on_over_the_years(forecast: Command, pattern: str) -> None:
    for count in (11, 60):  # within a year, and over one of 53 weeks
        weeks = spell(pattern, WEEKS[: count + AHEAD])
        data = write(weeks[:-AHEAD], header="Week,value")
        outcome = forecast("predict", data, "--horizon", str(AHEAD), "-o", "out.csv")
        assert pd.read_csv("out.csv", dtype=str)["Week"].tolist() == weeks[-AHEAD:]
        assert ("for months use" in outcome.stderr) == (count == 11)


def test_months_stay_months_under_other_names_and_with_the_flag_that_is_named(forecast: Command) -> None:
    months = [f"{month:%Y-%m}" for month in MONTHS]
    assert predict(forecast, write(months[:-AHEAD], header="Period,value")) == months[-AHEAD:]
    data = write(months[:-AHEAD], header="Week,value")
    assert predict(forecast, data, "--date-format", "%Y-%m") == months[-AHEAD:]


def test_the_format_that_is_named_for_weeks_of_another_name_reads_them(forecast: Command) -> None:
    weeks = spell("%G-%V", WEEKS)
    data = write(weeks[:-AHEAD], header="Period,value")
    message = refuse(forecast, data)
    assert "'2020-13' cannot be read" in message
    flag = shlex.split(message.split("If these are ISO weeks, use ")[1].split(". ")[0])
    assert predict(forecast, data, *flag) == weeks[-AHEAD:]


def test_a_week_that_its_year_has_not_is_named(forecast: Command) -> None:
    weeks = [f"2023-{week:02d}" for week in range(40, 54)]
    assert "2023-53 is not an ISO week" in refuse(forecast, write(weeks, header="Week,value"))


def test_the_end_of_training_is_a_week_as_the_data_are() -> None:
    panel, _ = read_panel(write(spell("%G-%V", WEEKS), header="Week,value"))
    assert str(parse_moment("2020-05", panel=panel))[:10] == "2020-01-27"
