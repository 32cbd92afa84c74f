"""Of two columns of the same times the finer one is the time, where rows repeat the coarser one."""

from datetime import datetime, timedelta

import pytest

from forecaster.data.roles import time_role
from forecaster.data.roles.first_rows import FirstRows
from forecaster.errors import DataError
from tests.test_reading import read

HOURS = [datetime(2024, 3, 1) + timedelta(hours=hour) for hour in range(120)]


@pytest.mark.parametrize("form", ["%Y-%m-%d", "%d.%m.%Y"])
@pytest.mark.parametrize("behind", [" %H:%M:%S", "T%H:%M:%SZ"])
@pytest.mark.parametrize("shops", [(), ("a", "b")])
def test_hours_beside_their_dates(form: str, behind: str, shops: tuple[str, ...]) -> None:
    rows = [
        f"{time:{form}},{time:{form}{behind}},{shop},{time.hour + 3 * number}"
        for number, shop in enumerate(shops or ("x",))
        for time in HOURS
    ]
    panel, summary = read("date,ts,shop,count\n" + "\n".join(rows) + "\n")
    assert (panel.calendar.name, summary.columns.time) == ("hourly", "ts")
    assert panel.lengths.tolist() == [120] * max(1, len(shops))


@pytest.mark.parametrize("header", ["Order Date,Year,Sales", "Year,Order Date,Sales", "Order Date,Year,Week,Sales"])
@pytest.mark.parametrize("form", ["%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y"])
@pytest.mark.parametrize("count", [90, 500])
def test_dates_beside_their_years(header: str, form: str, count: int) -> None:
    days = [datetime(2021, 1, 15) + timedelta(days=day) for day in range(count)]
    cells = [
        {"Order Date": f"{day:{form}}", "Year": day.year, "Week": day.isocalendar().week, "Sales": day.day}
        for day in days
    ]
    text = "".join(",".join(str(row[name]) for name in header.split(",")) + "\n" for row in cells)
    panel, summary = read(f"{header}\n{text}")
    assert (panel.calendar.name, summary.columns.time, len(panel.values)) == ("daily", "Order Date", count)


def test_years_of_countries_beside_the_day_of_a_report_are_years() -> None:
    rows = [
        f"{country},{year},{year}-{5 + (7 * year + place) % 6:02d}-11,{year % 7 + place}\n"
        for place, country in enumerate(("Chad", "Mali", "Togo"))
        for year in range(1990, 2020)
    ]
    panel, summary = read("country,year,reported,rate\n" + "".join(rows), ids=("country",))
    assert (panel.calendar.name, summary.columns.time) == ("yearly", "year")


def test_dates_of_other_years_are_not_the_time() -> None:
    born = [datetime(1961, 1, 15) + timedelta(days=97 * number) for number in range(120)]
    rows = "".join(f"{2015 + number % 4},{day:%Y-%m-%d},{number}\n" for number, day in enumerate(born))
    with pytest.raises(DataError, match="is there already"):
        read(f"year,born,weight\n{rows}")


def test_one_row_a_day_keeps_its_date() -> None:
    days = [datetime(2024, 3, 1) + timedelta(days=day, hours=17, seconds=61 * day % 977) for day in range(30)]
    rows = [f"{time:%Y-%m-%d},{time:%Y-%m-%d %H:%M:%S},{shop},{time.day}" for shop in "ab" for time in days]
    panel, summary = read("date,updated,shop,count\n" + "\n".join(rows) + "\n")
    assert (panel.calendar.name, summary.columns.time, len(panel)) == ("daily", "date", 2)


def test_closing_times_in_summer_and_winter_keep_their_date() -> None:
    days = [datetime(2024, 3, 1) + timedelta(days=day, hours=20 + (day < 9)) for day in range(18)]
    rows = [f"{time:%Y-%m-%d},{time:%Y-%m-%d %H:%M:%S},{time.day}" for time in days]
    panel, summary = read("date,close_utc,price\n" + "\n".join(rows) + "\n")
    assert (panel.calendar.name, summary.columns.time) == ("daily", "date")


def test_transactions_keep_their_date() -> None:
    times = [datetime(2024, 3, 1) + timedelta(seconds=7919 * number) for number in range(200)]
    rows = [f"{time:%Y-%m-%d},{time:%Y-%m-%d %H:%M:%S},{time.minute}" for time in times]
    panel, summary = read("date,at,amount\n" + "\n".join(rows) + "\n", frequency="D", aggregate="sum")
    assert (panel.calendar.name, summary.columns.time) == ("daily", "date")
    assert panel.values.sum() == sum(time.minute for time in times)


def test_times_that_run_a_little_fast_or_slow_are_no_opening_hours() -> None:
    jitter = [0, 0, 0, 1, 0]
    times = [datetime(2024, 3, 1) + timedelta(minutes=16 * step, seconds=jitter[step % 5]) for step in range(500)]
    rows = "".join(f"{time:%Y-%m-%d %H:%M:%S},{step % 90}\n" for step, time in enumerate(times))
    with pytest.raises(DataError, match=r"does not fit the steps of the others \(every 16min"):
        read(f"time,y\n{rows}")
    panel, _ = read(f"time,y\n{rows}", frequency="16min", aggregate="mean")
    assert panel.calendar.name == "every 16min"


def test_the_keys_of_rows_are_not_listed_for_each_of_many_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    listed: list[tuple[str, ...]] = []
    list_keys = time_role._list_keys

    def count(rows: FirstRows, *, others: tuple[str, ...]) -> list[str]:
        listed.append(others)
        return list_keys(rows, others=others)

    monkeypatch.setattr(time_role, "_list_keys", count)
    names = ",".join(f"s{number}" for number in range(50))
    rows = "".join(f"2024-01-{day:02d},{','.join(str(day * 7 % 31) for _ in range(50))}\n" for day in range(1, 31))
    panel, _ = read(f"date,{names}\n{rows}")
    assert (len(panel), listed) == (50, [])
