"""A year and a number: quarters or half-years where months would all be of spring, and 1990.1 where it is October."""

from pathlib import Path

import pytest

from forecaster.errors import DataError, SeveralFormatsError
from tests.conftest import Command
from tests.test_reading import read


def write(times: list[str], *, column: str = "time") -> str:
    return f"{column},value\n" + "".join(f"{time},{100 + row * 7 % 23}\n" for row, time in enumerate(times))


def list_periods(count: int, *, years: range = range(1955, 1965), mark: str = ".") -> list[str]:
    return [f"{year}{mark}{number}" for year in years for number in range(1, count + 1)]


@pytest.mark.parametrize("mark", [".", "-", "/"])
@pytest.mark.parametrize(("count", "calendar", "word"), [(4, "quarterly", "Q"), (2, "every 6 months", "H")])
def test_quarters_and_half_years_without_a_letter_are_not_months(
    forecast: Command, mark: str, count: int, calendar: str, word: str
) -> None:
    times = list_periods(count, mark=mark)
    panel, summary = read(write(times))
    assert (panel.calendar.name, str(panel.starts[0])[:10]) == (calendar, "1955-01-01")
    assert summary.notes[0].startswith(
        f"timestamps are read as {'quarters' if count == 4 else 'half-years'} (1955{mark}1"
    )
    Path("data.csv").write_text(write(times))
    found = forecast("predict", "data.csv", "--output", "-", "--horizon", "4").stdout
    Path("data.csv").write_text(write([time.replace(mark, f" {word}") for time in times]))
    written = forecast("predict", "data.csv", "--output", "-", "--horizon", "4").stdout
    assert found == written.replace(f" {word}", mark)
    # another order of the rows, and the quarter first
    assert read(write(times[::-1]))[0].calendar.name == calendar
    if mark != ".":
        swapped = [mark.join(reversed(time.split(mark))) for time in times]
        assert read(write(swapped))[0].calendar.name == calendar


def test_months_stay_months(forecast: Command) -> None:
    spring = [f"{year}-{month:02d}" for year in range(1955, 1965) for month in (1, 2, 3, 4)]
    for times in (list_periods(12, mark="-"), list_periods(3, years=range(1955, 1956)), spring):
        panel, _ = read(write(times))
        assert panel.calendar.name == "monthly"
    assert read(write(list_periods(4), column="month"))[0].calendar.name == "monthly"
    Path("data.csv").write_text(write(list_periods(4)))
    assert ", monthly;" in forecast("predict", "data.csv", "--date-format", "%Y.%m").stderr


def test_quarters_some_of_which_are_missing_are_asked_for(forecast: Command) -> None:
    times = list_periods(4)
    del times[6]
    with pytest.raises(SeveralFormatsError, match="quarters or months, as some are missing"):
        read(write(times))
    Path("data.csv").write_text(write(times))
    for date_format, calendar in (("%Y.%q", "quarterly"), ("%Y.%m", "monthly")):
        outcome = forecast("predict", "data.csv", "--date-format", date_format)
        assert (outcome.code, f", {calendar};" in outcome.stderr) == (0, True), outcome.stderr


MONTHS = [f"{year}.{month:02d}" for year in range(1990, 1996) for month in range(1, 13)]


def test_october_may_have_lost_its_zero(forecast: Command) -> None:
    Path("plain.csv").write_text(write(MONTHS))
    expected = forecast("predict", "plain.csv", "--output", "-")
    assert ", monthly;" in expected.stderr
    shortened = [time.removesuffix("0") for time in MONTHS]
    for times in (shortened, shortened[3:], shortened[:12]):
        panel, summary = read(write(times))
        assert panel.calendar.name == "monthly"
        assert len(panel.values) == len(times)
        assert summary.notes == ("1990.1 is read as 1990.10, October: the zero at its end was lost",)
    Path("data.csv").write_text(write(shortened))
    assert forecast("predict", "data.csv", "--output", "-").stdout == expected.stdout


def test_january_and_october_that_look_alike_are_refused_whatever_becomes_of_repeated_times() -> None:
    times = [time.replace(".0", ".").removesuffix("0") for time in MONTHS]
    for duplicates in (None, "sum"):
        with pytest.raises(DataError, match=r"1990\.1 is January or October.*as 1990-01 and 1990-10"):
            read(write(times), duplicates=duplicates)


def list_short(years: range, *, pattern: str = "{:02d}/{:02d}") -> list[str]:
    return [pattern.format(month, year) for year in years for month in range(1, 13)]


@pytest.mark.parametrize("pattern", ["{:02d}/{:02d}", "{}/{:02d}", "{:02d}-{:02d}"])
@pytest.mark.parametrize("years", [range(86, 91), range(13, 16)])
def test_months_with_years_of_two_digits_are_read(forecast: Command, pattern: str, years: range) -> None:
    Path("data.csv").write_text(write(list_short(years, pattern=pattern), column="month"))
    outcome = forecast("predict", "data.csv", "--output", "-", "--horizon", "3")
    assert "timestamps are read as months and years" in outcome.stderr
    rows = outcome.stdout.splitlines()
    assert [row.split(",")[0] for row in rows[1:]] == list_short(range(years.stop, years.stop + 1), pattern=pattern)[:3]
    full = [
        time[:-2] + f"{1900 + int(time[-2:]) if years.start == 86 else 2000 + int(time[-2:])}"
        for time in list_short(years)
    ]
    Path("data.csv").write_text(write(full, column="month"))
    expected = forecast("predict", "data.csv", "--output", "-", "--horizon", "3").stdout.splitlines()
    assert [row.split(",")[1:] for row in rows] == [row.split(",")[1:] for row in expected]


def test_a_month_beside_what_may_be_a_day_is_asked_for(forecast: Command) -> None:
    days = [f"{month}/{day}" for month in (1, 2) for day in (10, 11, 12, 13, 15, 16, 20)]
    for times in (days, list_short(range(13, 14)), [*list_short(range(13, 15))[:5], *list_short(range(13, 15))[6:]]):
        with pytest.raises(DataError, match="If these are months and years, use --date-format %m/%y"):
            read(write(times))
        Path("data.csv").write_text(write(times))
        assert forecast("predict", "data.csv", "--date-format", "%m/%y").code == 0
    with pytest.raises(DataError, match=r"the year of 1/66 can be 2066 or 1966\."):
        read(write([f"{month}/{year}" for year in (66, 67, 68) for month in range(12, 0, -1)]))
    # shares are no times
    shares = [f"{row % 9 + 1}/{60 + row * 7 % 30}" for row in range(40)]
    table = "".join(f"{share},{2000 + row},{row % 7}\n" for row, share in enumerate(shares))
    assert read(f"share,when_year,value\n{table}", time="when_year")[1].columns.time == "when_year"
    with pytest.raises(DataError, match="no time column"):
        read("share,value\n" + "".join(f"{share},{row % 7}\n" for row, share in enumerate(shares)))


@pytest.mark.parametrize("mark", [".", "-", "/"])
def test_months_before_october_are_not_periods_of_accounts(forecast: Command, mark: str) -> None:
    months = [f"2024{mark}{month:02d}" for month in range(1, 13)]
    Path("data.csv").write_text(write(months[:9]))
    rows = forecast("predict", "data.csv", "--output", "-", "--horizon", "3").stdout.splitlines()
    assert [row.split(",")[0] for row in rows[1:]] == months[9:]
