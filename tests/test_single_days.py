"""Dates whose day and month are the same number, and rows of numbered parts of a time above a shorter last line."""

from pathlib import Path

import pytest

from tests.conftest import Command


@pytest.mark.parametrize("day", ["01/01/2024", "3/3/2024", "12-12-2024"])
def test_a_day_that_is_its_month_is_asked_for_as_the_next_one_is_not(forecast: Command, day: str) -> None:
    rows = [f"{day} {hour:02d}:00,{100 + hour}" for hour in range(24)]
    Path("load.csv").write_text("\n".join(["time,load", *rows]) + "\n")
    outcome = forecast("predict", "load.csv", "--horizon", "2", "--output", "-")
    assert outcome.code == 65
    assert f"dates such as {day} 00:00 can be read as day/month or month/day. Choose with" in outcome.stderr
    mark = day[-5]
    for order, following in ((f"%d{mark}%m{mark}%Y", 0), (f"%m{mark}%d{mark}%Y", 1)):
        words = ("--horizon", "2", "--output", "-", "--date-format", f"{order} %H:%M")
        outcome = forecast("predict", "load.csv", *words)
        number = int(day.split(mark)[0])
        found = outcome.stdout.splitlines()[1].split(" ")[0].split(mark)
        assert [int(part) for part in found[:2]] == ([number + 1, number] if not following else [number, number + 1])


def test_each_first_of_january_is_followed_by_another(forecast: Command) -> None:
    rows = [f"01/01/{year},{100 + year % 7}" for year in range(1990, 2020)]
    Path("years.csv").write_text("\n".join(["date,y", *rows]) + "\n")
    outcome = forecast("predict", "years.csv", "--horizon", "1", "--output", "-")
    assert "yearly" in outcome.stderr
    assert outcome.stdout.splitlines()[1].startswith("01/01/2020")


def test_years_first_leave_no_doubt(forecast: Command) -> None:
    rows = [f"2024/3/3 {hour:02d}:00,{100 + hour}" for hour in range(24)]
    Path("load.csv").write_text("\n".join(["time,load", *rows]) + "\n")
    outcome = forecast("predict", "load.csv", "--horizon", "1", "--output", "-")
    assert outcome.stdout.splitlines()[1].startswith("2024/3/4 00:00")


def test_a_last_line_with_fewer_cells_is_no_bug(forecast: Command) -> None:
    rows = [f"2024;01;{1 + number // 24:02d};{1 + number % 24};{60 + number % 7}" for number in range(72)]
    Path("prices.csv").write_text("\n".join([*rows, "*"]) + "\n")
    outcome = forecast("predict", "prices.csv", "--no-header", "--horizon", "2", "--output", "-")
    assert outcome.code == 65
    assert "bug" not in outcome.stderr
