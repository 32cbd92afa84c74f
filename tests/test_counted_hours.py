"""Hours that are counted through each day: 25 where the clocks are set back, and 23 where they are set forward."""

from pathlib import Path

import pandas as pd
import pytest

from forecaster.data.frames import read_frame
from tests.conftest import Command
from tests.test_reading import as_lists, read
from tests.time_forms import predict_and_say, refuse

HOW = "hours are counted through, 25 where the clocks are set back and 23 where they are set forward"
SECOND = "the 25th hour is the second of those that the clock showed twice"
TWICE = "the hour of 2023-10-29 02:00:00 is there twice, as the clocks were set back: the mean of both counts"


def list_hours(begin: str, end: str, *, zone: str = "Europe/Berlin") -> list[tuple[pd.Timestamp, int]]:
    """The local hours, each with its number within its day, from 0 on."""
    hours = pd.date_range(begin, end, freq="h", tz=zone, inclusive="left")
    counts = pd.Series(hours).groupby(hours.date).cumcount()
    return [*zip(hours, counts, strict=True)]


def write(
    hours: list[tuple[pd.Timestamp, int]],
    *,
    first: int = 1,
    header: str = "Datum;Stunde",
    date: str = "%d.%m.%Y",
    names: tuple[str, ...] = ("",),
) -> list[str]:
    """A row of each series for each hour, whose value is that of the clock, and 50 more in the second of two."""
    lines = [
        f"{name}{hour:{date}};{count + first};{hour.hour + 50 * hour.fold}" for name in names for hour, count in hours
    ]
    save([f"{header};kWh", *lines])
    return lines


def save(lines: list[str]) -> None:
    Path("data.csv").write_text("\n".join([*lines, ""]))


def read_days(*days: str, names: tuple[str, ...] = ("",)) -> list[list[float]]:
    """The values of each series on each of the days by the hours of the clock, as they are read."""
    found = as_lists(read(Path("data.csv"))[0])
    keys = [(name.strip(";"),) if name else () for name in names]
    start = "2023-03-20" if days[0].startswith("2023-03") else "2023-10-20"
    clock = pd.date_range(start, periods=len(found[keys[0]]), freq="h").strftime("%Y-%m-%d")
    return [pd.Series(found[key])[clock == day].tolist() for key in keys for day in days]


AUTUMN, SPRING = list_hours("2023-10-20", "2023-11-04"), list_hours("2023-03-20", "2023-04-04")
WHOLE_DAY = [float(hour) for hour in range(24)]


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("names", [("",), ("a;", "b;")])
def test_25_hours_are_those_of_the_clock(forecast: Command, first: int, names: tuple[str, ...]) -> None:
    header = "Datum;Stunde" if names == ("",) else "Ort;Datum;Stunde"
    write(AUTUMN, first=first, header=header, names=names)
    times, said = predict_and_say(forecast, "data.csv")
    if names == ("",):
        assert times == ["04.11.2023 00:00", "04.11.2023 01:00", "04.11.2023 02:00"]
    assert f"29.10.2023 is a day on which clocks change, as in Europe/Berlin: {HOW}" in said
    assert TWICE in said
    days = [WHOLE_DAY, [*WHOLE_DAY[:2], 27.0, *WHOLE_DAY[3:]], WHOLE_DAY]
    assert read_days("2023-10-28", "2023-10-29", "2023-10-30", names=names) == days * len(names)


def test_the_check_says_it(forecast: Command) -> None:
    write(AUTUMN)
    assert "29.10.2023 is a day on which" in forecast("check", "data.csv").stderr


@pytest.mark.parametrize("first", [0, 1])
def test_23_hours_are_those_of_the_clock(forecast: Command, first: int) -> None:
    write(SPRING, first=first)
    times, said = predict_and_say(forecast, "data.csv")
    assert times == ["04.04.2023 00:00", "04.04.2023 01:00", "04.04.2023 02:00"]
    assert f"26.03.2023 is a day on which clocks change, as in Europe/Berlin: {HOW}" in said
    day = read_days("2023-03-26")[0]
    assert pd.isna(day[2])
    assert day[:2] + day[3:] == WHOLE_DAY[:2] + WHOLE_DAY[3:]


def test_years_months_and_days_beside_hours_are_counted_alike(forecast: Command) -> None:
    write(AUTUMN, header="Year;Month;Day;Hour", date="%Y;%m;%d")
    assert HOW in predict_and_say(forecast, "data.csv")[1]
    assert read_days("2023-10-29") == [[*WHOLE_DAY[:2], 27.0, *WHOLE_DAY[3:]]]


