"""Weekdays before times, intervals, the hour 24, and quarters and half-years in many forms."""

import numpy as np
import pandas as pd
import pytest

from forecaster.data.reading import read_panel
from tests.conftest import Command
from tests.time_forms import AHEAD, DAYS, HOURS, MONTHS, predict, predict_and_say, refuse, write

GERMAN, FRENCH = "Mo Di Mi Do Fr Sa So", "lun. mar. mer. jeu. ven. sam. dim."
WEEKDAYS = {
    "German": (GERMAN, "{} {:%d.%m.%Y}"),
    "German with a comma": (GERMAN, '"{}, {:%d.%m.%Y}"'),
    "German in full": ("Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag", '"{}, {:%-d.%-m.%Y}"'),
    "French": (FRENCH, "{} {:%d/%m/%Y}"),
    "French in full": ("lundi mardi mercredi jeudi vendredi samedi dimanche", "{} {:%d/%m/%Y}"),
    "Spanish": ("LUN MAR MIÉ JUE VIE SÁB DOM", "{} {:%Y-%m-%d}"),
    "Italian": ("lun mar mer gio ven sab dom", "{} {:%d/%m/%Y}"),
    "Dutch": ("ma di wo do vr za zo", "{} {:%d-%m-%Y}"),
}


def forecast_times(forecast: Command, data: str) -> list[str]:
    """The times of the forecast, of which each may hold a comma."""
    assert forecast("predict", data, "--quiet", "--horizon", str(AHEAD), "-o", "out.csv").code == 0
    return [f'"{time}"' if "," in time else time for time in pd.read_csv("out.csv", dtype=str)["date"]]


@pytest.mark.parametrize(("names", "pattern"), WEEKDAYS.values(), ids=WEEKDAYS)
def test_a_weekday_before_a_date_is_read_and_written_on(forecast: Command, names: str, pattern: str) -> None:
    stamps = [pattern.format(names.split()[day.weekday()], day) for day in DAYS]
    assert forecast_times(forecast, write(stamps[:-AHEAD])) == stamps[-AHEAD:]
    # also where not all weekdays are there: of one Monday after another
    mondays = [stamp for stamp, day in zip(stamps, DAYS, strict=True) if day.weekday() == 0]
    assert forecast_times(forecast, write(mondays[:-AHEAD])) == mondays[-AHEAD:]


def test_weekdays_that_were_not_seen_are_written_in_the_same_language(forecast: Command) -> None:
    stamps = [f"{FRENCH.split()[day.weekday()]} {day:%d/%m/%Y}" for day in pd.date_range("2024-01-29", periods=8)]
    assert predict(forecast, write(stamps[:4])) == stamps[4:7]


def test_a_weekday_that_is_not_that_of_its_date_is_named(forecast: Command) -> None:
    stamps = [f"{GERMAN.split()[day.weekday()]} {day:%d.%m.%Y}" for day in DAYS]
    stamps[20] = "Mo" + stamps[20][2:] if stamps[20][:2] != "Mo" else "Di" + stamps[20][2:]
    assert f"line 22: '{stamps[20]}' cannot be read" in refuse(forecast, write(stamps))


def test_a_given_format_fits_dates_behind_weekdays(forecast: Command) -> None:
    days = pd.date_range("2023-01-02", periods=12, freq="MS")
    stamps = [f"{GERMAN.split()[day.weekday()]} {day:%d.%m.%Y}" for day in days]
    for date_format in ("%d.%m.%Y", "%a %d.%m.%Y"):
        assert predict(forecast, write(stamps[:-AHEAD]), "--date-format", date_format) == stamps[-AHEAD:]


INTERVALS = {
    "ENTSO-E": (HOURS, "{0:%d.%m.%Y %H:%M} - {1:%d.%m.%Y %H:%M}", "%d.%m.%Y %H:%M"),
    "to": (HOURS, "{0:%Y-%m-%d %H:%M} to {1:%Y-%m-%d %H:%M}", "%Y-%m-%d %H:%M"),
    "a clock": (HOURS, "{0:%Y-%m-%d %H:%M} - {1:%H:%M}", "%Y-%m-%d %H:%M"),
    "German": (HOURS, "{0:%d.%m.%Y %H:%M} bis {1:%d.%m.%Y %H:%M}", "%d.%m.%Y %H:%M"),
    "dates": (pd.date_range("2022-01-03", periods=40, freq="14D"), "{0:%m/%d/%Y} - {2:%m/%d/%Y}", "%m/%d/%Y"),
    "short dates": (pd.date_range("2022-01-03", periods=40, freq="7D"), "{0:%b %d %Y} – {2:%b %d %Y}", "%b %d %Y"),
    "weekdays": (DAYS, "{0:%Y-%m-%d} - {2:%Y-%m-%d}", "%Y-%m-%d"),
}


