"""Months in digits only, such as 2312, 1223 and 122023: as years or days they would leap from each December on."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import Command

MONTHS = [(2020 + number // 12, number % 12 + 1) for number in range(44)]
Write = Callable[[int, int], str]


def write_rows(texts: list[str], *, column: str = "month") -> None:
    rows = (f"{text},{100 + 5 * (number % 12)}" for number, text in enumerate(texts))
    Path("data.csv").write_text(f"{column},y\n" + "\n".join(rows) + "\n")


@pytest.mark.parametrize(
    ("write", "following"),
    [
        (lambda year, month: f"{year % 100}{month:02d}", "2309"),
        (lambda year, month: f"{year % 100 - 15:02d}{month:02d}", "0809"),
        (lambda year, month: f"{month:02d}{year % 100}", "0923"),
        (lambda year, month: f"{month:02d}{year}", "092023"),
        (lambda year, month: f"{month:02d}{year - 100}", "091923"),
    ],
)
@pytest.mark.parametrize("column", ["month", "date", "timestamp"])
@pytest.mark.parametrize("left_out", [(), (5, 20)])
def test_months_in_digits_go_on_in_the_next_year(
    forecast: Command, write: Write, following: str, column: str, left_out: tuple[int, ...]
) -> None:
    write_rows([write(*month) for number, month in enumerate(MONTHS) if number not in left_out], column=column)
    outcome = forecast("predict", "data.csv", "--horizon", "3", "--output", "-")
    assert outcome.code == 0, outcome.stderr
    assert "monthly" in outcome.stderr
    assert "read as months and years" in outcome.stderr
    assert outcome.stdout.splitlines()[1].split(",")[0] == following


def test_quarters_by_their_last_months_are_read_too(forecast: Command) -> None:
    write_rows([f"{year}{month:02d}" for year in range(15, 24) for month in (3, 6, 9, 12)])
    outcome = forecast("predict", "data.csv", "--horizon", "2", "--output", "-")
    assert "quarterly" in outcome.stderr
    assert [line.split(",")[0] for line in outcome.stdout.splitlines()[1:]] == ["2403", "2406"]


@pytest.mark.parametrize(
    ("texts", "words", "step"),
    [
        ([str(year) for year in range(2001, 2013)], (), "yearly"),
        ([str(year) for year in range(1960, 2013)], (), "yearly"),
        # what the line says works
        ([f"{year % 100}{month:02d}" for year, month in MONTHS], ("--date-format", "%Y"), "yearly"),
        ([f"{year}{month:02d}" for year, month in MONTHS], (), "monthly"),
        ([f"2024{month:02d}{day:02d}" for month in (1, 2) for day in range(1, 29)], (), "daily"),
        ([f"{month:02d}{day:02d}24" for month in (1, 2) for day in range(1, 29)], (), "daily"),
    ],
)
def test_years_and_days_are_no_such_months(
    forecast: Command, texts: list[str], words: tuple[str, ...], step: str
) -> None:
    write_rows(texts, column="date")
    outcome = forecast("predict", "data.csv", "--horizon", "2", "--output", "-", *words)
    assert outcome.code == 0, outcome.stderr
    assert step in outcome.stderr
    assert "months and years" not in outcome.stderr


@pytest.mark.parametrize(
    ("write", "shown"),
    [
        (lambda year, period: f"{year}{period:02d}", "202113"),
        (lambda year, period: f"{year}-P{period:02d}", "2021-P13"),
        (lambda year, period: f"{year}P{period}", "2021P13"),
    ],
)
def test_thirteen_periods_of_a_year_are_no_weeks(forecast: Command, write: Write, shown: str) -> None:
    write_rows([write(year, period) for year in (2021, 2022, 2023) for period in range(1, 14)], column="period")
    outcome = forecast("predict", "data.csv", "--horizon", "2", "--output", "-")
    assert outcome.code == 65
    assert f"{shown} is the last of 13 periods" in outcome.stderr
    assert "--date-format" not in outcome.stderr


def write_years(column: str, *, separator: str, last: Callable[[list[float]], float], years: int = 6) -> None:
    generator = np.random.default_rng(0)
    lines = [f"name,{column},Value"]
    for name in ("coal", "gas"):
        for year in range(2018 - years, 2018):
            months = [float(value) for value in generator.uniform(70, 90, 12).round(2)]
            # the first years have no months, as in statistics that were yearly before
            kept = [] if year < 2020 - years else [*enumerate(months, 1)]
            rows = [*kept, (13, last(months))]
            lines += [f"{name},{year}{separator}{month:02d},{value:.2f}" for month, value in rows]
    Path("data.csv").write_text("\n".join(lines) + "\n")


@pytest.mark.parametrize("separator", ["", "-"])
@pytest.mark.parametrize("last", [sum, lambda months: sum(months) / 12 + 0.5])
def test_months_13_that_are_the_total_or_the_mean_of_a_year_are_left_out(
    forecast: Command, separator: str, last: Callable[[list[float]], float]
) -> None:
    write_years("YYYYMM", separator=separator, last=last)
    outcome = forecast("predict", "data.csv", "--horizon", "2", "--output", "-")
    assert outcome.code == 0, outcome.stderr
    assert "96 rows, 2 series, monthly; time 'YYYYMM', target 'Value'" in outcome.stderr
    assert "left out: 12 rows of a month 13, the total or the mean of a year (data.csv, line 2)" in outcome.stderr
    assert [line.split(",")[1] for line in outcome.stdout.splitlines()[1:3]] == [
        f"2018{separator}01",
        f"2018{separator}02",
    ]
    assert "13" not in {line.split(",")[1][-2:] for line in outcome.stdout.splitlines()[1:]}


@pytest.mark.parametrize(("years", "last"), [(6, lambda months: months[0]), (3, lambda months: sum(months) / 12)])
def test_other_months_13_are_refused(forecast: Command, years: int, last: Callable[[list[float]], float]) -> None:
    write_years("YYYYMM", separator="", last=last, years=years)
    outcome = forecast("predict", "data.csv", "--horizon", "2", "--output", "-")
    assert outcome.code == 65
    assert "13 is the last of 13 periods, so these are neither months nor ISO weeks" in outcome.stderr


@pytest.mark.parametrize("column", ["YYYYMM", "yyyy-mm", "AAAAMM", "YYYYMMDD", "jjjjmmtt"])
def test_a_name_that_says_how_times_are_written_is_that_of_times(forecast: Command, column: str) -> None:
    day = "01" if "d" in column.lower() or "t" in column else ""
    rows = [f"de,{year}{month:02d}{day},{100 + month}" for year in (2021, 2022, 2023) for month in range(1, 13)]
    Path("data.csv").write_text(f"land,{column},x\n" + "\n".join(rows) + "\n")
    outcome = forecast("predict", "data.csv", "--horizon", "2", "--output", "-")
    assert f"monthly; time {column!r}" in outcome.stderr
    assert outcome.stdout.splitlines()[1].split(",")[0] == f"202401{day}"


def test_weeks_after_years_in_two_digits_are_refused_with_a_form_that_is_read(forecast: Command) -> None:
    weeks = [(year, week) for year in (2021, 2022, 2023) for week in range(1, 53)]
    write_rows([f"{year % 100}{week:02d}" for year, week in weeks], column="week")
    outcome = forecast("predict", "data.csv", "--horizon", "2", "--output", "-")
    assert outcome.code == 65
    assert "after 2152 comes 2201" in outcome.stderr
    assert "Write them as 2024-W05" in outcome.stderr
    write_rows([f"{year}-W{week:02d}" for year, week in weeks], column="week")
    outcome = forecast("predict", "data.csv", "--horizon", "2", "--output", "-")
    assert "weekly" in outcome.stderr
    assert outcome.stdout.splitlines()[1].startswith("2024-W01,")


def test_years_in_two_digits_that_may_be_of_either_century_are_asked_for(forecast: Command) -> None:
    write_rows([f"{year}{month:02d}" for year in range(55, 59) for month in range(1, 13)])
    outcome = forecast("predict", "data.csv", "--horizon", "2", "--output", "-")
    assert outcome.code == 65
    assert "5501" in outcome.stderr
