"""The calendar inferred from timestamps, compared with `pandas.date_range`."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from forecaster.data.calendar import Calendar
from forecaster.data.fiscal_year import FISCAL_MONTHS, FiscalYear, fit_fiscal_years
from forecaster.data.frequency import anchor_months, count_fiscal, infer_calendar, parse_frequency
from forecaster.errors import UsageError
from tests.conftest import Command
from tests.test_fiscal_year import list_steps

MINUTE = 60 * 1_000_000
HOUR, DAY = 60 * MINUTE, 1440 * MINUTE
STARTS = ["2015-01-01 00:00", "1959-11-30 13:30", "2023-12-31 00:00"]


def make_times(start: str, freq: str, *, count: int) -> NDArray[Any]:
    stamps = pd.date_range(start, periods=count, freq=freq).to_numpy()
    return stamps.astype("datetime64[us]")


def mark_first(*lengths: int) -> NDArray[np.bool_]:
    marks = np.zeros(sum(lengths), bool)
    marks[np.cumsum([0, *lengths[:-1]])] = True
    return marks


def infer(times: NDArray[Any]) -> Calendar:
    calendar = infer_calendar(times, is_first=mark_first(len(times)))
    assert calendar is not None
    return calendar


def as_times(*texts: str) -> NDArray[Any]:
    return np.array(texts, "datetime64[us]")


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize(
    ("freq", "name", "periods"),
    [
        ("YS", "yearly", (1,)),
        ("YE", "yearly", (1,)),
        ("YE-JUN", "yearly", (1,)),
        ("QS", "quarterly", (4,)),
        ("QE", "quarterly", (4,)),
        ("QS-FEB", "quarterly", (4,)),
        ("QE-NOV", "quarterly", (4,)),
        ("MS", "monthly", (12,)),
        ("ME", "monthly", (12,)),
        ("2MS", "every 2 months", (6,)),
        ("2ME", "every 2 months", (6,)),
        ("5MS", "every 5 months", (1,)),
        ("W", "weekly", (52,)),
        ("W-WED", "weekly", (52,)),
        ("2W", "every 2W", (1,)),
        ("28D", "every 4W", (1,)),
        ("D", "daily", (7, 365)),
        ("B", "business-daily", (5,)),
        ("4h", "every 4h", (6, 42)),
        ("h", "hourly", (24, 168)),
        ("15min", "every 15min", (96, 672)),
        ("5min", "every 5min", (288, 2016)),
        ("7min", "every 7min", (1440,)),
        ("s", "every 1s", (60, 3600)),
        ("100ms", "every 100ms", (600, 36000)),
    ],
)
def test_a_calendar_continues_as_in_pandas(start: str, freq: str, name: str, periods: tuple[int, ...]) -> None:
    times = make_times(start, freq, count=100)
    calendar = infer(times[:60])
    steps = np.arange(100)
    np.testing.assert_array_equal(calendar.advance(times[:1], steps), times)
    np.testing.assert_array_equal(calendar.count_steps(times[:1], times), steps)
    assert calendar.name == name
    assert calendar.periods == periods


@pytest.mark.parametrize("day", [2, 15, 28])
def test_months_keep_their_day(day: int) -> None:
    times = make_times("2019-01-01", "MS", count=40) + np.timedelta64(day - 1, "D")
    calendar = infer(times[:20])
    assert calendar == Calendar("month", 1)
    np.testing.assert_array_equal(calendar.advance(times[:1], np.arange(40)), times)


@pytest.mark.parametrize("day", [29, 30])
def test_days_that_a_month_lacks_become_its_last(day: int) -> None:
    times = as_times(*(f"2023-{month:02d}-{28 if month == 2 else day:02d}" for month in range(1, 13)))
    calendar = infer(times)
    assert calendar == Calendar("month", 1)
    np.testing.assert_array_equal(calendar.advance(times[:1], np.arange(12)), times)
    assert calendar.advance(times[:1], np.array([13]))[0] == np.datetime64("2024-02-29")


def test_month_ends_stay_month_ends_through_leap_years() -> None:
    times = as_times("2023-11-30", "2023-12-31", "2024-01-31", "2024-02-29", "2024-03-31")
    calendar = infer(times[:2])
    assert calendar == Calendar("month", 1, month_end=True)
    np.testing.assert_array_equal(calendar.advance(times[:1], np.arange(5)), times)


def test_a_year_after_a_leap_day_is_the_28th() -> None:
    assert Calendar("month", 12).advance(as_times("2024-02-29"), np.array([1, 4])).tolist() == [
        as_times("2025-02-28")[0].item(),
        as_times("2028-02-29")[0].item(),
    ]


def test_series_of_one_table_keep_their_own_days() -> None:
    times = np.concatenate([make_times("2020-01-01", "MS", count=12), make_times("2020-01-01", "MS", count=12)])
    times[12:] += np.timedelta64(14, "D")
    assert infer_calendar(times, is_first=mark_first(12, 12)) == Calendar("month", 1)


def test_gaps_do_not_change_the_most_common_step() -> None:
    times = np.delete(make_times("2024-01-01", "h", count=100), [10, 11, 12, 40, 77])
    calendar = infer(times)
    assert calendar == Calendar("microsecond", HOUR)
    assert calendar.count_steps(times[:1], times[-1:])[0] == 99


def test_differences_between_series_are_not_steps() -> None:
    times = as_times("2024-01-01", "2024-01-02", "2025-01-01", "2025-01-02")
    assert infer_calendar(times, is_first=mark_first(2, 2)) == Calendar("microsecond", DAY)
    assert infer_calendar(times[:2], is_first=mark_first(1, 1)) is None


def test_a_week_without_a_weekend_is_not_yet_business_days() -> None:
    times = make_times("2024-01-01", "B", count=10)
    assert infer(times[:5]).unit == "microsecond"
    assert infer(times).unit == "business_day"


@pytest.mark.parametrize("step", [1, 7, 60])
def test_whole_numbers_keep_their_own_step(step: int) -> None:
    times = np.arange(-3, 40) * step
    calendar = infer(np.delete(times, [5, 20]))
    assert calendar == Calendar("integer", step)
    assert (calendar.name, calendar.periods) == ("numbered steps", (1,))
    np.testing.assert_array_equal(calendar.advance(times[:1], np.arange(43)), times)
    np.testing.assert_array_equal(calendar.count_steps(times[:1], times), np.arange(43))


@pytest.mark.parametrize(
    "calendar", [Calendar("month", 1), Calendar("business_day", 1), Calendar("microsecond", DAY)], ids=lambda c: c.unit
)
def test_a_series_without_a_start_has_no_steps(calendar: Calendar) -> None:
    starts, now = as_times("NaT", "2024-01-01"), as_times("2024-03-01", "2024-03-01")
    assert calendar.count_steps(starts, now)[0] == 0
    assert calendar.count_steps(starts, now)[1] > 0
    assert np.isnat(calendar.advance(starts, np.array([1, 1])))[0]


def test_starts_and_steps_broadcast() -> None:
    starts = as_times("2024-01-01", "2024-06-01")
    ahead = Calendar("month", 3).advance(starts[:, None], np.array([[1, 2], [3, 4]]))
    np.testing.assert_array_equal(ahead, as_times("2024-04-01", "2024-07-01", "2025-03-01", "2025-06-01").reshape(2, 2))


@pytest.mark.parametrize(
    ("aliases", "calendar"),
    [
        (["M", "ME", "1ME"], Calendar("month", 1, month_end=True)),
        (["MS"], Calendar("month", 1)),
        (["Q", "QE", "Q-DEC", "3ME"], Calendar("month", 3, month_end=True)),
        (["QS", "QS-JAN", "3MS"], Calendar("month", 3)),
        (["A", "Y", "YE", "A-DEC"], Calendar("month", 12, month_end=True)),
        (["AS", "YS", "12MS"], Calendar("month", 12)),
        (["BM", "BME"], Calendar("month", 1, month_end=True, on_business_day=True)),
        (["BMS"], Calendar("month", 1, on_business_day=True)),
        (["BQ", "BQE", "3BME"], Calendar("month", 3, month_end=True, on_business_day=True)),
        (["W", "W-SUN", "7D"], Calendar("microsecond", 7 * DAY)),
        (["D", "24h"], Calendar("microsecond", DAY)),
        (["B"], Calendar("business_day", 1)),
        (["H", "h", "60min"], Calendar("microsecond", HOUR)),
        (["15T", "15min", " 15 min "], Calendar("microsecond", 15 * MINUTE)),
        (["S", "s"], Calendar("microsecond", 1_000_000)),
        (["10L", "10ms"], Calendar("microsecond", 10_000)),
    ],
)
def test_old_and_new_aliases_mean_the_same(aliases: list[str], calendar: Calendar) -> None:
    assert [parse_frequency(alias) for alias in aliases] == [calendar] * len(aliases)


@pytest.mark.parametrize("alias", ["SMS", "2SM", "SME"])
def test_half_months_are_no_steps_and_what_is_said_works(forecast: Command, alias: str) -> None:
    days = [f"{year}-{month:02d}-{day:02d}" for year in (2022, 2023) for month in range(1, 13) for day in (1, 15)]
    Path("half.csv").write_text("date,y\n" + "\n".join(f"{day},{number}" for number, day in enumerate(days)) + "\n")
    outcome = forecast("predict", "half.csv", "--freq", alias)
    assert outcome.code == 2
    assert "half months cannot be steps. Use --freq MS --aggregate sum" in outcome.stderr
    outcome = forecast("predict", "half.csv", "--freq", "MS", "--aggregate", "sum")
    assert (outcome.code, "48 rows give 24 steps" in outcome.stderr) == (0, True)


@pytest.mark.parametrize("alias", ["", "monthly", "0D", "-1D", "1.5h", "BX", "15", "D D", "99999999D"])
def test_an_unknown_alias_is_refused(alias: str) -> None:
    with pytest.raises(UsageError, match=r"no such frequency. Use a pandas alias such as"):
        parse_frequency(alias)


def test_months_keep_the_days_of_the_file() -> None:
    ends, starts = make_times("2024-01-01", "ME", count=6), make_times("2024-01-01", "MS", count=6)
    first = mark_first(6)
    assert anchor_months(parse_frequency("MS"), ends, is_first=first)[0].month_end
    assert not anchor_months(parse_frequency("M"), starts, is_first=first)[0].month_end


@pytest.mark.parametrize(("alias", "day"), [("MS", "2024-01-01"), ("ME", "2024-01-31")])
def test_days_all_over_the_month_move_to_the_day_of_the_alias(alias: str, day: str) -> None:
    times = as_times("2024-01-05", "2024-01-11", "2024-01-20 10:00")
    _, moved = anchor_months(parse_frequency(alias), times, is_first=mark_first(3))
    np.testing.assert_array_equal(moved, as_times(day, day, day))


def test_steps_of_fiscal_years_are_counted_as_they_are_taken() -> None:
    year = fit_fiscal_years(list_steps(FISCAL_MONTHS["454"]).to_numpy()[60:160])[0]
    for calendar in (count_fiscal(year), count_fiscal(FiscalYear(FISCAL_MONTHS["445"], int(year.anchor)))):
        starts = calendar.advance(
            np.full(2, np.datetime64(int(year.anchor), "D").astype("datetime64[us]")), np.array([-90, 7])
        )
        starts = np.append(starts + np.timedelta64(6, "h"), np.datetime64("NaT", "us"))
        steps = np.arange(-300, 300)[:, None]
        times = calendar.advance(starts, steps)
        assert np.isnat(times[:, 2]).all()
        assert (calendar.count_steps(starts[:2], times[:, :2]) == steps).all()
        assert (calendar.count_steps(starts[:2], times[:, :2] - 1) == steps - 1).all()
        assert set(np.diff(times[:, 0]).astype("timedelta64[W]").astype(int).tolist()) == {4, 5}