@pytest.mark.parametrize(("begins", "pattern", "written"), INTERVALS.values(), ids=INTERVALS)
def test_the_begin_of_an_interval_counts(
    forecast: Command, begins: pd.DatetimeIndex, pattern: str, written: str
) -> None:
    ends = begins + (begins[1] - begins[0])
    stamps = [pattern.format(begin, end, end - pd.Timedelta(days=1)) for begin, end in zip(begins, ends, strict=True)]
    for order in (stamps[:-AHEAD], stamps[:-AHEAD][::-1]):
        times, said = predict_and_say(forecast, write(order))
        assert times == [f"{begin:{written}}" for begin in begins[-AHEAD:]]
        assert "timestamps are intervals, of which the begin counts" in said


def test_an_interval_that_ends_before_it_begins_is_named(forecast: Command) -> None:
    stamps = [f"{hour:%Y-%m-%d %H:%M} - {hour + pd.Timedelta(hours=1):%Y-%m-%d %H:%M}" for hour in HOURS]
    stamps[3] = f"{HOURS[3]:%Y-%m-%d %H:%M} - {HOURS[2]:%Y-%m-%d %H:%M}"
    assert f"line 5: '{stamps[3]}' cannot be read" in refuse(forecast, write(stamps))


@pytest.mark.parametrize("separator", [" ", ","], ids=["one column", "two columns"])
@pytest.mark.parametrize("minutes", [15, 60])
@pytest.mark.parametrize("date", ["%d.%m.%Y", "%Y-%m-%d"])
def test_the_hour_24_is_that_of_the_next_day(forecast: Command, separator: str, minutes: int, date: str) -> None:
    moments = pd.date_range("2024-01-01", periods=15 * 1440 // minutes, freq=f"{minutes}min") + pd.Timedelta(
        minutes=minutes
    )
    stamps = [
        f"{moment:{date}}{separator}{moment:%H:%M}"
        if moment.hour or moment.minute
        else f"{moment - pd.Timedelta(days=1):{date}}{separator}24:00"
        for moment in moments
    ]
    header = "Datum,Zeit bis,value" if separator == "," else "Zeitstempel,value"
    ahead = [f"{moments[-1] + step * pd.Timedelta(minutes=minutes):{date} %H:%M}" for step in range(1, AHEAD + 1)]
    for order in (stamps, stamps[::-1], stamps[50:] + stamps[:50]):
        assert predict(forecast, write(order, header=header)) == ahead
    panel, summary = read_panel("data.csv")
    assert (summary.missing_rows, panel.starts[0]) == (0, np.datetime64(moments[0]))
    assert "24:00 is read, and written, as 00:00 of the next day" in summary.notes


def test_24_past_the_hour_and_no_time_of_day_stay_errors(forecast: Command) -> None:
    stamps = [f"{hour:%Y-%m-%d %H:%M}" for hour in HOURS]
    assert "'2024-02-26 24:30' cannot be read" in refuse(
        forecast, write([*stamps[:5], "2024-02-26 24:30", *stamps[6:]])
    )


QUARTERS = {
    "German": "{q}. Quartal {y}",
    "French": "T{q} {y}",
    "year first": "{y}-T{q}",
    "short": "Q{q}'{s}",
    "quarter first": "{q}Q{s}",
    "English": "Qtr {q} {y}",
    "Portuguese": "{q}º tri/{y}",
}


@pytest.mark.parametrize("pattern", QUARTERS.values(), ids=QUARTERS)
def test_quarters_are_written_on(forecast: Command, pattern: str) -> None:
    stamps = [pattern.format(q=month.quarter, y=month.year, s=f"{month:%y}") for month in MONTHS[::3]]
    assert predict(forecast, write(stamps[:-AHEAD], header="Period,value")) == stamps[-AHEAD:]


