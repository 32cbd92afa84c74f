"""Times that can be read in two ways, or in none, are refused with the flags that settle it."""

import shlex
from itertools import pairwise

import pandas as pd
import pytest

from forecaster.data.times.dates import parse_times
from forecaster.errors import DataError, UsageError
from tests.conftest import Command
from tests.time_forms import DAYS, HOURS, MONTHS, predict, refuse, to_epochs, to_serials, write

ASKED = {
    "dates or steps": (to_serials(DAYS), "step,value", ["excel", "number"]),
    "day or month": ([f"{day:%d %m %Y}" for day in pd.date_range("2023-02-01", periods=10)], "date,value", None),
    "time before the date": (
        [f"00:00 {day:%d/%m/%Y}" for day in pd.date_range("2023-02-01", periods=10)],
        "date,value",
        ["%H:%M %d/%m/%Y", "%H:%M %m/%d/%Y"],
    ),
    "months of one year": ([f"{month:%d.%m.%Y}" for month in MONTHS[:10]], "date,value", ["%d.%m.%Y", "%m.%d.%Y"]),
    "short years": ([f"{day:%d/%m/%y}" for day in pd.date_range("2023-02-01", periods=10)], "date,value", None),
    "days in six digits": ([f"{day:%y%m%d}" for day in DAYS[:9]], "step,value", ["%y%m%d", "%d%m%y", "number"]),
    "day or month in digits": (
        [f"{day:%d%m%Y}" for day in pd.date_range("2023-02-01", periods=10)],
        "date,value",
        ["%d%m%Y", "%m%d%Y"],
    ),
}


@pytest.mark.parametrize(("stamps", "header", "formats"), ASKED.values(), ids=ASKED)
def test_what_can_be_read_in_two_ways_is_asked(
    forecast: Command, stamps: list[str], header: str, formats: list[str] | None
) -> None:
    data = write(stamps, header=header)
    words = ["--time", "step"] if header.startswith("step") else []
    message = refuse(forecast, data, *words)
    flags = shlex.split(message.split("Choose with ")[1].rstrip(".\n"))
    found = [word for before, word in pairwise(flags) if before == "--date-format"]
    assert len(found) >= 2
    assert formats is None or found == formats
    written = [predict(forecast, data, *words, "--date-format", text_format) for text_format in found]
    assert "number" in found or len({tuple(texts) for texts in written}) >= 2


def test_a_year_or_a_day_after_the_name_of_a_month_is_asked(forecast: Command) -> None:
    data = write([f"{month:%b %y}" for month in MONTHS[:8]])
    assert "can be a year or a day. If it is a year, use --date-format '%b %y'" in refuse(forecast, data)
    assert predict(forecast, data, "--date-format", "%b %y") == ["Sep 18", "Oct 18", "Nov 18"]


def test_years_of_two_digits_in_either_century_are_refused(forecast: Command) -> None:
    data = write([f"{day:%d.%m.}65" for day in DAYS[:40]])
    assert "can be 2065 or 1965. Write years with four digits" in refuse(forecast, data)


@pytest.mark.parametrize(
    ("end", "message"),
    [
        (" IST", "ends in the name of a time zone, IST"),
        (" Europe/Berlin", "ends in the name of a time zone, Europe/Berlin"),
        ("+01:00 foo", "cannot be read as a timestamp"),
        ("+99:99", "cannot be read as a timestamp"),
        ("+01foo", "cannot be read as a timestamp"),
    ],
)
def test_what_is_no_offset_is_refused(forecast: Command, end: str, message: str) -> None:
    data = write([f"{hour:%Y-%m-%d %H:%M:%S}{end}" for hour in HOURS])
    assert message in refuse(forecast, data)


@pytest.mark.parametrize("end", ["+25:00", "Z170", "+01:00x"])
@pytest.mark.parametrize("others", ["Z", "+01:00", ""])
def test_a_text_with_no_offset_among_others_is_named_with_its_line(forecast: Command, end: str, others: str) -> None:
    stamps = [f"{hour:%Y-%m-%dT%H:%M:%S}{others}" for hour in HOURS]
    stamps[7] = f"{HOURS[7]:%Y-%m-%dT%H:%M:%S}{end}"
    assert f"line 9: '{stamps[7]}' cannot be read as a timestamp" in refuse(forecast, write(stamps))


@pytest.mark.parametrize(
    "date_format",
    ["mixed", "ISO8601", "iso8601", "%z", "%Y%Y", "%H:%M", "%d.%m", "foo", "%", "%Q %Y", "%Y %", "%Y(%m", "%Y-%m-%d)"],
)
def test_a_date_format_that_is_none_is_refused(forecast: Command, date_format: str) -> None:
    data = write([f"{day:%Y-%m-%d}" for day in DAYS])
    code = 65 if date_format in ("%Y(%m", "%Y-%m-%d)") else 2
    message = refuse(forecast, data, "--date-format", date_format, code=code)
    reasons = {"mixed": "not a date format", "ISO8601": "not a date format", "%Y%Y": "a part is there twice"}
    assert reasons.get(date_format, "--date-format") in message


def test_seconds_cannot_hold_milliseconds(forecast: Command) -> None:
    data = write(to_epochs(HOURS[:3], "{}"))
    assert "finer than times are written" in refuse(forecast, data, "--freq", "100ms", code=2)


@pytest.mark.parametrize("first", [2**63 - 40, 2**62, 10**15, 5 * 10**18])
def test_steps_with_numbers_that_overflow_are_refused(forecast: Command, first: int) -> None:
    data = write([str(first + 3 * step) for step in range(12)], header="step,value")
    assert "Number the steps from 1" in refuse(forecast, data, "--time", "step", "--date-format", "number")


def test_a_long_horizon_of_large_steps_is_refused(forecast: Command) -> None:
    data = write([str(90_000_000_000_001 * step) for step in range(12)], header="step,value")
    outcome = forecast("predict", data, "--time", "step", "--horizon", "100000", "-o", "out.csv")
    assert outcome.code == 2
    assert "beyond the largest number" in outcome.stderr


def test_an_impossible_date_is_named_with_its_line(forecast: Command) -> None:
    stamps = [f"{day:%d.%m.%Y}" for day in DAYS]
    for row in (0, 30):
        data = write([*stamps[:row], "31.02.2024", *stamps[row + 1 :]])
        assert f"line {row + 2}: '31.02.2024' cannot be read as a timestamp" in refuse(forecast, data)


def test_dates_of_both_orders_in_one_column_are_refused(forecast: Command) -> None:
    data = write(["13/04/2024", "04/14/2024", "15/04/2024", "04/16/2024"])
    assert "write all of them in one way" in refuse(forecast, data)


@pytest.mark.parametrize(("text", "message"), [("202000", "not an ISO week"), ("202153", "not an ISO week")])
def test_weeks_that_do_not_exist_are_refused(forecast: Command, text: str, message: str) -> None:
    assert message in refuse(forecast, write([text, *(f"2021{week:02d}" for week in range(1, 53))]))


def test_words_for_numbers_are_not_for_dates() -> None:
    with pytest.raises(UsageError, match=r"--date-format epoch-s: .* holds '2024-01-01'"):
        parse_times(pd.Series(["2024-01-01"]), name="data.csv", date_format="epoch-s")
    with pytest.raises(DataError, match="finer than a microsecond"):
        parse_times(pd.Series(["1735689600000000001"]), name="data.csv")