def test_clocks_of_other_places(forecast: Command) -> None:
    write(list_hours("2023-10-20", "2023-11-14", zone="America/Los_Angeles"), header="Date;HE", date="%m/%d/%Y")
    said = predict_and_say(forecast, "data.csv")[1]
    assert "11/05/2023 is a day on which clocks change, as in America/New_York" in said
    assert "the hour of 2023-11-05 01:00:00 is there twice" in said


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("order", ["of the clock", "of numbers, with the day in spring"])
def test_the_25th_hour_may_be_the_second_of_two(forecast: Command, order: str, first: int) -> None:
    hours = AUTUMN if order == "of the clock" else list_hours("2023-03-20", "2023-11-04")
    numbered = [(hour, 24 if hour.fold else hour.hour) for hour, _ in hours]
    if order != "of the clock":
        numbered.sort(key=lambda pair: (pair[0].date(), pair[1]))
    write(numbered, first=first)
    said = predict_and_say(forecast, "data.csv")[1]
    assert f"29.10.2023 is a day on which clocks change, as in Europe/Berlin: {SECOND}" in said
    assert TWICE in said


def test_letters_tell_the_two_hours_apart(forecast: Command) -> None:
    lines = [
        f"{hour:%Y-%m-%d};{hour.hour + 1}{'' if hour.hour != 2 or hour.day != 29 else 'AB'[hour.fold]};{hour.hour}"
        for hour, _ in AUTUMN
    ]
    save(["Date;Hour;kWh", *lines])
    assert TWICE in predict_and_say(forecast, "data.csv")[1]
    assert read_days("2023-10-29") == [WHOLE_DAY]


def test_a_25th_hour_of_another_day_is_refused(forecast: Command) -> None:
    lines = write(AUTUMN)
    save(["Datum;Stunde;kWh", *(line.replace("01.11.2023;24", "01.11.2023;25") for line in lines)])
    assert "'01.11.2023 25:00' cannot be read as a timestamp" in refuse(forecast, "data.csv")


def test_days_that_lack_an_hour_for_another_reason_stay_as_they_are(forecast: Command) -> None:
    for day in ("24.03.2023", "26.03.2023"):
        hours = [(hour, hour.hour) for hour in pd.date_range("2023-03-20", "2023-04-04", freq="h", inclusive="left")]
        gone = 23 if day.startswith("24") else 12
        write([(hour, count) for hour, count in hours if (f"{hour:%d.%m.%Y}", count) != (day, gone)])
        assert "clocks change" not in predict_and_say(forecast, "data.csv")[1]


def test_the_data_may_end_before_the_last_hour_of_the_day_of_the_change(forecast: Command) -> None:
    hours = pd.date_range("2023-03-20", "2023-03-26 23:00", freq="h", inclusive="left")
    write([(hour, hour.hour) for hour in hours])
    assert "clocks change" not in predict_and_say(forecast, "data.csv")[1]


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.usefixtures("forecast")
def test_the_data_may_end_with_a_day_of_23_hours(first: int) -> None:
    write(list_hours("2023-10-20", "2024-04-01"), first=first)
    day = next(iter(as_lists(read(Path("data.csv"))[0]).values()))[-24:]
    assert pd.isna(day[2])
    assert day[:2] + day[3:] == WHOLE_DAY[:2] + WHOLE_DAY[3:]


def test_midnight_at_the_end_of_a_day_is_no_25th_hour(forecast: Command) -> None:
    lines = [
        f"{day:%Y-%m-%d};{hour};{hour}" for day in pd.date_range("2023-10-20", periods=14) for hour in (6, 12, 18, 24)
    ]
    lines.insert(0, "2023-10-20;0;0")
    save(["Date;Hour;kWh", *lines])
    times, said = predict_and_say(forecast, "data.csv")
    assert times == ["2023-11-03 06:00", "2023-11-03 12:00", "2023-11-03 18:00"]
    assert "clocks change" not in said


def test_frames_are_read_alike() -> None:
    hours = pd.DataFrame(
        [(f"{hour:%Y-%m-%d}", count + 1, 1.0) for hour, count in AUTUMN], columns=["Date", "Hour", "y"]
    )
    assert any(HOW in note for note in read_frame(hours)[1].notes)
