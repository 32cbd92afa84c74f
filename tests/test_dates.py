"""Timestamps read from text are written back as the same text."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from forecaster.data.times.dates import TimesText, format_times, parse_times
from forecaster.errors import DataError, UsageError


def parse(*texts: str | None, date_format: str | None = None, timezone: str | None = None) -> TimesText:
    return parse_times(pd.Series(texts, dtype=str), name="shops.csv", date_format=date_format, timezone=timezone)


def write(times: NDArray[Any], *, like: TimesText, uses_wall_clock: bool = True) -> list[Any]:
    written: list[Any] = format_times(times, style=like.style, uses_wall_clock=uses_wall_clock).tolist()
    return written


def as_times(*texts: str) -> NDArray[Any]:
    return np.array(texts, "datetime64[us]")


@pytest.mark.parametrize(
    ("texts", "moments"),
    [
        (["2024-01-31", "2024-02-29"], ["2024-01-31", "2024-02-29"]),
        (["1949-01", "1949-02"], ["1949-01-01", "1949-02-01"]),
        (["2024/01", "2024/02"], ["2024-01-01", "2024-02-01"]),
        (["01/2024", "02/2024"], ["2024-01-01", "2024-02-01"]),
        (["Jan 2024", "May 2024"], ["2024-01-01", "2024-05-01"]),
        (["1959Q1", "1959Q4"], ["1959-01-01", "1959-10-01"]),
        (["1959-Q2", "2924-Q3"], ["1959-04-01", "2924-07-01"]),
        (["20240131", "20240201"], ["2024-01-31", "2024-02-01"]),
        (["202401", "202402"], ["2024-01-01", "2024-02-01"]),
        (["31/01/2024", "01/02/2024"], ["2024-01-31", "2024-02-01"]),
        (["01/02/2024", "31/01/2024"], ["2024-02-01", "2024-01-31"]),
        (["01/31/2024", "02/01/2024"], ["2024-01-31", "2024-02-01"]),
        (["31.01.2024", "01.02.2024"], ["2024-01-31", "2024-02-01"]),
        (["1/31/2024", "12/1/2024"], ["2024-01-31", "2024-12-01"]),
        (["1/31/2024 0:00", "12/1/2024 13:30"], ["2024-01-31", "2024-12-01T13:30"]),
        (["1/31/2024 12:30 AM", "2/1/2024 1:00 PM"], ["2024-01-31T00:30", "2024-02-01T13:00"]),
        (["2024/01/31", "2024/02/01"], ["2024-01-31", "2024-02-01"]),
        (["1-Jan-2024", "10-Jan-2024"], ["2024-01-01", "2024-01-10"]),
        (["2024-01-01 10:00:05", "2024-01-01 10:00:06"], ["2024-01-01T10:00:05", "2024-01-01T10:00:06"]),
        (["2024-01-01T10:00", "2024-01-01T11:00"], ["2024-01-01T10:00", "2024-01-01T11:00"]),
        (["2024-01-01T10:00:00.250"], ["2024-01-01T10:00:00.250"]),
        (["2024-01-01T10:00:00.000250"], ["2024-01-01T10:00:00.000250"]),
    ],
    ids=lambda texts: texts[0],
)
def test_text_without_an_offset_is_written_back(texts: list[str], moments: list[str]) -> None:
    times = parse(*texts)
    np.testing.assert_array_equal(times.wall, as_times(*moments))
    np.testing.assert_array_equal(times.instant, times.wall)
    assert write(times.wall, like=times) == texts
    assert write(times.instant, like=times, uses_wall_clock=False) == texts


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-01-01T00:00+01:00", "2023-12-31T23:00"),
        ("2024-01-01T00:00:00-0530", "2024-01-01T05:30"),
        ("2024-01-01 00:00:00 +00:00", "2024-01-01"),
        ("2024-01-01T00:00:00Z", "2024-01-01"),
        ("20240101T000000Z", "2024-01-01"),
    ],
)
def test_text_with_one_offset_is_written_back(text: str, moment: str) -> None:
    times = parse(text)
    assert times.wall[0] == np.datetime64("2024-01-01")
    assert times.instant[0] == np.datetime64(moment)
    assert write(times.wall, like=times) == [text]
    assert write(times.instant, like=times, uses_wall_clock=False) == [text]


@pytest.mark.parametrize("texts", [["1959", "2008"], ["1500", "2924"]])
def test_years_are_written_back_as_numbers(texts: list[str]) -> None:
    times = parse(*texts)
    np.testing.assert_array_equal(times.wall, as_times(*(f"{text}-01-01" for text in texts)))
    assert write(times.wall, like=times) == [int(text) for text in texts]


@pytest.mark.parametrize("texts", [["1", "2", "10"], ["-5", "0"], ["99999999"], ["20249999999"]])
def test_other_whole_numbers_are_step_numbers(texts: list[str]) -> None:
    times = parse(*texts)
    assert times.wall.tolist() == [int(text) for text in texts]
    assert write(times.wall, like=times) == times.wall.tolist()
    assert not times.unreadable.any()


CLOCK_CHANGES = ["2024-03-31T01:00+01:00", "2024-03-31T03:00+02:00", "2024-10-27T02:00+02:00", "2024-10-27T02:00+01:00"]


def test_hours_over_clock_changes_are_written_in_their_zone() -> None:
    times = parse(*CLOCK_CHANGES, timezone="Europe/Berlin")
    np.testing.assert_array_equal(
        times.instant, as_times("2024-03-31T00", "2024-03-31T01", "2024-10-27T00", "2024-10-27T01")
    )
    assert write(times.instant, like=times, uses_wall_clock=False) == CLOCK_CHANGES


def test_hours_over_clock_changes_are_written_in_utc_without_a_zone() -> None:
    times = parse(*CLOCK_CHANGES)
    assert times.style.timezone is None
    assert write(times.instant, like=times, uses_wall_clock=False) == [
        "2024-03-31T00:00+00:00",
        "2024-03-31T01:00+00:00",
        "2024-10-27T00:00+00:00",
        "2024-10-27T01:00+00:00",
    ]


def test_days_over_clock_changes_are_written_as_the_local_date() -> None:
    texts = ["2024-03-30T00:00+01:00", "2024-03-31T00:00+01:00", "2024-04-01T00:00+02:00"]
    in_zone = parse(*texts, timezone="Europe/Berlin")
    assert write(in_zone.wall, like=in_zone) == texts
    without = parse(*texts)
    assert write(without.wall, like=without) == ["2024-03-30T00:00", "2024-03-31T00:00", "2024-04-01T00:00"]


def test_an_hour_that_the_clock_skips_gets_the_previous_offset() -> None:
    times = parse("2024-03-30T02:30+01:00", "2024-04-01T02:30+02:00", timezone="Europe/Berlin")
    assert write(as_times("2024-03-31T02:30"), like=times) == ["2024-03-31T02:30+01:00"]
    with_blank = parse("2024-03-09 00:00:00 -0500", timezone="America/Havana")
    assert write(as_times("2024-03-10"), like=with_blank) == ["2024-03-10 00:00:00 -0500"]


@pytest.mark.parametrize("text", ["2024-01-01T01:00", "2024-01-02"])
def test_a_time_without_the_offset_that_others_have_is_not_a_known_moment(text: str) -> None:
    times = parse("2024-01-01T00:00+01:00", text)
    assert times.wall[1] == np.datetime64(text)
    assert np.isnat(times.instant).tolist() == [False, True]


def test_wall_clock_times_are_in_the_named_zone() -> None:
    times = parse("2024-03-30T23:00Z", "2024-03-31T22:00Z", "2024-04-02", timezone="Europe/Berlin")
    np.testing.assert_array_equal(times.wall, as_times("2024-03-31", "2024-04-01", "2024-04-02"))
    assert write(times.wall, like=times)[:2] == ["2024-03-31T00:00+01:00", "2024-04-01T00:00+02:00"]


def test_z_is_replaced_by_the_offset_of_the_named_zone() -> None:
    times = parse("2024-07-01T22:00:00Z", timezone="Europe/Berlin")
    assert write(times.instant, like=times, uses_wall_clock=False) == ["2024-07-02T00:00:00+02:00"]


@pytest.mark.parametrize(
    ("texts", "written"),
    [
        (["2024-01-01", "2024-01-01 12:00:30"], ["2024-01-01 00:00:00", "2024-01-01 12:00:30"]),
        (["2024-01-01T12:00:30", "2024-01-02"], ["2024-01-01T12:00:30", "2024-01-02T00:00:00"]),
        (["2024-01-01 00:00", "2024-01-01 12:00:30"], ["2024-01-01 00:00:00", "2024-01-01 12:00:30"]),
        (["2024-01-01T00:00Z", "2024-01-01T12:00:30Z"], ["2024-01-01T00:00:00Z", "2024-01-01T12:00:30Z"]),
    ],
    ids=lambda texts: texts[0],
)
def test_mixed_precision_is_written_at_the_finest(texts: list[str], written: list[str]) -> None:
    times = parse(*texts)
    assert not times.unreadable.any()
    assert write(times.wall, like=times) == written


@pytest.mark.parametrize(
    "texts",
    [
        ["03/04/2024", "04/04/2024"],
        ["3.4.2024"],
        ["03/04/2024", "Total 1", "05/04/2024"],
        ["03 04 2024 10:00", "03 04 2024 11:00"],
        ["05:03 03/04/2024", "05:04 03/04/2024", "05:05 03/04/2024"],
    ],
)
def test_dates_that_can_be_read_in_two_ways_are_refused(texts: list[str]) -> None:
    with pytest.raises(
        DataError, match=r"shops.csv: dates such as .* day/month or month/day.*--date-format .*%d.%m.%Y"
    ):
        parse(*texts)


@pytest.mark.parametrize("texts", [["13/04/2024", "04/14/2024"], ["1/2/2015 11:38", "13-01-2015 11:38"]])
def test_formats_that_do_not_read_all_dates_are_not_offered(texts: list[str]) -> None:
    with pytest.raises(DataError, match="write all of them in one way") as caught:
        parse(*texts)
    assert "--date-format" not in str(caught.value)
    assert repr(texts[1]) in str(caught.value)


def test_the_suggested_date_format_is_complete() -> None:
    with pytest.raises(DataError, match=r"--date-format '%d/%m/%Y %H:%M' or --date-format '%m/%d/%Y %H:%M'"):
        parse("01/02/2024 00:00", "01/02/2024 01:00")


@pytest.mark.parametrize(
    ("date_format", "moment"), [("%d/%m/%Y", "2024-04-03"), ("%m/%d/%Y", "2024-03-04"), ("%d/%m/%Y %z", "2024-04-03")]
)
def test_a_date_format_resolves_ambiguous_dates(date_format: str, moment: str) -> None:
    times = parse("03/04/2024", date_format=date_format)
    np.testing.assert_array_equal(times.wall, as_times(moment))
    assert write(times.wall, like=times) == ["03/04/2024"]


def test_a_date_format_may_include_an_offset() -> None:
    times = parse("03/04/2024 10:00 +0200", date_format="%d/%m/%Y %H:%M %z")
    assert times.instant[0] == np.datetime64("2024-04-03T08:00")
    assert write(times.wall, like=times) == ["03/04/2024 10:00 +0200"]


@pytest.mark.parametrize(
    "texts",
    [
        ["2024-01-01", "garbage"],
        ["garbage", "2024-01-01"],
        ["2024-01-01", "2024-02-30"],
        ["2024-01-01", ""],
        ["2024-01-01", None],
        ["1959Q1", None],
        ["1959", None],
        ["Mon"],
        ["12:00"],
    ],
    ids=lambda texts: str(texts[-1]),
)
def test_texts_that_are_not_timestamps_are_found(texts: list[str | None]) -> None:
    assert parse(*texts).unreadable.any()


def test_an_empty_column_is_refused() -> None:
    with pytest.raises(DataError, match=r"shops.csv: the time column is empty. Name another with --time"):
        parse("", None)


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("2024-01-01", {"timezone": "Europe/Berlin"}, "--timezone is for timestamps that carry a UTC offset"),
        ("2024", {"timezone": "Europe/Berlin"}, "--timezone is for timestamps that carry a UTC offset"),
        ("2024-01-01T00:00Z", {"timezone": "Mars/Base"}, "--timezone Mars/Base: no such zone"),
        ("2024-01-01T00:00Z", {"timezone": ""}, "no such zone"),
        ("2024-01-01", {"date_format": "%Q"}, "--date-format %Q: "),
    ],
)
def test_a_flag_that_does_not_fit_is_refused(text: str, options: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        parse(text, **options)


def test_the_shape_of_times_is_kept() -> None:
    times = parse("2024-01-01")
    table = as_times("2024-01-01", "2024-01-02", "2024-01-03", "2024-01-04").reshape(2, 2)
    assert write(table, like=times) == [["2024-01-01", "2024-01-02"], ["2024-01-03", "2024-01-04"]]


def test_dates_that_cannot_be_written_are_refused() -> None:
    times = parse("2024-01-01")
    with pytest.raises(UsageError, match="beyond the year 9999"):
        write(np.array(["9999-12-31", "10000-01-01"], "datetime64[us]"), like=times)
