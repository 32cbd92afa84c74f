"""Weeks that are counted from 1 January on, and numbers that start again without a year, with remedies that work."""

from pathlib import Path

import pandas as pd
import pytest

from tests.conftest import Command
from tests.time_forms import predict, predict_and_say, refuse

DAYS = pd.date_range("2021-01-01", "2023-12-31")


def save(header: str, rows: list[str], *, names: tuple[str, ...] = ("",)) -> str:
    lines = [f"{name}{row},{100 + place % 7}" for name in names for place, row in enumerate(rows)]
    Path("data.csv").write_text("\n".join([f"{header},Sales", *lines, ""]))
    return "data.csv"


COUNTED = {
    "from Monday on": ("%W", "2021-W00", 2, "W"),
    "from Sunday on": ("%U", "2021-W00", 2, "W-SAT"),
    "53 in each year": ("", "2021-W53", 54, "W"),
}


@pytest.mark.parametrize(("counts", "shown", "line", "frequency"), COUNTED.values(), ids=COUNTED)
@pytest.mark.parametrize("names", [("",), ("a,", "b,")])
def test_weeks_counted_from_january_are_asked_for(
    forecast: Command, counts: str, shown: str, line: int, frequency: str, names: tuple[str, ...]
) -> None:
    weeks = DAYS.strftime(f"%Y,{counts}") if counts else [f"{day.year},{(day.dayofyear - 1) // 7 + 1}" for day in DAYS]
    first = pd.Series(DAYS, index=[*weeks]).groupby(level=0, sort=False).first()
    store = "Store," * (len(names) > 1)
    said = refuse(forecast, save(f"{store}Year,Week", [*first.index], names=names))
    assert f"data.csv, line {line}: '{shown}', from 'Year' and 'Week', is no week of that year." in said
    assert "'timestamp'" not in said
    assert "--id" not in said or len(names) > 1
    told = ["--id", "Store"] * (len(names) > 1) + ["--freq", "W", "--aggregate", "sum"]
    assert " ".join(told) in said
    data = save(f"{store}date", [f"{day:%Y-%m-%d}" for day in first], names=names)
    told[told.index("W")] = frequency
    times, said = predict_and_say(forecast, data, *told)
    assert f"{len(names)} series, weekly" in said
    assert "missing" not in said.split("\n")[1]
    assert times


def test_another_cell_that_is_no_week_is_named(forecast: Command) -> None:
    rows = [f"{year},{week}" for year in (2022, 2023) for week in range(1, 53)]
    said = refuse(forecast, save("Year,Week", [*rows[:-1], "2023,53"]))
    assert "data.csv, line 105: '2023-W53', from 'Year' and 'Week', is no week of that year" in said


PARTS = {"Week": 52, "Month": 12, "Quarter": 4, "Day": 31, "Hour": 24}


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("begins", [0, 2])
def test_numbers_that_start_again_are_said(forecast: Command, part: str, begins: int) -> None:
    numbers = [place % PARTS[part] + 1 for place in range(begins, 4 * PARTS[part])]
    said = refuse(forecast, save(part, [*map(str, numbers)]))
    assert f"the numbers in '{part}' start again" in said
    assert ("add a column 'Year'" in said) == (part in ("Week", "Month", "Quarter"))
    assert "--duplicates" not in said
    count = len(numbers)
    steps = save("step," + part, [f"{place + 1},{number}" for place, number in enumerate(numbers)])
    assert predict(forecast, steps, "--time", "step")[0] == str(count + 1)
    if "add a column" in said:
        years = [2019 + place // PARTS[part] for place in range(begins, 4 * PARTS[part])]
        data = save(f"Year,{part}", [f"{year},{number}" for year, number in zip(years, numbers, strict=True)])
        assert predict(forecast, data)[0].startswith("2023")


def test_numbers_that_may_be_of_several_series_or_are_sorted_are_not_said_to(forecast: Command) -> None:
    rows = [f"{month},{place}" for place in ("north", "south") for month in (*range(1, 13), *range(1, 13))]
    assert "name it with --id" in refuse(forecast, save("Month,Place", rows))
    assert "start again" in refuse(forecast, save("Month,Place", rows), "--id", "Place")
    for numbers in ([1, 1, 2, 2, 3, 3], [1, 2, 3, 2, 3, 4], [1, 1, 2, 3], [1, 1, 2, 3, 1, 2, 3]):
        assert "start again" not in refuse(forecast, save("Month", [*map(str, numbers)]))
