"""Half-hours that are counted through each day beside its date, as the settlement periods of power in Great Britain."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.conftest import Command
from tests.test_reading import as_lists, read
from tests.time_forms import predict_and_say, refuse

HOW = "half-hours are counted through, 50 where the clocks are set back and 46 where they are set forward"


def write(
    begin: str, end: str, *, header: str = "SettlementDate,SettlementPeriod", date: str = "%Y-%m-%d"
) -> list[str]:
    """A row for each local half-hour, whose value is its hour and 50 more in the second of two that the clock shows."""
    times = pd.date_range(begin, end, freq="30min", tz="Europe/London", inclusive="left")
    counts = pd.Series(times).groupby(times.date).cumcount() + 1
    values = [time.hour + time.minute / 60 + 50 * time.fold for time in times]
    rows = [f"{time:{date}},{count},{value}" for time, count, value in zip(times, counts, values, strict=True)]
    Path("data.csv").write_text("\n".join([f"{header},MW", *rows, ""]))
    return rows


def read_day(day: str, begin: str) -> list[float]:
    """The values of a day by the clock, as they are read."""
    values = as_lists(read(Path("data.csv"))[0])[()]
    days = pd.date_range(begin, periods=len(values), freq="30min").strftime("%Y-%m-%d")
    return [value for value, of_day in zip(values, days, strict=True) if of_day == day]


CLOCK = [number / 2 for number in range(48)]


@pytest.mark.parametrize(
    "header",
    [
        "SettlementDate,SettlementPeriod",
        "SETTLEMENT_DATE,SETTLEMENT_PERIOD",
        "Date,Settlement Period",
        "date,half_hour",
    ],
)
def test_they_are_joined_with_their_dates(forecast: Command, header: str) -> None:
    write("2024-01-08", "2024-01-29", header=header)
    times, said = predict_and_say(forecast, "data.csv")
    assert times == ["2024-01-29 00:00", "2024-01-29 00:30", "2024-01-29 01:00"]
    assert "half-hour 1 is from 00:00 to 00:30, and its start is written" in said
    assert "every 30min" in said
    assert "clocks" not in said
    assert read_day("2024-01-09", "2024-01-08") == CLOCK


def test_50_are_those_of_the_clock_of_london(forecast: Command) -> None:
    write("2023-10-20", "2023-11-04", date="%d-%b-%Y")
    said = predict_and_say(forecast, "data.csv")[1]
    assert f"29-Oct-2023 is a day on which clocks change, as in Europe/London: {HOW}" in said
    assert "the hour of 2023-10-29 01:00:00 is there twice" in said
    assert read_day("2023-10-29", "2023-10-20") == [*CLOCK[:2], 26.0, 26.5, *CLOCK[4:]]


def test_46_are_those_of_the_clock_of_london(forecast: Command) -> None:
    write("2024-03-25", "2024-04-08")
    assert (
        f"2024-03-31 is a day on which clocks change, as in Europe/London: {HOW}"
        in predict_and_say(forecast, "data.csv")[1]
    )
    day = read_day("2024-03-31", "2024-03-25")
    assert np.isnan(day[2:4]).all()
    assert day[:2] + day[4:] == CLOCK[:2] + CLOCK[4:]


def test_a_49th_of_another_day_is_refused(forecast: Command) -> None:
    rows = write("2023-10-20", "2023-11-04")
    rows = [row.replace("2023-11-01,48", "2023-11-01,49") for row in rows]
    Path("data.csv").write_text("\n".join(["SettlementDate,SettlementPeriod,MW", *rows, ""]))
    assert "'2023-11-01 49' cannot be read as a timestamp" in refuse(forecast, "data.csv")


def test_those_of_the_clock_with_two_more_are_refused(forecast: Command) -> None:
    # 49 and 50 are the second half-hours of two, or there would be 3 and 4 in spring
    write("2024-03-25", "2024-11-04")
    lines = Path("data.csv").read_text().splitlines()
    spring = [line for line in lines if line.startswith("2024-03-31")]
    for line in spring[2:]:
        day, number, value = line.split(",")
        lines[lines.index(line)] = f"{day},{int(number) + 2},{value}"
    Path("data.csv").write_text("\n".join([*lines, ""]))
    assert "'2024-10-27 49' cannot be read as a timestamp" in refuse(forecast, "data.csv")


def test_periods_that_do_not_fill_a_day_are_no_half_hours(forecast: Command) -> None:
    rows = [f"2024-01-{day:02d},{period},{day + period}" for period in (1, 2, 3) for day in range(1, 29)]
    Path("data.csv").write_text("\n".join(["date,Settlement Period,MW", *rows, ""]))
    assert "half-hour" not in forecast("predict", "data.csv").stderr


def test_rows_of_the_future_have_their_dates_and_numbers(forecast: Command) -> None:
    write("2024-01-08", "2024-01-29", header="SettlementDate,SettlementPeriod,temp")
    lines = [
        f"{line.rpartition(',')[0]},{place % 7},{place % 48}"
        for place, line in enumerate(Path("data.csv").read_text().splitlines())
    ]
    lines[0] = "SettlementDate,SettlementPeriod,temp,MW"
    Path("data.csv").write_text("\n".join([*lines, ""]))
    outcome = forecast("template", "data.csv", "--known", "temp", "--target", "MW", "--horizon", "3", "--output", "-")
    assert outcome.stdout.splitlines()[1:] == ["2024-01-29,1,", "2024-01-29,2,", "2024-01-29,3,"]


def test_hours_beside_them_say_nothing_more(forecast: Command) -> None:
    rows = [row.split(",") for row in write("2024-01-08", "2024-01-29")]
    lines = [f"{day},{(int(number) - 1) // 2},{number},{value}" for day, number, value in rows]
    Path("data.csv").write_text("\n".join(["Date,Hour,Settlement Period,MW", *lines, ""]))
    assert (
        "time is joined from the columns 'Date' and 'Settlement Period'; half"
        in predict_and_say(forecast, "data.csv")[1]
    )
