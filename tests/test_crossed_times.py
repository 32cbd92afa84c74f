"""Tables with half of the time in the rows and half in the columns are refused: each column would be a series."""

from pathlib import Path

import pytest

from tests.conftest import Command

YEARS_BY_MONTHS = "Year,Jan,Feb,Mar,Apr,May,Jun,Jul,Aug,Sep,Oct,Nov,Dec\n" + "".join(
    f"{year},{','.join(str(10 + month + year % 7) for month in range(12))}\n" for year in range(2015, 2023)
)
MONTHS_BY_YEARS = "Month,2019,2020,2021,2022\n" + "".join(f"{month},5,6,7,{month}\n" for month in range(1, 13))
HOURS_BY_DAYS = "hour,2024-01-01,2024-01-02,2024-01-03,2024-01-04\n" + "".join(f"{h},1,2,3,{h}\n" for h in range(24))
CLOCK_BY_DAYS = "time;01.03.2024;02.03.2024;03.03.2024;04.03.2024\n" + "".join(
    f"{hour:02d}:00;1;2;3;{hour}\n" for hour in range(24)
)


WITH_TOTAL = YEARS_BY_MONTHS.replace("Dec\n", "Dec,Total\n").replace("\n20", ",99\n20").replace("Total,99", "Total")
NUMBERED = (
    "Year," + ",".join(f"M{month:02d}" for month in range(1, 13)) + YEARS_BY_MONTHS[YEARS_BY_MONTHS.index("\n") :]
)
QUARTERS = "Year,Q1,Q2,Q3,Q4\n" + "".join(f"{year},{year % 7},{year % 5},8,{year % 3}\n" for year in range(2010, 2022))
DAYS_BY_HOURS = "date,00:00,06:00,12:00,18:00\n" + "".join(
    f"2024-01-{d:02d},{d},{d % 5},4,{d % 3}\n" for d in range(1, 29)
)
TABLES = [YEARS_BY_MONTHS, MONTHS_BY_YEARS, HOURS_BY_DAYS, CLOCK_BY_DAYS, WITH_TOTAL, NUMBERED, QUARTERS, DAYS_BY_HOURS]


@pytest.mark.parametrize("table", TABLES)
def test_they_are_refused_with_what_to_do(forecast: Command, table: str) -> None:
    Path("table.csv").write_text(table)
    outcome = forecast("predict", "table.csv")
    assert outcome.code == 65, outcome.stderr
    assert "the rows are times" in outcome.stderr
    assert not Path("forecasts.csv").exists()
    if table is not CLOCK_BY_DAYS:  # whose times are no steps of their own
        assert forecast("predict", "table.csv", "--wide").code == 0, "the remedy works"


def test_wide_tables_whose_columns_are_no_times_are_read(forecast: Command) -> None:
    rows = "".join(f"2024-01-{day:02d},1,2,3,{day}\n" for day in range(1, 32))
    for header in ("date,May,June,north,south", "date,2019,2020,2021,2022"):
        Path("table.csv").write_text(f"{header}\n{rows}")
        outcome = forecast("predict", "table.csv")
        assert outcome.code == 0, outcome.stderr
        assert "the rows are times" not in outcome.stderr


@pytest.mark.parametrize("written", ["2000/01", "2000-01"])
def test_years_named_by_their_begin_and_their_end_are_no_months(forecast: Command, written: str) -> None:
    mark = written[4]
    rows = "".join(f"{year}{mark}{(year + 1) % 100:02d},{year % 7}\n" for year in range(2000, 2012))
    Path("years.csv").write_text(f"Year,Revenue\n{rows}")
    outcome = forecast("predict", "years.csv")
    assert outcome.code == 65
    assert f"'{written}'" in outcome.stderr
    assert "as in 2000" in outcome.stderr
