"""A time of day beside a date is one time with it, however it is written and its column is called."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from forecaster.errors import DataError
from tests.conftest import Command
from tests.test_reading import read
from tests.time_forms import predict, predict_and_say, refuse

HOURS = pd.date_range("2024-01-20", periods=96, freq="h")
AHEAD = ["2024-01-24 00:00", "2024-01-24 01:00", "2024-01-24 02:00"]
FORMS: dict[str, tuple[str, Callable[[pd.Timestamp], str]]] = {
    "Dutch": ("Tijd", lambda hour: f"{hour:%H:%M}"),
    "no name": ("x", lambda hour: f"{hour:%H:%M}"),
    "start": ("START TIME", lambda hour: f"{hour:%H:%M}"),
    "half of the day": ("Hour", lambda hour: f"{hour:%I %p}"),
    "half of the day in small letters": ("x", lambda hour: f"{hour:%-I%p}".lower()),
    "hour ending": ("Hour Ending", lambda hour: f"HE{hour.hour + 1:02d}"),
    "Uhr": ("Uhrzeit", lambda hour: f"{hour:%H:%M} Uhr"),
    "hours of Uhr": ("x", lambda hour: f"{hour.hour} Uhr"),
    "French": ("Heure", lambda hour: f"{hour.hour}h"),
    "French with minutes": ("Heure", lambda hour: f"{hour:%Hh%M}"),
    "French, numbered by ends": ("x", lambda hour: f"{hour.hour + 1}h"),
    "range": ("Interval", lambda hour: f"{hour:%H:%M}-{hour.hour + 1:02d}:00"),
    "short range": ("Hour", lambda hour: f"{hour:%H}-{hour.hour + 1:02d}"),
    "German range": ("Zeit", lambda hour: f"{hour:%H:%M} bis {hour.hour + 1:02d}:00"),
    "numbered": ("Stunde", lambda hour: f"{hour.hour + 1}. Stunde"),
    "Polish": ("Godzina", lambda hour: f"{hour.hour + 1}"),
    "Swedish": ("Timme", lambda hour: f"{hour.hour}"),
}


def write(header: str, cells: list[str], *, keys: tuple[str, ...] = ("",)) -> str:
    """A row of each key for each of the cells."""
    lines = [f"{key}{cell},{100 + row % 24 + row % 5}" for key in keys for row, cell in enumerate(cells)]
    Path("data.csv").write_text("\n".join([f"{header},kwh", *lines]) + "\n")
    return "data.csv"


@pytest.mark.parametrize(("header", "spell"), FORMS.values(), ids=FORMS)
def test_a_time_of_day_is_joined_with_its_date(
    forecast: Command, header: str, spell: Callable[[pd.Timestamp], str]
) -> None:
    cells = [f"{hour:%Y-%m-%d},{spell(hour)}" for hour in HOURS]
    for order in (cells, cells[::-1]):
        assert predict(forecast, write(f"Date,{header}", order)) == AHEAD
    times, said = predict_and_say(forecast, write(f"Date,{header}", cells[29:] + cells[:29]))
    assert times == AHEAD
    assert f"time is joined from the columns 'Date' and '{header}'" in said
    assert ("the begin counts" in said) == (" bis " in cells[0] or "-" in cells[0].split(",")[1])


def test_several_series_keep_their_hours(forecast: Command) -> None:
    cells = [f"{hour:%Y-%m-%d},{hour:%I %p}" for hour in HOURS]
    data = write("meter,Date,x", cells, keys=("a,", "b,"))
    forecast("predict", data, "--horizon", "2", "-o", "out.csv")
    table = pd.read_csv("out.csv", dtype=str)
    assert [*zip(table["meter"], table["timestamp"], strict=True)] == [
        (meter, time) for meter in "ab" for time in AHEAD[:2]
    ]


TWO = {
    "PG&E": ("DATE,START TIME,END TIME", "{0:%Y-%m-%d},{0:%H:%M},{0:%H}:59"),
    "German": ("Ab-Datum,Ab-Zeit,Bis-Datum,Bis-Zeit", "{0:%Y-%m-%d},{0:%H:%M},{1:%Y-%m-%d},{1:%H:%M}"),
    "begin last": ("Date,End_Time,Begin_Time", "{0:%Y-%m-%d},{1:%H:%M},{0:%H:%M}"),
}


@pytest.mark.parametrize(("header", "pattern"), TWO.values(), ids=TWO)
def test_of_two_times_of_day_that_of_the_begin_counts(forecast: Command, header: str, pattern: str) -> None:
    cells = [pattern.format(hour, hour + pd.Timedelta(hours=1)) for hour in HOURS]
    assert predict(forecast, write(header, cells)) == AHEAD


def test_what_looks_like_a_time_of_day_is_never_offered_as_an_id(forecast: Command) -> None:
    # two of which no name says which one counts
    cells = [f"{hour:%Y-%m-%d},{hour:%H:%M},{hour:%H}:30" for hour in HOURS]
    message = refuse(forecast, write("Date,a,b", cells))
    assert "is there already" in message
    assert "(a" not in message
    assert "(b" not in message
    # and one that repeats itself
    for cell in ("{:%H:%M}", "{:%I %p}", "HE{:%H}", "{:%Hh}", "{:%H:%M}-{:%H}:59"):
        cells = [f"{hour:%Y-%m-%d}," + cell.format(hour, hour) for hour in HOURS]
        message = refuse(forecast, write("Date,x", [*cells, cells[0]]))
        assert "is there already" in message
        assert "(x)" not in message


def test_a_time_of_day_of_one_row_a_day_is_no_part_of_the_time(forecast: Command) -> None:
    cells = [f"2024-01-{day:02d},{shop},{day % 7 + 8:02d}:15" for day in range(1, 29) for shop in ("Ulm", "Bonn")]
    said = forecast("predict", write("Date,place,opened", cells), "--horizon", "1", "-o", "out.csv").stderr
    assert "daily; time 'Date', target 'kwh', series by 'place' (found" in said
    # as it is where the rows of a day are added up
    said = forecast(
        "predict", "data.csv", "--freq", "D", "--aggregate", "sum", "--horizon", "1", "-o", "out.csv"
    ).stderr
    assert "daily; time 'Date', target 'kwh', one series" in said


def test_ages_are_no_hours(forecast: Command) -> None:
    cells = [f"2024-01-{day:02d},{age}" for day in range(1, 29) for age in ("10-19", "20-29", "30-39")]
    said = forecast("predict", write("Date,age", cells), "--horizon", "1", "-o", "out.csv").stderr
    assert "series by 'age'" in said


def test_halves_of_a_day_are_times(forecast: Command) -> None:
    cells = [f"2024-01-{day:02d},{half}" for day in range(1, 29) for half in ("00:00-12:00", "12:00-24:00")]
    assert predict(forecast, write("Date,half", cells)) == ["2024-01-29 00:00", "2024-01-29 12:00", "2024-01-30 00:00"]


@pytest.mark.parametrize("duration", ["duration", "Avg_Handle_Time", "AHT", "Gesprächsdauer", "Wait Time"])
def test_how_long_something_took_is_no_time_of_day(duration: str) -> None:
    slots = [f"{hour:02d}:{minute:02d}" for hour in range(8, 18) for minute in (0, 30)]
    rows = [
        f"2024-01-{day:02d},{slot},00:0{(day * number) % 5}:{(7 * number + day) % 60:02d},{20 + number % 7}\n"
        for day in range(1, 15)
        for number, slot in enumerate(slots)
    ]
    panel, summary = read(f"date,interval,{duration},calls\n{''.join(rows)}")
    assert (summary.columns.time_columns, len(panel.values)) == (("date", "interval"), 280)
    assert panel.calendar.name.startswith("every 30min")
    # a log of calls has no times of day then
    alone = "".join(row.replace(f",{row.split(',')[1]}", "", 1) for row in rows)
    with pytest.raises(DataError, match="2024-01-01 is there already"):
        read(f"date,{duration},calls\n{alone}")
