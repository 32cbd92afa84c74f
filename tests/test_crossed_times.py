"""Most tables with half of the time in the rows and half in the columns are refused; see `test_part_columns.py`."""

import re
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import Command

MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
YEARS_BY_MONTHS = "Year,Jan,Feb,Mar,Apr,May,Jun,Jul,Aug,Sep,Oct,Nov,Dec\n" + "".join(
    f"{year},{','.join(str(10 + month + year % 7) for month in range(12))}\n" for year in range(2015, 2023)
)
MONTHS_BY_YEARS = "Month,2019,2020,2021,2022\n" + "".join(f"{month},5,6,7,{month}\n" for month in range(1, 13))
HOURS_BY_DAYS = "hour,2024-01-01,2024-01-02,2024-01-03,2024-01-04\n" + "".join(f"{h},1,2,3,{h}\n" for h in range(24))
CLOCK_BY_DAYS = "time;01.03.2024;02.03.2024;03.03.2024;04.03.2024\n" + "".join(
    f"{hour:02d}:00;1;2;3;{hour}\n" for hour in range(24)
)


WITH_TOTAL = YEARS_BY_MONTHS.replace("Dec\n", "Dec,Total\n").replace("\n20", ",99\n20").replace("Total,99", "Total")
QUARTERS = "Year,Q1,Q2,Q3,Q4\n" + "".join(f"{year},{year % 7},{year % 5},8,{year % 3}\n" for year in range(2010, 2022))
SEASONS = QUARTERS.replace("Q1,Q2,Q3,Q4", "Spring,Summer,Autumn,Winter")
DAYS_BY_HOURS = "date,00:00,06:00,12:00,18:00\n" + "".join(
    f"2024-01-{d:02d},{d},{d % 5},4,{d % 3}\n" for d in range(1, 29)
)


def _write_days(columns: list[str], *, first: str = "Date", days: int = 1) -> str:
    rows = [np.datetime64("2024-01-01") + days * number for number in range(20)]
    cells = [
        f"{row},{','.join(str(place * 7 % 5 + number % 3) for place in range(len(columns)))}"
        for number, row in enumerate(rows)
    ]
    return "\n".join([f"{first},{','.join(columns)}", *cells, ""])


HOURS = {
    "from 1 to 23": [f"Hour {hour}" for hour in range(1, 24)],
    "ranges of clocks": [f"{hour:02d}:00-{hour + 2:02d}:00" for hour in range(0, 24, 2)],
    "half-hours without the last": [f"{hour:02d}:{minute}" for hour in range(24) for minute in ("00", "30")][:-1],
    "0100": [f"{hour:02d}00" for hour in range(1, 25)],
    "with no total": [*(str(hour) for hour in range(1, 25)), "Total"],
    "with the hour that is there twice": [*(f"H{hour}" for hour in range(1, 25)), "H25"],
    "quarter hours": [str(part) for part in range(1, 97)],
}
WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
DAYS_OF_MONTH = (
    "Month,"
    + ",".join(map(str, range(1, 32)))
    + "\n"
    + "".join(
        f"{np.datetime64('2021-01') + month},{','.join(str(day % 7 + month % 5) for day in range(31))}\n"
        for month in range(30)
    )
)
PARTS_OF_DAYS = [*map(_write_days, HOURS.values()), _write_days(WEEKDAYS, first="Week", days=7), DAYS_OF_MONTH]
TABLES = [
    MONTHS_BY_YEARS,
    HOURS_BY_DAYS,
    CLOCK_BY_DAYS,
    WITH_TOTAL,
    SEASONS,
    DAYS_BY_HOURS,
    *PARTS_OF_DAYS,
]


@pytest.mark.parametrize("table", TABLES)
def test_they_are_refused_with_what_to_do(forecast: Command, table: str) -> None:
    Path("table.csv").write_text(table)
    outcome = forecast("predict", "table.csv")
    assert outcome.code == 65, outcome.stderr
    assert "the rows are times" in outcome.stderr
    assert not Path("forecasts.csv").exists()
    is_offered = "--wide" in outcome.stderr
    assert is_offered == (table is not CLOCK_BY_DAYS), "whose times are no steps of their own"
    if is_offered:
        assert forecast("predict", "table.csv", "--wide").code == 0, "the remedy works"


def test_columns_with_the_hours_of_several_series_are_refused_with_another_remedy(forecast: Command) -> None:
    one = _write_days(HOURS["0100"])
    lines = one.splitlines()
    rows = [f"{zone},{line}" for zone in ("north", "south") for line in lines[1:]]
    Path("table.csv").write_text("\n".join([f"Zone,{lines[0]}", *rows, ""]))
    outcome = forecast("predict", "table.csv")
    assert outcome.code == 65
    assert "the rows are times" in outcome.stderr
    assert "--wide" not in outcome.stderr
    outcome = forecast("predict", "table.csv", "--target", "0100,0200")
    assert outcome.code == 0, "the remedy works"
    assert "4 series" in outcome.stderr


@pytest.mark.parametrize("rows", [["Jan", "Feb", "Mar"], ["1", "2", "3"], ["Q1", "Q2", "Q3"]])
def test_parts_of_few_years_as_columns_are_refused(forecast: Command, rows: list[str]) -> None:
    name = "Quarter" if rows[0] == "Q1" else "Month"
    Path("table.csv").write_text(
        f"{name},2022,2023\n" + "".join(f"{row},5,{7 + place}\n" for place, row in enumerate(rows))
    )
    outcome = forecast("predict", "table.csv")
    assert outcome.code == 65
    assert "the rows are times" in outcome.stderr


