"""Time that is spread over several columns is detected, and the suggested remedy works."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import count, product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecaster.data.frames import read_frame
from forecaster.data.read_options import ReadOptions
from forecaster.data.reading import read_panel
from forecaster.errors import DataError
from tests.test_reading import read

MONTHS = [datetime(year, month, 1) for year, month in product((2021, 2022, 2023), range(1, 13))]
DAYS = [datetime(2023, 12, 1) + timedelta(days=day) for day in range(60)]
WEEKS = [datetime(2022, 1, 3) + timedelta(weeks=week) for week in range(104)]
HOURS = [datetime(2024, 1, 1) + timedelta(hours=hour) for hour in range(96)]
QUARTER_HOURS = [datetime(2024, 1, 31) + timedelta(minutes=15 * step) for step in range(300)]
SPREAD: dict[str, tuple[str, str, list[datetime], str, str]] = {
    "year and month": ("year,month", "%Y,%-m", MONTHS, "'year' and 'month'", "monthly"),
    "in one year": ("year,month", "%Y,%-m", MONTHS[:12], "'year' and 'month'", "monthly"),
    "month before year": ("Month,Year", "%m,%Y", MONTHS, "'Year' and 'Month'", "monthly"),
    "names of months": ("Year,Month", "%Y,%b", MONTHS, "'Year' and 'Month'", "monthly"),
    "abbreviated": ("yr,month", "%Y.0,%-m.0", MONTHS, "'yr' and 'month'", "monthly"),
    "quarter": ("year,quarter", "%Y,Q{quarter}", MONTHS[::3], "'year' and 'quarter'", "quarterly"),
    "quarter as well": ("year,quarter,month", "%Y,{quarter},%m", MONTHS, "'year' and 'month'", "monthly"),
    "week": ("year,week", "%G,%-V", WEEKS, "'year' and 'week'", "weekly"),
    "year, month and day": ("year,month,day", "%Y,%m,%d", DAYS, "'year', 'month' and 'day'", "daily"),
    "week as well": ("year,month,week,day", "%Y,%m,%V,%d", DAYS, "'year', 'month' and 'day'", "daily"),
    "month and day": ("month,day", "%m,%d", DAYS, "'month' and 'day'", "daily"),
    "day of the year": ("year,day", "%Y,%-j", DAYS, "'year' and 'day'", "daily"),
    "month with its year, and day": ("month,day", "%Y-%m,%d", DAYS, "'month' and 'day'", "daily"),
    "date and time": ("Date,Time", "%Y-%m-%d,%H:%M", QUARTER_HOURS, "'Date' and 'Time'", "every 15min"),
    "date and time of 12 hours": (
        "Date,Time",
        "%d/%m/%Y,%I:%M:%S %p",
        QUARTER_HOURS[::4],
        "'Date' and 'Time'",
        "hourly",
    ),
    "date at midnight and time": ("Date,Time", "%Y-%m-%d 00:00:00,%H:%M:%S", HOURS, "'Date' and 'Time'", "hourly"),
    "digits and hour": ("date,hour", "%Y%m%d,%-H", HOURS, "'date' and 'hour'", "hourly"),
    "day with its date, and time": ("Day,Time", "%Y-%m-%d,%H:%M", HOURS, "'Day' and 'Time'", "hourly"),
    "month, day and hour": ("year,month,day,hour", "%Y,%m,%d,%H", HOURS, "'month', 'day' and 'hour'", "hourly"),
    "date, hour and minute": (
        "date,hour,minute",
        "%Y-%m-%d,%H,%M",
        QUARTER_HOURS,
        "'hour' and 'minute'",
        "every 15min",
    ),
}
WRITTEN = {
    "2024Q1": lambda moment: f"{moment.year}Q{(moment.month + 2) // 3}",
    "2024-01": lambda moment: f"{moment:%Y-%m}",
    "2024-01-29 (the first day of the week)": lambda moment: f"{moment:%Y-%m-%d}",
    "2024-01-31": lambda moment: f"{moment:%Y-%m-%d}",
    "2024-01-31 13:00:00": lambda moment: f"{moment:%Y-%m-%d %H:%M:%S}",
}


def write(header: str, rows: Iterator[str] | list[str]) -> str:
    Path("data.csv").write_text("\n".join([header, *rows]) + "\n")
    return "data.csv"


def spell(moments: list[datetime], pattern: str) -> list[str]:
    return [f"{moment:{pattern}}".replace("{quarter}", str((moment.month + 2) // 3)) for moment in moments]


def rows(cells: list[str]) -> Iterator[str]:
    return (f"{cell},{value}" for cell, value in zip(cells, count(5), strict=False))


def refuse(**options: object) -> str:
    with pytest.raises(DataError) as caught:
        read_panel("data.csv", options=ReadOptions(**options))  # type: ignore[arg-type]
    return str(caught.value)


REFUSED = ("month and day", "month with its year, and day")
JOINED = {name: case for name, case in SPREAD.items() if name not in REFUSED}


@pytest.mark.parametrize("target", ["value", "kwh"], ids=["known target", "target by its numbers"])
@pytest.mark.parametrize(("header", "pattern", "moments", "named", "calendar"), JOINED.values(), ids=JOINED)
def test_a_time_in_several_columns_is_joined(
    header: str, pattern: str, moments: list[datetime], named: str, calendar: str, target: str
) -> None:
    panel, summary = read_panel(write(f"{header},{target}", rows(spell(moments, pattern))))
    assert (panel.calendar.name, panel.lengths.tolist(), summary.missing_rows) == (calendar, [len(moments)], 0)
    assert panel.starts[0] == np.datetime64(moments[0])
    joined = [note for note in summary.notes if note.startswith("time is joined from the columns")]
    # a date makes the parts that it holds unneeded
    assert re.findall("'.*?'", named)[-1] in joined[0]
    frame = pd.read_csv("data.csv", dtype=str).astype({target: float})
    assert read_frame(frame)[0].starts[0] == np.datetime64(moments[0])


@pytest.mark.parametrize(
    ("header", "pattern", "moments", "named", "calendar"), [SPREAD[name] for name in REFUSED], ids=REFUSED
)
def test_the_remedy_for_a_time_without_a_year_works(
    header: str, pattern: str, moments: list[datetime], named: str, calendar: str
) -> None:
    write(f"{header},value", rows(spell(moments, pattern)))
    message = refuse()
    found = re.search(r"'timestamp' that holds all of it, written as (.*?)\.(?: If '.*)?$", message)
    assert found is not None, message
    assert f"{named}. Replace them" in message
    assert [flag for flag in ("--id", "--duplicates", "--date-format") if flag in message] == []
    cells = [WRITTEN[found[1]](moment) for moment in moments]
    panel, summary = read_panel(write("timestamp,value", rows(cells)))
    assert (panel.calendar.name, panel.lengths.tolist(), summary.missing_rows) == (calendar, [len(moments)], 0)


OTHER: dict[str, tuple[str, str, list[datetime], str]] = {
    "German": ("Datum;Uhrzeit", "%d.%m.%Y;%H:%M", QUARTER_HOURS, "every 15min"),
    "months of BLS": ("Year;Period", "%Y;M%m", MONTHS, "monthly"),
    "German months": ("Jahr;Monat", "%Y;%-m", MONTHS, "monthly"),
    "day of the year": ("YEAR;DOY", "%Y;%j", DAYS, "daily"),
}


@pytest.mark.parametrize(("header", "pattern", "moments", "calendar"), OTHER.values(), ids=OTHER)
def test_parts_of_other_names_are_joined(header: str, pattern: str, moments: list[datetime], calendar: str) -> None:
    cells = [f"{cell};{5 + row % 7}" for row, cell in enumerate(spell(moments, pattern))]
    panel, summary = read_panel(write(f"{header};Wert", cells))
    assert (panel.calendar.name, panel.lengths.tolist(), summary.missing_rows) == (calendar, [len(moments)], 0)
    assert panel.starts[0] == np.datetime64(moments[0])


def test_hours_from_1_to_24_are_named_by_their_ends() -> None:
    cells = [f"{moment:%m/%d/%Y},{moment.hour + 1},{moment.hour}" for moment in HOURS]
    cells = [cell.replace("01/0", "01/1") for cell in cells]
    panel, summary = read_panel(write("Date,HE,load", cells))
    assert (panel.calendar.name, panel.lengths.tolist(), summary.missing_rows) == ("hourly", [len(HOURS)], 0)
    assert panel.values[:3].tolist() == [0, 1, 2]
    assert str(panel.starts[0]).endswith("T00:00:00.000000")
    assert "hour 1 is from 00:00 to 01:00" in summary.notes[0]


def test_a_part_that_is_missing_or_impossible_is_named_with_its_line() -> None:
    cells = spell(MONTHS, "%Y,%-m")
    write("year,month,value", rows([*cells[:5], "2021,", *cells[6:]]))
    assert "line 7: no timestamp, as 'year' or 'month' is empty" in refuse()
    write("year,month,day,value", rows([*spell(DAYS, "%Y,%m,%d")[:5], "2023,2,30"]))
    assert "column 'timestamp', line 7: '2023-02-30' cannot be read" in refuse()


def test_several_series_do_not_hide_time_in_several_columns() -> None:
    cells = [f"{shop},{cell}" for shop in "ab" for cell in spell(MONTHS, "%Y,%-m")]
    write("shop,year,month,sales", rows(cells))
    panel, _ = read_panel("data.csv")
    assert (panel.id_columns, panel.calendar.name, panel.lengths.tolist()) == (("shop",), "monthly", [36, 36])
    # a part that is an id stays one
    assert "If another column (shop) identifies the series, name it with --id" in refuse(ids=("year",))


@pytest.mark.parametrize("time", ["year", "month"])
def test_naming_one_of_the_columns_gives_the_same_error(time: str) -> None:
    write("year,month,value", rows(spell(MONTHS, "%Y,%-m")))
    message = refuse(time=time)
    assert "is there already" in message
    assert "spread over the columns 'year' and 'month'" in message
    assert "--id" not in message


def test_events_with_dates_and_times_of_day_are_summed_by_days() -> None:
    events = [
        day + timedelta(minutes=place * 613 % 1380 + more) for place, day in enumerate(DAYS) for more in (1, 1, 50)
    ]
    write("date,time,sold", rows(spell(events, "%Y-%m-%d,%H:%M")))
    assert "Or for transactions use --freq D --aggregate sum, and --fill 0" in refuse()
    panel, _ = read_panel("data.csv", options=ReadOptions(frequency="D", aggregate="sum"))
    assert (panel.calendar.name, panel.lengths.tolist(), panel.values[:2].tolist()) == ("daily", [len(DAYS)], [18, 27])
    write("year,month,value", rows(spell(MONTHS, "%Y,%-m")))
    assert "transactions" not in refuse(time="year"), "a year is no date"


FEATURES: dict[str, tuple[str, Callable[[datetime], str], str, str]] = {
    "parts in addition to a date": ("date,year,month,day", lambda day: f"{day:%Y-%m-%d,%Y,%m,%d}", "date", "daily"),
    "parts before a date of another name": ("year,month,sold", lambda day: f"{day:%Y,%m,%Y-%m-%d}", "sold", "daily"),
    "hour of a timestamp": ("timestamp,hour", lambda day: f"{day:%Y-%m-%d %H:%M,%-H}", "timestamp", "daily"),
    "time of day of one row a day": ("date,time", lambda day: f"{day:%Y-%m-%d,}{day.day % 24:02d}:30", "date", "daily"),
    "weekday": ("date,day", lambda day: f"{day:%Y-%m-%d,%a}", "date", "daily"),
    "another number": ("day,hour", lambda day: f"{(day - DAYS[0]).days},{100 + day.day}", "day", "numbered steps"),
}


@pytest.mark.parametrize(("header", "write_cells", "time", "calendar"), FEATURES.values(), ids=FEATURES)
def test_a_date_is_complete_without_columns_that_repeat_parts_of_it(
    header: str, write_cells: Callable[[datetime], str], time: str, calendar: str
) -> None:
    write(f"{header},value", rows([write_cells(day) for day in DAYS]))
    panel, _ = read_panel("data.csv")
    assert (panel.time_column, panel.calendar.name, panel.lengths.tolist()) == (time, calendar, [len(DAYS)])


def test_rows_that_a_part_does_not_distinguish_may_need_another_id_column() -> None:
    cells = [f"{shop},{day:%Y-%m-%d},9" for shop in "ab" for day in DAYS]
    write("shop,date,hour,value", rows([*cells, cells[0]]))
    message = refuse()
    assert "If another column (shop) identifies the series, name it with --id" in message
    write("shop,date,hour,value", rows(cells))
    assert read_panel("data.csv")[0].lengths.tolist() == [60, 60]


def test_years_of_a_named_series_need_no_month() -> None:
    cells = spell(MONTHS, "%Y,%-m")
    panel, _ = read_panel(write("year,month,value", rows(cells)), options=ReadOptions(ids=("month",)))
    assert (panel.calendar.name, len(panel)) == ("yearly", 12)
    write("year,month,value", rows([*cells, cells[0]]))
    assert "1 row repeats a timestamp" in refuse(ids=("month",))


def test_a_part_that_never_changes_completes_nothing() -> None:
    write("hour,minute,value", (f"{hour},0,{hour + 5}" for hour in range(24)))
    assert read_panel("data.csv")[0].lengths.tolist() == [24]


def test_a_part_that_names_series_completes_nothing() -> None:
    write("week,hour,value", (f"{week},{hour},{week + hour}" for week in range(1, 20) for hour in range(24)))
    assert "If 'week' alone numbers the steps, use --time week." in refuse()
    assert len(read_panel("data.csv", options=ReadOptions(ids=("hour",)))[0]) == 24
    assert len(read_panel("data.csv", options=ReadOptions(ids=("hour",), time="week"))[0]) == 24


def test_a_joined_time_says_nothing_of_the_decimal_mark() -> None:
    rows = "".join(f"{day:%Y;%m;%d};1.{day.day:03d}\n" for day in DAYS)
    Path("data.csv").write_text(f"Year;Month;Day;sales\n{rows}")
    with pytest.raises(DataError, match=r"'1\.001' is 1001 or 1\.001"):
        read_panel("data.csv")


def test_rows_of_nothing_are_no_repeated_times() -> None:
    rows = "".join(f"{hour:%Y-%m-%d;%H:%M};{hour.hour}\n" for hour in HOURS)
    Path("data.csv").write_text(f"Date;Time;sales\n{rows};;\n;;\n")
    panel, _ = read_panel("data.csv")
    assert (panel.calendar.name, panel.lengths.tolist()) == ("hourly", [len(HOURS)])


@pytest.mark.parametrize(
    ("header", "pattern", "moments"),
    [
        ("Year,Month,Day", "%Y,%-m,%-d", DAYS[5:25]),
        ("Year,Month,Day,Hour,Minute", "%Y,%-m,%-d,%-H,%-M", QUARTER_HOURS[20:60]),
        ("Date,Hour,Minute", "%Y-%m-%d,%-H,%-M", [datetime(2024, 5, 5, 9, minute) for minute in range(60)]),
    ],
    ids=["days of one month", "quarter hours of one day", "minutes of one hour"],
)
def test_a_part_that_does_not_change_counts_where_a_finer_one_does(
    header: str, pattern: str, moments: list[datetime]
) -> None:
    rows = "".join(f"{moment.strftime(pattern)},{number % 7}\n" for number, moment in enumerate(moments))
    Path("data.csv").write_text(f"{header},sales\n{rows}")
    panel, _ = read_panel("data.csv")
    assert panel.calendar.advance(panel.starts, np.arange(len(moments))).tolist() == moments


def test_years_in_two_columns_are_asked_for() -> None:
    rows = "".join(f"{year // 100},{year % 100},{year % 7}\n" for year in range(1990, 2020))
    with pytest.raises(
        DataError, match=r"a year is in two columns, 'century' and 'year'\. Write it in one, as in 1990\."
    ):
        read(f"century,year,cases\n{rows}")
    whole = "".join(f"{year // 100 + 1},{year},{year % 7}\n" for year in range(1990, 2020))
    assert read(f"century,year,cases\n{whole}", target="cases")[0].calendar.name == "yearly"
