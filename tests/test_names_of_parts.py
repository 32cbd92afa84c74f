"""Parts of a time under the names of public sources, and columns of how exact a measurement is, are no targets."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from forecaster.data.names.time_names import names_decimal_year, names_time_part
from forecaster.data.parts.health_weeks import number_health_weeks, write_health_weeks
from forecaster.errors import DataError
from tests.test_reading import read

WEEKS = pd.date_range("2013-12-29", periods=110, freq="W-SUN")
MONTHS = [(1990 + month // 12, month % 12 + 1) for month in range(120)]


@pytest.mark.parametrize(
    "names", ["isoyear,isoweek", "iso_year,iso_week", "ISO Year,ISO Week", "year_iso,week_iso", "Year (ISO),Week (ISO)"]
)
def test_iso_years_and_weeks_are_joined(names: str) -> None:
    monday = date(2020, 12, 21)
    parts = [(monday + timedelta(weeks=week)).isocalendar() for week in range(60)]
    panel, summary = read(f"{names},cases\n" + "".join(f"{part.year},{part.week},{part.week % 7}\n" for part in parts))
    assert (panel.calendar.name, panel.starts[0], len(panel.values)) == ("weekly", np.datetime64(monday), 60)
    assert any("weeks are ISO weeks" in note for note in summary.notes)


@pytest.mark.parametrize("names", ["MMWR Year,MMWR Week", "MMWR_YEAR,MMWR_WEEK", "epiyear,epiweek", "year,epi_week"])
def test_weeks_of_health_services_begin_on_sunday(names: str) -> None:
    years, weeks = number_health_weeks(WEEKS)
    rows = "".join(f"{year},{week},{week % 7}\n" for year, week in zip(years, weeks, strict=True))
    assert "2014,53," in rows  # as in no ISO year
    panel, summary = read(f"{names},cases\n{rows}")
    assert (panel.calendar.name, panel.starts[0], len(panel.values)) == ("weekly", WEEKS[0], len(WEEKS))
    assert any("weeks are MMWR weeks, which begin on Sunday" in note for note in summary.notes)
    joined = summary.columns.joined
    assert joined is not None
    assert [*joined.split(WEEKS.to_numpy(), np.array([]))] == names.split(",")
    assert joined.split(WEEKS.to_numpy(), np.array([]))[names.split(",")[1]] == weeks.tolist()
    with pytest.raises(DataError, match=r"'2015-W53 \(no week\)' cannot be read"):
        read(f"{names},cases\n{rows}2015,53,5\n")


def test_years_have_53_weeks_of_health_services_where_they_had() -> None:
    years, weeks = number_health_weeks(pd.date_range("2000-01-02", "2026-12-27", freq="W-SUN"))
    assert years[weeks == 53].tolist() == [2003, 2008, 2014, 2020, 2025]
    texts = write_health_weeks(pd.Series([*map(str, years), None]), pd.Series([*map(str, weeks), "1"]))
    assert texts.iloc[0] == "2000-01-02"
    assert texts.isna().sum() == 1


@pytest.mark.parametrize(
    ("names", "parts"),
    [
        ("isoyear,isoweek", "2024,{0}"),
        ("MMWR Year,MMWR Week", "2024,{0}"),
        ("decimal date,ndays", "2024.{0:02d}5,{1}"),
        ("decimal,sdev", "2024.{0:02d}5,0.{1}"),
        ("epiweek,unc", "{0},1.{1}"),
    ],
)
def test_parts_beside_a_date_are_no_targets(names: str, parts: str) -> None:
    days = pd.date_range("2024-01-01", periods=50)
    rows = "".join(f"{day:%Y-%m-%d},{parts.format(day.week, day.day)},{day.day}\n" for day in days)
    _, summary = read(f"date,{names},load\n{rows}")
    assert (summary.columns.targets, summary.columns.ignored) == (("load",), tuple(names.split(",")))


def test_a_mean_is_asked_for_where_there_is_another_one_beside_its_precision() -> None:
    rows = "".join(
        f"{year},{month},{year + month / 12 - 1 / 24:.4f},{350 + month}.5,{352 + month}.1,25,0.4,0.2\n"
        for year, month in MONTHS
    )
    head = "year,month,decimal date,average,deseasonalized,ndays,sdev,unc\n"
    with pytest.raises(DataError, match=r"several columns hold numbers \(average, deseasonalized\)"):
        read(head + rows)
    assert read(head + rows, target="average")[0].calendar.name == "monthly"


def test_columns_of_such_names_with_other_cells_are_measured() -> None:
    rows = "".join(f"2024-01-{day:02d},{day}.5,{day + 3}.25\n" for day in range(1, 31))
    assert read(f"date,decimal,percent\n{rows}")[1].columns.targets == ("decimal", "percent")
    assert read(f"date,isolation,episodes\n{rows}")[1].columns.targets == ("isolation", "episodes")
    assert not any(map(names_time_part, ("isolated_year", "epic_week", "episode")))
    assert not any(map(names_decimal_year, ("decimals", "year")))


def test_years_with_fractions_are_found_by_their_name() -> None:
    months = "".join(f"{year + (month - 1) / 12:.4f},{month % 5}\n" for year, month in MONTHS)
    assert read(f"decimal_date,co2\n{months}")[0].calendar.name == "monthly"
    middles = "".join(f"{year + (month - 0.5) / 12:.4f},{month % 5}\n" for year, month in MONTHS)
    with pytest.raises(DataError, match="If it is a fraction of a year, write the date"):
        read(f"decimal date,co2\n{middles}")


@pytest.mark.parametrize("names", ["Duke,UNC,NCSU", "ABC,STD,XYZ", "num_staff,num_days", "whole,decimal"])
def test_ordinary_columns_with_such_names_stay_series(names: str) -> None:
    columns = names.split(",")
    generator = np.random.default_rng(0)
    table = pd.DataFrame({column: generator.uniform(1400, 1600, 40).round() for column in columns})
    table.insert(0, "date", pd.date_range("2021-01-01", periods=40, freq="MS"))
    assert read(table.to_csv(index=False))[1].columns.targets == tuple(columns)
