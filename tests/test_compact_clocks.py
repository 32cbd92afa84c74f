"""Times of day in digits, such as 840 or 8.40.00, beside dates: joined, or asked for where dates have no year."""

from pathlib import Path

import pandas as pd
import pytest

from forecaster.errors import DataError
from tests.conftest import Command
from tests.test_reading import read

TIMES = pd.date_range("2024-01-01", periods=144, freq="30min")
VALUES = [100 + row * 7 % 23 for row in range(144)]
CLOCK = TIMES.hour * 100 + TIMES.minute


@pytest.mark.parametrize("pattern", ["{}", "{:04d}", "{}.0"])
@pytest.mark.parametrize("name", ["time", "hour", "Uhrzeit"])
def test_hours_and_minutes_in_digits_are_joined_with_dates(forecast: Command, pattern: str, name: str) -> None:
    clock = [pattern.format(number) for number in CLOCK]
    dates = {"date": TIMES.strftime("%Y-%m-%d")}
    parts = {"year": TIMES.year, "month": TIMES.month, "day": TIMES.day}
    pd.DataFrame({"timestamp": TIMES, "kwh": VALUES}).to_csv("plain.csv", index=False)
    expected = forecast("predict", "plain.csv", "--output", "-").stdout.splitlines()
    for columns in (dates, parts):
        table = pd.DataFrame({**columns, name: clock, "kwh": VALUES})
        table.sample(frac=1, random_state=2).to_csv("data.csv", index=False)
        outcome = forecast("predict", "data.csv", "--output", "-")
        assert "time is joined from the columns" in outcome.stderr
        rows = outcome.stdout.splitlines()
        assert [row.split(",")[1:] for row in rows] == [row.split(",")[1:] for row in expected]
        assert [row[:16] for row in rows] == [row[:16] for row in expected]


@pytest.mark.parametrize("pattern", ["%H.%M.%S", "%H.%M"])
@pytest.mark.parametrize("name", ["Time", "Zeit"])
def test_times_of_day_with_points_are_joined_with_dates(pattern: str, name: str) -> None:
    table = pd.DataFrame({"Date": TIMES.strftime("%d.%m.%Y"), name: TIMES.strftime(pattern), "kwh": VALUES})
    panel, summary = read(table.to_csv(index=False, sep=";"))
    assert "time is joined from the columns 'Date'" in " ".join(summary.notes)
    assert panel.calendar.name == "every 30min"
    assert panel.values.tolist() == VALUES
    assert panel.timestamps_of(0, back=1, ahead=0)[0] == TIMES[-1]


def test_hours_with_fractions_are_no_times_of_day_with_points() -> None:
    for hours in ("8.50", "8.25", "8.75"):
        rows = "".join(f"2024-01-{day:02d},{hour},{day}\n" for day in range(1, 29) for hour in ("8.00", hours))
        with pytest.raises(DataError):
            read(f"date,time,kwh\n{rows}")


@pytest.mark.parametrize("name", ["time", "Time"])
def test_days_without_a_year_beside_them_are_asked_for(forecast: Command, name: str) -> None:
    table = pd.DataFrame({"day": 346 + TIMES.dayofyear, name: CLOCK, "temp": VALUES})
    table.to_csv("data.csv", index=False)
    outcome = forecast("predict", "data.csv")
    assert outcome.code == 65
    assert f"the time of a row is spread over the columns 'day' and '{name}'" in outcome.stderr


def test_other_numbers_beside_dates_are_no_times_of_day() -> None:
    minutes = [10 * (row % 48) for row in range(144)]  # 60 to 90 are no minutes of an hour
    table = pd.DataFrame({"day": 346 + TIMES.dayofyear, "temp": VALUES})
    for cells in (minutes, [*range(144)], [*range(100, 2980, 20)]):
        assert read(table.assign(time=cells).to_csv(index=False), duplicates="mean")[1].columns.time == "time"
    steps = table.drop(columns="day").assign(time=[*range(0, 14400, 100)])
    assert read(steps.to_csv(index=False))[0].calendar.name == "numbered steps"
    Path("few.csv").write_text("day,time,temp\n1,100,5\n2,200,6\n3,300,7\n4,400,8\n")
    assert read(Path("few.csv"))[0].calendar.name == "numbered steps"


@pytest.mark.parametrize("count", [24, 40])
def test_minutes_of_the_first_hour_are_no_hours(count: int) -> None:
    rows = "".join(f"2024-01-10,{minute:04d},{minute * 7 % 23}\n" for minute in range(count))
    assert read(f"date,time,kwh\n{rows}")[0].calendar.name == "every 1min"
    hours = "".join(f"2024-01-10,{hour},{hour * 7 % 23}\n" for hour in range(24))
    assert read(f"date,time,kwh\n{hours}")[0].calendar.name == "hourly"
