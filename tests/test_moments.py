"""Parsing of --until, and the number of steps that are kept until then."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from forecaster.data.calendar import HOUR, Calendar
from forecaster.data.panel import Panel, TimeStyle
from forecaster.data.reading import read_panel
from forecaster.data.times.moments import parse_moment
from forecaster.errors import UsageError
from forecaster.windows import keep_until
from tests.conftest import Command
from tests.test_bad_input import refuse
from tests.test_windows import make_panel
from tests.time_forms import DAYS, FORMS, HOURS, write


def count_kept(panel: Panel, text: str) -> int:
    """Total number of steps that remain."""
    return len(keep_until(panel, until=parse_moment(text, panel=panel)).values)


@pytest.mark.parametrize("text", ["2015-01-07 12:30", "2015-01-07T12:30", "20150107T1230", "2015-01-07T12:30:00.000"])
def test_a_timestamp_is_read_in_all_iso_8601_formats(text: str) -> None:
    assert parse_moment(text, panel=make_panel([1.0, 2.0])) == np.datetime64("2015-01-07T12:30", "us")


def test_counted_steps_are_kept_until_a_number() -> None:
    panel = make_panel(np.arange(6.0), calendar=Calendar("integer", 10), start="100")
    assert count_kept(panel, "125") == 3


def test_a_year_or_a_month_is_kept_completely_where_steps_are_that_long() -> None:
    ends = make_panel(np.arange(30.0), calendar=Calendar("month", 1, month_end=True), start="2015-01-31")
    assert count_kept(ends, "2015") == 12
    assert count_kept(ends, "2016-02") == 14
    assert count_kept(ends, "2016Q1") == 15


@pytest.mark.parametrize(
    ("text", "kept"), [("2015-01-06", 48), ("20150106", 48), ("2015-01-06T00:00", 25), ("2015", 96)]
)
def test_a_day_without_a_time_is_kept_completely(text: str, kept: int) -> None:
    hourly = make_panel(np.arange(96.0), calendar=Calendar("microsecond", HOUR), start="2015-01-05T00:00")
    assert count_kept(hourly, text) == kept
    at_six = make_panel(np.arange(4.0), start="2015-01-05T06:00")
    assert count_kept(at_six, text) == {48: 2, 25: 1, 96: 4}[kept]


@pytest.mark.parametrize("timezone", ["Europe/Berlin", "UTC+01:00"])
def test_a_day_ends_in_the_zone_of_the_data(timezone: str) -> None:
    hourly = make_panel(np.arange(96.0), calendar=Calendar("microsecond", HOUR), start="2015-01-05T00:00")
    local = replace(hourly, time_style=TimeStyle("%Y-%m-%dT%H:%M%:z", timezone))
    assert count_kept(local, "2015-01-06") == 47


@pytest.mark.parametrize(("text", "kept"), [("2015-02", 55), ("2015Q1", 86), ("2015", 361), ("2015-02-10", 37)])
def test_a_month_is_kept_completely_of_days_too(text: str, kept: int) -> None:
    assert count_kept(make_panel(np.arange(400.0)), text) == kept


def test_an_offset_from_utc_counts_where_steps_are_shorter_than_a_day() -> None:
    hourly = make_panel(np.arange(9.0), calendar=Calendar("microsecond", HOUR), start="2015-01-05T00:00")
    assert count_kept(hourly, "2015-01-05T03:00+02:00") == 2
    daily = make_panel(np.arange(9.0))
    assert count_kept(daily, "2015-01-07T00:00+02:00") == 3


@pytest.mark.parametrize("timezone", ["Europe/Berlin", "UTC+01:00"])
def test_without_an_offset_the_zone_of_the_data_counts(timezone: str) -> None:
    hourly = make_panel(np.arange(9.0), calendar=Calendar("microsecond", HOUR), start="2015-01-05T00:00")
    local = replace(hourly, time_style=TimeStyle("%Y-%m-%dT%H:%M%:z", timezone))
    assert count_kept(local, "2015-01-05T03:00") == 3
    assert count_kept(local, "2015-01-05T03:00Z") == 4


@pytest.mark.parametrize("until", ["", "NaT", "yesterday", "2015-13-01", "31/12/2015"])
def test_an_until_that_is_no_timestamp_is_refused_with_an_example(until: str) -> None:
    with pytest.raises(UsageError, match=r"not a timestamp. Write it as 2015-01-05"):
        parse_moment(until, panel=make_panel([], [1.0, 2.0]))


@pytest.mark.parametrize("until", ["", "1.5", "9" * 30])
def test_an_until_that_is_no_number_is_refused_where_steps_are_numbered(until: str) -> None:
    with pytest.raises(UsageError, match=r"not a timestamp. Write it as 7\."):
        parse_moment(until, panel=make_panel([1.0, 2.0], calendar=Calendar("integer", 1), start="7"))


@pytest.mark.parametrize("command", ["train", "predict", "inspect base"])
def test_an_until_before_every_series_is_refused(forecast: Command, monthly_csv: Path, command: str) -> None:
    words: list[str | Path] = [*command.split(), monthly_csv, "--id", "shop", "--until", "2014-12-31"]
    refuse(forecast, *words, code=2, says=["--until 2014-12-31: no series begins before it"], decides=True)


@pytest.mark.parametrize("stamps", [stamps for stamps, _ in FORMS.values()], ids=FORMS)
def test_a_moment_may_be_written_as_the_times_of_the_data(stamps: list[str]) -> None:
    panel, _ = read_panel(write(stamps))
    place = len(stamps) // 2
    assert count_kept(panel, stamps[place]) == place + 1


WRITTEN = {
    "quarters": ([f"Q{quarter} {year}" for year in range(2018, 2023) for quarter in range(1, 5)], "Q2 2021", 14),
    "short years": ([f"{day:%d.%m.%y}" for day in DAYS], "20.02.24", 32),
    "without zeros": ([f"{day:%d.%m.%y}" for day in DAYS], "1.2.24", 13),
    "weeks": ([f"{year}W{week:02d}" for year in (2021, 2022) for week in range(1, 53)], "2022W05", 57),
    "months": ([f"{name} {year}" for year in (2022, 2023) for name in ("März", "Juli", "November")], "Juli 2023", 5),
    "a day of hours": ([f"{hour:%d.%m.%Y %H:%M}" for hour in HOURS], "27.02.2024", 48),
    "a day of hours with offsets": ([f"{hour:%d.%m.%Y %H:%M}+01:00" for hour in HOURS], "27.02.2024", 48),
    "an hour with an offset": ([f"{hour:%d.%m.%Y %H:%M}+01:00" for hour in HOURS], "27.02.2024 05:00+01:00", 30),
}


@pytest.mark.parametrize(("stamps", "until", "kept"), WRITTEN.values(), ids=WRITTEN)
def test_a_part_of_the_form_of_the_data_will_do(stamps: list[str], until: str, kept: int) -> None:
    panel, _ = read_panel(write(stamps))
    assert count_kept(panel, until) == kept


@pytest.mark.parametrize("until", ["31.02.24", "2024.02.20", "20.02", "20.02.24 12", "2024-02-20 00:00:00 GMT"])
def test_what_the_data_are_not_written_like_is_refused(
    forecast: Command, until: str, recwarn: pytest.WarningsRecorder
) -> None:
    data = write(WRITTEN["short years"][0])
    says = [f"--until {until}: not a timestamp. Write it as 2024-01-20."]
    refuse(forecast, "predict", data, "--until", until, code=2, says=says, decides=True)
    assert not recwarn.list