@pytest.mark.parametrize(
    ("columns", "step"),
    [
        ([f"shop {number}" for number in range(1, 25)], 1),
        ([str(number) for number in range(1, 21)], 1),
        ([str(number) for number in range(1, 25)], 7),
        (["101", "102", "205", "310"], 1),
        (["H1", "H2", "H3", "H4", "H5"], 1),
    ],
)
def test_numbered_columns_that_are_no_parts_of_the_step_are_series(
    forecast: Command, columns: list[str], step: int
) -> None:
    Path("table.csv").write_text(_write_days(columns, days=step))
    outcome = forecast("predict", "table.csv")
    assert outcome.code == 0, outcome.stderr
    assert f"{len(columns)} series" in outcome.stderr


def test_wide_tables_whose_columns_are_no_times_are_read(forecast: Command) -> None:
    rows = "".join(f"2024-01-{day:02d},1,2,3,{day}\n" for day in range(1, 32))
    for header in ("date,May,June,north,south", "date,2019,2020,2021,2022"):
        Path("table.csv").write_text(f"{header}\n{rows}")
        outcome = forecast("predict", "table.csv")
        assert outcome.code == 0, outcome.stderr
        assert "the rows are times" not in outcome.stderr


@pytest.mark.parametrize("written", ["2000/01", "2000-01", "2000/2001"])
def test_years_named_by_their_begin_and_their_end_are_no_months(forecast: Command, written: str) -> None:
    mark = written[4]
    digits = len(written) - 5
    rows = "".join(f"{year}{mark}{str(year + 1)[-digits:]},{year % 7}\n" for year in range(2000, 2012))
    Path("years.csv").write_text(f"Year,Revenue\n{rows}")
    outcome = forecast("predict", "years.csv")
    assert outcome.code == 65
    assert f"'{written}'" in outcome.stderr
    assert "as in 2000" in outcome.stderr
    Path("years.csv").write_text(re.sub(r"^(\d{4})[^,]*", r"\1", f"Year,Revenue\n{rows}", flags=re.MULTILINE))
    assert forecast("predict", "years.csv").code == 0, "the remedy works"


@pytest.mark.parametrize(
    ("cells", "words"),
    [(["Jan", "Feb", "Mar", "Apr"], "months without their years"), (["Mon", "Tue", "Wed"], "weekdays without a date")],
)
def test_parts_of_times_are_refused_with_what_is_missing(forecast: Command, cells: list[str], words: str) -> None:
    rows = "".join(f"{cell},{place}\n" for place, cell in enumerate(cells * 3))
    Path("parts.csv").write_text(f"Month,Sales\n{rows}")
    outcome = forecast("predict", "parts.csv")
    assert outcome.code == 65
    assert words in outcome.stderr


def test_months_with_a_column_of_years_are_read_as_the_message_says(forecast: Command) -> None:
    rows = "".join(f"{year},{month},{len(month) + year % 5}\n" for year in (2022, 2023) for month in MONTHS)
    Path("months.csv").write_text(f"year,Month,Sales\n{rows}")
    outcome = forecast("predict", "months.csv")
    assert outcome.code == 0, outcome.stderr
    assert "24 rows, 1 series, monthly" in outcome.stderr


@pytest.mark.parametrize("written", ["FY%Y", "FY %Y", "FY%y"])
def test_fiscal_years_are_read_and_written_as_they_are(forecast: Command, written: str) -> None:
    rows = "".join(f"{np.datetime64(str(year)).item():{written}},{year % 7}\n" for year in range(2003, 2018))
    Path("years.csv").write_text(f"Year,Revenue\n{rows}")
    outcome = forecast("predict", "years.csv", "--horizon", "2", "--output", "out.csv")
    assert outcome.code == 0, outcome.stderr
    assert "yearly" in outcome.stderr
    expected = [f"{np.datetime64(str(year)).item():{written}}" for year in (2018, 2019)]
    assert [line.partition(",")[0] for line in Path("out.csv").read_text().splitlines()[1:]] == expected


def test_a_word_for_numbers_where_the_times_are_dates_names_their_column(forecast: Command) -> None:
    Path("days.csv").write_text(_write_days(["Sales"]))
    outcome = forecast("predict", "days.csv", "--date-format", "number")
    assert outcome.code == 2
    assert "column 'Date' holds '2024-01-01'" in outcome.stderr


@pytest.mark.parametrize("frequency", ["M", "MS"])
def test_rows_that_share_a_longer_step_are_refused_with_how_to_aggregate_them(
    forecast: Command, frequency: str
) -> None:
    rows = "".join(f"{np.datetime64('2024-01-01') + day},{day % 7}\n" for day in range(200))
    Path("days.csv").write_text(f"Date,Sales\n{rows}")
    outcome = forecast("predict", "days.csv", "--freq", frequency)
    assert outcome.code == 65
    assert f"line 3: 2024-01-02 is in the same step of --freq {frequency} as the row of line 2" in outcome.stderr
    assert forecast("predict", "days.csv", "--freq", frequency, "--aggregate", "sum").code == 0, "the remedy works"


def test_series_of_r_without_their_times_are_refused_with_what_to_do(forecast: Command) -> None:
    rows = "".join(f'"{number}",{number % 12},{number % 7}\n' for number in range(1, 60))
    Path("ts.csv").write_text(f'"","x","z"\n{rows}')
    outcome = forecast("predict", "ts.csv")
    assert outcome.code == 65
    assert "no time column among x, z" in outcome.stderr
    assert "number them in a column 'step', and use --time step" in outcome.stderr
    Path("ts.csv").write_text(f'"step","x","z"\n{rows}')
    outcome = forecast("predict", "ts.csv", "--time", "step")
    assert outcome.code == 0, "the remedy works"
    assert "59 rows, 2 series, numbered steps" in outcome.stderr
