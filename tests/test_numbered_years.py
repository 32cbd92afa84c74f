"""Months of years that are counted from 1 on are read as such, and forecasts go on in the same way."""

from pathlib import Path

import pytest

from forecaster.data.times.moments import parse_moment
from forecaster.windows import keep_until
from tests.conftest import Command
from tests.test_reading import read

MONTHS = [(year, month) for year in (1, 2, 3) for month in range(1, 13)]


def write(form: str, months: list[tuple[int, int]]) -> str:
    """A file whose times are written in `form`."""
    return "Month,Sales\n" + "".join(
        f"{form.format(year=year, month=month)},{100 + 3 * month + year}\n" for year, month in months
    )


@pytest.mark.parametrize(
    ("form", "ahead"),
    [
        ("{year}-{month:02d}", ["4-01", "4-02"]),
        ("{year}-{month}", ["4-1", "4-2"]),
        ("{year}/{month:02d}", ["4/01", "4/02"]),
    ],
)
def test_forecasts_go_on_in_the_next_year(forecast: Command, form: str, ahead: list[str]) -> None:
    Path("data.csv").write_text(write(form, MONTHS))
    outcome = forecast("predict", "data.csv", "--horizon", "2", "--output", "-")
    assert outcome.code == 0, outcome.stderr
    first = form.format(year=1, month=1)
    assert f"months of years that are counted from 1 on ({first}: month 1 of year 1" in outcome.stderr
    assert [line.split(",")[0] for line in outcome.stdout.splitlines()[1:]] == ahead
    whole, _ = read(write("20{year:02d}-{month:02d}", MONTHS))
    panel, _ = read(write(form, MONTHS))
    assert (panel.values.tolist(), panel.calendar, panel.starts) == (
        whole.values.tolist(),
        whole.calendar,
        whole.starts,
    )


def test_more_than_nine_years_and_a_beginning_within_a_year() -> None:
    months = [(year, month) for year in range(1, 13) for month in range(1, 13)][4:]
    panel, _ = read(write("{year}-{month:02d}", months))
    assert (len(panel.values), str(panel.starts[0])[:7]) == (140, "2001-05")


@pytest.mark.parametrize(("until", "length"), [("1-09", 9), ("2-06", 18), ("10-03", 111)])
def test_until_takes_them_as_they_are_written(until: str, length: int) -> None:
    panel, _ = read(write("{year}-{month:02d}", [(year, month) for year in range(1, 13) for month in range(1, 13)]))
    assert len(keep_until(panel, until=parse_moment(until, panel=panel)).values) == length


@pytest.mark.parametrize(
    "months",
    [
        [(year + 1, month) for year, month in MONTHS],  # none is the first
        [pair for pair in MONTHS if pair != (2, 5)],  # one is missing
        [(month, day) for month in (1, 2) for day in range(1, 29)],  # days
    ],
)
def test_others_are_not_taken_for_them(forecast: Command, months: list[tuple[int, int]]) -> None:
    Path("data.csv").write_text(write("{year}-{month:02d}", months))
    outcome = forecast("predict", "data.csv", "--horizon", "2", "--output", "-")
    assert "counted from 1" not in outcome.stderr
    assert outcome.code == 65
