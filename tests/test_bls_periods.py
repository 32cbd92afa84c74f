"""Periods of the US Bureau of Labor Statistics: M01 to M12, Q01, S01, and the means of a year (M13, Q05, S03)."""

import pytest

from forecaster.errors import DataError
from tests.test_reading import read

HEAD = "series_id\tyear\tperiod\tvalue\tfootnote_codes\n"


def write(*periods: str) -> str:
    rows = [f"CUUR0000SA0\t{year}\t{period}\t{year % 7}.5\t\n" for year in range(2005, 2015) for period in periods]
    return HEAD + "".join(rows)


@pytest.mark.parametrize(
    ("letter", "count", "calendar", "mean"),
    [("M", 12, "monthly", "M13"), ("Q", 4, "quarterly", "Q05"), ("S", 2, "every 6 months", "S03")],
)
def test_periods_are_joined_and_means_of_years_left_out(letter: str, count: int, calendar: str, mean: str) -> None:
    periods = [f"{letter}{number:02d}" for number in range(1, count + 1)]
    panel, _ = read(write(*periods))
    assert (panel.calendar.name, len(panel.values), panel.ids) == (calendar, 10 * count, [("CUUR0000SA0",)])
    other, summary = read(write(*periods, mean))
    assert (other.calendar, other.values.tolist()) == (panel.calendar, panel.values.tolist())
    assert any(note.startswith("left out: 10 rows with a total or a mean instead of a time") for note in summary.notes)


@pytest.mark.parametrize("others", [("S01", "S02", "S03"), ("Q01", "Q02", "Q03", "Q04")])
def test_periods_of_several_lengths_are_named(others: tuple[str, ...]) -> None:
    with pytest.raises(DataError, match=rf"column 'period': it has 'M01' \(months\) as well as '{others[0]}'.* Keep"):
        read(write(*(f"M{month:02d}" for month in range(1, 13)), *others))


def test_names_that_look_like_periods_are_series() -> None:
    rows = "".join(f"{year},{name},{year % 7}\n" for year in range(1990, 2020) for name in ("S01", "S02", "S03"))
    panel, _ = read(f"year,station,rain\n{rows}", ids=("station",))
    assert (panel.ids, panel.calendar.name) == ([("S01",), ("S02",), ("S03",)], "yearly")
    days = "".join(f"2024-01-{day:02d},{name},{day}\n" for day in range(1, 29) for name in ("M11", "M12", "M13"))
    panel, summary = read(f"date,machine,units\n{days}", ids=("machine",))
    assert (len(panel), any("left out" in note for note in summary.notes)) == (3, False)


def test_machines_with_the_numbers_of_three_quarters_are_series() -> None:
    rows = "".join(f"{year},Q0{machine},{year % 7 + machine}\n" for year in range(2000, 2020) for machine in (1, 2, 3))
    panel, summary = read(f"year,machine,output\n{rows}")
    assert (panel.calendar.name, len(panel)) == ("yearly", 3)
    assert summary.columns.ids == ("machine",)


@pytest.mark.parametrize("form", ["{} Annual", "Annual {}"])
def test_years_beside_months_in_one_column_are_left_out(form: str) -> None:
    months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    rows = [f"{year} {month},{place + year % 7}.5" for year in range(2010, 2016) for place, month in enumerate(months)]
    panel, _ = read("Label,Value\n" + "\n".join(rows))
    with_years = [*rows]
    for place in range(6):
        with_years.insert(13 * place + 12, f"{form.format(2010 + place)},9.5")
    other, summary = read("Label,Value\n" + "\n".join(with_years))
    assert (other.calendar.name, other.values.tolist()) == ("monthly", panel.values.tolist())
    assert any(note.startswith("left out: 6 rows with a total or a mean instead of a time") for note in summary.notes)
