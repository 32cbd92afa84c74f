"""Weeks of which the numbers show that they are those of health services, although no name says so."""

import numpy as np
import pandas as pd
import pytest

from forecaster.data.parts.health_weeks import find_health_year, number_health_weeks
from forecaster.errors import DataError
from tests.test_reading import read


def write(first: str, last: str, *, names: str = "YEAR,WEEK", day: str = "W-SUN") -> str:
    days = pd.date_range(first, last, freq=day)
    if day == "W-SUN":
        years, weeks = number_health_weeks(days)
    else:
        iso = days.isocalendar()
        years, weeks = iso["year"].to_numpy(), iso["week"].to_numpy()
    rows = (f"{year},{week},{100 + row % 9}" for row, (year, week) in enumerate(zip(years, weeks, strict=True)))
    return f"{names},cases\n" + "\n".join(rows) + "\n"


@pytest.mark.parametrize(
    ("first", "last", "year"),
    [
        ("2015-01-04", "2018-12-23", 2015),  # an ISO year of 53 weeks without the last
        ("2012-12-30", "2018-12-23", 2014),  # 53 weeks in an ISO year of 52
        ("2013-06-02", "2015-05-31", 2014),
        ("2007-06-03", "2010-05-30", 2008),
    ],
)
def test_weeks_that_are_no_iso_weeks_begin_on_sunday(first: str, last: str, year: int) -> None:
    text = write(first, last)
    panel, summary = read(text)
    assert (panel.calendar.name, len(panel), panel.starts[0]) == ("weekly", 1, np.datetime64(first))
    assert len(panel.values) == len(text.splitlines()) - 1
    shown = f"weeks are MMWR weeks, which begin on Sunday, as the last week of {year} shows"
    assert any(shown in note and "call their column 'ISO Week'" in note for note in summary.notes)
    shuffled = "".join(sorted(text.splitlines(keepends=True)[1:], key=lambda row: row[::-1]))
    assert read(f"YEAR,WEEK,cases\n{shuffled}")[0].starts[0] == np.datetime64(first)


@pytest.mark.parametrize(
    ("first", "last"), [("2014-12-29", "2018-12-24"), ("2016-01-04", "2019-12-23"), ("2019-12-30", "2023-01-02")]
)
def test_weeks_that_fit_both_are_iso_weeks(first: str, last: str) -> None:
    panel, summary = read(write(first, last, day="W-MON"))
    assert panel.starts[0] == np.datetime64(first)
    assert any(note.endswith("weeks are ISO weeks") for note in summary.notes)


def test_names_of_iso_weeks_count_more_than_the_numbers() -> None:
    for names in ("YEAR,ISO Week", "Jahr,KW", "ISO Year,Week", "Année,Semaine"):
        panel, summary = read(write("2015-01-04", "2018-12-23", names=names))
        assert panel.starts[0] == np.datetime64("2014-12-29")
        assert any("weeks are ISO weeks" in note for note in summary.notes)


def test_weeks_that_fit_neither_or_of_one_year_are_no_weeks_of_health_services() -> None:
    years = [year for year in range(2015, 2022) for _ in range(52)]
    weeks = [week for _ in range(2015, 2022) for week in range(1, 53)]
    assert find_health_year(pd.Series([*map(str, years)]), pd.Series([*map(str, weeks)])) is None
    counted = [week for _ in range(3) for week in range(1, 54)]  # from 1 January on
    assert (
        find_health_year(pd.Series([str(2013 + row // 53) for row in range(159)]), pd.Series([*map(str, counted)]))
        is None
    )
    weeks = [*range(1, 54), *range(1, 10)]
    texts = pd.Series([*["2014"] * 53, *["2015"] * 9]), pd.Series([*map(str, weeks)])
    assert find_health_year(*texts) is None
    assert find_health_year(pd.Series(["x", None]), pd.Series(["1", "2"])) is None
    lacking = write("2012-12-30", "2018-12-23").splitlines(keepends=True)
    with pytest.raises(DataError, match="2014-W53"):
        read("".join(lacking[:20] + lacking[25:]))
