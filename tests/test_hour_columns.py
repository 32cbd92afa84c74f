"""Tables with a row for each day and a column for each hour are read as rows of one hour."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from forecaster.data.frames import read_frame
from forecaster.data.reading import read_panel
from tests.conftest import Command
from tests.test_part_columns import WORDS, as_long, write

DAYS = pd.date_range("2024-01-01", periods=14)
FROM_0, FROM_1 = [*range(24)], [*range(1, 25)]
HALF_DAYS = [f"{hour % 12 or 12} {'AM' if hour < 12 else 'PM'}" for hour in FROM_0]


def list_days(date_format: str = "%Y-%m-%d", *, empty: int = 0) -> list[list[Any]]:
    """A row for each day, with so many empty cells in the last one."""
    rows: list[list[Any]] = [
        [f"{day:{date_format}}", *(20 + hour * 7 % 24 + place % 5 for hour in FROM_0)] for place, day in enumerate(DAYS)
    ]
    rows[-1][25 - empty :] = [""] * empty
    return rows


def write_long_days(*, empty: int = 0) -> None:
    """The file long.csv with the values of `list_days` that are not empty, one in each line."""
    lines = [[f"{row[0]} {hour:02d}:00", row[1 + hour]] for row in list_days() for hour in FROM_0]
    write(["timestamp", "value"], lines[: len(lines) - empty], name="long.csv")


@pytest.mark.parametrize(
    "names",
    [
        FROM_0,
        FROM_1,
        [f"H{hour}" for hour in FROM_0],
        [f"H{hour:02d}" for hour in FROM_1],
        [f"Hour {hour}" for hour in FROM_1],
        [f"{hour}h" for hour in FROM_0],
        [f"{hour}:00" for hour in FROM_0],
        [f"{hour:02d}:00:00" for hour in FROM_0],
        [f"{hour:02d}-{hour + 1:02d}" for hour in FROM_0],
        [f"{hour:02d}:00 - {(hour + 1) % 24:02d}:00" for hour in FROM_0],
        HALF_DAYS,
    ],
)
def test_days_by_hours_are_read_as_hourly(forecast: Command, names: list[Any]) -> None:
    write(["Date", *names], list_days(empty=4)[::-1])
    write_long_days(empty=4)
    of_columns = forecast("predict", "data.csv", *WORDS)
    assert of_columns.code == 0, of_columns.stderr
    assert of_columns.stdout == forecast("predict", "long.csv", *WORDS).stdout
    assert [line[:16] for line in of_columns.stdout.splitlines()[1:]] == ["2024-01-14 20:00", "2024-01-14 21:00"]
    assert "one row per day with a column per hour: read as hourly" in of_columns.stderr
    ends = str(names[-1]).endswith("24") and "-" not in str(names[-1])
    assert ("hour 1 is from 00:00 to 01:00, and its start is written" in of_columns.stderr) == ends
    assert forecast("predict", "data.csv", *WORDS, "--wide").code == 0, "the remedy works"


def test_hours_in_the_order_of_their_names_are_read_by_their_names_and_totals_are_left_out(forecast: Command) -> None:
    order = np.argsort(HALF_DAYS)
    rows = [[row[0], *(row[1 + place] for place in order), sum(row[1:])] for row in list_days()]
    write(["Date", *(HALF_DAYS[place] for place in order), "Daily total"], rows)
    write_long_days()
    outcome = forecast("predict", "data.csv", *WORDS)
    assert "left out: 'Daily total', their sum" in outcome.stderr
    assert outcome.stdout == forecast("predict", "long.csv", *WORDS).stdout


def test_hours_that_may_be_of_the_next_day_are_refused(forecast: Command) -> None:
    names = [f"{hour:02d}:00" for hour in FROM_0]
    write(["Date", *names[6:], *names[:6]], list_days())
    outcome = forecast("predict", "data.csv", *WORDS)
    assert outcome.code == 65
    assert "as they begin with '06:00', the days may, too, so that the last ones are of the next day" in outcome.stderr
    two_hours = [f"{hour:02d}:00-{(hour + 2) % 24:02d}:00" for hour in FROM_0]
    for others in ([*names[1:], "24:00"], [*names[1:], "00:00"], two_hours):
        write(["Date", *others], list_days())
        assert forecast("predict", "data.csv", *WORDS).code == 65


def test_numbers_beside_dates_that_are_no_days_in_a_row_are_no_hours() -> None:
    rows = list_days()
    for place, row in enumerate(rows):
        row[0] = f"{DAYS[0] + pd.Timedelta(weeks=place):%Y-%m-%d}"
    write(["Date", *FROM_1], rows)
    panel, _ = read_panel("data.csv")
    assert (panel.calendar.name, len(panel)) == ("weekly", 24)


def test_dates_of_days_by_hours_may_have_any_form_and_hours_be_those_of_ids(forecast: Command) -> None:
    lines = [[zone, *row] for zone in ("north", "south") for row in list_days("%d.%m.%Y")]
    write(["Zone", "Datum", *(f"{hour}:00" for hour in FROM_0)], lines)
    panel, summary = read_panel("data.csv")
    assert panel.ids == [("north",), ("south",)]
    assert as_long(panel)["south",] == [value for row in list_days() for value in row[1:]]
    assert "--target COLUMN" in next(note for note in summary.notes if note.startswith("one row per day"))
    for names in (FROM_0, [f"{hour}:00" for hour in FROM_0]):
        write(["Date", *names], list_days("%d/%m/%Y")[:9:3] + list_days("%d/%m/%Y")[9:11])
        outcome = forecast("predict", "data.csv", *WORDS)
        assert outcome.code == 65, "the month may come first, or the day"
        assert "Choose with --date-format '%d/%m/%Y %H:%M'" in outcome.stderr
        outcome = forecast("predict", "data.csv", *WORDS, "--date-format", "%d/%m/%Y %H:%M")
        assert outcome.code == 0, "the remedy works"
        assert "12/01/2024 00:00" in outcome.stdout
    frame = pd.DataFrame(
        [[day, *row[1:]] for day, row in zip(DAYS, list_days(), strict=True)], columns=["Date", *FROM_0]
    )
    panel, _ = read_frame(frame)
    assert as_long(panel)[()] == [value for row in list_days() for value in row[1:]]


HALVES = [*range(48)]
HALF_CLOCK = [f"{half // 2:02d}:{half % 2 * 30:02d}" for half in HALVES]


@pytest.mark.parametrize(
    "names",
    [
        HALF_CLOCK,
        [f"{time}:00" for time in HALF_CLOCK],
        [f"HH{half + 1:02d}" for half in HALVES],
        [f"Settlement Period {half + 1}" for half in HALVES],
        [half + 1 for half in HALVES],
    ],
)
def test_days_by_half_hours_are_read_as_half_hourly(forecast: Command, names: list[Any]) -> None:
    rows = [[f"{day:%d/%m/%Y}", *(half * 7 % 48 + place for half in HALVES)] for place, day in enumerate(DAYS)]
    meters = [[1200012345678 + number, *row, sum(row[1:])] for number in range(2) for row in rows]
    write(["MPAN", "ReadDate", *names, "Total"], meters)
    panel, summary = read_panel("data.csv")
    assert (panel.calendar.name, panel.ids) == ("every 30min", [("1200012345678",), ("1200012345679",)])
    assert as_long(panel)["1200012345678",] == [value for row in rows for value in row[1:]]
    note = next(note for note in summary.notes if note.startswith("one row per day with a column per half-hour"))
    assert "left out: 'Total', their sum" in note
    assert ("half-hour 1 is from 00:00 to 00:30, and its start is written" in note) == (":" not in str(names[0]))
    write(["ReadDate", *names], rows)
    outcome = forecast("predict", "data.csv", *WORDS)
    assert [line[:16] for line in outcome.stdout.splitlines()[1:]] == ["15/01/2024 00:00", "15/01/2024 00:30"]


@pytest.mark.parametrize("minutes", [(0, 15, 30, 45), (0, 10), (0, 30)])
def test_columns_of_other_times_of_day_are_not_offered_as_ids(forecast: Command, minutes: tuple[int, ...]) -> None:
    names = [f"{hour:02d}:{minute:02d}" for hour in FROM_0 for minute in minutes][: 100 if 15 in minutes else 47]
    write(["Date", *names], [[f"{day:%Y-%m-%d}", *range(len(names))] for day in DAYS])
    outcome = forecast("predict", "data.csv", *WORDS)
    assert outcome.code == 65
    assert "--id" not in outcome.stderr
    assert "Write one row for each time" in outcome.stderr


def test_the_number_of_a_meter_is_no_target(forecast: Command) -> None:
    write(
        ["MPAN", "Date", "import", "export"],
        [[1200012345678, f"{day:%Y-%m-%d}", place, place % 5] for place, day in enumerate(DAYS)],
    )
    outcome = forecast("predict", "data.csv")
    assert outcome.code == 65
    assert "several columns hold numbers (import, export)" in outcome.stderr