@pytest.mark.parametrize("pattern", ["{y} H{h}", "H{h}/{y}", "{y}S{h}", "{h}. Halbjahr {y}", "{h}H{y}"])
def test_half_years_are_written_on(forecast: Command, pattern: str) -> None:
    stamps = [pattern.format(h=(month.month + 5) // 6, y=month.year) for month in MONTHS[::6]]
    data = write(stamps[:-AHEAD], header="Period,value")
    assert predict(forecast, data) == stamps[-AHEAD:]
    assert read_panel(data)[0].calendar.name == "every 6 months"


def test_what_quarters_do_not_show_is_asked_for(forecast: Command) -> None:
    # three terms of a school year
    refuse(
        forecast, write([f"T{term} {year}" for year in range(2015, 2023) for term in (1, 2, 3)], header="Term,value")
    )
    stamps = [f"Q{quarter}'{year:02d}" for year in (96, 97, 98) for quarter in (1, 2, 3, 4)]
    assert "can be 2096 or 1996" in refuse(forecast, write(stamps, header="Period,value"))


def test_a_zone_after_the_half_of_the_day_is_refused_with_what_to_write(forecast: Command) -> None:
    hours = pd.date_range("2024-03-09", periods=72, freq="h")
    for zone in ("IST", "AMT"):
        stamps = [f'"{hour:%b %d, %Y %I:%M:%S %p} {zone}"' for hour in hours]
        message = refuse(forecast, write(stamps, header="date/time,total"))
        assert f"ends in the name of a time zone, {zone}" in message
        assert "Write the UTC offset instead, such as +01:00" in message
    stamps = [f"{hour:%m/%d/%Y %I:%M:%S %p} -08:00" for hour in hours]
    assert predict(forecast, write(stamps[:-AHEAD], header="date/time,total")) == stamps[-AHEAD:]


@pytest.mark.parametrize("form", ["{:%Y-%m}{}", "{:%b %Y}{}", "{:%YM%m}{}", "{:%d.%m.%Y} {}"])
def test_a_star_behind_provisional_times_is_not_read(forecast: Command, form: str) -> None:
    dates = DAYS if "%d" in form else MONTHS
    plain = [form.format(date, "").strip() for date in dates]
    stamps = [form.format(date, "*" if row > 40 else "").strip() for row, date in enumerate(dates)]
    times, notes = predict_and_say(forecast, write(stamps[:-AHEAD]))
    assert times == plain[-AHEAD:]
    assert "*), which marks provisional figures, is not read" in notes
    assert predict(forecast, write([stamp.rstrip("* ") + "*" for stamp in stamps[:-AHEAD]])) == plain[-AHEAD:]


def test_a_star_behind_periods_of_several_lengths_is_not_read(forecast: Command) -> None:
    months = [f"{month:%Y %B}{'*' * (month.year == 2022)}" for month in MONTHS]
    years = [f"{year}{'*' * (year == 2022)}" for year in range(2018, 2023)]
    times, notes = predict_and_say(forecast, write(sorted([*months, *years])))
    assert times == ["2023 January", "2023 February", "2023 March"]
    assert "months are read, without 5 lines of years" in notes
    starred = [f"{stamp.rstrip('*')}*" for stamp in (*months, *years)]
    assert predict(forecast, write(starred))[0] == "2023 January"
    assert predict(forecast, write([*months, *years]), "--freq", "YS") == ["2023", "2024", "2025"]


def test_a_given_format_may_end_with_the_star(forecast: Command) -> None:
    stamps = [f"{month:%Y-%m}*" for month in MONTHS]
    for date_format in ("%Y-%m", "%Y-%m*"):
        assert predict(forecast, write(stamps), "--date-format", date_format) == ["2023-01", "2023-02", "2023-03"]


def test_two_rows_of_one_time_of_which_one_is_provisional_are_named(forecast: Command) -> None:
    stamps = [*(f"{month:%Y-%m}" for month in MONTHS), f"{MONTHS[-1]:%Y-%m}*"]
    assert "is there already (line 61)" in refuse(forecast, write(stamps))
